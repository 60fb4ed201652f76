"""What failed for good is seen, tried again or let go with a reason, and never lost in silence."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from riskapp.actions import (
    bulk_importing,
    delivering,
    fetching,
    filing_arrivals,
    leasing,
    queueing,
    run_queue,
)
from riskapp.actions.dead_letters import QUEUES, dead_letters, drop, retry
from riskapp.actions.delivering import HANDLERS, GiveUp, deliver_next, handler, promise
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.finding import organisation_of
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.permitting import ROLES, Ability
from riskapp.actions.registering import register_clinician
from riskapp.actions.taking_messages import take_message
from riskapp.exchange.connection_messages import MessageSource
from riskapp.models import (
    Arrival,
    AuditEvent,
    DeadLetter,
    Delivery,
    Job,
    LaboratoryRun,
    Patient,
    Scan,
)
from riskapp.models.leased import Leased
from tests.exchange.hl7v2.messages import ADT_23

pytestmark = pytest.mark.django_db
WORKER = "host-a:1:1"
NEVER = "The peer does not take results."


@pytest.fixture(autouse=True)
def everybody_may_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may is held in tests/web; here it is about what becomes of it."""
    for role, abilities in ROLES.items():
        monkeypatch.setitem(ROLES, role, abilities | {Ability.SETTLE_DEAD_LETTERS})


@pytest.fixture
def given_up(owner: User) -> Any:
    """A delivery that its peer refused."""

    @handler("test")
    def refuse(delivery: Delivery) -> None:
        raise GiveUp(NEVER)

    made = promise(
        by=owner, organisation=organisation_of(owner), kind="test", destination="there", target="1"
    )
    deliver_next(WORKER)
    yield made
    del HANDLERS["test"]


@pytest.fixture
def failed_scan(owner: User, patient: Patient) -> Scan:
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(b"any")])
    for _ in range(3):
        Job.objects.update(run_after=timezone.now())
        job = queueing.claim(WORKER)
        assert job is not None
        queueing.fail(job, "OSError")
    scan.refresh_from_db()
    return scan


def test_every_queue_and_every_kind_has_a_way_back() -> None:
    assert set(QUEUES) == set(Leased.__subclasses__())
    from_doors = {DeadLetter.Kind.ARRIVAL, DeadLetter.Kind.MESSAGE}
    queues = {leasing.kind_of(queue) for queue in QUEUES}
    assert {str(kind) for kind in DeadLetter.Kind} == queues | {str(one) for one in from_doors}


def test_what_a_peer_refused_is_told_and_tried_again_from_the_beginning(
    owner: User, given_up: Delivery
) -> None:
    (letter,) = dead_letters(by=owner)
    assert (letter.kind, letter.problem, letter.tries) == ("delivery", NEVER, 1)
    retry(by=owner, id=letter.id)
    given_up.refresh_from_db()
    assert (given_up.status, given_up.failures, given_up.claims) == ("queued", 0, 0)
    assert not dead_letters(by=owner)
    letter.refresh_from_db()
    assert (letter.outcome, letter.settled_by) == ("again", "owner")
    assert AuditEvent.objects.filter(action="dead_letter.retry", target=letter.id).exists()
    assert deliver_next(WORKER)
    assert dead_letters(by=owner).get().id != letter.id


def test_letting_go_needs_a_reason_and_stays_written_down(owner: User, given_up: Delivery) -> None:
    (letter,) = dead_letters(by=owner)
    for because in ("", "  ", "two\nlines", "x" * 201):
        with pytest.raises(Refused):
            drop(by=owner, id=letter.id, because=because)
    drop(by=owner, id=letter.id, because="x" * 200)
    letter.refresh_from_db()
    assert (letter.outcome, letter.because) == ("dropped", "x" * 200)
    given_up.refresh_from_db()
    assert given_up.status == "dead"
    assert AuditEvent.objects.filter(action="dead_letter.drop", target=letter.id).exists()
    with pytest.raises(NotFound):
        retry(by=owner, id=letter.id)


def test_another_organisations_letters_do_not_exist(stranger: User, given_up: Delivery) -> None:
    letter = DeadLetter.objects.get()
    assert not dead_letters(by=stranger)
    with pytest.raises(NotFound):
        retry(by=stranger, id=letter.id)
    with pytest.raises(NotFound):
        drop(by=stranger, id=letter.id, because="not mine")


def test_a_scan_that_failed_three_times_is_measured_again(owner: User, failed_scan: Scan) -> None:
    assert failed_scan.status == Scan.Status.FAILED
    (letter,) = dead_letters(by=owner)
    assert (letter.kind, letter.tries) == ("job", 3)
    retry(by=owner, id=letter.id)
    failed_scan.refresh_from_db()
    assert failed_scan.status == Scan.Status.QUEUED
    assert queueing.claim(WORKER) is not None


def test_a_scan_that_a_person_asked_for_again_is_no_dead_letter_any_more(
    owner: User, failed_scan: Scan
) -> None:
    queueing.ask_for_measurement(by=owner, scan=failed_scan, regions=None)
    assert not dead_letters(by=owner)
    assert DeadLetter.objects.get().settled_by == "owner"


