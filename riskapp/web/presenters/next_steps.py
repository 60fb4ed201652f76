"""What one patient waits for, as links: the same reasons and rules as on the worklist."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from riskapp.exchange.wait_wording import wait_note, wait_title
from riskapp.models import Wait
from riskapp.web.presenters.lists import due_in_words
from riskapp.web.presenters.worklist import do_next, waited


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do; ``due`` is blank where there is no day for it."""

    title: str
    note: str
    waited: str
    due: str
    do_next: str
    scan_id: UUID | None
    assessment_id: UUID | None


def next_steps(waits: Iterable[Wait], today: date) -> tuple[NextStep, ...]:
    """In the order given."""
    return tuple(_step(wait, today) for wait in waits)


def _step(wait: Wait, today: date) -> NextStep:
    return NextStep(
        title=wait_title(wait.reason),
        note=wait_note(wait.reason, wait.detail),
        waited=waited(wait, today),
        due=due_in_words(wait.due_on, today) if wait.due_on else "",
        do_next=do_next(wait.row, wait),
        scan_id=wait.scan_id,
        assessment_id=wait.row.assessment_id,
    )
