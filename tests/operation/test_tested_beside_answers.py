"""The web server tests what answers beside its first answers; none comes from what is untested."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from benchmarks.served import environment, new_site, served
from riskapp.modelstore import SHIPPED
from riskapp.risk import evidence_sets
from tests.kept import ROOT
from tests.migrated import NAME, lay_database_in

# The product where no engine answers as it did when it was released.
FAILING = """
from riskapp.modelstore import self_test

self_test.difference = lambda engine, kept: "it answers otherwise"
from riskapp.wsgi import application
"""
PERSON = {"population": "gb", "age_years": 70, "sex": "female"}
WITHIN_S = 120


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[tuple[int, str, Path]]:
    lay_database_in(tmp_path)
    key = new_site(tmp_path)
    (tmp_path / "failing_app.py").write_text(FAILING, encoding="utf-8")
    env = environment(tmp_path) | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    with served("failing_app:application", env, "/empty/") as site:
        yield site.port, key, tmp_path


def test_no_score_leaves_before_its_engine_has_passed_and_each_failure_is_written_down_once(
    failing: tuple[int, str, Path],
) -> None:
    port, key, folder = failing
    for engine in ("evidence", *SHIPPED):
        status, told = scored(port, key, engine)
        assert status == 503
        assert f"The engine {engine} is not served" in told
    all_of_it = sorted([*evidence_sets.listed(), *SHIPPED.values()])
    give_up_at = time.monotonic() + WITHIN_S
    while (found := written(folder)) != all_of_it:
        assert time.monotonic() < give_up_at, found
        time.sleep(0.1)
    time.sleep(1)  # for the other worker, which found the same
    assert written(folder) == all_of_it


def scored(port: int, key: str, engine: str) -> tuple[int, str]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)) as connection:
        body = json.dumps({"profile": PERSON, "engines": [engine]})
        sent = {"Content-Type": "application/json", "Authorization": f"Token {key}"}
        connection.request("POST", "/api/v1/scores/", body, sent)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def written(folder: Path) -> list[str]:
    """What the trail says is withheld."""
    with closing(sqlite3.connect(folder / NAME)) as database:
        asked = "SELECT target FROM riskapp_auditevent WHERE action = 'engine.withheld'"
        return sorted(target for (target,) in database.execute(asked))
