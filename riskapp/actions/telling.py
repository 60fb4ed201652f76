"""A stored assessment in words: as a paragraph, and as text for another record."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, finding
from riskapp.actions.describing import population_name
from riskapp.actions.errors import NotFound
from riskapp.actions.stored_answers import evidence_of, warnings_of
from riskapp.exchange.narrative import Told, narrative
from riskapp.exchange.plain_text import Sheet, plain_text
from riskapp.models import Assessment


def told_of(assessment: Assessment) -> Told | None:
    """What is told of an assessment; None where published epidemiology did not answer."""
    estimate = evidence_of(assessment)
    if estimate is None:
        return None
    return Told(
        estimate=estimate,
        profile=assessment.profile,
        population=population_name(estimate["population"]),
        age_then=assessment.patient.age_years_on(timezone.localdate(assessment.created_at)),
        provenance=assessment.provenance,
        measurements=assessment.measurements,
    )


def narrative_of(assessment: Assessment) -> str:
    """The paragraph; blank where there is no answer to tell of."""
    told = told_of(assessment)
    return narrative(told) if told else ""


def text_of(*, by: User, id: UUID | str, named: bool = False) -> str:
    """The assessment as plain text, with the patient's identity only where it is asked for.

    Taking it with the identity is audited, as taking the clinical page is.

    Raises
    ------
    NotFound
        If the assessment is another organisation's, or holds no answer to tell of.
    """
    assessment = finding.assessment(by=by, id=id)
    told = told_of(assessment)
    if told is None:
        raise NotFound("This assessment holds no answer from published epidemiology.")
    if named:
        with transaction.atomic():
            auditing.record(
                by=by, action="text.take", target=assessment.id, patient=assessment.patient_id
            )
    warnings = dict.fromkeys((*warnings_of(assessment), *told.estimate["warnings"]))
    sheet = Sheet(
        told=told,
        made_at=timezone.localtime(assessment.created_at),
        warnings=tuple(warnings),
        site_values=tuple(assessment.site_values),
        software=f"Trabecula {assessment.software_version}",
        identity=_identity(assessment) if named else (),
    )
    return plain_text(sheet)


def _identity(assessment: Assessment) -> tuple[str, ...]:
    patient = assessment.patient
    born = f"{patient.date_of_birth.day} {patient.date_of_birth:%B %Y}"
    return (f"{patient.name}, born {born}, record {patient.record_number}",)
