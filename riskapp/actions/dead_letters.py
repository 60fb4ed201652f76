"""What failed for good: read by an administrator, tried again, or let go with a reason."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from riskapp.actions import auditing, bulk_importing, fetching, leasing, queueing, run_queue
from riskapp.actions.confining import check_unconfined, named
from riskapp.actions.errors import Refused
from riskapp.actions.filing_arrivals import file_again
from riskapp.actions.finding import one_of, organisation_of
from riskapp.actions.giving_up import settle
from riskapp.actions.permitting import Ability, check
from riskapp.models import BulkAnswer, BulkImport, DeadLetter, Delivery, Fetch, Job, LaboratoryRun
from riskapp.models.leased import Leased

BECAUSE_LETTERS = 200
GONE = "It is no longer there, or was dealt with meanwhile; let it go."
BY_THE_SENDER = "Only its sender can send it again; mend what it says, or let it go."
SAY_WHY = f"Say why, in one line of at most {BECAUSE_LETTERS} characters."
Kind = DeadLetter.Kind
Again = Callable[[Leased, str], bool]


def _revived(work: Leased, by: str) -> bool:
    return leasing.revive(work, by)


# Every queue, so that nothing in one is left without a way back.
QUEUES: dict[type[Leased], Again] = {
    BulkAnswer: lambda work, by: leasing.revive(work, by, finished_at=None),
    BulkImport: bulk_importing.begin_again,
    Delivery: _revived,
    Fetch: fetching.fetch_again,
    Job: queueing.measure_again,
    LaboratoryRun: run_queue.run_again,
}


def dead_letters(*, by: User) -> QuerySet[DeadLetter]:
    """What is open in the user's organisation, the latest first.

    Raises
    ------
    NotAllowed
        If the user may not settle it.
    """
    check_unconfined(by)
    check(by, Ability.SETTLE_DEAD_LETTERS)
    return DeadLetter.objects.filter(organisation=organisation_of(by), outcome="")


def retry(*, by: User, id: UUID | str) -> None:
    """Have it done again, from the beginning, with as many tries as before.

    Raises
    ------
    NotFound
        If it is another organisation's, or settled.
    Refused
        If there is nothing to do again.
    """
    letter = _found(by, id)
    with transaction.atomic():
        if not _done_again(letter, named(by)):
            raise Refused({"letter": BY_THE_SENDER if letter.kind == Kind.MESSAGE else GONE})
        auditing.record(by=by, action="dead_letter.retry", target=letter.id)


def drop(*, by: User, id: UUID | str, because: str) -> None:
    """Let it go: it stays written down who did and why.

    Raises
    ------
    NotFound
        If it is another organisation's, or settled.
    Refused
        If no reason is given.
    """
    letter, why = _found(by, id), because.strip()
    if not why or len(why) > BECAUSE_LETTERS or not why.isprintable():
        raise Refused({"because": SAY_WHY})
    with transaction.atomic():
        settle(
            kind=letter.kind,
            target=letter.target,
            organisation=letter.organisation,
            outcome=DeadLetter.Outcome.DROPPED,
            by=named(by),
            because=why,
        )
        auditing.record(by=by, action="dead_letter.drop", target=letter.id)


def _found(by: User, id: UUID | str) -> DeadLetter:
    return one_of(dead_letters(by=by), id, "There is nothing open of this number.")


def _done_again(letter: DeadLetter, by: str) -> bool:
    if letter.kind == Kind.ARRIVAL:
        return file_again(by=by, id=letter.target)
    for queue, again in QUEUES.items():
        if letter.kind == leasing.kind_of(queue):
            work = queue.objects.filter(id=letter.target).first()
            return work is not None and again(work, by)
    return False
