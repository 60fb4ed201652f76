"""A person's record in, their assessment out: fresh and nowhere stored, or stored on request."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp import __version__
from riskapp.actions.assessing import assess, score_for
from riskapp.actions.choosing import looked_at
from riskapp.actions.errors import Refused
from riskapp.actions.fhir.site import record_numbers_of, server_of
from riskapp.actions.finding import everyone, numbered, organisation_of, say_if_restricted
from riskapp.actions.importing_record import import_record
from riskapp.actions.recording_scores import record_scores
from riskapp.actions.registering import register_patient
from riskapp.actions.scoring import check_guideline
from riskapp.exchange.assessment_json import estimate_json, profile_json
from riskapp.exchange.fhir.record import FhirPerson, FhirRecord, Identifier
from riskapp.models import Assessment, Organisation, Patient
from riskapp.risk.estimate import EstimateOptions

IMPORTED, TYPED = "imported", "typed"
SITE = "the site’s configuration"
NO_POPULATION = (
    "Whose fracture and death rates apply is not told, and it is never guessed: name a population, "
    "or send the Patient with the country of the address."
)
NOBODY = "The record holds no Patient with a date of birth and a sex, so that nobody is assessed."
NO_NUMBER = (
    "The Patient needs the organisation’s own record number to be stored: an identifier of the "
    "system {system}, or one of the type MR."
)
ANOTHER = "The record number is that of somebody else: {what} differs from the one on record."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a record is to be answered."""

    population: str | None = None
    clamp_age: bool = False
    options: EstimateOptions = field(default_factory=EstimateOptions)


@dataclass(frozen=True, slots=True)
class Answer:
    """An assessment and what was told to it; ``is_new`` where the person was registered for it."""

    assessment: Assessment
    told: Mapping[str, Any]
    is_new: bool = False


def assess_fresh(*, by: User, record: FhirRecord, wanted: Wanted) -> Answer:
    """Answer from a record alone. Nothing is stored, and nothing that is stored counts.

    Raises
    ------
    Refused
        If the record does not say who is meant, or whose rates apply.
    RiskError
        If what the record says cannot be used, or no engine can speak about this person.
    """
    check_guideline(wanted.options.guideline)
    organisation = organisation_of(by)
    person = _person(record)
    answers, origins = _answers(organisation, record, wanted)
    somebody = Patient(
        organisation=organisation,
        name=person.name or "(no name was sent)",
        record_number=_number_or_blank(organisation, person),
        date_of_birth=person.birth_date,
        sex=person.sex,
    )
    scored = score_for(
        patient=somebody,
        complete=answers,
        options=wanted.options,
        clamp_age=wanted.clamp_age,
    )
    record_scores(by=by, door="assess", answers=[scored], organisation=organisation)
    profile = profile_json(scored.profile)
    assessment = Assessment(
        id=uuid4(),
        patient=somebody,
        created_at=timezone.now(),
        created_by=by,
        profile=profile,
        provenance={name: origins.get(name, IMPORTED) for name in profile},
        estimates=[estimate_json(one) for one in scored.estimates],
        warnings=[*scored.warnings, *scored.silent.values()],
        evidence_set=wanted.options.evidence_set,
        model_ids={one.engine: one.model_id for one in scored.estimates},
        options=asdict(wanted.options),
        software_version=__version__,
    )
    return Answer(assessment, told_by(record))


@transaction.atomic
def assess_and_store(*, by: User, record: FhirRecord, source: str, wanted: Wanted) -> Answer:
    """Keep the record under the person whom its number names, and assess them.

    The person is registered where the number is new. What the organisation's own record and
    confirmed scans know counts before what was sent.

    Raises
    ------
    Refused
        If the record names nobody by the organisation's number, or somebody else.
    RiskError
        If what is known cannot be used. Nothing is stored then.
    """
    check_guideline(wanted.options.guideline)
    organisation = organisation_of(by)
    person = _person(record)
    answers, _ = _answers(organisation, record, wanted)
    patient, is_new = _patient_of(by, organisation, person)
    import_record(by=by, patient=patient, source=source, record=record)
    chosen = (
        {}
        if "population" in record.answers and not wanted.population
        else {"population": answers["population"]}
    )
    assessment = assess(
        by=by,
        patient=patient,
        answers=chosen,
        considered=looked_at(patient),
        options=wanted.options,
        clamp_age=wanted.clamp_age,
    )
    return Answer(assessment, told_by(record), is_new)


def told_by(record: FhirRecord) -> dict[str, Any]:
    """What a record gave and what of it was not used, as plain mappings."""
    return {
        "chosen": [asdict(one) for one in record.chosen],
        "passed_over": [asdict(one) for one in record.passed_over],
    }


def _person(record: FhirRecord) -> FhirPerson:
    person = record.person
    if person is None or person.birth_date is None or person.sex is None:
        raise Refused({"record": NOBODY})
    return person


def _answers(
    organisation: Organisation, record: FhirRecord, wanted: Wanted
) -> tuple[dict[str, object], dict[str, str]]:
    """What counts, and of what the record did not give, where it is from."""
    if wanted.population:
        return {**record.answers, "population": wanted.population}, {"population": TYPED}
    if record.answers.get("population"):
        return dict(record.answers), {}
    server = server_of(organisation)
    if server is None or not server.population:
        raise Refused({"population": NO_POPULATION})
    return {**record.answers, "population": server.population}, {"population": SITE}


def _patient_of(by: User, organisation: Organisation, person: FhirPerson) -> tuple[Patient, bool]:
    """The person of this number, registered where nobody has it yet."""
    number = _number(organisation, person)
    known = everyone(by=by).filter(numbered(number)).first()
    if known is None:
        registered = register_patient(
            by=by,
            name=person.name,
            record_number=number,
            date_of_birth=person.birth_date,
            sex=person.sex,
        )
        return registered, True
    say_if_restricted(by, Patient, known.pk)
    if known.date_of_birth != person.birth_date:
        raise Refused({"record": ANOTHER.format(what="the date of birth")})
    if known.sex != person.sex:
        raise Refused({"record": ANOTHER.format(what="the sex")})
    return known, False


def _number(organisation: Organisation, person: FhirPerson) -> str:
    system = record_numbers_of(organisation)
    number = _number_or_blank(organisation, person)
    if not number:
        raise Refused({"record": NO_NUMBER.format(system=system)})
    return number


def _number_or_blank(organisation: Organisation, person: FhirPerson) -> str:
    """The organisation's own number: by its system, else the only one of the type MR."""
    system = record_numbers_of(organisation)
    own = [one.value for one in person.identifiers if one.system == system]
    if own:
        return own[0]
    if _says_system(organisation):
        return ""
    medical: list[Identifier] = [one for one in person.identifiers if one.type == "MR"]
    return medical[0].value if len(medical) == 1 else ""


def _says_system(organisation: Organisation) -> bool:
    """Where the site names the system of its numbers, a number of another one is not its own."""
    server = server_of(organisation)
    return bool(server and server.record_numbers)
