"""HL7 v2 messages as they arrive: done and written down before they are acknowledged."""

import hashlib
import logging
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.changing_patient import change_patient
from riskapp.actions.confining import named
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import ActionError, Refused
from riskapp.actions.expecting import Order, expect
from riskapp.actions.finding import numbered, organisation_of, patients
from riskapp.actions.giving_up import settle, write_down
from riskapp.actions.importing_record import import_record
from riskapp.actions.registering import register_patient
from riskapp.exchange.connection_messages import MessageSource
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import UnreadableRecord
from riskapp.exchange.hl7v2.acknowledging import acknowledgement
from riskapp.exchange.hl7v2.batch import answer_to, is_batch, read_file
from riskapp.exchange.hl7v2.errors import (
    DATA_TYPE,
    EVENT,
    INTERNAL,
    MESSAGE_TYPE,
    MISSING,
    UNKNOWN_KEY,
    MessageRefused,
)
from riskapp.exchange.hl7v2.message import Message, head_of, read_message
from riskapp.exchange.hl7v2.observations import resources_of
from riskapp.exchange.hl7v2.orders import Ordered, read_orders
from riskapp.exchange.hl7v2.persons import Person, read_person
from riskapp.models import DeadLetter, ExpectedScan, Patient, TakenMessage
from riskapp.models.keyed_hash import hashed

log = logging.getLogger(__name__)
KIND = "hl7"
REGISTERS = ("A01", "A04", "A05", "A08", "A28", "A31")
# Visits begin, move and end; nothing of that is kept here.
NOTHING_TO_DO = ("A02", "A03", "A06", "A07", "A11", "A12", "A13", "A14", "A21", "A22", "A38")
BY_A_PERSON = ("A18", "A23", "A24", "A29", "A30", "A34", "A35", "A36", "A37", "A40", "A47")
NEVER = (
    "Records are merged and deleted by a person, never by a message; nothing was changed. "
    "Tell the team that works with Trabecula."
)
OURS = "It failed here and nothing was kept; send it again."


def take_message(source: MessageSource, sent: bytes) -> bytes:
    """Do what a message says, and give its acknowledgement, which says so only once it is kept.

    Of a batch each message is taken by itself; the answer is the batch of their acknowledgements.

    Never raises: whatever was sent has an answer.
    """
    if not is_batch(sent):
        return _acknowledged(source, sent)
    try:
        told = read_file(sent)
    except MessageRefused as reason:
        return _refused(None, reason)
    answers = [[_acknowledged(source, one) for one in batch.messages] for batch in told.batches]
    return answer_to(told, answers, _id, timezone.now())


def _acknowledged(source: MessageSource, sent: bytes) -> bytes:
    head, sha256 = head_of(sent), hashlib.sha256(sent).hexdigest()
    try:
        message = read_message(sent, source.character_set)
        return _taken(source, message, sha256)
    except MessageRefused as reason:
        _write_down(source, head, sha256, reason)
        return _refused(head, reason)
    # The outermost edge of the listener: one message must not end the connection.
    except Exception:
        log.exception("A message of %s could not be taken", source.name)
        return _refused(head, MessageRefused(OURS, INTERNAL))


@transaction.atomic
def _taken(source: MessageSource, message: Message, sha256: str) -> bytes:
    by = service_account(KIND, source.name, source.organisation)
    kept = settings.RETENTION["messages"]
    TakenMessage.objects.filter(taken_at__lte=timezone.now() - kept).delete()
    known, is_new = TakenMessage.objects.get_or_create(
        organisation=organisation_of(by),
        source=source.name,
        control_id=message.control_id,
        sha256=sha256,
        defaults={"kind": f"{message.kind}^{message.event}"[:20]},
    )
    if is_new:
        try:
            _done(by, source, message)
        except ActionError as reason:
            raise _as_refusal(reason) from reason
        settle(
            kind=DeadLetter.Kind.MESSAGE,
            target=_name(source, message, sha256),
            organisation=organisation_of(by),
            outcome=DeadLetter.Outcome.AGAIN,
            by=named(by),
        )
        known.answer = acknowledgement(message, _id(), timezone.now()).decode()
        known.save(update_fields=["answer"])
    return known.answer.encode()


def _done(by: User, source: MessageSource, message: Message) -> None:
    doers: dict[str, Callable[[User, MessageSource, Message], None]] = {
        "ADT": _admit, "ORU": _import, "ORM": _order, "OMI": _order,
    }  # fmt: skip
    if message.kind not in doers:
        sentence = "Messages of this type are not taken; ADT, ORU, ORM and OMI are."
        raise MessageRefused(sentence, MESSAGE_TYPE, "MSH-9", is_rejected=True)
    doers[message.kind](by, source, message)


