"""Several processes share one queue, and some are killed: each piece of work has one effect."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kept import ROOT
from tests.own_database import OwnDatabase

PIECES, WORKERS, PATIENCE_S = 40, 4, 120

BEGIN = """
import os
import django
django.setup()
from django.db import transaction
from django.utils import timezone
from riskapp.actions import auditing, leasing
from riskapp.actions.registering import register_clinician
from riskapp.models import Delivery, Organisation
"""
PROMISE = f"""
by = register_clinician(username="owner", password=None, organisation="Clinic")
home = Organisation.objects.get()
for number in range({PIECES}):
    Delivery.objects.create(
        asked_by=by, run_after=timezone.now(), organisation=home, kind="any",
        destination="peer", target=f"piece-{{number}}",
    )
"""
# The effect is a row in the transaction that ends the claim. Some workers live to claim only.
WORK = """
while (work := leasing.claim(Delivery, leasing.this_process(), lambda _: True)) is not None:
    if os.environ.get("DIES") and work.claims == 1:
        os.kill(os.getpid(), 9)
    with transaction.atomic():
        if leasing.finish(work):
            auditing.record(by=work.asked_by, action="any.done", target=work.target)
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[OwnDatabase]:
    database = OwnDatabase(tmp_path)
    yield database
    database.end()


def _start(database: OwnDatabase, script: str, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", BEGIN + script],
        cwd=ROOT,
        env={
            **os.environ,
            **database.environment,
            **more,
            "DJANGO_SETTINGS_MODULE": "riskapp.settings",
        },
    )


def _run(database: OwnDatabase, script: str) -> None:
    assert _start(database, script).wait(PATIENCE_S) == 0


def test_what_several_workers_take_and_some_do_not_live_to_finish_is_done_once(
    database: OwnDatabase,
) -> None:
    _run(database, PROMISE)
    dying = [_start(database, WORK, DIES="1") for _ in range(2)]
    workers = [_start(database, WORK) for _ in range(WORKERS)]
    for worker in (*workers, *dying):
        worker.wait(PATIENCE_S)
    assert [worker.returncode for worker in workers] == [0] * WORKERS
    # A worker that came too late for a first claim lives, and that is as well.
    killed = [one for one in dying if one.returncode == -signal.SIGKILL]
    # What is left by those who died last is taken by whoever comes next.
    _run(database, WORK)

    done = database.ask("SELECT target FROM riskapp_auditevent WHERE action = 'any.done'")
    assert sorted(target for (target,) in done) == sorted(f"piece-{n}" for n in range(PIECES))
    assert database.ask("SELECT DISTINCT status FROM riskapp_delivery") == [("done",)]
    ((claims,),) = database.ask("SELECT sum(claims) FROM riskapp_delivery")
    assert claims == PIECES + len(killed)
