"""Demo people, made up by this project, with synthetic scans that it makes itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from imaging.phantoms import ct_lumbar_dicoms, dxa_spine_dicom
from riskapp.actions import finding
from riskapp.actions.assessing import assess
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.registering import issue_token, register_clinician, register_patient
from riskapp.management.passwords import new_password
from riskapp.models import Patient

USERNAME, ORGANISATION, TOKEN_LABEL = "demo", "Demo clinic", "demo"
SEED = 20260101


@dataclass(frozen=True, slots=True)
class SignIn:
    """Made anew at each loading, shown once, stored only as hashes."""

    username: str
    password: str
    token: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person who does not exist; ``answers`` are stored as an assessment if there are any."""

    record_number: str
    name: str
    born: date
    sex: str
    scan: str = ""  # dxa, ct
    answers: Mapping[str, object] = field(default_factory=dict)


PEOPLE = (
    Person(
        "DEMO-1",
        "Demo Anna",
        date(1951, 3, 14),
        "female",
        "dxa",
        {
            "population": "gb",
            "weight_kg": 58,
            "height_cm": 161,
            "prior_fragility_fracture": True,
            "current_smoker": False,
            "glucocorticoids": False,
            "rheumatoid_arthritis": False,
            "alcohol_3_or_more_units_daily": False,
            "femoral_neck_t_score": -2.7,
        },
    ),
    Person(
        "DEMO-2",
        "Demo Bernard",
        date(1943, 9, 2),
        "male",
        "ct",
        {
            "population": "gb",
            "body_mass_index": 24.5,
            "prior_fragility_fracture": False,
            "current_smoker": True,
            "alcohol_3_or_more_units_daily": True,
        },
    ),
    Person("DEMO-3", "Demo Chandra", date(1970, 6, 30), "female"),
    Person("DEMO-4", "Demo Dolores", date(1962, 1, 8), "female"),
    Person("DEMO-5", "Demo Edgar", date(1957, 11, 21), "male"),
    Person("DEMO-6", "Demo Fatou", date(1938, 4, 17), "female"),
)


def load() -> SignIn:
    """Make what is missing of the demo; people, scans and assessments are made once."""
    password = new_password()
    clinician = register_clinician(username=USERNAME, password=password, organisation=ORGANISATION)
    known = {patient.record_number: patient for patient in finding.patients(by=clinician)}
    # The worklist shows the latest first, so the fullest story is made last.
    for person in reversed(PEOPLE):
        patient = known.get(person.record_number) or register_patient(
            by=clinician,
            name=person.name,
            record_number=person.record_number,
            date_of_birth=person.born,
            sex=person.sex,
        )
        _complete(clinician, patient, person)
    return SignIn(USERNAME, password, issue_token(by=clinician, label=TOKEN_LABEL))


def _complete(clinician: User, patient: Patient, person: Person) -> None:
    if person.scan and not patient.scans.exists():
        files = [dxa_spine_dicom(SEED)] if person.scan == "dxa" else ct_lumbar_dicoms(SEED)
        import_scan(by=clinician, patient=patient, files=[ContentFile(file) for file in files])
    if person.answers and not patient.assessments.exists():
        assess(by=clinician, patient=patient, answers=person.answers)
