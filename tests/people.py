"""Three people whom every access test asks: the owner, a colleague, and a stranger."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from riskapp.actions.registering import register_clinician, register_patient
from riskapp.models import Patient


@pytest.fixture(autouse=True)
def scan_folder(tmp_path: Path, settings: Any) -> Path:
    """Uploaded files of one test lie in a folder of its own."""
    settings.SCAN_DIR = tmp_path / "scans"
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
def patient(owner: User) -> Patient:
    return register_patient(
        by=owner,
        name="Ada Example",
        record_number="A-1",
        date_of_birth=date(1955, 6, 1),
        sex="female",
    )
