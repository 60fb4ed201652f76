"""Every step of the database can be taken back, with a site's rows in it, on either database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.commands.test_backup import FILL
from tests.kept import ROOT
from tests.own_database import OwnDatabase

# Migration 6 takes stored scans apart and sets their originals aside; before it, a scan and its
# identity lay together. What came with a later step is lost with it: estimates of other evidence
# sets, fractures, links, deliveries. What was there before keeps its rows.
FIRST = "0005_frame_of_reference"
BACK_AND_FORTH = f"""
from django.core.management import call_command
from django.db import connection
def count():
    told = []
    tables = ("patient", "scan", "assessment", "organisation", "membership", "auditevent")
    with connection.cursor() as cursor:
        for name in tables:
            cursor.execute(f"SELECT count(*) FROM riskapp_{{name}}")
            told.append(cursor.fetchone()[0])
    return told
before = count()
assert all(before), before
call_command("migrate", "riskapp", "{FIRST}", verbosity=0)
assert count() == before, count()
call_command("migrate", verbosity=0)
*kept, events = count()
# Taking a scan apart is told.
assert (kept, events) == (before[:-1], before[-1] + 1), (kept, events)
call_command("migrate", "riskapp", "zero", verbosity=0)
assert not [name for name in connection.introspection.table_names() if name[:8] == "riskapp_"]
call_command("migrate", verbosity=0)
assert not any(count())
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OwnDatabase]:
    site = OwnDatabase(tmp_path)
    yield site
    site.end()


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


def test_a_site_goes_back_to_before_its_scans_were_taken_apart_to_nothing_and_forth_again(
    site: OwnDatabase,
) -> None:
    environment = {
        **os.environ,
        **site.environment,
        "DJANGO_SETTINGS_MODULE": "riskapp.settings",
    }
    ended = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", FILL + BACK_AND_FORTH],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
