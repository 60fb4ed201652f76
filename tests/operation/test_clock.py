"""A clock that is wrong: refused where it cannot be, told everywhere where it is behind."""

import shutil
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from riskapp.actions import auditing, clock, troubles
from riskapp.models import AuditEvent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process has seen is its own; each test is one."""
    monkeypatch.setattr(clock, "_seen", clock._Seen(offset_s=clock._offset_s()))


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> Any:
    # Of the database's clock another test speaks: a server's is not set here.
    monkeypatch.setattr(clock, "_beside_the_database", lambda: "")

    def set_to(at: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: at)

    set_to(NOW)
    auditing.record(by=None, action="x", target="y")
    return set_to


def test_a_clock_that_is_behind_the_trail_is_told(set_to: Any, client: Client, owner: User) -> None:
    client.force_login(owner)
    set_to(NOW - timedelta(seconds=clock.CLOCKS_DIFFER.total_seconds()))
    assert not clock.problem_with_the_clock()
    set_to(NOW - timedelta(seconds=clock.CLOCKS_DIFFER.total_seconds() + 1))
    assert "5 minutes behind" in clock.problem_with_the_clock()
    set_to(NOW - timedelta(hours=26))
    told = client.get("/health/ready").json()
    assert (told["status"], told["checks"]["clock"][:47]) == (
        "degraded", "The clock of this machine is 26 hours behind ro",
    )  # fmt: skip
    set_to(NOW)
    # Rows that are written meanwhile do not hide it.
    clock._seen.problem = "It is behind."
    assert "It is behind." in client.get("/models/").content.decode()


def test_a_clock_that_is_behind_is_written_down_once_and_the_site_goes_on(set_to: Any) -> None:
    set_to(NOW - timedelta(days=30))
    clock.at_start()
    clock.at_start()
    assert AuditEvent.objects.filter(action=clock.BEHIND).count() == 1
    # The rows written meanwhile carry the wrong time and do not hide the right one.
    assert clock.problem_with_the_clock()


def test_rows_that_were_written_by_a_wrong_clock_are_let_be_when_somebody_says_so(
    set_to: Any,
) -> None:
    set_to(NOW - timedelta(days=30))
    with pytest.raises(SystemExit):
        call_command("clock", stdout=StringIO())
    told = StringIO()
    call_command("clock", "--is-right", stdout=told)
    assert "agrees" in told.getvalue()
    set_to(NOW - timedelta(days=31))
    assert clock.problem_with_the_clock()


def test_a_time_that_cannot_be_stops_the_start(set_to: Any) -> None:
    set_to(clock.NEVER_BEFORE)
    clock.at_start()
    set_to(clock.NEVER_BEFORE - timedelta(seconds=1))
    with pytest.raises(SystemExit, match="31 December 2025, which cannot be"):
        clock.at_start()
    with pytest.raises(CommandError, match="set the clock"):
        call_command("serve")


def test_a_database_of_another_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    there = timezone.now()

    class Server:
        vendor = "postgresql"

        def cursor(self) -> Any:
            return self

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None: ...

        def execute(self, sql: str) -> None: ...

        def fetchone(self) -> tuple[datetime]:
            return (there,)

    monkeypatch.setattr(clock, "connection", Server())
    assert not clock._beside_the_database()
    there += timedelta(hours=3)
    assert "differ by 3 hours" in clock._beside_the_database()


def test_a_process_sees_that_its_clock_was_set_and_asks_the_database_only_then(
    set_to: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    before = clock._offset_s()
    with django_assert_num_queries(0):
        assert not clock.problem_seen()
    monkeypatch.setattr(clock, "_offset_s", lambda: before - 7200)
    set_to(NOW - timedelta(hours=2))
    assert "2 hours behind" in clock.problem_seen()


def test_workers_take_work_while_there_is_room_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = namedtuple("disk", "free")
    for free, expected in (
        (troubles.WORK_NEEDS_BYTES, True),
        (troubles.WORK_NEEDS_BYTES - 1, False),
    ):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: disk(free))
        assert troubles.has_room() is expected
