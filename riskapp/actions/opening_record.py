"""What a launched record holds of its patient, brought to the patient's record here."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from imaging.identity.whose import same_name
from riskapp.actions import auditing
from riskapp.actions.errors import Refused
from riskapp.actions.finding import everyone, numbered, organisation_of, say_if_restricted
from riskapp.actions.importing_record import import_record
from riskapp.actions.launching import keep, record_named, signing_key
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.registering import register_patient
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import FhirPerson, FhirRecord, UnreadableRecord
from riskapp.exchange.smart import tokens
from riskapp.exchange.smart.errors import LaunchProblem, NotAllowedThere, TokenEnded
from riskapp.exchange.smart.reading_record import PatientRecord, read_patient_record
from riskapp.models import Delivery, EhrLaunch, Patient

# A token that ends while it is used is renewed before.
SPARE = timedelta(seconds=30)
NOT_NAMED = (
    "{name} does not tell the patient’s {what}, which registering needs. Register the patient here "
    "by hand{number}, then open Trabecula from the record again."
)
NO_NUMBER = (
    "{name} gives this patient no record number of the kind that this site expects; its "
    "administrator can name another kind in the list of connections."
)
ENDED = "{name} no longer lets Trabecula in for you: open the patient from there once more."


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the launched record and the record here say differently."""

    label: str
    there: str
    here: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The patient, or whom it might be and why that is for a person to decide.

    Attributes
    ----------
    number : str
        The record number that both have.
    remarks : tuple of str
        What could not be read.
    """

    patient: Patient
    number: str
    differences: tuple[Difference, ...] = ()
    remarks: tuple[str, ...] = ()


@needs(Ability.ASSESS)
def open_record(*, by: User, launch: EhrLaunch, is_same: bool = False) -> Opened:
    """Read the launched patient's record, find or register the patient, keep what was told.

    Where both have one record number and differ otherwise nothing is kept until somebody says
    that it is one person (``is_same``); the same differences are not asked about twice.

    Raises
    ------
    LaunchProblem
        If the record cannot be read, or tells too little of the person.
    """
    ehr = record_named(launch.ehr)
    read = _read(ehr, launch)
    try:
        told = read_record(
            [read.patient, *read.resources],
            today=timezone.localdate(),
            patient=launch.fhir_patient,
        )
    except UnreadableRecord as reason:
        raise LaunchProblem(str(reason)) from reason
    if told.person is None:
        raise LaunchProblem("The record does not tell who the patient is.")
    number = record_number(ehr, told.person)
    here = everyone(by=by).filter(numbered(number)).first()
    born = str(read.patient.get("birthDate", ""))
    if here is not None:
        say_if_restricted(by, Patient, here.pk)
    differences = _differences(told.person, born, here) if here else ()
    told_apart = [asdict(one) for one in differences]
    if here and differences and not is_same and not _confirmed(launch, here, told_apart):
        return Opened(here, number, differences)
    with transaction.atomic():
        patient = here or _register(by, ehr, told.person, born, number)
        _keep(by, launch, patient, told, told_apart)
    return Opened(patient, number, remarks=tuple(read.not_read))


def _read(ehr: EhrConnection, launch: EhrLaunch) -> PatientRecord:
    """What the record holds; where its token ended before its time, once more with a new one."""

    def asked(token: str, *, renews: bool) -> PatientRecord:
        scopes = tuple(launch.scopes)
        return read_patient_record(ehr, token, launch.fhir_patient, scopes, renews=renews)

    try:
        return asked(access_token(launch, ehr), renews=True)
    except TokenEnded:
        launch.tokens_until = None
        return asked(access_token(launch, ehr), renews=False)


def access_token(launch: EhrLaunch, ehr: EhrConnection) -> str:
    """A token that holds for a while yet, renewed where the record allows that.

    Raises
    ------
    NotAllowedThere
        If it has ended and the record gives no new one.
    NoAnswer
        If the record did not answer.
    """
    held = launch.secrets
    if held.get("access") and launch.tokens_until and launch.tokens_until > timezone.now() + SPARE:
        return held["access"]
    try:
        if not held.get("refresh"):
            raise NotAllowedThere(ENDED)
        granted = tokens.refresh(
            ehr,
            launch.configuration["token_endpoint"],
            signing_key(),
            token=held["refresh"],
            asked=" ".join(launch.scopes),
        )
    except NotAllowedThere as refused:
        # A refresh token may be good for one use, which another process has just made.
        newest = EhrLaunch.objects.get(id=launch.id)
        if newest.secrets != launch.secrets:
            return access_token(newest, ehr)
        raise NotAllowedThere(ENDED.format(name=ehr.name)) from refused
    keep(launch, granted)
    return granted.access_token


def record_number(ehr: EhrConnection, person: FhirPerson) -> str:
    """The identifier that is the organisation's own number for the person.

    Raises
    ------
    LaunchProblem
        If there is none of the configured kind, or there are several.
    """
    system = ehr.record_number_system
    fitting = {
        one.value
        for one in person.identifiers
        if (one.system == system if system else one.type == ehr.record_number_type)
    }
    if len(fitting) != 1:
        raise LaunchProblem(NO_NUMBER.format(name=ehr.name))
    return fitting.pop()


def _register(by: User, ehr: EhrConnection, person: FhirPerson, born: str, number: str) -> Patient:
    needed = {
        "name": person.name,
        # Of a birthday known to the month or year only the reader gives the middle.
        "whole date of birth": person.birth_date if len(born) == len("1954-06-01") else None,
        "sex at birth": person.sex,
    }
    missing = [what for what, value in needed.items() if not value]
    if missing or person.birth_date is None or person.sex is None:
        raise LaunchProblem(
            NOT_NAMED.format(
                name=ehr.name, what=" and ".join(missing), number=f" as number {number}"
            )
        )
    try:
        return register_patient(
            by=by,
            name=person.name,
            record_number=number,
            date_of_birth=person.birth_date,
            sex=person.sex,
        )
    except Refused as refused:
        raise LaunchProblem(str(refused)) from refused


def _keep(
    by: User, launch: EhrLaunch, patient: Patient, told: FhirRecord, although: list[dict[str, str]]
) -> None:
    import_record(by=by, patient=patient, source=f"ehr:{launch.ehr}", record=told)
    launch.patient, launch.same_although = patient, although
    launch.save(update_fields=["patient", "same_although"])
    if although:
        auditing.record(by=by, action="ehr.same_person", target=patient.id, patient=patient.id)
    # What waited for a new token is sent now.
    Delivery.objects.filter(
        kind="fhir",
        organisation=organisation_of(by),
        destination=launch.ehr,
        asked_by=by,
        status=Delivery.Status.QUEUED,
    ).update(run_after=timezone.now())


def _confirmed(launch: EhrLaunch, patient: Patient, differences: list[dict[str, str]]) -> bool:
    """Whether somebody of the organisation looked at these very differences before."""
    earlier = EhrLaunch.objects.filter(
        organisation=launch.organisation_id, ehr=launch.ehr, patient=patient
    )
    known = (launch.fhir_patient, differences)
    return any((one.fhir_patient, one.same_although) == known for one in earlier)


def _differences(person: FhirPerson, born: str, patient: Patient) -> tuple[Difference, ...]:
    """What both tell, and differently; a birthday may be known to the month or year only."""
    found = []
    if person.name and not same_name(person.name, patient.name):
        found.append(Difference("Name", person.name, patient.name))
    known = patient.date_of_birth.isoformat()
    if person.birth_date and not known.startswith(born):
        found.append(Difference("Born", born, known))
    if person.sex and person.sex != patient.sex:
        found.append(Difference("Sex at birth", person.sex, patient.sex))
    return tuple(found)
