"""What cannot be done is written down where a person finds it; nothing is dropped in silence."""

from datetime import datetime

from django.db.models import F
from django.utils import timezone

from riskapp.models import DeadLetter, Organisation


def write_down(
    *,
    kind: str,
    target: object,
    organisation: Organisation,
    problem: str,
    tries: int = 1,
    first_at: datetime | None = None,
) -> None:
    """Keep what was given up; call it inside the transaction that gives it up.

    What is open already is counted again, and says what happened last.
    """
    now = timezone.now()
    letter, is_new = DeadLetter.objects.get_or_create(
        kind=kind,
        target=str(target),
        organisation=organisation,
        outcome="",
        defaults={"problem": problem, "tries": tries, "first_at": first_at or now, "at": now},
    )
    if not is_new:
        DeadLetter.objects.filter(id=letter.id).update(
            problem=problem, tries=F("tries") + tries, at=now
        )


def settle(
    *,
    kind: str,
    target: object,
    organisation: Organisation,
    outcome: str,
    by: str,
    because: str = "",
) -> bool:
    """Close what is open of it; False if nothing was."""
    open_one = DeadLetter.objects.filter(
        kind=kind, target=str(target), organisation=organisation, outcome=""
    )
    return bool(
        open_one.update(
            outcome=outcome, settled_at=timezone.now(), settled_by=by[:150], because=because
        )
    )
