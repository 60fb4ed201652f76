"""What is done each night is done once, whoever does it and whoever is killed meanwhile."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.utils import timezone
from pytest_django.fixtures import Settings

from riskapp.actions import leasing, nightly, retaining
from riskapp.actions.database_health import DAMAGED
from riskapp.actions.leasing import this_process
from riskapp.actions.readiness import checks
from riskapp.actions.site_figures import SiteFigures
from riskapp.models import NightlyRun, Patient, TrailCheck
from tests.actions.erased import data_folder, person

__all__ = ["data_folder"]
pytestmark = pytest.mark.django_db
Task = NightlyRun.Task
Clock = Callable[..., None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the clock to an hour of a night of March."""

    def at(day: int, hour: int) -> None:
        there = datetime(2026, 3, day, hour, tzinfo=timezone.get_current_timezone())
        monkeypatch.setattr(timezone, "now", lambda: there)
        # PostgreSQL's clock is not ours to set.
        monkeypatch.setattr("riskapp.actions.clock._beside_the_database", str)

    at(1, 2)
    return at


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tasks that were done, each of which says only that it was."""
    seen: list[str] = []

    def task(name: str) -> Any:
        return lambda night: (seen.append(f"{name} {night:%d}"), (True, "Well."))[1]

    monkeypatch.setattr(nightly, "TASKS", {name: task(name) for name in nightly.TASKS})
    return seen


ALL = ["database", "trail", "erasures", "retention"]


def test_each_task_is_done_once_a_night_however_many_workers_ask(
    clock: Clock, done: list[str]
) -> None:
    for hour in (1, 2, 3, 4):
        clock(1, hour)
        for worker in ("a:1:1", "b:1:1"):
            nightly.run_tonight(worker)
    assert done == [f"{name} 01" for name in ALL]
    clock(2, 1)
    assert nightly.run_tonight("a:1:1")
    assert done[4:] == [f"{name} 02" for name in ALL]
    assert not nightly.run_tonight("a:1:1")


def test_by_day_it_is_made_up_for_only_where_no_night_was_used(
    clock: Clock, done: list[str]
) -> None:
    clock(1, 14)
    assert nightly.run_tonight("a:1:1")  # a site that starts
    clock(2, 0)
    assert not nightly.run_tonight("a:1:1")
    clock(2, 14)
    assert not nightly.run_tonight("a:1:1")
    clock(3, 9)
    assert nightly.run_tonight("a:1:1")  # it was off at night
    assert len(done) == 8


def test_what_a_killed_worker_left_is_taken_up_and_what_a_living_one_does_is_not(
    clock: Clock, done: list[str]
) -> None:
    night = timezone.localdate()
    begun = {"task": Task.DATABASE, "night": night, "started_at": timezone.now(), "claims": 1}
    running = NightlyRun.objects.create(
        status="running",
        worker=this_process(),
        lease_until=timezone.now() + leasing.LEASE,
        **begun,
    )
    assert not nightly.run_tonight("b:1:1")
    assert done == []  # nor what builds on it
    host = this_process().rsplit(":", 2)[0]
    NightlyRun.objects.update(worker=f"{host}:1:not-that-process")
    assert nightly.run_tonight("b:1:1")
    assert done == [f"{name} 01" for name in ALL]
    running.refresh_from_db()
    assert (running.claims, running.is_well, running.status) == (2, True, "done")


def test_whoever_lost_the_work_writes_down_nothing(clock: Clock, done: list[str]) -> None:
    run = nightly._taken(Task.TRAIL, timezone.localdate(), "a:1:1")
    assert run is not None
    NightlyRun.objects.update(worker="b:1:1", claims=2)
    nightly._do(run)
    run.refresh_from_db()
    assert (run.ended_at, run.is_well) == (None, None)


def test_work_that_kills_its_workers_is_given_up_and_told(
    clock: Clock, done: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    run = nightly._taken(Task.TRAIL, timezone.localdate(), "a:1:1")
    assert run is not None
    NightlyRun.objects.update(claims=leasing.MOST_CLAIMS + 1)
    run.refresh_from_db()
    with caplog.at_level(logging.ERROR):
        nightly._do(run)
    run.refresh_from_db()
    assert (run.is_well, run.sentence, done) == (False, nightly.CUT_OFF, [])


def test_a_task_that_fails_is_seen_and_a_database_that_is_away_is_waited_for(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(night: object) -> tuple[bool, str]:
        raise ValueError("Grace Example")

    def away(night: object) -> tuple[bool, str]:
        raise DatabaseError

    monkeypatch.setattr(nightly, "TASKS", {**nightly.TASKS, Task.DATABASE: away})
    with pytest.raises(DatabaseError):
        nightly.run_tonight("gone:1:1")
    assert not NightlyRun.objects.exclude(ended_at=None).exists()

    NightlyRun.objects.all().delete()
    monkeypatch.setattr(nightly, "TASKS", {**nightly.TASKS, Task.DATABASE: broken})
    nightly.run_tonight("a:1:1")
    assert NightlyRun.objects.get(task=Task.DATABASE).sentence == nightly.FAILED
    # Nothing is let go before somebody has looked.
    assert NightlyRun.objects.get(task=Task.RETENTION).sentence == nightly.NOT_SAFE
    assert {one.name: one.problem for one in checks()}["nights"] in (
        nightly.FAILED, nightly.NOT_SAFE,
    )  # fmt: skip
    told = {one.name: one.samples for one in SiteFigures().collect()}
    assert {one.labels["task"]: one.value for one in told["trabecula_nightly_well"]} == {
        Task.DATABASE: 0, Task.TRAIL: 1, Task.ERASURES: 1, Task.RETENTION: 0,
    }  # fmt: skip


def test_the_night_checks_database_trail_and_erasures_and_lets_go(
    clock: Clock, owner: User
) -> None:
    assert nightly.run_tonight("a:1:1")
    told = {run.task: (run.is_well, run.sentence) for run in nightly.latest()}
    assert list(told) == ALL
    assert told["database"] == (True, "The database is whole.")
    assert told["trail"][0]
    assert TrailCheck.objects.count() == 1
    assert told["erasures"] == (True, "0 records were erased so far, and none of them is there.")
    assert told["retention"] == (True, "Nothing was old enough.")
    assert nightly.problem_with_the_nights() == ""


def test_what_could_not_be_overwritten_is_told_and_done_again_the_next_night(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(nightly, "overwrite_since", lambda at: asked.append(at) or len(asked) != 2)
    for night in (1, 2, 3, 4):
        clock(night, 2)
        nightly.run_tonight("a:1:1")
    runs = NightlyRun.objects.filter(task=Task.ERASURES).order_by("night")
    assert [one.is_well for one in runs] == [True, False, True, True]
    first, _, third, _ = (one.started_at for one in runs)
    assert asked == [None, first, first, third]


def test_a_damaged_database_is_told_where_it_matters(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, owner: User
) -> None:
    damaged = DAMAGED.format(found="a row is missing from an index")
    monkeypatch.setattr(nightly, "problem_with_the_database", lambda thorough: damaged)
    nightly.run_tonight("a:1:1")
    problem = nightly.problem_with_the_nights()
    assert problem.startswith("The database is damaged: a row is missing")


def test_records_are_erased_only_where_the_nights_before_were_used_too(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.RECORDS_GO = True
    asked: list[bool] = []

    def retained(*, records: bool) -> retaining.Retained:
        asked.append(records)
        return retaining.Retained({})

    monkeypatch.setattr(nightly.retaining, "retain", retained)
    for day in (1, 2, 5, 9, 10):  # the clock goes ahead, or the site was off, before the 9th
        clock(day, 2)
        nightly.run_tonight("a:1:1")
    assert asked == [False, True, True, False, True]


def test_no_record_goes_by_itself_before_the_site_has_said_for_how_long_it_keeps_them(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, owner: User
) -> None:
    person(owner, "old", datetime(2010, 1, 1, tzinfo=UTC))
    for number in range(4):
        person(owner, f"other-{number}")
    for day in (1, 2):
        clock(day, 2)
        nightly.run_tonight("a:1:1")
    run = NightlyRun.objects.filter(task=Task.RETENTION).first()
    assert run is not None
    assert (run.is_well, run.sentence.partition(";")[0]) == (
        True, "Nothing was old enough. 1 record is due",
    )  # fmt: skip
    assert Patient.objects.count() == 5


def test_nothing_is_let_go_by_a_clock_that_is_told_to_be_wrong(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "problem_with_the_clock", lambda: "The clock is behind.")
    nightly.run_tonight("a:1:1")
    run = NightlyRun.objects.get(task=Task.RETENTION)
    assert (run.is_well, run.sentence) == (False, "Nothing was let go. The clock is behind.")


def test_nights_that_are_missed_are_told(clock: Clock, done: list[str]) -> None:
    nightly.run_tonight("a:1:1")
    clock(4, 12)
    assert nightly.problem_with_the_nights() == ""
    clock(5, 12)
    assert "last done on 2026-03-01" in nightly.problem_with_the_nights()


def test_a_worker_with_nothing_to_do_asks_once_a_minute(
    clock: Clock, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "_last_asked", {})
    now = [100.0]
    monkeypatch.setattr(nightly.time, "monotonic", lambda: now[0])
    assert nightly.run_if_due()
    NightlyRun.objects.all().delete()
    assert not nightly.run_if_due()
    now[0] += nightly.ASK_EVERY_S + 1
    assert nightly.run_if_due()
    assert timedelta(seconds=nightly.ASK_EVERY_S) < leasing.LONGEST_WAIT
