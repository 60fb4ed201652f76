"""The audit row that every write leaves behind."""

from django.contrib.auth.models import User

from riskapp.actions.finding import organisation_of
from riskapp.models import AuditEvent


def record(*, by: User, action: str, target: object) -> None:
    """Write who did what to which; call it inside the transaction of the deed itself."""
    AuditEvent.objects.create(
        by=by.get_username(),
        organisation_id=organisation_of(by).id,
        action=action,
        target=str(target),
    )
