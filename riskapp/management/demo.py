"""Demo people, made up by this project, with synthetic scans that it makes itself."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management.base import CommandError

from imaging.phantoms import ct_lumbar_dicoms, dxa_femur_dicom, dxa_spine_dicom
from riskapp.actions import finding
from riskapp.actions.assessing import assess
from riskapp.actions.errors import Refused
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.registering import issue_token, register_clinician, register_patient
from riskapp.management.passwords import new_password
from riskapp.models import Patient

USERNAME, ORGANISATION, TOKEN_LABEL = "demo", "Demo clinic", "demo"
SEED = 20260101
SCANS: dict[str, Callable[[], list[bytes]]] = {
    "dxa": lambda: [dxa_spine_dicom(SEED)],
    "dxa_hip": lambda: [dxa_femur_dicom(SEED)],
    "ct": lambda: ct_lumbar_dicoms(SEED),
}
PEOPLE = settings.BASE_DIR / "fixtures" / "people.json"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Made anew at each loading, shown once, stored only as hashes."""

    username: str
    password: str
    token: str


def load() -> SignIn:
    """Make what is missing of the demo; people, scans and assessments are made once."""
    password = new_password()
    try:
        clinician = register_clinician(
            username=USERNAME, password=password, organisation=ORGANISATION
        )
    except Refused as refusal:
        raise CommandError(str(refusal)) from refusal
    known = {patient.record_number: patient for patient in finding.patients(by=clinician)}
    people: list[dict[str, Any]] = json.loads(PEOPLE.read_text(encoding="utf-8"))
    # The worklist shows the latest first, so the fullest story is made last.
    for person in reversed(people):
        patient = known.get(person["record_number"]) or register_patient(
            by=clinician,
            name=person["name"],
            record_number=person["record_number"],
            date_of_birth=date.fromisoformat(person["date_of_birth"]),
            sex=person["sex"],
        )
        _complete(clinician, patient, person)
    return SignIn(USERNAME, password, issue_token(by=clinician, label=TOKEN_LABEL))


def _complete(clinician: User, patient: Patient, person: Mapping[str, Any]) -> None:
    if "scan" in person and not patient.scans.exists():
        files = SCANS[person["scan"]]()
        import_scan(by=clinician, patient=patient, files=[ContentFile(file) for file in files])
    if "answers" in person and not patient.assessments.exists():
        assess(by=clinician, patient=patient, answers=person["answers"])
