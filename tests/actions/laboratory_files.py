"""A cohort that came in, one that can be used, and a training that was asked for."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from riskapp.actions import run_queue
from riskapp.actions.cohort_files import take_cohort
from riskapp.models import CohortFile, LaboratoryRun

TABLE = b"age_years,sex,hip_event,hip_time_years\n70,female,0,5\n"


def sent(content: bytes = TABLE, name: str = "people.csv") -> ContentFile:
    return ContentFile(content, name=name)


@pytest.fixture
def cohort(statistician: User) -> CohortFile:
    return take_cohort(by=statistician, table=sent())


@pytest.fixture
def usable(cohort: CohortFile) -> CohortFile:
    CohortFile.objects.update(status="usable")
    LaboratoryRun.objects.update(status="done")
    cohort.refresh_from_db()
    return cohort


@pytest.fixture
def training(usable: CohortFile, statistician: User, model_folder: Path) -> LaboratoryRun:
    return run_queue.ask_for_training(
        by=statistician, cohort=usable, engines=["cox"], model_id="clinic-9"
    )