def _admit(by: User, source: MessageSource, message: Message) -> None:
    if message.event in BY_A_PERSON:
        raise MessageRefused(NEVER, EVENT, "MSH-9")
    if message.event in NOTHING_TO_DO:
        auditing.record(by=by, action="hl7.nothing_to_do", target=message.event)
        return
    if message.event not in REGISTERS:
        sentence = "Events of this kind are not taken."
        raise MessageRefused(sentence, EVENT, "MSH-9", is_rejected=True)
    _registered(by, read_person(message, source.authority, source.identifier_type))


def _registered(by: User, person: Person) -> Patient:
    found = patients(by=by).filter(numbered(person.record_number)).first()
    told = {"name": person.name, "date_of_birth": person.date_of_birth, "sex": person.sex}
    if found is not None:
        return change_patient(by=by, patient=found, **told)
    for field, place, words in (
        ("name", "PID-5", "a name"),
        ("date_of_birth", "PID-7", "a day of birth, to the day"),
        ("sex", "PID-8", "F or M: the published tables know these only"),
    ):
        if told[field] is None:
            sentence = f"A patient who is not registered yet needs {words} ({place})."
            raise MessageRefused(sentence, MISSING, place)
    return register_patient(by=by, record_number=person.record_number, **told)


def _import(by: User, source: MessageSource, message: Message) -> None:
    patient = _known(by, source, message)
    resources = resources_of(message, str(patient.id), source.codes)
    try:
        record = read_record(resources, today=timezone.localdate())
    except UnreadableRecord as reason:
        raise MessageRefused(str(reason), DATA_TYPE) from reason
    import_record(
        by=by, patient=patient, source=f"{KIND}:{source.name}", record=record, is_whole=False
    )


def _order(by: User, source: MessageSource, message: Message) -> None:
    orders = read_orders(message, timezone.localdate())
    patient = _known(by, source, message)
    for order in orders:
        _expected(by, source, patient, order)


def _expected(by: User, source: MessageSource, patient: Patient, order: Ordered) -> None:
    if not order.is_cancelled:
        told = Order(
            accession_number=order.accession_number,
            planned_on=order.planned_on,
            procedure=order.procedure,
            modality=order.modality,
            source=f"{KIND}:{source.name}",
        )
        expect(by=by, patient=patient, order=told)
        return
    ExpectedScan.objects.filter(
        hashed(ExpectedScan, "accession_hash", order.accession_number),
        patient=patient,
        arrived_at=None,
        cancelled_at=None,
    ).update(cancelled_at=timezone.now())
    auditing.record(by=by, action="expected.cancel", target=patient.id, patient=patient.id)


def _known(by: User, source: MessageSource, message: Message) -> Patient:
    person = read_person(message, source.authority, source.identifier_type)
    found = patients(by=by).filter(numbered(person.record_number)).first()
    if found is None:
        sentence = "No patient of this record number is registered; send an ADT message first."
        raise MessageRefused(sentence, UNKNOWN_KEY, "PID-3")
    differing = [
        place
        for place, told, here in (
            ("PID-7", person.date_of_birth, found.date_of_birth),
            ("PID-8", person.sex, found.sex),
        )
        if told is not None and told != here
    ]
    if differing:
        sentence = f"{' and '.join(differing)} differ from the patient of this record number."
        raise MessageRefused(sentence, UNKNOWN_KEY, differing[0])
    return found


def _as_refusal(reason: ActionError) -> MessageRefused:
    """What an action refused; its sentence may hold a value, of a field that it names."""
    fields = ", ".join(reason.by_field) if isinstance(reason, Refused) else ""
    sentence = f"It does not fit what can be registered: {fields or 'see the record'}."
    return MessageRefused(sentence, DATA_TYPE)


def _refused(head: Message | None, reason: MessageRefused) -> bytes:
    log.warning("A message was not taken: %s %s", reason.code.code, reason.place or "-")
    return acknowledgement(head, _id(), timezone.now(), reason)


def _write_down(
    source: MessageSource, head: Message | None, sha256: str, reason: MessageRefused
) -> None:
    """Keep that a message was refused: its sender may give up, and then nobody would know."""
    try:
        by = service_account(KIND, source.name, source.organisation)
        with transaction.atomic():
            write_down(
                kind=DeadLetter.Kind.MESSAGE,
                target=_name(source, head, sha256),
                organisation=organisation_of(by),
                problem=f"{reason} Sent by {source.name}.",
            )
    # The sender is told either way, and must be.
    except (ActionError, DatabaseError):
        log.exception("That a message was refused could not be written down")


def _name(source: MessageSource, message: Message | None, sha256: str) -> str:
    """What a message is known by: as its sender calls it, else by its hash."""
    return f"{source.name}:{(message.control_id if message else '') or sha256}"[:420]


def _id() -> str:
    """A control id of ours: 20 characters, as the older versions have room for."""
    return uuid.uuid4().hex[:20]
