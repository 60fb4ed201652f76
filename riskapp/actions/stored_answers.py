"""What a stored assessment knows of a person, the site's own columns included, and asks anew."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from riskapp.actions.scoring import EVIDENCE, Scored, engines_named, score_read
from riskapp.exchange.assessment_json import estimate_json
from riskapp.exchange.reading import Reading, read_profile
from riskapp.models import Assessment
from riskapp.modelstore import engine_named
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import RiskProfile
from riskapp.risk.site_columns import SiteColumn

# The record knows the birthday and a form may be a few weeks old; more than this is another
# person, or a slip.
AGE_TOLERANCE_YEARS = 1.0


def site_values_json(profile: RiskProfile, columns: Iterable[SiteColumn]) -> list[dict[str, Any]]:
    """What is known of a site's own columns, with what a reader needs to understand it."""
    return [
        {
            "name": column.name,
            "label": column.label,
            "unit": column.ucum,
            "value": bool(value) if column.yes_no else value,
        }
        for column in columns
        if (value := profile.site_values.get(column.name)) is not None
    ]


def evidence_of(assessment: Assessment) -> Mapping[str, Any] | None:
    """The estimate that is shown first and to patients: published epidemiology only.

    None for an assessment that was stored before every one had it.
    """
    return next((one for one in assessment.estimates if one["engine"] == EVIDENCE), None)


def has_evidence(assessment: Assessment) -> bool:
    """Whether there is an estimate of published epidemiology, without opening the estimates."""
    return EVIDENCE in assessment.model_ids


def not_this_person(assessment: Assessment) -> str:
    """Where the record was corrected since, so that the number is somebody else's; else blank."""
    patient, profile = assessment.patient, assessment.profile
    age = patient.age_years_on(timezone.localdate(assessment.created_at))
    covered = RANGES["age_years"]
    computed = min(max(age, covered.low), covered.high)
    is_age = abs(profile["age_years"] - computed) <= AGE_TOLERANCE_YEARS
    if is_age and profile["sex"] == patient.sex:
        return ""
    return (
        f"The record was corrected since: by it the patient is {patient.sex} and was {age} then, "
        f"but this estimate is for {profile['sex']}, {profile['age_years']:g} years. Assess anew."
    )


def warnings_of(assessment: Assessment) -> list[str]:
    """The warnings of then, after what the record says otherwise by now."""
    return [*filter(None, [not_this_person(assessment)]), *assessment.warnings]


def stored_profile(assessment: Assessment) -> RiskProfile:
    """The person as they were answered about then."""
    known = {one["name"]: float(one["value"]) for one in assessment.site_values}
    return replace(read_profile(assessment.profile).profile, site_values=known)


def score_as_stored(assessment: Assessment, *, engines: Sequence[str]) -> Scored:
    """What engines say now of the person as an assessment knew them. Nothing is stored.

    Raises
    ------
    RiskError
        If none of the engines can speak about this person.
    """
    options = EstimateOptions(**assessment.options)
    asked = engines_named(engines, options.evidence_set, assessment.patient.organisation_id)
    return score_read(Reading(stored_profile(assessment)), engines=asked, options=options)


def signed(assessment: Assessment) -> dict[str, Any]:
    """Inputs and estimates, of which the trail holds a keyed digest from when they were made."""
    return {
        name: getattr(assessment, name)
        for name in ("profile", "site_values", "options", "model_ids", "estimates")
    }


def recompute(assessment: Assessment) -> list[dict[str, Any]]:
    """Estimate again from what was stored, with the same models and options, in the same order.

    The order is that of the estimates: PostgreSQL keeps none among the names of a mapping.
    """
    profile = stored_profile(assessment)
    options = EstimateOptions(**assessment.options)
    engines = (
        engine_named(one["engine"], model_id=one["model_id"], evidence_set=assessment.evidence_set)
        for one in assessment.estimates
    )
    return [estimate_json(engine.estimate(profile, options)) for engine in engines]
