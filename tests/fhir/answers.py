"""People as the writers are told of them: from nothing known to everything, stored and fresh."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from riskapp.exchange.assessment_json import estimate_json, profile_json
from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.device import device
from riskapp.exchange.fhir.writing.observation import observations
from riskapp.exchange.fhir.writing.provenance import provenance
from riskapp.exchange.fhir.writing.report import diagnostic_report
from riskapp.exchange.fhir.writing.risk_assessment import risk_assessment
from riskapp.exchange.reading import read_profile
from riskapp.modelstore import engine_named
from riskapp.risk.estimate import EstimateOptions

AT = datetime(2026, 2, 28, 13, 5, 9, 123456, tzinfo=UTC)
ID = "0e3f6d1c-1f56-4b7e-9d52-7f6f0c9a1b2d"
YES_AND_NO = {
    "prior_fragility_fracture": True,
    "parent_hip_fracture": False,
    "current_smoker": True,
    "glucocorticoids": True,
    "rheumatoid_arthritis": False,
    "secondary_osteoporosis": False,
    "alcohol_3_or_more_units_daily": False,
}
PEOPLE: dict[str, dict[str, object]] = {
    "nothing known": {"population": "gb", "age_years": 70, "sex": "female"},
    "a man": {"population": "us-white", "age_years": 75, "sex": "male"},
    "youngest": {"population": "gb", "age_years": 40, "sex": "female", "postmenopausal": False},
    "oldest": {
        "population": "gb",
        "age_years": 90,
        "sex": "female",
        "femoral_neck_t_score": -4.25,
        "dxa_date": "2025-11-30",
    },
    "factors": {"population": "us", "age_years": 66.5, "sex": "female", **YES_AND_NO},
    "size": {
        "population": "us-asian",
        "age_years": 61,
        "sex": "female",
        "weight_kg": 61.5,
        "height_cm": 160,
    },
    "index": {"population": "us-black", "age_years": 61, "sex": "male", "body_mass_index": 21.7},
    "density": {
        "population": "gb",
        "age_years": 73,
        "sex": "female",
        "femoral_neck_bmd_g_cm2": 0.612,
        "total_hip_bmd_g_cm2": 0.701,
        "lumbar_spine_t_score": -2.2,
        "dxa_manufacturer": "ge_lunar",
    },
    "fractures": {
        "population": "gb",
        "age_years": 81,
        "sex": "female",
        "prior_fragility_fracture": True,
        "number_of_prior_fractures": 2,
        "prior_fracture_site": "vertebra",
        "prior_fracture_months_ago": 9,
    },
    "glucocorticoids": {
        "population": "us-hispanic",
        "age_years": 58,
        "sex": "female",
        "glucocorticoids": True,
        "glucocorticoid_dose_mg_daily": 12.5,
        "glucocorticoid_duration_months": 30,
    },
    "falls and diabetes": {
        "population": "gb",
        "age_years": 77,
        "sex": "female",
        "falls_last_year": 3,
        "type_2_diabetes_years": 12,
        "trabecular_bone_score": 1.15,
        "l1_attenuation_hu": 92,
    },
    "treated": {
        "population": "gb",
        "age_years": 69,
        "sex": "female",
        "femoral_neck_t_score": -2.6,
        "osteoporosis_treatment": "denosumab",
        "osteoporosis_treatment_years": 3.5,
    },
    "everything": {
        "population": "gb",
        "age_years": 74,
        "sex": "female",
        **YES_AND_NO,
        "weight_kg": 58,
        "height_cm": 157,
        "femoral_neck_t_score": -2.9,
        "hip_axis_length_mm": 104,
        "lumbar_texture_score": 0.61,
        "l1_vbmd_mg_cm3": 88,
        "postmenopausal": True,
        "osteoporosis_treatment": "none",
    },
}
# What a hospital's system gave, as its reader told it.
CHOSEN = (
    {
        "field": "femoral_neck_t_score",
        "value": -2.9,
        "unit": "1",
        "resource": "Observation/dxa-7",
        "effective": "2025-12-01",
        "code": "http://loinc.org|38263-0",
        "words": "Femur T-score",
    },
    {
        "field": "sex",
        "value": "female",
        "unit": "",
        "resource": "urn:uuid:8c3b2d18-4b5e-4c59-8a0f-9d7f4f7a2b10",
        "effective": "",
        "code": "",
        "words": "",
    },
)
PASSED_OVER = (
    {
        "resource": "Observation/dxa-1",
        "field": "femoral_neck_t_score",
        "why": "Observation/dxa-7 is newer.",
    },
    {"resource": "Medication/3", "field": "", "why": "Medicines alone say nothing of who takes."},
)
MEASURED = (
    {
        "slot": "hip_axis_length",
        "label": "Hip axis length",
        "fields": {"hip_axis_length_mm": 104.0},
        "used": {
            "scan": "a7c9c0c4-7a6e-4bd1-8a41-0a3f1a1c0f11",
            "version": 2,
            "on": "2025-10-02",
            "on_is": "day of the scan",
            "region": "hip_left",
            "method": "distance along the axis of the neck",
            "tried_on": "real scans",
            "why_not": None,
        },
        "chosen": "newest suitable",
        "others": [],
    },
)


def estimated(
    answers: Mapping[str, object], engine: str = "evidence", **options: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The estimate and the profile of one person, as the contract has them."""
    profile = read_profile(answers).profile
    estimate = engine_named(engine).estimate(profile, EstimateOptions(**options))
    return estimate_json(estimate), profile_json(profile)


def assessed(answers: Mapping[str, object], **changes: Any) -> Assessed:
    options = changes.pop("options", {})
    estimate, profile = estimated(answers, **options)
    has_scan = "hip_axis_length_mm" in profile
    told = {
        "id": ID,
        "at": AT,
        "estimate": estimate,
        "profile": profile,
        "software_version": "0.1.0",
        "subject": {"reference": "Patient/pat-1"},
        "author": "dr-example",
        "is_stored": False,
        "chosen": [one for one in CHOSEN if one["field"] in profile],
        "passed_over": PASSED_OVER,
        "measurements": MEASURED if has_scan else (),
        "paragraph": "This woman of 70 has an estimated probability.",
    }
    return Assessed(**(told | changes))


def all_resources(told: Assessed, pdf: bytes | None = None) -> list[Json]:
    """Everything that an assessment gives rise to."""
    return [
        risk_assessment(told, with_observations=True),
        *observations(told),
        diagnostic_report(told, pdf=pdf),
        provenance(told),
        device(told.software_version, told.engine, told.estimate["model_id"]),
    ]
