"""Every step of the database can be taken back, with a site's rows in it, on either database."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.kept import ROOT
from tests.own_database import OwnDatabase


def test_every_step_says_how_it_is_taken_back() -> None:
    steps = MigrationLoader(None).disk_migrations
    one_way = [
        f"{name}: {operation.describe()}"
        for (app, name), step in steps.items()
        if app == "riskapp"
        for operation in step.operations
        if not operation.reversible
    ]
    assert one_way == []


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What stood in the database at each stop of one walk, which takes many seconds."""
    site = OwnDatabase(tmp_path_factory.mktemp("walked"))
    environment = {**os.environ, **site.environment, "DJANGO_SETTINGS_MODULE": "riskapp.settings"}
    command = [sys.executable, "-m", "tests.commands.walked_migrations"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    site.end()
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


def test_a_site_goes_back_to_before_its_scans_were_taken_apart_and_forth_again(
    seen: dict[str, Any],
) -> None:
    before, joined, after = seen["counted"]
    assert all(before.values())
    assert joined == before
    # Four accounts were added below; taking a scan apart is told.
    assert after == before | {
        "membership": before["membership"] + 4,
        "auditevent": before["auditevent"] + 1,
    }
    assert seen["sound"]


def test_encrypted_columns_hold_the_same_before_and_after_and_are_plain_between(
    seen: dict[str, Any],
) -> None:
    first, again = seen["eva"]
    eva = ["Eva Ødegård", "MRN-1", "1950-02-03", "EVA^O", None, [["1.2", "1.3"]]]
    assert first == again == [*eva, ["Eva Ødegård"], ["Eva Ødegård"]]
    assert seen["plain"] == eva
    assert seen["arrived"] == [{"weight_kg": 61.5}, ["ä"], "mrn-9", "1940-01-01"]
    assert not any(seen["sealed"])


def test_who_could_do_what_before_there_were_roles_can_do_it_after_and_back(
    seen: dict[str, Any],
) -> None:
    assert seen["statisticians"] == ["counts"]
    assert seen["roles"] == {
        "owner": [["clinician"], ""],
        "counts": [["clinician", "statistician"], ""],
        "plain": [["clinician", "statistician"], ""],
        "root": [["clinician", "administrator"], ""],
        "archive:pacs": [[], "archive"],
        "sender:of-a-person": [["clinician"], ""],
    }


def test_taken_back_to_nothing_nothing_is_left(seen: dict[str, Any]) -> None:
    assert seen["left"] == []
