"""The audit row that every write leaves behind."""

from django.contrib.auth.models import User

from riskapp.actions.finding import organisation_of
from riskapp.models import AuditEvent, Organisation


def record(
    *, by: User, action: str, target: object, organisation: Organisation | None = None
) -> None:
    """Write who did what to which; call it inside the transaction of the deed itself.

    The organisation is the user's own, unless the deed is done later on the user's behalf, when
    they may work elsewhere: then it is that of what it is done to.
    """
    AuditEvent.objects.create(
        by=by.get_username(),
        organisation_id=(organisation or organisation_of(by)).id,
        action=action,
        target=str(target),
    )
