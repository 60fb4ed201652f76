"""One person, one number: the engine, the JSON door, and tables in CSV and Parquet.

The form's pages are held against the JSON door in tests/web/test_assessment_pages.py.
"""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from rest_framework.test import APIClient

from riskapp.actions.registering import issue_token
from riskapp.actions.scoring import score
from riskapp.exchange.reading import read_profile
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import choosable
from riskapp.risk.profile import FACTORS
from tests.people import owner

__all__ = ["owner"]

pytestmark = pytest.mark.django_db

POINT = EstimateOptions(explain=False, interval=False)
EVERYTHING = dict.fromkeys(FACTORS, False) | {"current_smoker": True, "weight_kg": 61.5}
PEOPLE: list[dict[str, object]] = [
    {"age_years": 72, **EVERYTHING, "height_cm": 160, "femoral_neck_t_score": -2.5},
    {"age_years": 40, **EVERYTHING, "height_cm": 171.5, "femoral_neck_t_score": 0.75},
    {
        "age_years": 90,
        "femoral_neck_bmd_g_cm2": 0.712,
        "dxa_manufacturer": "ge_lunar",
        "prior_fragility_fracture": True,
    },
    {"age_years": 66.6, "body_mass_index": 31.2},
    {
        "age_years": 74,
        "prior_fragility_fracture": True,
        "prior_fracture_months_ago": 8,
        "prior_fracture_site": "vertebra",
        "glucocorticoids": True,
        "glucocorticoid_dose_mg_daily": 7.5,
        "falls_last_year": 2,
        "type_2_diabetes_years": 12.5,
        "lumbar_spine_t_score": -3.1,
        "trabecular_bone_score": 1.18,
        "l1_attenuation_hu": 84.5,
        "hip_axis_length_mm": 104,
    },
    {"age_years": 55},
]
OUTCOMES = (Outcome.MAJOR_OSTEOPOROTIC, Outcome.HIP)


@pytest.mark.parametrize("code", [one.code for one in choosable()])
def test_every_door_gives_the_number_of_the_engine(code: str, owner: User, tmp_path: Path) -> None:
    people = [{"population": code, "sex": "female", **person} for person in PEOPLE]
    expected = [
        [found.outcomes[outcome].probability_10y for outcome in OUTCOMES]
        for person in people
        for found in [EvidenceEngine().estimate(read_profile(person).profile, POINT)]
    ]
    acted = [
        [found.outcomes[outcome].probability_10y for outcome in OUTCOMES]
        for person in people
        for found in score(person, options=POINT).estimates
    ]
    assert acted == expected

    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(by=owner, label='test')}")
    asked = {"profiles": people, "explain": False, "interval": False}
    results = program.post("/api/v1/scores/", asked, format="json").json()["results"]
    sent = [
        [result["estimates"][0]["outcomes"][outcome]["probability_10y"] for outcome in OUTCOMES]
        for result in results
    ]
    # The same sums in another order where many complete profiles are answered at once.
    assert [one for pair in sent for one in pair] == pytest.approx(
        [one for pair in expected for one in pair], abs=1e-12, rel=0
    )

    table = pd.DataFrame(people).astype({"current_smoker": object})
    for name, write in (("people.csv", table.to_csv), ("people.parquet", table.to_parquet)):
        source, output = tmp_path / name, tmp_path / f"{name}.scores.csv"
        write(source, index=False)
        call_command("score", str(source), str(output), "--no-interval", stdout=io.StringIO())
        with output.open(newline="") as rows:
            found = [
                [float(row[f"{outcome.value}_10y"]) for outcome in OUTCOMES]
                for row in csv.DictReader(rows)
            ]
        assert [one for row in found for one in row] == pytest.approx(
            [one for row in expected for one in row], abs=1e-12, rel=0
        )
