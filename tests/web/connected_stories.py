"""A clinic among other programs: what they told, what they are to have, in every state."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.delivering import promise
from riskapp.actions.finding import organisation_of
from riskapp.actions.importing_record import import_record
from riskapp.actions.writing_back import send_back
from riskapp.models import Delivery, EhrLaunch, Patient


@dataclass(frozen=True)
class Told:
    """One answer as a reader of records gives it."""

    field: str
    value: Any
    words: str
    effective: str = "2026-03-01"
    resource: str = "Observation/1"


@dataclass(frozen=True)
class Record:
    """What another system told of a person."""

    chosen: tuple[Told, ...]
    passed_over: tuple[Told, ...] = ()
    answers: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "answers", {one.field: one.value for one in self.chosen})


def tell_of_connections(by: User, patient: Patient) -> None:
    """Everything that can be on its way, and a record that was imported for one patient."""
    chosen = (Told("population", "gb", "Address"), Told("weight_kg", 61.2, "Body weight"))
    import_record(by=by, patient=patient, source="ehr:Ward 9", record=Record(chosen))
    states: list[dict[str, Any]] = [
        {},
        {"failures": 2, "problem": "It does not answer."},
        {"status": "dead", "problem": "It refuses such files."},
        {"status": "done", "confirmed_at": timezone.now()},
    ]
    for number, now in enumerate(states):
        one = promise(
            by=by,
            organisation=organisation_of(by),
            kind="stow",
            destination="Main archive",
            target=f"{patient.id}/{number}",
        )
        Delivery.objects.filter(id=one.id).update(**now)


def tell_of_launches(by: User, patient: Patient) -> None:
    """A patient whom this user opened from two records; to one of them something was sent."""
    for ehr in ("Ward 9", "Ward 10"):
        EhrLaunch.objects.create(
            ehr=ehr,
            organisation=organisation_of(by),
            state_sha256=ehr,
            browser_sha256=ehr,
            redirect_uri="http://testserver/smart/callback/",
            configuration={},
            asked_scope="launch",
            secrets="",
            answered_at=timezone.now(),
            by=by,
            fhir_patient="1",
            patient=patient,
        )
    sent = send_back(by=by, id=patient.assessments.latest("created_at").id, ehr="Ward 9")
    Delivery.objects.filter(id=sent.id).update(status="done", confirmed_at=timezone.now())
