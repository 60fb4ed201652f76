"""How properties are searched, the database, and populations once their bases are calibrated."""

import gc
import os
import socketserver
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from math import log
from typing import Any

import pytest
from django.db import connection
from hypothesis import settings

from riskapp.modelstore import engine_named
from riskapp.risk import bases, evidence_sets, published
from riskapp.risk.evidence_sets import evidence_set
from tests.migrated import migrated_database

# The same examples each time, so that a change is judged by what it changes, on a busy machine
# too; `HYPOTHESIS_PROFILE=default pytest` searches anew.
settings.register_profile("same_examples", derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same_examples"))

# A server of the tests looks so often, in seconds, whether it was told to end; usually it looks
# twice a second, for which each test that has one would wait.
socketserver.BaseServer.serve_forever.__defaults__ = (0.05,)
# Where it is installed, as the bill of materials brings it, jsonschema would build its grammar of
# addresses in every process of the tests: a second of processor time for a format nobody asks of.
sys.modules.setdefault("rfc3987_syntax", None)
# As Django calls the database of the tests.
IN_MEMORY = "file:memorydb_default?mode=memory&cache=shared"


def pytest_collection_finish() -> None:
    """What is loaded by now stays: to look it through for garbage again and again is dear."""
    gc.collect()
    gc.freeze()


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """What a test is allowed to leave open is closed now, and not while another test looks on."""
    allowed = (told for mark in item.iter_markers("filterwarnings") for told in mark.args)
    if any("PytestUnraisableExceptionWarning" in told for told in allowed):
        gc.collect()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """Fill the database in memory, so that Django finds it migrated; PostgreSQL's is copied."""
    if connection.vendor != "sqlite":
        with _trail_emptied_between_tests(), _connection_kept_by_its_test():
            yield
        return
    with (
        closing(sqlite3.connect(IN_MEMORY, uri=True)) as memory,
        closing(sqlite3.connect(migrated_database())) as stored,
    ):
        stored.backup(memory)
        with _trail_emptied_between_tests():
            yield


@contextmanager
def _trail_emptied_between_tests() -> Iterator[None]:
    """Tests that commit are undone by emptying every table, which the trail's triggers refuse."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    from riskapp.models import append_only

    emptied = BaseDatabaseOperations.execute_sql_flush

    def emptied_without_triggers(operations: Any, statements: Any) -> None:
        append_only.unprotect(operations.connection)
        emptied(operations, statements)
        append_only.protect(operations.connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", emptied_without_triggers)
        yield


@contextmanager
def _connection_kept_by_its_test() -> Iterator[None]:
    """An answer that is closed ends its request's connection, which here is that of its test."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    closed = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def closed_between_tests(one: BaseDatabaseWrapper) -> None:
        if not one.in_atomic_block:
            closed(one)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", closed_between_tests)
        yield


@pytest.fixture
def with_bases(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Lend the bases of the United Kingdom to populations for one test, times a ratio each."""
    read = published.read
    # What answers is tested once in a process: with its own bases.
    for name in evidence_sets.listed():
        engine_named("evidence", evidence_set=name)

    def forget() -> None:
        for cached in (evidence_set, bases.bases):
            cached.cache_clear()

    def lend(*codes: str, spread: Sequence[float] | None = None) -> None:
        def lent(name: str) -> dict[str, object]:
            stored = read(name)
            if name != "evidence/frax-2008":
                return stored
            baselines = dict(stored["baselines"])
            for code, ratio in zip(codes, spread or [1.0] * len(codes), strict=True):
                baselines[code] = {
                    key: value if ".death." in key else value + log(ratio)
                    for key, value in stored["baselines"]["gb"].items()
                }
            return stored | {"baselines": baselines}

        monkeypatch.setattr(published, "read", lent)
        forget()

    yield lend
    forget()
