"""Whoever wants to write on SQLite while another does asks again soon, and not ever more seldom."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection, connections

from riskapp.databases import database
from riskapp.sqlite import base
from riskapp.sqlite.base import DatabaseWrapper

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="another database"),
]
# Above what any sleep of ours takes, and below the 100 ms of SQLite's own.
LONGEST_SLEEP_S = 0.02


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "trabecula.sqlite3"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE rows (number)")
    made.close()
    return file


@pytest.fixture
def other(file: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else's connection, which writes."""
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


@pytest.fixture
def ours(file: Path, other: sqlite3.Connection) -> Iterator[DatabaseWrapper]:
    """A connection of the product to the same file, as its settings describe it."""
    settings = connections.configure_settings({"default": database(None, file.parent)})["default"]
    settings["OPTIONS"] |= {"timeout": 20}
    ours = DatabaseWrapper(settings, alias="default")
    yield ours
    ours.close()


def begin(ours: DatabaseWrapper) -> None:
    ours.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def patience_of(ours: DatabaseWrapper) -> int:
    ((patience_ms,),) = ours.connection.execute("PRAGMA busy_timeout")
    return int(patience_ms)


def test_it_begins_as_soon_as_the_other_has_ended(
    ours: DatabaseWrapper, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 5:
            other.execute("COMMIT")

    monkeypatch.setattr(base.time, "sleep", sleep)
    begin(ours)
    assert len(slept) == 5  # and not once more
    ours.connection.execute("INSERT INTO rows VALUES (1)")
    ours.commit()
    assert other.execute("SELECT count(*) FROM rows").fetchone() == (1,)


def test_it_asks_often_however_long_it_waits(
    ours: DatabaseWrapper, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    clock = [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(base.time, "sleep", sleep)
    monkeypatch.setattr(base.time, "monotonic", lambda: clock[0])
    with pytest.raises(OperationalError, match="locked"):
        begin(ours)
    assert clock[0] == pytest.approx(20, abs=LONGEST_SLEEP_S)
    assert max(slept) <= LONGEST_SLEEP_S
    # Nearly as often as a poll could in the time that one answer takes.
    assert sum(one <= 0.002 for one in slept) > 30


def test_what_is_written_without_a_transaction_waits_as_before(
    ours: DatabaseWrapper, other: sqlite3.Connection
) -> None:
    """SQLite waits by itself there; a connection that began or was refused has that back."""
    ours.connect()
    assert patience_of(ours) == 20_000
    ours.settings_dict["OPTIONS"]["timeout"] = 0.05
    with pytest.raises(OperationalError, match="locked"):
        begin(ours)
    assert patience_of(ours) == 50
    other.execute("COMMIT")
    begin(ours)
    assert patience_of(ours) == 50
    ours.rollback()
