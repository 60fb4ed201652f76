"""A stored assessment as the writers of FHIR take it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from riskapp.actions.fhir.site import record_numbers_of
from riskapp.actions.serving import EVIDENCE
from riskapp.actions.stored_answers import warnings_of
from riskapp.actions.telling import narrative_of
from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.device import device
from riskapp.exchange.fhir.writing.elements import reference
from riskapp.exchange.fhir.writing.observation import observations
from riskapp.exchange.fhir.writing.patient import Person, patient
from riskapp.exchange.fhir.writing.provenance import provenance
from riskapp.exchange.fhir.writing.report import diagnostic_report
from riskapp.exchange.fhir.writing.risk_assessment import SIMULATED, risk_assessment
from riskapp.models import Assessment, AuditEvent, ImportedRecord, Patient, RegisteredModel

IMPORTED = "imported "


def approved_models(organisation_id: UUID) -> frozenset[str]:
    """Models that a second person approved and that may be told of outside, by their ids."""
    status = RegisteredModel.Status
    approved = RegisteredModel.objects.filter(
        organisation=organisation_id,
        approved_by__isnull=False,
        status__in=(status.APPROVED, status.SERVING),
    )
    return frozenset(
        approved.exclude(trained_on__icontains=SIMULATED).values_list("model_id", flat=True)
    )


def changed_at(organisation_id: UUID) -> dict[str, datetime]:
    """When people's records were last corrected, by their ids; the audit alone keeps it."""
    corrected = AuditEvent.objects.filter(organisation_id=organisation_id, action="patient.change")
    return dict(corrected.values_list("target").annotate(last=Max("at")))


def person_of(who: Patient, at: datetime | None = None) -> Person:
    at = at or changed_at(who.organisation_id).get(str(who.id), who.registered_at)
    return Person(
        id=str(who.id),
        name=who.name,
        record_number=who.record_number,
        born_on=who.date_of_birth,
        sex=who.sex,
        changed_at=timezone.localtime(at),
        organisation=who.organisation.name,
        numbers_of=record_numbers_of(who.organisation),
    )


def assessed_of(
    assessment: Assessment,
    engine: str = EVIDENCE,
    *,
    subject: Json | None = None,
    told: Mapping[str, Any] | None = None,
) -> Assessed:
    """One engine's answer in an assessment.

    Parameters
    ----------
    subject, told : optional
        Of an answer that is not stored: whom it is about by the caller's own name, and the
        ``chosen`` and ``passed_over`` of the record that the caller sent.
    """
    estimate = next(one for one in assessment.estimates if one["engine"] == engine)
    return Assessed(
        id=str(assessment.id),
        at=timezone.localtime(assessment.created_at),
        estimate=estimate,
        profile=assessment.profile,
        software_version=assessment.software_version,
        subject=subject or reference("Patient", str(assessment.patient_id)),
        author=assessment.created_by.get_username(),
        is_stored=told is None,
        provenance=assessment.provenance,
        measurements=assessment.measurements,
        warnings=warnings_of(assessment),
        paragraph=narrative_of(assessment) if engine == EVIDENCE else "",
        **(_told_elsewhere(assessment) if told is None else told),
    )


def resources_of(told: Assessed, pdf: bytes | None = None) -> list[Json]:
    """Everything that one answer gives rise to; the RiskAssessment first.

    The file goes into the report where it is given, and can be read at its address otherwise.
    """
    return [
        risk_assessment(told, with_observations=True),
        *observations(told),
        diagnostic_report(told, pdf=pdf),
        provenance(told),
        device(told.software_version, told.engine, told.estimate["model_id"]),
    ]


def stored_resources(assessment: Assessment) -> list[Json]:
    """The same of a stored assessment, by published epidemiology, with the person."""
    return [*resources_of(assessed_of(assessment)), patient(person_of(assessment.patient))]


def _told_elsewhere(assessment: Assessment) -> dict[str, Any]:
    """What other systems gave to it, as it was kept when it came."""
    origins = {
        field: origin.removeprefix(IMPORTED)
        for field, origin in assessment.provenance.items()
        if origin.startswith(IMPORTED)
    }
    if not origins:
        return {"chosen": [], "passed_over": []}
    records = ImportedRecord.objects.filter(
        patient=assessment.patient_id, id__in=set(origins.values())
    )
    chosen = [
        one
        for record in records
        for one in record.chosen
        if origins.get(one["field"]) == str(record.id)
    ]
    return {"chosen": chosen, "passed_over": [one for each in records for one in each.passed_over]}
