"""The audit row that every write leaves behind."""

from django.contrib.auth.models import User

from riskapp.actions.confining import named
from riskapp.actions.finding import organisation_of
from riskapp.models import AuditEvent, Organisation

# Who opens a shared page has not signed in, and is not asked who they are.
WHOEVER_HOLDS_IT = "(whoever holds the link)"


def record(
    *, by: User | None, action: str, target: object, organisation: Organisation | None = None
) -> None:
    """Write who did what to which; call it inside the transaction of the deed itself.

    The organisation is the user's own, unless the deed is done later on the user's behalf, when
    they may work elsewhere, or by nobody that is known: then it is that of what it is done to.
    """
    where = organisation or (organisation_of(by) if by else None)
    AuditEvent.objects.create(
        by=named(by) if by else WHOEVER_HOLDS_IT,
        organisation_id=where.id if where else None,
        action=action,
        target=str(target),
    )