def test_what_a_person_cancelled_is_nothing_undone(statistician: User) -> None:
    owner = statistician
    run = run_queue.promise(by=owner, kind="train", engines=["cox"], model_id="one")
    run_queue.cancel(by=owner, run=run)
    assert not DeadLetter.objects.exists()
    other = run_queue.promise(by=owner, kind="train", engines=["cox"], model_id="two")
    run_queue.end(other, run_queue.DEADLY)
    retry(by=owner, id=dead_letters(by=owner).get().id)
    assert LaboratoryRun.objects.get(id=other.id).status == "queued"


def _arrival(by: User) -> Arrival:
    now = timezone.now()
    return Arrival.objects.create(
        organisation=organisation_of(by), source="sender:ct", received_by=by, study_uid="1.2",
        last_at=now, due_at=now,
    )  # fmt: skip


def test_a_study_that_cannot_be_filed_is_tried_three_times_and_holds_up_no_other(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = _arrival(owner)

    def fail(waiting: Arrival) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(filing_arrivals, "_settle", fail)
        for _ in range(3):
            Arrival.objects.update(due_at=timezone.now())
            assert filing_arrivals.file_next()
    stuck.refresh_from_db()
    assert (stuck.status, stuck.reason) == ("waiting", filing_arrivals.FAILED)
    (letter,) = dead_letters(by=owner)
    assert (letter.kind, letter.tries) == ("arrival", 3)
    retry(by=owner, id=letter.id)
    assert filing_arrivals.file_next()
    stuck.refresh_from_db()
    assert stuck.reason != filing_arrivals.FAILED
    assert not dead_letters(by=owner)


def test_a_database_that_is_away_is_not_the_studys_fault(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = _arrival(owner)

    def fail(waiting: Arrival) -> None:
        raise OperationalError

    monkeypatch.setattr(filing_arrivals, "_settle", fail)
    with pytest.raises(OperationalError):
        filing_arrivals.file_next()
    stuck.refresh_from_db()
    assert (stuck.status, stuck.failures) == ("receiving", 0)


def test_the_shell_lists_retries_and_drops(
    owner: User, given_up: Delivery, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = DeadLetter.objects.get()
    call_command("dead_letters", "list")
    told = capsys.readouterr().out
    assert NEVER in told
    assert "tried 1 time:" in told
    assert "1 open" in told
    with pytest.raises(CommandError, match="--all"):
        call_command("dead_letters", "retry")
    with pytest.raises(CommandError, match="nothing open"):
        call_command("dead_letters", "retry", "nonsense")
    call_command("dead_letters", "retry", str(letter.id))
    deliver_next(WORKER)
    call_command("dead_letters", "drop", "--all", "--kind", "delivery", "--because", "moved away")
    assert not dead_letters(by=owner)
    dropped = DeadLetter.objects.get(outcome="dropped")
    assert dropped.settled_by.startswith("shell:")


@pytest.mark.parametrize(
    "waits", [leasing.BACK_OFF, delivering.WAITS, fetching.WAITS, bulk_importing.WAITS]
)
def test_every_queue_waits_longer_each_time_up_to_an_hour_and_ends(waits: Any) -> None:
    assert list(waits) == sorted(waits)
    assert waits[-1] <= leasing.LONGEST_WAIT
    assert len(waits) < 200


def test_what_failed_together_does_not_come_again_together() -> None:
    random.seed(1)
    waits = [leasing.jittered(timedelta(seconds=100)).total_seconds() for _ in range(1000)]
    assert 60 <= min(waits) < 61
    assert 99 < max(waits) <= 100


@pytest.mark.parametrize("hours", [-26, -1.5, 1.5, 26])
def test_a_clock_that_is_set_neither_holds_work_back_nor_gives_it_to_two(
    owner: User, patient: Patient, hours: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_scan(by=owner, patient=patient, files=[ContentFile(b"one")])
    held = queueing.claim("other-host:1:1")
    assert held is not None
    import_scan(by=owner, patient=patient, files=[ContentFile(b"two")])
    then = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: then() + timedelta(hours=hours))
    # Who lives renews its lease by the clock as it is now.
    assert queueing.renew(held)
    other = queueing.claim(WORKER)
    assert other is not None
    assert other.id != held.id
    assert queueing.claim("third-host:1:1") is None
    assert queueing.finish(held)


@pytest.mark.parametrize("hours", [-26, 26])
def test_a_worker_that_ended_when_the_clock_was_set_keeps_nothing(
    owner: User, patient: Patient, hours: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_scan(by=owner, patient=patient, files=[ContentFile(b"one")])
    held = queueing.claim("other-host:1:1")
    assert held is not None
    then = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: then() + timedelta(hours=hours))
    taken = queueing.claim(WORKER)
    assert taken is not None
    assert not queueing.finish(held)
    assert queueing.finish(taken)


def test_a_message_that_was_refused_is_told_until_its_sender_mends_it() -> None:
    clinic = register_clinician(username="of-the-clinic", password=None, organisation="Clinic A")
    source = MessageSource(name="adt", organisation="Clinic A", port=2575, authority="MCM")
    broken = ADT_23.replace("|F|", "|U|").encode()
    for _ in range(2):
        take_message(source, broken)
    (letter,) = dead_letters(by=clinic)
    assert (letter.kind, letter.tries) == ("message", 2)
    assert "PID-8" in letter.problem
    assert "EVERYWOMAN" not in letter.problem
    with pytest.raises(Refused, match="its sender"):
        retry(by=clinic, id=letter.id)
    take_message(source, ADT_23.encode())
    assert not dead_letters(by=clinic)
