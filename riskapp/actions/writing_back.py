"""An assessment sent back to the record that its patient was opened from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from riskapp.actions import auditing
from riskapp.actions.connecting import connections
from riskapp.actions.delivering import GiveUp, TryLater, handler, promise
from riskapp.actions.errors import Refused
from riskapp.actions.finding import assessment as find_assessment
from riskapp.actions.opening_record import access_token
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.stored_answers import evidence_of, warnings_of
from riskapp.actions.telling import narrative_of
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.elements import reference
from riskapp.exchange.smart.errors import LaunchProblem, NoAnswer, NotAllowedThere
from riskapp.exchange.smart.results import REPORT, RISK, results
from riskapp.exchange.smart.scopes import WRITTEN, allows
from riskapp.exchange.smart.sending import RefusedThere, send, takes
from riskapp.models import Assessment, Delivery, EhrLaunch, ImportedRecord

KIND = "fhir"
NOT_OPENED = "Open the patient from {name} first; what is sent there is sent in your name."
NOTHING_TO_SEND = "This assessment holds no answer from published epidemiology to send."
NOT_TAKEN = "{name} takes neither risk assessments nor reports from Trabecula for you."
GONE = "{name} is no longer connected with Trabecula."


@dataclass(frozen=True, slots=True)
class WayBack:
    """A record to which an assessment can go, or has gone.

    Attributes
    ----------
    state : str
        Blank where nothing was sent; else ``waiting``, ``confirmed`` or ``given up``.
    at : datetime or None
        When that was, or when it was promised.
    """

    ehr: str
    state: str = ""
    at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class WaysBack:
    ways: list[WayBack]

    @property
    def waits(self) -> bool:
        """Whether something is on its way."""
        return any(one.state == "waiting" for one in self.ways)


def ways_back(*, by: User, assessment: Assessment) -> WaysBack:
    """Records that this user opened the patient from, and those that it was sent to."""
    found: dict[str, WayBack] = {
        launch.ehr: WayBack(launch.ehr) for launch in _launches(by, assessment)
    }
    for one in Delivery.objects.filter(kind=KIND, target=_target(assessment)):
        at = one.confirmed_at or one.asked_at
        found[one.destination] = WayBack(one.destination, one.state, at, one.problem)
    return WaysBack([found[name] for name in sorted(found)])


@needs(Ability.ASSESS)
def send_back(*, by: User, id: UUID | str, ehr: str) -> Delivery:
    """Promise the assessment to the record; sent in the name of who opened the patient there.

    Raises
    ------
    NotFound
        If the assessment is another organisation's.
    Refused
        If the user did not open the patient from there, or there is nothing to send.
    """
    assessment = find_assessment(by=by, id=id)
    if not _launches(by, assessment).filter(ehr=ehr).exists():
        raise Refused({"ehr": NOT_OPENED.format(name=ehr)})
    if evidence_of(assessment) is None:
        raise Refused({"assessment": NOTHING_TO_SEND})
    with transaction.atomic():
        delivery = promise(
            by=by,
            organisation=assessment.patient.organisation,
            kind=KIND,
            destination=ehr,
            target=_target(assessment),
            payload={"assessment": str(assessment.id)},
        )
        auditing.record(
            by=by, action="assessment.send", target=assessment.id, patient=assessment.patient_id
        )
    return delivery


@handler(KIND)
def deliver(delivery: Delivery) -> None:
    """Write an assessment to its record; the same again where it is not known to be there."""
    assessment = Assessment.objects.select_related("patient", "created_by").get(
        id=delivery.payload["assessment"]
    )
    try:
        ehr = connections().named(EhrConnection, delivery.destination)
    except UnusableConnection as reason:
        raise TryLater(str(reason)) from reason
    launch = _launches(delivery.asked_by, assessment).filter(ehr=delivery.destination).first()
    if ehr is None or launch is None:
        raise GiveUp(GONE.format(name=delivery.destination))
    try:
        places = _send(ehr, launch, assessment)
    except NotAllowedThere as refused:
        # Its tokens may have been withdrawn early: ask for new ones before the next try.
        EhrLaunch.objects.filter(id=launch.id).update(tokens_until=timezone.now())
        raise TryLater(str(refused)) from refused
    except NoAnswer as silent:
        raise TryLater(f"{ehr.name}: {silent}") from silent
    except LaunchProblem as refused:
        raise GiveUp(f"{ehr.name}: {refused}") from refused
    delivery.payload = {**delivery.payload, "places": places}
    delivery.save(update_fields=["payload"])


def _send(ehr: EhrConnection, launch: EhrLaunch, assessment: Assessment) -> list[str]:
    token = access_token(launch, ehr)
    together, creatable = takes(ehr, token)
    kinds = {kind for kind in WRITTEN if kind in creatable and allows(launch.scopes, kind, "c")}
    if not kinds & {RISK, REPORT}:
        raise RefusedThere(NOT_TAKEN.format(name=ehr.name))
    pdf = _report(launch.by, assessment) if REPORT in kinds else None
    made = results(
        told_to(ehr.name, launch.fhir_patient, assessment),
        kinds,
        pdf=pdf,
        encounter=launch.encounter,
    )
    return send(ehr, token, made, at=assessment.created_at, together=together)


def told_to(ehr: str, fhir_patient: str, assessment: Assessment) -> Assessed:
    """The assessment about a patient of that record; its own resources are named as there."""
    imported = {
        origin.partition(" ")[2]
        for origin in assessment.provenance.values()
        if origin.startswith("imported")
    }
    readings = ImportedRecord.objects.filter(id__in=imported, source=f"ehr:{ehr}")
    chosen = [
        one
        for reading in readings
        for one in reading.chosen
        if assessment.provenance.get(one["field"]) == f"imported {reading.id}"
    ]
    estimate = evidence_of(assessment)
    if estimate is None:
        raise RefusedThere(NOTHING_TO_SEND)
    return Assessed(
        id=str(assessment.id),
        at=assessment.created_at,
        estimate=estimate,
        profile=assessment.profile,
        software_version=assessment.software_version,
        subject=reference("Patient", fhir_patient),
        author=assessment.created_by.get_username(),
        is_stored=False,
        provenance=assessment.provenance,
        chosen=chosen,
        measurements=assessment.measurements,
        warnings=warnings_of(assessment),
        paragraph=narrative_of(assessment),
    )


def _report(by: User | None, assessment: Assessment) -> bytes | None:
    """The clinical page, by whoever lays pages out here; without it where nothing can print."""
    try:
        made = import_string(settings.REPORT_MAKER)(by=by, id=assessment.id, part="clinical")
    except Refused:
        return None
    content: bytes = made.content
    return content


def _launches(by: User, assessment: Assessment) -> QuerySet[EhrLaunch]:
    """This user's launches of the patient, the latest first."""
    return EhrLaunch.objects.filter(
        by_id=by.pk, patient_id=assessment.patient_id, organisation=assessment.patient.organisation
    )


def _target(assessment: Assessment) -> str:
    return f"assessment:{assessment.id}"
