"""A person to be erased or handed everything, and the two administrators that it takes."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from riskapp.actions.erasing import ask_to_erase, confirm_erasure
from riskapp.actions.registering import register_clinician, register_patient
from riskapp.models import Erasure, Membership, Patient, Role
from tests.filled_person import MARK


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def erased_person(owner: User) -> Patient:
    return register_patient(
        by=owner,
        name=f"{MARK} Zorn",
        record_number=f"Q-{MARK}",
        date_of_birth=date(1950, 1, 1),
        sex="female",
    )


def person(owner: User, number: str, at: datetime | None = None) -> Patient:
    """Whose record is as old as is said."""
    made = register_patient(
        by=owner, name="Ada", record_number=number, date_of_birth=date(1950, 1, 1), sex="female"
    )
    if at:
        Patient.objects.filter(pk=made.pk).update(registered_at=at)
    return made


def administrator(name: str, organisation: str = "Clinic A") -> User:
    user = register_clinician(username=name, password=None, organisation=organisation)
    Membership.objects.filter(user=user).update(roles=[Role.ADMINISTRATOR])
    return User.objects.get(pk=user.pk)


@pytest.fixture
def first(db: None) -> User:
    return administrator("first")


@pytest.fixture
def second(db: None) -> User:
    return administrator("second")


def erase_by(first: User, second: User, patient: Patient) -> Erasure:
    number = patient.record_number
    asked = ask_to_erase(by=first, record_number=number, because="asked")
    return confirm_erasure(by=second, id=asked.id, record_number=number)
