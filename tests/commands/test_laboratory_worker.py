"""A real worker is killed in the middle of a real training; the next one finishes it, once."""

import shutil
import signal
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.commands.test_worker_killed import PATIENCE_S, Site
from tests.own_database import OwnDatabase

PEOPLE = 250
ASK = """
from pathlib import Path
from django.core.files.base import ContentFile
from django.core.management import call_command
from riskapp.actions.cohort_files import take_cohort
from riskapp.actions.managing_people import make_statistician
from riskapp.actions.registering import register_clinician
from riskapp.actions.run_queue import ask_for_training
from riskapp.models import CohortFile

by = register_clinician(username="statistician", password=None, organisation="Clinic")
make_statistician(by)
take_cohort(by=by, table=ContentFile(Path({table!r}).read_bytes(), name="people.csv"))
call_command("tend_laboratory", until_idle=True)
ask_for_training(by=by, cohort=CohortFile.objects.get(), engines=["cox"], model_id="clinic-1")
"""
RUNS = "SELECT kind, status, failures FROM riskapp_laboratoryrun ORDER BY asked_at"


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDatabase]:
    """A data folder with a cohort that the real check found usable, and a training asked for."""
    table = tmp_path_factory.mktemp("table") / "people.csv"
    call_command("simulate", table, people=PEOPLE, seed=5, stdout=StringIO())
    site = Site(OwnDatabase(tmp_path_factory.mktemp("site")))
    site.run("shell", "--no-imports", "--command", ASK.format(table=str(table)))
    yield site.database
    site.end()


@pytest.fixture
def site(checked: OwnDatabase, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(checked.folder, tmp_path, dirs_exist_ok=True)
    site = Site(OwnDatabase(tmp_path, like=checked))
    try:
        yield site
    finally:
        site.end()


def test_a_training_whose_worker_was_killed_is_finished_once_by_the_next(
    site: Site, tmp_path: Path
) -> None:
    assert site.ask("SELECT status FROM riskapp_cohortfile") == [("usable",)]
    killed = site.start("tend_laboratory")
    site.wait_until("SELECT status FROM riskapp_laboratoryrun WHERE kind = 'train'", "running")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert site.ask("SELECT count(*) FROM riskapp_registeredmodel") == [(0,)]

    site.run("tend_laboratory", "--until-idle")

    assert site.ask(RUNS) == [("check", "done", 0), ("train", "done", 0)]
    found = site.ask("SELECT model_id, engine, trained_on, status FROM riskapp_registeredmodel")
    assert found == [("clinic-1", "cox", "simulated", "trained")]
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["clinic-1"]


def test_a_worker_that_is_asked_to_stop_gives_its_training_back(site: Site) -> None:
    stopped = site.start("tend_laboratory")
    site.wait_until("SELECT status FROM riskapp_laboratoryrun WHERE kind = 'train'", "running")
    stopped.terminate()
    assert stopped.wait(PATIENCE_S) == 0
    ((status,),) = site.ask("SELECT status FROM riskapp_laboratoryrun WHERE kind = 'train'")
    assert status in ("queued", "done")
