"""What is said at a hook: the record as it was sent, read, estimated and put into cards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.cds_fetching import Access, Resource, fetch
from riskapp.actions.errors import Refused
from riskapp.actions.finding import numbered, organisation_of
from riskapp.actions.scoring import Scored, score
from riskapp.actions.versions import tables_hash
from riskapp.exchange.cds_cards import Card, cards, says_numbers
from riskapp.exchange.cds_orders import Draft, orders_among
from riskapp.exchange.cds_services import PATIENT, Service, prefetch_templates
from riskapp.exchange.cds_situation import Orders, Situation, Where
from riskapp.exchange.connection_cds_client import CdsClient
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import FhirRecord, UnreadableRecord
from riskapp.models import CdsCard, Organisation, Patient
from riskapp.risk.errors import EngineWithheld, InvalidProfile, RiskError
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.guidelines import usual_for
from riskapp.risk.modifier_reading import players
from riskapp.risk.predicting import explained

# Reasons are summed with and without each kind of further answer: with two kinds they take longer
# than all else together, and cards then name what is known instead.
MOST_PLAYERS = 1
NEEDED = {"age_years", "sex", "population"}
NOT_SENT = (
    "The Patient is needed: send it as prefetch “patient”, or name a fhirServer that this site "
    "may read, with fhirAuthorization that grants it."
)
NOT_WHOLE = "An estimate needs the Patient’s birthDate, and a gender of female or male."


class NotEnough(Exception):
    """What is needed was neither sent nor can be had; the sentence says what."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a service, checked.

    Attributes
    ----------
    patient, encounter, user : str
        Ids and references as the hook's context has them; blank where it has none.
    prefetch : mapping of str to resource or None
        None is what the record system has nothing for; a name that is not there was not sent.
    drafts : tuple of Draft
        The orders that the hook is about.
    """

    service: Service
    patient: str
    encounter: str = ""
    user: str = ""
    prefetch: Mapping[str, Any] = field(default_factory=dict)
    access: Access | None = None
    drafts: tuple[Draft, ...] = ()


def answer_hook(
    *, by: User, client: CdsClient, call: Call, where: Where, page_of: Callable[[UUID], str]
) -> tuple[Card, ...]:
    """Cards for one call; that they were shown is counted, without anything about the patient.

    Parameters
    ----------
    page_of : callable
        The absolute address of a registered patient's page.

    Raises
    ------
    NotEnough
        If the Patient was neither sent nor can be had, or says too little for an estimate.
    Refused
        If what was sent is another patient's.
    """
    sent = _sent(call, client)
    person = sent.get(PATIENT)
    if person is None or person.get("resourceType") != "Patient":
        raise NotEnough(NOT_SENT)
    if person.get("id", call.patient) != call.patient:
        raise Refused({"prefetch": "The Patient that was sent is not the patient of the context."})
    organisation = organisation_of(by)
    made: tuple[Card, ...] = ()
    models: dict[str, str] = {}
    orders = orders_among(call.drafts, timezone.localdate()) if call.service.needs_orders else None
    if not _has_died(person) and (orders is None or orders):
        record = _read(sent, call.patient)
        links = _with_page(where, record, organisation, page_of)
        situation = _situation(record, client, organisation, call, orders, links)
        if situation is not None:
            made = cards(_explained(situation))
            models = {situation.estimate.engine: situation.estimate.model_id}
    _count(by, organisation, client, call.service, made, models)
    return made


def _sent(call: Call, client: CdsClient) -> dict[str, Resource]:
    """What was prefetched, and what was not is fetched where that is allowed.

    A name that is sent as null, or with the error of the record system in its place, is answered:
    asking again would give the same.
    """
    missing = [name for name in prefetch_templates() if name not in call.prefetch]
    fetched: dict[str, Resource] = {}
    if missing and call.access is not None:
        fetched = fetch(missing, patient=call.patient, client=client, access=call.access)
    sent = {name: one for name, one in call.prefetch.items() if name in prefetch_templates()}
    whole = {name: one for name, one in sent.items() if isinstance(one, Mapping)}
    return fetched | {
        name: one for name, one in whole.items() if one.get("resourceType") != "OperationOutcome"
    }


def _read(sent: Mapping[str, Resource], patient: str) -> FhirRecord:
    try:
        return read_record(sent.values(), today=timezone.localdate(), patient=patient)
    except UnreadableRecord as reason:
        raise Refused({"prefetch": str(reason)}) from reason


def _has_died(person: Resource) -> bool:
    return person.get("deceasedBoolean") is True or bool(person.get("deceasedDateTime"))


def _situation(
    record: FhirRecord,
    client: CdsClient,
    organisation: Organisation,
    call: Call,
    orders: Orders | None,
    where: Where,
) -> Situation | None:
    """The estimate and what goes with it; None where the published results cover no such age."""
    if record.person is None or record.person.birth_date is None or record.person.sex is None:
        raise NotEnough(NOT_WHOLE)
    options = EstimateOptions(
        explain=False, guideline=client.guideline or usual_for(client.population)
    )
    try:
        scored, dropped = _scored(
            {**record.answers, "population": client.population}, options, organisation
        )
    except EngineWithheld:
        raise  # no card would say that all is well
    except RiskError:
        return None
    told = [f"{one.resource}: {one.why}" for one in record.passed_over]
    return Situation(
        estimate=scored.estimates[0],
        profile=scored.profile,
        patient=f"Patient/{call.patient}",
        encounter=call.encounter and f"Encounter/{call.encounter}",
        user=call.user,
        orders=orders,
        not_used=(*dropped, *told),
        today=timezone.localdate(),
        where=where,
    )


def _scored(
    answers: Mapping[str, object], options: EstimateOptions, organisation: Organisation
) -> tuple[Scored, tuple[str, ...]]:
    """The estimate of ``/scores/``; an answer that cannot be used is taken as not known, and told.

    Raises
    ------
    RiskError
        If nothing can be said of this person: mostly the age lies outside what is published.
    """
    left, dropped = dict(answers), dict[str, str]()
    while True:
        try:
            return score(left, options=options, organisation_id=organisation.id), (
                *dropped.values(),
            )
        except InvalidProfile as refused:
            wrong = refused.by_field.keys() & left.keys()
            if not wrong or wrong & NEEDED:
                raise
            dropped |= {name: refused.by_field[name] for name in wrong}
            left = {name: value for name, value in left.items() if name not in wrong}


def _explained(situation: Situation) -> Situation:
    """With the reasons of the number, where a card tells them and they are quick to sum."""
    profile, estimate = situation.profile, situation.estimate
    if not says_numbers(situation) or len(players(profile)) > MOST_PLAYERS:
        return situation
    reasons = explained(profile, estimate.evidence_set, False)
    return replace(situation, estimate=replace(estimate, explanation=reasons))


def _with_page(
    where: Where, record: FhirRecord, organisation: Organisation, page_of: Callable[[UUID], str]
) -> Where:
    """With the person's own page, if one person here has that number, birthday and sex.

    A number alone may be another hospital's, and would lead to another person.
    """
    person = record.person
    if person is None or where.smart_launch:
        return where
    numbers = [one.value for one in person.identifiers]
    of_number = Patient.objects.filter(
        numbered(*numbers), organisation=organisation, sex=person.sex or ""
    )
    found = [one.pk for one in of_number if one.date_of_birth == person.birth_date]
    return replace(where, page=page_of(found[0])) if len(found) == 1 else where


@transaction.atomic
def _count(
    by: User,
    organisation: Organisation,
    client: CdsClient,
    service: Service,
    made: Sequence[Card],
    models: Mapping[str, str],
) -> None:
    """Keep of each card what feedback and its count need."""
    CdsCard.objects.bulk_create(
        CdsCard(
            uuid=card.uuid,
            organisation=organisation,
            client=client.name,
            service=service.id,
            kind=card.kind.value,
            suggestions=list(card.suggestions),
            shown_on=timezone.localdate(),
        )
        for card in made
    )
    auditing.record(
        by=by,
        action="cds.call",
        target=service.id,
        organisation=organisation,
        detail={"cards": len(made), "models": models, "tables": tables_hash()},
    )
