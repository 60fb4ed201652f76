"""A real worker is killed in the middle of a real measurement; a new one finishes it, once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_database import OwnDatabase

ROOT = Path(__file__).parents[2]
# For a machine that is busy with other things too.
PATIENCE_S = 180
IMPORT = """
from datetime import date
from django.core.files.base import ContentFile
from imaging.phantoms import dxa_spine_dicom
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.registering import register_clinician, register_patient

by = register_clinician(username="owner", password=None, organisation="Clinic")
patient = register_patient(
    by=by, name="Example", record_number="1", date_of_birth=date(1950, 1, 1), sex="female"
)
import_scan(by=by, patient=patient, files=[ContentFile(dxa_spine_dicom(7))])
"""


class Site:
    """A data folder of its own, driven through the shell as an operator would."""

    def __init__(self, database: OwnDatabase) -> None:
        self.database, self.ask = database, database.ask
        self._environment = {
            **os.environ,
            **database.environment,
            "DJANGO_SETTINGS_MODULE": "riskapp.settings",
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self._environment,
            stderr=subprocess.DEVNULL,
        )
        self._started.append(process)
        return process

    def run(self, *arguments: str) -> None:
        assert self.start(*arguments).wait(PATIENCE_S) == 0

    def wait_until(self, query: str, expected: object) -> None:
        give_up_at = time.monotonic() + PATIENCE_S
        while self.ask(query) != [(expected,)]:
            assert time.monotonic() < give_up_at, f"{query} never gave {expected}"
            time.sleep(0.01)

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()
        self.database.end()


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDatabase]:
    """A site with one scan that waits to be measured."""
    site = Site(OwnDatabase(tmp_path_factory.mktemp("uploaded")))
    site.run("shell", "--no-imports", "--command", IMPORT)
    yield site.database
    site.end()


@pytest.fixture
def site(uploaded: OwnDatabase, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(uploaded.folder, tmp_path, dirs_exist_ok=True)
    site = Site(OwnDatabase(tmp_path, like=uploaded))
    try:
        yield site
    finally:
        site.end()


def test_a_worker_killed_while_measuring_leaves_a_job_that_the_next_one_finishes_once(
    site: Site,
) -> None:
    killed = site.start("work")
    site.wait_until("SELECT status FROM riskapp_scan", "measuring")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert site.ask("SELECT count(*) FROM riskapp_measurementversion") == [(0,)]
    assert site.ask("SELECT status, claims FROM riskapp_job") == [("running", 1)]

    site.run("work", "--until-idle")

    assert site.ask("SELECT status, claims, failures FROM riskapp_job") == [("done", 2, 0)]
    assert site.ask("SELECT status FROM riskapp_scan") == [("measured",)]
    # As text, which PostgreSQL too gives as it is.
    asked = "SELECT number, CAST(result AS text) FROM riskapp_measurementversion"
    ((number, result),) = site.ask(asked)
    assert number == 1
    assert json.loads(result)["status"] == "measured"
    done = site.ask("SELECT count(*) FROM riskapp_auditevent WHERE action = 'scan.measure'")
    assert done == [(1,)]


def test_a_worker_that_is_asked_to_stop_gives_its_job_back(site: Site) -> None:
    stopped = site.start("work")
    site.wait_until("SELECT status FROM riskapp_scan", "measuring")
    stopped.terminate()
    assert stopped.wait(PATIENCE_S) == 0
    ((status,),) = site.ask("SELECT status FROM riskapp_job")
    # It may just have finished; a job neither done nor given back would be lost time.
    assert status in ("queued", "done")


def test_two_workers_on_one_scan_measure_it_once(site: Site) -> None:
    both = [site.start("work", "--until-idle") for _ in range(2)]
    assert [worker.wait(PATIENCE_S) for worker in both] == [0, 0]
    assert site.ask("SELECT count(*) FROM riskapp_measurementversion") == [(1,)]
    assert site.ask("SELECT status, claims FROM riskapp_job") == [("done", 1)]
