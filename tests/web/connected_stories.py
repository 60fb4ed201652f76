"""A clinic among other programs: what they told, what they are to have, in every state."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.delivering import promise
from riskapp.actions.finding import organisation_of
from riskapp.actions.importing_record import import_record
from riskapp.models import Delivery, Patient


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
