"""Stored assessments to the hospital's other systems, as HL7 v2 messages over MLLP."""

import logging
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from riskapp.actions.connecting import connections
from riskapp.actions.delivering import GiveUp, TryLater, handler, promise
from riskapp.actions.errors import Refused
from riskapp.actions.finding import assessment as find_assessment
from riskapp.actions.stored_answers import evidence_of
from riskapp.actions.telling import narrative_of
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_messages import MessageDestination
from riskapp.exchange.hl7v2.acknowledging import code_of
from riskapp.exchange.hl7v2.results import Receiver, Result, oru
from riskapp.exchange.hl7v2.sending import NoAnswer, send_mllp
from riskapp.exchange.wording import SAFETY
from riskapp.models import Assessment, Delivery

log = logging.getLogger(__name__)
KIND = "mllp"
# MSA-1, HL7 table 0008: by the application, and by the transport in enhanced mode.
TAKEN, NEVER = ("AA", "CA"), ("AR", "CR")
NOTHING = "This assessment holds no answer from published epidemiology to send."


def promise_results(assessment: Assessment) -> None:
    """Promise an assessment to every destination; call it in the transaction that stores it."""
    organisation = assessment.patient.organisation
    try:
        destinations = connections().of(MessageDestination)
    except UnusableConnection:
        # A slip in the file must not keep anybody from assessing; the workers tell of it.
        log.exception("The file of connections cannot be used; nothing was promised")
        return
    for destination in destinations:
        if destination.organisation == organisation.name and evidence_of(assessment):
            promise(
                by=assessment.created_by,
                organisation=organisation,
                kind=KIND,
                destination=destination.name,
                target=f"assessment:{assessment.id}",
                payload={"assessment": str(assessment.id)},
            )


@handler(KIND)
def send(delivery: Delivery) -> None:
    """Send one assessment; AA confirms it.

    Raises
    ------
    TryLater, GiveUp
    """
    try:
        to = connections().named(MessageDestination, delivery.destination)
    except UnusableConnection as reason:
        raise TryLater(str(reason)) from reason
    if to is None:
        raise GiveUp("The file of connections names this destination no more.")
    id = UUID(delivery.payload["assessment"])
    assessment = find_assessment(by=delivery.asked_by, id=id)
    # Older versions have room for 20 characters; the same each time, so that it is taken once.
    control_id = delivery.id.hex[:20]
    message = oru(
        _result(delivery, assessment, to),
        Receiver(to.application, to.facility, to.authority),
        control_id,
    )
    try:
        answer = send_mllp(
            message, host=to.host, port=to.port, wait_s=to.wait_s, tls=to.tls, ca_file=to.ca_file
        )
    except NoAnswer as reason:
        raise TryLater(str(reason)) from reason
    code, answered = code_of(answer)
    if code in NEVER:
        raise GiveUp(f"It answered {code}: it will never take it.")
    if code not in TAKEN or answered != control_id:
        raise TryLater(f"It answered {code or 'no acknowledgement'}, not AA to this message.")


def _result(delivery: Delivery, assessment: Assessment, to: MessageDestination) -> Result:
    estimate = evidence_of(assessment)
    if estimate is None:
        raise GiveUp(NOTHING)
    patient = assessment.patient
    return Result(
        id=str(assessment.id),
        at=assessment.created_at,
        record_number=patient.record_number,
        name=patient.name,
        date_of_birth=patient.date_of_birth,
        sex=patient.sex,
        outcomes=estimate["outcomes"],
        method=f"Trabecula {assessment.software_version}, {estimate['model_id']}, "
        f"evidence set {estimate['evidence_set']}",
        words=(narrative_of(assessment), SAFETY),
        report=_report(delivery, assessment) if to.report else None,
    )


def _report(delivery: Delivery, assessment: Assessment) -> bytes | None:
    """The clinical page; without it where nothing here can print."""
    make = import_string(settings.REPORT_MAKER)
    try:
        content: bytes = make(by=delivery.asked_by, id=assessment.id, part="clinical").content
    except Refused:
        return None
    return content
