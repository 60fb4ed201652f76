"""A clinic among other programs: what they told, what they are to have, in every state."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.cds_feedback import Told, take_feedback
from riskapp.actions.delivering import promise
from riskapp.actions.finding import organisation_of
from riskapp.actions.giving_up import write_down
from riskapp.actions.importing_record import import_record
from riskapp.actions.writing_back import send_back
from riskapp.exchange.cds_codes import Kind
from riskapp.models import CdsCard, Delivery, EhrLaunch, Patient


@dataclass(frozen=True)
class Answer:
    """One answer as a reader of records gives it."""

    field: str
    value: Any
    words: str
    effective: str = "2026-03-01"
    resource: str = "Observation/1"


@dataclass(frozen=True)
class Record:
    """What another system told of a person."""

    chosen: tuple[Answer, ...]
    passed_over: tuple[Answer, ...] = ()
    answers: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "answers", {one.field: one.value for one in self.chosen})


def tell_of_connections(by: User, patient: Patient) -> None:
    """Everything that can be on its way, and a record that was imported for one patient."""
    _tell_of_advice(by)
    chosen = (Answer("population", "gb", "Address"), Answer("weight_kg", 61.2, "Body weight"))
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
        if "dead" in now.values():
            where = organisation_of(by)
            write_down(
                kind="delivery", target=one.id, organisation=where, problem=now["problem"], tries=3
            )


def tell_of_launches(by: User, patient: Patient) -> None:
    """A patient opened from three records: one has the answer, to one it is on its way."""
    for ehr in ("Ward 9", "Ward 10", "Ward 11"):
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
    latest = patient.assessments.latest("created_at").id
    send_back(by=by, id=latest, ehr="Ward 10")
    sent = send_back(by=by, id=latest, ehr="Ward 9")
    Delivery.objects.filter(id=sent.id).update(status="done", confirmed_at=timezone.now())


def _tell_of_advice(by: User) -> None:
    """A card of each kind in a hospital's record, one of them set aside with a word."""
    cards = [
        CdsCard.objects.create(
            uuid=uuid4(),
            organisation=organisation_of(by),
            client="Ward 9",
            service="fracture-risk-patient-view",
            kind=kind.value,
            shown_on=timezone.localdate(),
        )
        for kind in Kind
    ]
    take_feedback(
        by=by,
        client="Ward 9",
        service="fracture-risk-patient-view",
        told=[
            Told(
                card=cards[0].uuid,
                outcome="overridden",
                happened_at=timezone.now(),
                reason="patient-declined",
                comment="Asked to come back in spring",
            )
        ],
    )
