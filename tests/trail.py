"""What the trail says, with the names of who did it."""

from typing import Any

from riskapp.actions.trail.naming import names_of
from riskapp.models import AuditEvent


def done(**which: Any) -> list[tuple[str, str]]:
    """(action, who) of the rows, in their order."""
    rows = AuditEvent.objects.filter(**which).order_by("number")
    told = list(rows.values_list("action", "by"))
    names = names_of({by for _, by in told})
    return [(action, names[by]) for action, by in told]
