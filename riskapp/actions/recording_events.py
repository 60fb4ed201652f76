"""What happened to a patient: fractures and courses of treatment, written into the record."""

from datetime import date
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, finding
from riskapp.actions.errors import Refused
from riskapp.actions.looking import look_again
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.sent_twice import written_once
from riskapp.exchange.partial_date import PartialDate, read_partial_date
from riskapp.models import Fracture, Patient, Treatment
from riskapp.models.fracture import SITES
from riskapp.models.treatment import AGENTS

ALREADY_ENDED = "The end of this course is recorded already."
STRUCK_OUT = "It was struck out as entered in error."


@needs(Ability.RECORD_EVENTS)
def record_fracture(
    *,
    by: User,
    patient: Patient,
    site: str,
    happened_on: str,
    is_fragility: bool | None = None,
    circumstance: str = Fracture.Circumstance.NOT_KNOWN,
    id: UUID | None = None,
) -> Fracture:
    """Write a fracture into the record; the date may be a day, a month or a year.

    Asked twice with the same ``id`` for the same fracture, it writes one.

    Raises
    ------
    NotFound
        If the patient is another organisation's.
    Refused
        With a sentence for each argument that cannot be used, all at once.
    """
    patient = finding.patient(by=by, id=patient.id)
    problems: dict[str, str] = {}
    happened = _date("happened_on", happened_on, patient, problems)
    if site not in SITES:
        problems["site"] = "Say which bone broke."
    if circumstance not in Fracture.Circumstance.values:
        problems["circumstance"] = "Say how it happened, or that it is not known."
    if happened is None or problems:
        raise Refused(problems)
    told = {
        "patient": patient,
        "site": site,
        "happened_on": happened.first,
        "precision": happened.precision,
        "is_fragility": is_fragility,
        "circumstance": circumstance,
        "recorded_by": by,
    }
    with transaction.atomic():
        fracture = written_once(Fracture, id, told)
        if fracture is None:
            return patient.fractures.get(id=id)
        auditing.record(by=by, action="fracture.record", target=fracture.id, patient=patient.id)
        look_again(patient.id)
    return fracture


@needs(Ability.RECORD_EVENTS)
def record_treatment(
    *,
    by: User,
    patient: Patient,
    agent: str,
    started_on: str,
    ended_on: str = "",
    why_ended: str = "",
    id: UUID | None = None,
) -> Treatment:
    """Write a course of treatment into the record; without an end it is taken now.

    Asked twice with the same ``id`` for the same course, it writes one.

    Raises
    ------
    NotFound
        If the patient is another organisation's.
    Refused
        With a sentence for each argument that cannot be used, all at once.
    """
    patient = finding.patient(by=by, id=patient.id)
    problems: dict[str, str] = {}
    if agent not in AGENTS:
        problems["agent"] = "Say which medicine it is."
    started = _date("started_on", started_on, patient, problems)
    ended = _end(started, ended_on, why_ended, patient, problems)
    if started is None or problems:
        raise Refused(problems)
    told = {
        "patient": patient,
        "agent": agent,
        "started_on": started.first,
        "started_precision": started.precision,
        "ended_on": ended.first if ended else None,
        "ended_precision": ended.precision if ended else "",
        "why_ended": why_ended if ended else "",
        "recorded_by": by,
    }
    with transaction.atomic():
        treatment = written_once(Treatment, id, told)
        if treatment is None:
            return patient.treatments.get(id=id)
        auditing.record(by=by, action="treatment.record", target=treatment.id, patient=patient.id)
        look_again(patient.id)
    return treatment


@needs(Ability.RECORD_EVENTS)
def end_treatment(*, by: User, treatment: Treatment, ended_on: str, why_ended: str) -> Treatment:
    """Write the end of a course that was taken until now.

    Raises
    ------
    NotFound
        If the patient is another organisation's.
    Refused
        If it has ended or was struck out, or the end cannot be used.
    """
    patient = finding.patient(by=by, id=treatment.patient_id)
    with transaction.atomic():
        treatment = patient.treatments.select_for_update().get(id=treatment.id)
        problems: dict[str, str] = {}
        if not treatment.is_current:
            raise Refused({"ended_on": ALREADY_ENDED if treatment.stands else STRUCK_OUT})
        if not ended_on.strip():
            problems["ended_on"] = "Say when it ended: at least the year."
        ended = _end(treatment.started, ended_on, why_ended, patient, problems)
        if ended is None or problems:
            raise Refused(problems)
        treatment.ended_on, treatment.ended_precision = ended.first, ended.precision
        treatment.why_ended = why_ended
        treatment.save(update_fields=["ended_on", "ended_precision", "why_ended"])
        auditing.record(
            by=by, action="treatment.end", target=treatment.id, patient=treatment.patient_id
        )
        look_again(patient.id)
    return treatment


def _end(
    started: PartialDate | None,
    ended_on: str,
    why_ended: str,
    patient: Patient,
    problems: dict[str, str],
) -> PartialDate | None:
    if not ended_on.strip():
        if why_ended:
            problems.setdefault("ended_on", "Say when it ended, or leave out why.")
        return None
    if why_ended not in Treatment.WhyEnded.values:
        problems["why_ended"] = "Say why it ended, or that it is not known."
    ended = _date("ended_on", ended_on, patient, problems)
    if started and ended and ended.last < started.first:
        problems["ended_on"] = "It ends before it starts; correct one of the two dates."
    return ended


def _date(
    field: str, written: str, patient: Patient, problems: dict[str, str]
) -> PartialDate | None:
    """The date, if it can be one of this person's life so far; else a sentence for the field."""
    try:
        read = read_partial_date(written)
    except ValueError as sentence:
        problems[field] = f"The date {sentence}"
        return None
    problem = _outside_of_life(read, patient.date_of_birth)
    if problem:
        problems[field] = problem
    return read


def _outside_of_life(read: PartialDate, born: date) -> str:
    if read.first > timezone.localdate():
        return "The date lies in the future."
    return "The date lies before the patient’s birth." if read.last < born else ""
