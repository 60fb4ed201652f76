"""Who is simulated: the joint distribution of the open surveys, and the evidence engine's own."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.risk import published
from riskapp.risk.design_row import Floats
from riskapp.training.simulation.assumptions import ASSUMPTIONS, ROUTINE_MISSING
from riskapp.training.simulation.options import Options
from riskapp.training.simulation.people import BONES, between_bones, draw_people, standardised
from riskapp.training.simulation.simulate import simulate
from riskapp.training.simulation.survey import SEXES, estimated, shipped
from riskapp.training.survey.bone_measurements import (
    HIP_MEAN_G_CM2,
    HIP_SD_G_CM2,
    NECK_MEAN_G_CM2,
    NECK_SD_G_CM2,
    SPINE_MEAN_G_CM2,
    SPINE_SD_G_CM2,
)

COHORTS = Path(__file__).parents[3].parent / "shared" / "data" / "cohorts"
NHANES = COHORTS / "nhanes_2017_2020" / "nhanes_2017_2020_50plus.csv"
KOREA = COHORTS / "korea_bone_quality" / "BoneQuality.csv"
FRACTURES = COHORTS / "nhanes_2017_2018" / "nhanes_2017_2018_50plus.csv"
DIABETES = COHORTS / "nhanes_2017_2018" / "DIQ_J.XPT"
needs_surveys = pytest.mark.skipif(not NHANES.exists(), reason="the surveys' files are not here")


@cache
def people() -> dict[str, Floats]:
    options = Options(
        people=40_000,
        seed=21,
        population="us",
        age_from=50,
        age_to=80,
        femoral_neck="survey",
    )
    return draw_people(options, options.people, np.random.default_rng(21))


@needs_surveys
def test_what_ships_comes_out_of_the_open_files_again() -> None:
    assert estimated(NHANES, KOREA, FRACTURES, DIABETES) == shipped()


def test_the_readme_lists_the_parameters_with_their_hash() -> None:
    readme = (published.HERE / "README.md").read_text(encoding="utf-8")
    assert published.sha256("simulation/survey") in readme


@cache
def surveyed() -> pd.DataFrame:
    read = pd.read_csv(NHANES).dropna(subset=["fn_bmd", "total_hip_bmd", "ls_bmd", "bmi", "wt_mec"])
    read = read[read["age"].between(50, 79)]
    return pd.DataFrame(
        {
            "sex": read["sex"],
            "weight": read["wt_mec"],
            "age_years": read["age"],
            "bmi": np.log(read["bmi"]),
            "femoral_neck_t_score": (read["fn_bmd"] - NECK_MEAN_G_CM2) / NECK_SD_G_CM2,
            "total_hip_t_score": (read["total_hip_bmd"] - HIP_MEAN_G_CM2) / HIP_SD_G_CM2,
            "lumbar_spine_t_score": (read["ls_bmd"] - SPINE_MEAN_G_CM2) / SPINE_SD_G_CM2,
        }
    )


@needs_surveys
@pytest.mark.parametrize("sex", SEXES)
def test_densities_go_together_as_in_the_survey(sex: str) -> None:
    names = ["bmi", "femoral_neck_t_score", "total_hip_t_score", "lumbar_spine_t_score"]
    one = surveyed()[surveyed()["sex"] == sex]
    # At one age: simulated ages are even, the survey's are not.
    seen = partial_correlation(one, names, one["weight"].to_numpy())
    mine = pd.DataFrame(people() | {"bmi": np.log(people()["bmi_kg_m2"])})
    mine = mine[mine["female"] == float(sex == "female")]
    drawn = partial_correlation(mine, names, np.ones(len(mine)))
    # Sampling error of a correlation near 0.5 among about 900 people, weighted: 0.04.
    np.testing.assert_allclose(drawn, seen, atol=0.12)


def partial_correlation(table: pd.DataFrame, names: list[str], weight: Floats) -> Floats:
    decades = (table["age_years"].to_numpy() - 65) / 10
    terms = np.column_stack([np.ones_like(decades), decades])
    values = table[names].to_numpy(float)
    weighted = terms * weight[:, None]
    left = values - terms @ np.linalg.solve(weighted.T @ terms, weighted.T @ values)
    covariance = (left * weight[:, None]).T @ left
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


@needs_surveys
@pytest.mark.parametrize("sex", SEXES)
@pytest.mark.parametrize(
    "site", ["femoral_neck_t_score", "total_hip_t_score", "lumbar_spine_t_score"]
)
def test_means_by_age_are_those_of_the_survey(sex: str, site: str) -> None:
    for youngest in (50, 60, 70):
        one = surveyed()[surveyed()["sex"] == sex]
        one = one[one["age_years"].between(youngest, youngest + 9)]
        seen = np.average(one[site], weights=one["weight"])
        drawn = people()
        chosen = (drawn["female"] == float(sex == "female")) & (
            np.floor(drawn["age_years"] / 10) * 10 == youngest
        )
        # Standard error of the survey's mean, weights and clusters included: up to 0.15.
        assert drawn[site][chosen].mean() == pytest.approx(seen, abs=0.3)


def test_bones_are_jointly_normal_as_the_evidence_engine_takes_them() -> None:
    z = standardised(people())
    np.testing.assert_allclose(np.corrcoef(z.T), between_bones(), atol=0.03)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=0.04)
    np.testing.assert_allclose(z.std(axis=0), 1, atol=0.03)
    assert BONES[2] == "lumbar_texture_score"


def test_attenuation_falls_with_age_about_as_published() -> None:
    # Jang 2019, doi:10.1148/radiol.2019181648: 2.5 HU a year, 89 HU (SD 38) past 90.
    table = simulate(Options(people=20_000, seed=12)).table
    slope = np.polyfit(table["age_years"], table["l1_attenuation_hu"], 1)[0]
    assert slope == pytest.approx(-2.5, abs=0.6)
    oldest = table[table["age_years"] > 88]["l1_attenuation_hu"]
    assert oldest.mean() == pytest.approx(89, abs=25)


def test_falls_and_diabetes_are_as_common_as_the_engine_takes_them() -> None:
    drawn = people()
    share = published.read("modifiers/falls")["share_with_recurrent_falls"]
    assert (drawn["falls_last_year"] >= 2).mean() == pytest.approx(share, abs=0.006)
    assert (drawn["falls_last_year"] >= 1).mean() == pytest.approx(0.275, abs=0.008)
    log_odds = published.read("modifiers/type-2-diabetes")["log_odds"]["female"]
    women = (drawn["female"] == 1) & (np.abs(drawn["age_years"] - 65) < 2.5)
    expected = 1 / (1 + np.exp(-log_odds["at_65"]))
    assert (drawn["type_2_diabetes_years"][women] > 0).mean() == pytest.approx(expected, abs=0.03)


def test_details_belong_to_those_who_have_the_factor() -> None:
    drawn = people()
    broken = drawn["prior_fragility_fracture"] == 1
    assert np.isfinite(drawn["prior_fracture_months_ago"][broken]).all()
    assert np.isnan(drawn["prior_fracture_months_ago"][~broken]).all()
    adult_months = 12 * (drawn["age_years"][broken] - 20)
    assert (drawn["prior_fracture_months_ago"][broken] <= adult_months + 2).all()
    treated = drawn["glucocorticoids"] == 1
    assert np.isnan(drawn["glucocorticoid_dose_mg_daily"][~treated]).all()


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    age_from=st.floats(40, 60),
    share_women=st.floats(0, 1),
    missing=st.sampled_from(["none", "random", "by_age", "routine"]),
)
def test_everybody_is_within_what_was_asked(
    seed: int, age_from: float, share_women: float, missing: str
) -> None:
    options = Options(
        people=60,
        seed=seed,
        age_from=age_from,
        age_to=age_from + 20,
        share_women=share_women,
        missing=missing,
    )
    table, truth = simulate(options)
    assert table["age_years"].between(age_from - 0.051, age_from + 20.051).all()
    assert (table["hip_time_years"] <= table["death_time_years"]).all()
    assert (table["major_time_years"] <= table["hip_time_years"]).all()
    assert (table["any_time_years"] <= table["major_time_years"]).all()
    numbers = truth.drop(columns="id").to_numpy()
    assert ((numbers > 0) & (numbers <= 1)).all()
    assert (truth["any_10y"] >= truth["major_osteoporotic_10y"]).all()
    assert (truth["major_osteoporotic_10y"] >= truth["hip_10y"]).all()


def test_every_assumption_is_marked_and_says_where_it_comes_from() -> None:
    for each in ASSUMPTIONS.values():
        assert each.mark in {"seen", "recalled", "assumption"}
        assert each.source
    assert all(0 <= share < 1 for share in ROUTINE_MISSING.values())
