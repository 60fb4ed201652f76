"""Three people whom every access test asks: the owner, a colleague, and a stranger."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from imaging.result import Kind, Measurement, Region, ScanMeasurement, Status
from riskapp.actions.confirming import confirm
from riskapp.actions.looking import look_again
from riskapp.actions.managing_people import make_statistician
from riskapp.actions.queueing import ask_for_measurement
from riskapp.actions.registering import register_clinician, register_patient
from riskapp.actions.registry import adopt
from riskapp.models import MeasurementVersion, Patient, RegisteredModel, Scan
from riskapp.modelstore import folders, look_also_in
from tests.model_copies import copied_model


@pytest.fixture(autouse=True)
def scan_folder(tmp_path: Path, settings: Any) -> Path:
    """Uploaded files of one test lie in a folder of its own."""
    settings.SCAN_DIR = tmp_path / "scans"
    settings.RECEIVED_DIR = tmp_path / "received"
    settings.SET_ASIDE_DIR = tmp_path / "before-split"
    settings.COHORT_DIR = tmp_path / "cohorts"
    settings.RUN_DIR = tmp_path / "runs"
    settings.FETCH_DIR = tmp_path / "fetching"
    settings.TRAIL_WITNESSES = [tmp_path / "trail-heads"]
    return tmp_path / "scans"


@pytest.fixture
def owner(db: None) -> User:
    return register_clinician(username="owner", password=None, organisation="Clinic A")


@pytest.fixture
def colleague(db: None) -> User:
    return register_clinician(username="colleague", password=None, organisation="Clinic A")


@pytest.fixture
def stranger(db: None) -> User:
    return register_clinician(username="stranger", password=None, organisation="Clinic B")


@pytest.fixture
def statistician(db: None) -> User:
    """One who trains; works where the owner of the patients does."""
    user = register_clinician(username="statistician", password=None, organisation="Clinic A")
    make_statistician(user)
    return user


@pytest.fixture
def second_statistician(db: None) -> User:
    """One who may approve what the first has trained."""
    user = register_clinician(username="second", password=None, organisation="Clinic A")
    make_statistician(user)
    return user


@pytest.fixture
def strange_statistician(stranger: User) -> User:
    make_statistician(stranger)
    return stranger


@pytest.fixture
def model_folder(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Models of one test lie in a folder of its own."""
    settings.MODEL_DIR = tmp_path / "models"
    settings.MODEL_DIR.mkdir()
    before = list(folders._places)
    look_also_in(settings.MODEL_DIR)
    yield settings.MODEL_DIR
    folders._places[:] = before


@pytest.fixture
def model(model_folder: Path, statistician: User) -> RegisteredModel:
    """A model that the statistician trained."""
    copied_model(model_folder, "clinic-1")
    return adopt(by=statistician, model_id="clinic-1")


@pytest.fixture
def patient(owner: User) -> Patient:
    return register_patient(
        by=owner,
        name="Ada Example",
        record_number="A-1",
        date_of_birth=date(1955, 6, 1),
        sex="female",
    )


def textured(value: float) -> ScanMeasurement:
    """What a spine with this texture gives."""
    corners = ((10.0, 10.0), (50.0, 10.0), (50.0, 40.0), (10.0, 40.0))
    return ScanMeasurement(
        status=Status.MEASURED,
        kind=Kind(modality="dxa"),
        size=(300, 160),
        regions=(Region(id="L1", label="L1", method="-", confidence=0.9, polygon=corners),),
        measurements=(
            Measurement(
                name="lumbar_texture_score",
                region="L1-L4",
                value=value,
                unit="1",
                method="-",
                source="-",
                precision="-",
            ),
        ),
    )


def add_version(scan: Scan, by: User, measurement: ScanMeasurement) -> MeasurementVersion:
    """Store one more measurement, as if a worker had made it."""
    job = ask_for_measurement(by=by, scan=scan, regions=None)
    job.status = job.Status.DONE
    job.save()
    scan.status = Scan.Status(measurement.status.value)
    scan.save()
    version = MeasurementVersion.objects.create(
        scan=scan,
        number=scan.versions.count() + 1,
        made_by=by,
        origin="automatic",
        result=measurement.to_store(),
        software_version="0",
        job=job,
    )
    look_again(scan.patient_id)
    return version


@pytest.fixture
def measured_scan(owner: User, patient: Patient) -> Scan:
    """A spine that was measured twice; the second version, with texture 0.62, counts."""
    scan = Scan.objects.create(patient=patient, uploaded_by=owner, sha256="0" * 64)
    for value in (0.5, 0.62):
        add_version(scan, owner, textured(value))
    return scan


@pytest.fixture
def confirmed_scan(owner: User, measured_scan: Scan) -> Scan:
    """The same spine, after its owner looked at the regions."""
    confirm(by=owner, scan=measured_scan, number=2)
    return measured_scan
