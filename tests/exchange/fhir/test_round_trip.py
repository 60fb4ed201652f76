"""What is written as FHIR here is read back as it was: writer and reader agree on every field."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.observation import observations
from riskapp.exchange.fields import FIELDS
from riskapp.exchange.reading import CHOICES, YES_OR_NO, read_profile
from riskapp.risk.limits import RANGES

TODAY = date(2026, 11, 22)
# Told by the Patient, and not by an Observation.
OF_THE_PERSON = {"age_years", "sex", "population"}
# A day of its own, beside a density.
DENSITY = {"dxa_manufacturer": "hologic", "dxa_date": "2026-05-01"}
OTHERS = {"prior_fracture_site": "hip", "osteoporosis_treatment": "denosumab"}
# A T-score of which the density of the same day says more is not read back beside it.
VALUES: dict[str, Any] = {
    **{name: (limit.low + limit.high) / 2 for name, limit in RANGES.items()},
    **dict.fromkeys(YES_OR_NO, True),
    **OTHERS,
    "weight_kg": 61.5,
    "height_cm": 162.0,
    "body_mass_index": 23.4,
    "femoral_neck_t_score": -2.4,
    "total_hip_t_score": -1.4,
    "lumbar_spine_t_score": -3.1,
}
WHOLE = {name: int(VALUES[name]) for name, limit in RANGES.items() if limit.whole}
ALONE = [name for name in FIELDS if name not in OF_THE_PERSON | set(DENSITY)]


def written(profile: dict[str, Any]) -> list[dict[str, Any]]:
    told = Assessed(
        id="00000000-0000-0000-0000-000000000001",
        at=datetime(2026, 11, 1, 12, tzinfo=UTC),
        estimate={"engine": "evidence", "model_id": "m"},
        profile=profile,
        software_version="0",
        subject={"reference": "Patient/p"},
        author="a",
        is_stored=True,
    )
    person = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1930-01-01"}
    return [person, *observations(told)]


@pytest.mark.parametrize("field", ALONE)
def test_a_field_is_read_back_as_it_was_written(field: str) -> None:
    value = {**VALUES, **WHOLE}[field]
    profile = {field: value} | (DENSITY if field.endswith(("_bmd_g_cm2", "_t_score")) else {})
    record = read_record(written(profile), today=TODAY)
    assert record.answers[field] == pytest.approx(value) if field in RANGES else value
    if field.endswith("_bmd_g_cm2"):
        assert record.answers["dxa_manufacturer"] == "hologic"
    if field in profile and "dxa_date" in profile:
        assert record.answers["dxa_date"] == date(2026, 5, 1)


@pytest.mark.parametrize("field", YES_OR_NO)
def test_a_no_is_read_back_as_no(field: str) -> None:
    assert read_record(written({field: False}), today=TODAY).answers[field] is False


@pytest.mark.parametrize("field", ["prior_fracture_site", "osteoporosis_treatment"])
def test_every_choice_is_read_back(field: str) -> None:
    for choice in CHOICES[field]:
        assert read_record(written({field: choice.value}), today=TODAY).answers[field] == choice


def test_a_whole_profile_comes_back() -> None:
    profile = {
        "weight_kg": 61.5,
        "height_cm": 162.0,
        "femoral_neck_bmd_g_cm2": 0.612,
        "lumbar_spine_t_score": -3.1,
        **DENSITY,
        "prior_fragility_fracture": True,
        "number_of_prior_fractures": 2,
        "prior_fracture_site": "vertebra",
        "prior_fracture_months_ago": 7.0,
        "glucocorticoids": True,
        "glucocorticoid_dose_mg_daily": 7.5,
        "current_smoker": False,
        "falls_last_year": 3,
        "osteoporosis_treatment": "none",
    }
    answers = dict(read_record(written(profile), today=TODAY).answers)
    person = {"population": "gb", "age_years": 80, "sex": "female"}
    back = read_profile({**answers, **person}).profile
    assert back == read_profile({**profile, **person}).profile
