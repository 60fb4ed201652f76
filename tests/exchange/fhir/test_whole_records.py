"""Whole records, as hospitals' systems shape them: what is answered and what is passed over.

The fixtures are made by this project (fixtures/README.md); only shapes and codes are the
hospitals' and the specification's.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.record import FhirRecord
from riskapp.exchange.reading import read_profile

TODAY = date(2026, 11, 22)
FIXTURES = Path("fixtures/fhir")

ANSWERS: dict[str, dict[str, Any]] = {
    "hand-written": {
        "population": "gb",
        "age_years": 71,
        "sex": "female",
        "weight_kg": 68.0388555,  # 150 lb of 0.45359237 kg
        "height_cm": 162.56,  # 64 in of 2.54 cm
        "femoral_neck_bmd_g_cm2": 0.672,
        "lumbar_spine_t_score": -2.7,
        "dxa_manufacturer": "ge_lunar",
        "dxa_date": date(2026, 5, 1),
        "prior_fragility_fracture": True,
        "number_of_prior_fractures": 1,
        "prior_fracture_site": "forearm",
        "prior_fracture_months_ago": 22,
        "parent_hip_fracture": True,
        "current_smoker": True,
        "glucocorticoids": True,
        "glucocorticoid_dose_mg_daily": 10.0,  # 8 mg methylprednisolone
        "glucocorticoid_duration_months": 12.0,
        "rheumatoid_arthritis": False,
        "alcohol_3_or_more_units_daily": False,
        "osteoporosis_treatment": "oral_bisphosphonate",
        "osteoporosis_treatment_years": 1.8,
    },
    "synthea-shaped": {
        "population": "us",
        "age_years": 75,
        "sex": "female",
        "weight_kg": 68.4,
        "height_cm": 161.3,
        "prior_fragility_fracture": True,
        "number_of_prior_fractures": 1,
        "prior_fracture_site": "forearm",
        "prior_fracture_months_ago": 59,
        "current_smoker": False,
        "glucocorticoids": True,
        "glucocorticoid_dose_mg_daily": 10.0,
        "glucocorticoid_duration_months": 28.7,
        "type_2_diabetes_years": 16.0,
    },
    "swiss-german": {
        "age_years": 78,
        "sex": "female",
        "weight_kg": 58.5,
        "height_cm": 159.0,
        "femoral_neck_bmd_g_cm2": 0.701,
        "lumbar_spine_t_score": -2.9,
        "dxa_manufacturer": "ge_lunar",
        "dxa_date": date(2026, 9, 14),
        "prior_fragility_fracture": True,
        "number_of_prior_fractures": 1,
        "prior_fracture_site": "other",
        "glucocorticoids": True,
        "glucocorticoid_dose_mg_daily": 7.5,
        "glucocorticoid_duration_months": 24.0,
        "rheumatoid_arthritis": True,
        "osteoporosis_treatment": "denosumab",
        "osteoporosis_treatment_years": 0.2,
    },
    "epic-like": {
        "population": "us",
        "age_years": 69,
        "sex": "male",
        "weight_kg": 74.84274105,  # 2640 oz
        "height_cm": 177.8,
        "femoral_neck_t_score": -1.8,
        "dxa_date": date(2026, 5, 2),
        "parent_hip_fracture": True,
        "current_smoker": True,
        "alcohol_3_or_more_units_daily": True,
        "glucocorticoids": True,
        "glucocorticoid_dose_mg_daily": 10.0,
        "glucocorticoid_duration_months": 8.7,
    },
    "hl7-dxa": {"age_years": 51, "sex": "female"},
    "oid-systems": {
        "population": "gb",
        "age_years": 76,
        "sex": "male",
        "weight_kg": 80.5,
        "height_cm": 175.26,
        "total_hip_t_score": -2.0,
        "dxa_date": date(2025, 12, 5),
        "rheumatoid_arthritis": False,
        "secondary_osteoporosis": True,
        "glucocorticoids": True,
        "osteoporosis_treatment": "raloxifene",
        "osteoporosis_treatment_years": 2.0,
    },
}
# Fixture, resource, and a part of why it is passed over.
PASSED_OVER = [
    ("hand-written", "Observation/t", "The density of the same day says it more closely."),
    ("hand-written", "Observation/b", "Weight and height say it more closely."),
    ("hand-written", "DiagnosticReport/dr", "its conclusion is free text, which is not read."),
    ("synthea-shaped", "2222-4c3e-9f00-000000000007", "coded as one of the forearm"),
    ("synthea-shaped", "2222-4c3e-9f00-000000000010", "of childhood; adult fractures count."),
    ("synthea-shaped", "2222-4c3e-9f00-000000000012", "is not taken now"),
    ("synthea-shaped", "2222-4c3e-9f00-000000000002", "tells it later."),
    ("swiss-german", "Patient/4711", "No population of ours stands for the country 'CH'"),
    ("swiss-german", "Condition/verdacht", "is not confirmed (provisional)."),
    ("swiss-german", "Condition/huefte", "is ruled out, which says nothing of other fractures."),
    ("swiss-german", "Condition/wirbel", "The month of"),
    ("swiss-german", "MedicationStatement/salbe", "is applied locally and does not count."),
    ("epic-like", "Observation/w2", "Its status is entered-in-error."),
    ("epic-like", "Observation/w3", "Observation/w1 tells it for certain."),
    ("epic-like", "Observation/other", "It is about another patient."),
    ("epic-like", "Observation/bmdhip", "The maker of its scanner is not told"),
    ("epic-like", "Observation/tneck-old", "Observation/tneck is of a later visit."),
    ("epic-like", "Condition/hx", "an accident of high force is recorded on the same day."),
    ("epic-like", "Condition/ra", "is not confirmed (provisional)."),
    ("epic-like", "urn:uuid:0", "Some results are hidden."),
    ("hl7-dxa", "Observation/bmd", "does not say femoral neck, total hip or lumbar spine."),
    ("oid-systems", "MedicationStatement/pred", "No dosage is told."),
]


def bundle(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def read(name: str) -> FhirRecord:
    return read_record([bundle(name)], today=TODAY)


def test_every_fixture_has_its_expected_answers() -> None:
    assert {path.stem for path in FIXTURES.glob("*.json")} == set(ANSWERS)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_record_answers_what_it_says_and_no_more(name: str) -> None:
    record = read(name)
    assert record.answers == ANSWERS[name]
    assert {one.field: one.value for one in record.chosen} == record.answers


@pytest.mark.parametrize(("name", "resource", "why"), PASSED_OVER)
def test_what_is_passed_over_is_told_with_its_reason(name: str, resource: str, why: str) -> None:
    found = [one.why for one in read(name).passed_over if one.resource.endswith(resource)]
    assert any(why in each for each in found), found


@pytest.mark.parametrize("name", ANSWERS)
def test_every_resource_is_chosen_or_passed_over(name: str) -> None:
    record = read(name)
    told = {one.resource for one in record.chosen} | {one.resource for one in record.passed_over}
    for entry in bundle(name)["entry"]:
        resource = entry["resource"]
        label = f"{resource['resourceType']}/{resource['id']}" if "id" in resource else ""
        assert (label or entry["fullUrl"]) in told


@pytest.mark.parametrize("name", ANSWERS)
def test_a_profile_takes_what_a_record_answers(name: str) -> None:
    read_profile({"population": "gb", **read(name).answers})


@pytest.mark.parametrize("name", ANSWERS)
def test_the_order_of_resources_and_the_way_they_are_wrapped_change_no_answer(name: str) -> None:
    entries = bundle(name)["entry"]
    backwards = read_record(reversed(entries), today=TODAY)
    bare = read_record([entry["resource"] for entry in entries], today=TODAY)
    assert backwards.answers == ANSWERS[name]
    if name != "synthea-shaped":  # its references are the fullUrls
        assert bare.answers == ANSWERS[name]
