"""Demo people, made up by this project, with synthetic scans that it makes itself."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError

from imaging.isolated.process import PROCESSES
from riskapp.actions import finding, laboratory_finding
from riskapp.actions.cohort_files import take_cohort
from riskapp.actions.errors import Refused
from riskapp.actions.managing_people import set_roles
from riskapp.actions.registering import issue_token, register_account, register_patient
from riskapp.management.demo_story import tell
from riskapp.management.passwords import new_password
from riskapp.models import Role

# One account for each role. Who trained a model cannot approve it: the clinician does, as a
# statistician too.
USERNAME, SECOND_USERNAME = "demo", "demo-statistician"
ROLES = {
    USERNAME: (Role.CLINICIAN, Role.STATISTICIAN),
    SECOND_USERNAME: (Role.STATISTICIAN,),
    "demo-radiographer": (Role.RADIOGRAPHER,),
    "demo-administrator": (Role.ADMINISTRATOR,),
    "demo-auditor": (Role.AUDITOR,),
}
ORGANISATION, TOKEN_LABEL = "Demo clinic", "demo"
PEOPLE = settings.BASE_DIR / "fixtures" / "demo-people.json"
# People and seed of simulated cohorts: one to learn from, and one of people new to the model.
COHORTS = {"demo-first.csv": (2_000, 1), "demo-second.csv": (1_000, 2)}


@dataclass(frozen=True, slots=True)
class SignIn:
    """Accounts, made anew at each loading, shown once, stored only as hashes.

    Attributes
    ----------
    passwords : dict of str to str
        User name -> password, who sees patients first.
    token : str
        For a program that acts for the first.
    """

    passwords: Mapping[str, str]
    token: str

    @property
    def sentences(self) -> list[str]:
        first, second, *others = (
            f"{name}, password {word}" for name, word in self.passwords.items()
        )
        return [
            f"Sign in as {first}",
            # A password ends its line, or what follows is taken for a part of it.
            f"In the laboratory one trains a model, another approves it: sign in as {second}",
            *(f"What another role sees: sign in as {other}" for other in others),
        ]


def load() -> SignIn:
    """Make what is missing of the demo; people, scans, assessments and cohorts are made once."""
    passwords = {name: new_password() for name in ROLES}
    clinician, statistician, *_ = (_account(*account) for account in passwords.items())
    known = {patient.record_number for patient in finding.patients(by=clinician)}
    people: list[dict[str, Any]] = json.loads(PEOPLE.read_text(encoding="utf-8"))
    with PROCESSES.some_ready():  # reports are measured here, and what follows rests on them
        # The worklist shows the latest first, so the fullest story is made last.
        for person in reversed(people):
            if person["record_number"] not in known:
                _add_person(clinician, person)
    if not laboratory_finding.cohorts(by=statistician).exists():
        _add_cohorts(statistician)
    return SignIn(passwords, issue_token(by=clinician, label=TOKEN_LABEL))


def _account(username: str, password: str) -> User:
    try:
        user = register_account(username=username, password=password, organisation=ORGANISATION)
    except Refused as refusal:
        raise CommandError(str(refusal)) from refusal
    set_roles(by=user, user=user, roles=ROLES[username])
    return user


def _add_person(clinician: User, person: Mapping[str, Any]) -> None:
    patient = register_patient(
        by=clinician,
        name=person["name"],
        record_number=person["record_number"],
        date_of_birth=date.fromisoformat(person["date_of_birth"]),
        sex=person["sex"],
    )
    tell(by=clinician, patient=patient, steps=person["steps"])


def _add_cohorts(statistician: User) -> None:
    for name, (people, seed) in COHORTS.items():
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / name
            call_command("simulate", table, people=people, seed=seed, stdout=StringIO())
            note = table.with_suffix(".json")
            take_cohort(
                by=statistician,
                table=ContentFile(table.read_bytes(), name=name),
                schema=ContentFile(note.read_bytes(), name=note.name),
            )
