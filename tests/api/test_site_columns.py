"""Columns of a site at the JSON doors: described, taken, answered, kept."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from drf_spectacular.generators import SchemaGenerator

from riskapp.actions import registry
from riskapp.models import Patient
from tests.api.conftest import caller
from tests.model_copies import site_model

V1 = "/api/v1/"
ANN = {"population": "gb", "age_years": 70, "sex": "female"}
EVERY = ["evidence", "cox", "xgboost", "lightgbm", "neural", "ensemble"]
QUICK = {"explain": False, "interval": False}


@pytest.fixture
def as_clinic(
    owner: User, model_folder: Path, statistician: User, second_statistician: User
) -> Any:
    """A clinician of an organisation whose Cox model reads the reach of an arm."""
    site_model(model_folder, "clinic-reach")
    model = registry.adopt(by=statistician, model_id="clinic-reach")
    registry.change(by=second_statistician, model=model, step="approve", why="Good.")
    registry.change(by=statistician, model=model, step="serve", why="Good.")
    return caller(owner)


def scored(api: Any, profile: dict[str, object], **more: object) -> dict[str, Any]:
    reply = api.post(f"{V1}scores/", {"profile": ANN | profile, "engines": EVERY, **QUICK, **more})
    assert reply.status_code == 200, reply.content
    (result,) = reply.json()["results"]
    return dict(result)


def test_every_engine_is_answered_with_a_site_column(as_clinic: Any) -> None:
    near, far = (scored(as_clinic, {"reach": reach}) for reach in (95, "120"))
    ids = {one["engine"]: one["model_id"] for one in near["estimates"]}
    assert list(ids) == EVERY
    assert ids["cox"] == "clinic-reach"
    for one, other in zip(near["estimates"], far["estimates"], strict=True):
        risks = [each["outcomes"]["hip"]["probability_10y"] for each in (one, other)]
        assert (risks[0] > risks[1]) if one["engine"] == "cox" else (risks[0] == risks[1])
        unused = any("not used by" in said and "reach" in said for said in one["warnings"])
        assert unused == (one["engine"] != "cox")


def test_its_share_is_told_in_words_and_the_shares_sum_to_the_number(as_clinic: Any) -> None:
    result = scored(as_clinic, {"reach": 95}, engines=["cox"], explain=True)
    (estimate,) = result["estimates"]
    explanation = estimate["explanation"]
    told = {one["field"]: one for one in explanation["contributions"]}
    assert told["reach"]["label"] == "Reach of the arm"
    assert told["reach"]["wording"].startswith("Reach of the arm 95\u00a0kg goes with")
    assert told["reach"]["log_hazard"]["hip"] > 0
    for outcome in ("hip", "major_osteoporotic"):
        shares = [one["probability"][outcome] for one in explanation["contributions"]]
        shown = estimate["outcomes"][outcome]["probability_10y"]
        assert explanation["baseline"][outcome] + sum(shares) == pytest.approx(shown, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (1000, "Reach of the arm is 1000; expected 60 to 160 kg."),
        ("far", "Reach of the arm"),
        ([95], "Reach of the arm"),
        (True, "Reach of the arm"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_in_a_sentence(
    as_clinic: Any, value: object, sentence: str
) -> None:
    result = scored(as_clinic, {"reach": value})
    assert result["estimates"] == []
    assert sentence in result["refused"]
    assert result["refused"].endswith(".")


def test_others_cannot_use_a_column_that_is_not_theirs(as_clinic: Any, stranger: User) -> None:
    assert "no field named 'reach'" in scored(caller(stranger), {"reach": 95})["refused"]


def test_it_is_kept_with_an_assessment(as_clinic: Any, patient: Patient) -> None:
    asked = {"patient": str(patient.pk), "engines": ["cox"], **QUICK}
    reply = as_clinic.post(
        f"{V1}assessments/", asked | {"profile": {"population": "gb", "reach": 95}}
    )
    assert reply.status_code == 201, reply.content
    kept = as_clinic.get(reply["Location"]).json()
    assert kept["site_values"] == [
        {"name": "reach", "label": "Reach of the arm", "unit": "kg", "value": 95.0}
    ]
    assert "reach" not in kept["profile"]


def test_models_and_description_say_what_may_be_sent(as_clinic: Any) -> None:
    models = {one["model_id"]: one for one in as_clinic.get(f"{V1}models/").json()}
    assert models["cox-simulated-3"]["site_columns"] == []
    (column,) = models["clinic-reach"]["site_columns"]
    assert (column["name"], column["ucum"], column["low"], column["high"]) == (
        "reach", "kg", 60, 160
    )  # fmt: skip
    described = SchemaGenerator().get_schema(public=True)["components"]["schemas"]["Profile"]
    assert "column of your site" in described["additionalProperties"]["description"]
