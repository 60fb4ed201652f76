"""Calibration: what was printed, parameters recovered from their own cases, a fresh page."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskapp.risk import published
from riskapp.risk.evidence_sets import evidence_set
from riskapp.training.evidence.agreement import agreement, answers, decisions, parts
from riskapp.training.evidence.base_layout import GROUPS, bases_of
from riskapp.training.evidence.case_answers import CaseAnswers
from riskapp.training.evidence.evidence_page import page
from riskapp.training.evidence.fit_evidence import fit
from riskapp.training.evidence.frax_cases import (
    NOTHING,
    PROFILE,
    PUBLISHED,
    Case,
    chart_cases,
    profile_cases,
    published_cases,
)

STORED = published.read("evidence/frax-2008")
ROWS = published.read("evidence/frax-2008-counterparts")["parameters"]
GB = evidence_set("frax-2008", "gb").parameters
VALUES = STORED["effects"] | {
    f"gb:{name}": value for name, value in STORED["baselines"]["gb"].items()
}
PUBLISHED_HEADER = "model,sex,age,bmi,crf,fn_tscore,mof_pct,hip_pct\n"
CASES = Path(__file__).parents[1] / "reference" / "frax_uk_2008.csv"
SCIENCE = Path(__file__).parents[2].parent / "shared" / "science"
COLLECTED = (
    "frax_reference_cases.csv",
    "frax_us_profiles_development.csv",
    "frax_chart_lookups.csv",
)


def test_printed_numbers_keep_their_rounding(tmp_path: Path) -> None:
    table = tmp_path / "cases.csv"
    table.write_text(
        PUBLISHED_HEADER + "UK (FRAX 2008),female,50,25,none,1,17,<0.1\n"
        "UK (FRAX v3/NOGG 2017),female,45,25,prior_fracture,,6.0,\n"
        "UK (FRAX v3/NOGG 2017),female,60,25,none,,5.9,\n"
        "Sweden (FRAX 3.5),male,65,24,prior_fracture,-2.5,21,\n"
    )
    first, young = published_cases(table)
    assert (first.major, first.major_half_width) == (0.17, pytest.approx(0.005))
    assert (first.hip, first.hip_half_width) == (0.0005, 0.0005)
    assert first.t_score == 1
    assert (young.table, young.hip) == ("later release", None)
    assert young.factors == (frozenset({"prior_fragility_fracture"}),)


def test_collected_results_keep_two_figures_and_leave_out_what_is_anomalous(tmp_path: Path) -> None:
    table = tmp_path / "profiles.csv"
    table.write_text(
        "us_group,age,sex_female,weight_kg,height_cm,bmi,bmd,previousFracture,parentFracturedHip,"
        "smoking,glucocorticoids,rheumatoidArthritis,secondaryOsteoporosis,alcohol,t_score,"
        "mof_risk,hip_risk,duplicate_group,anomalous\n"
        "US (Asian),70,0,80,170,27.7,0.7,1,0,1,0,0,1,0,-1.3,12.0,0.9,3,false\n"
        "US (Black),70,0,80,170,27.7,0.7,1,0,1,0,0,1,0,-1.3,12.0,0.9,4,false\n"
        "US (Black),71,1,80,170,27.7,0.7,1,0,1,0,0,1,0,-1.3,12.0,0.9,5,true\n"
    )
    first, second = profile_cases(table)
    assert (first.population, first.sex) == ("us-asian", "male")
    assert first.factors == (frozenset({"prior_fragility_fracture", "current_smoker"}),)
    assert (first.major, first.major_half_width) == (0.12, pytest.approx(0.005))
    assert (first.hip, first.hip_half_width) == (pytest.approx(0.009), pytest.approx(0.0005))
    # One person asked about in two groups is left out of a calibration in both.
    assert first.group == second.group


def test_a_chart_counts_every_choice_of_so_many_risk_factors(tmp_path: Path) -> None:
    table = tmp_path / "charts.csv"
    table.write_text(
        "population,sex,age_years,body_mass_index,femoral_neck_t_score,risk_factor_count,hip_10y,"
        "major_osteoporotic_10y\n"
        "japan,female,65,25,-2,2,0.017,0.12\nus-hispanic,female,65,25,-2,4,0.17,0.5\n"
    )
    first, hispanic = chart_cases(table)
    assert (first.population, len(first.factors)) == ("jp", 15)
    assert all(len(chosen) == 2 for chosen in first.factors)
    assert (first.hip, first.hip_half_width) == (pytest.approx(0.017), pytest.approx(0.0005))
    assert (hispanic.major, hispanic.hip) == (None, 0.17)
    single = [replace(first, factors=(chosen,), hip=None, major=None) for chosen in first.factors]
    parameters = {"jp": GB}
    together = CaseAnswers([first]).probabilities(parameters)
    one_by_one = CaseAnswers(single).probabilities(parameters)
    assert np.mean(one_by_one, axis=1) == pytest.approx(np.ravel(together), abs=1e-12)


def synthetic(factor: str | None, age_years: float, t_score: float | None) -> Case:
    blank = Case(
        source=PUBLISHED,
        table="synthetic",
        population="gb",
        sex="female",
        age_years=age_years,
        bmi_kg_m2=25,
        factors=(NOTHING if factor is None else frozenset({factor}),),
        t_score=t_score,
        group=f"{factor} {t_score}",
        major=None,
        major_half_width=0.0005,
        hip=None,
        hip_half_width=0.0005,
    )
    major, hip = answers([blank], VALUES)
    return replace(blank, major=float(major[0]), hip=float(hip[0]))


def test_a_parameter_is_recovered_from_cases_made_with_it() -> None:
    ages = (45, 50, 55, 60, 65, 70, 75, 80, 85)
    cases = [synthetic(factor, age, None) for age in ages for factor in (None, "current_smoker")]
    free = {"hip.current_smoker.50", "hip.current_smoker.70", "hip.current_smoker.90"}
    rows: list[dict[str, Any]] = [
        row | {"fitted": True, "start": GB[row["name"]] + 0.3, "prior_sd": 10}
        if row["name"] in free
        else row | {"fitted": False, "start": GB[row["name"]]}
        for row in ROWS
    ]
    found = fit(rows, cases, VALUES | {name: GB[name] + 0.3 for name in free})
    for name in free:
        assert found[name] == pytest.approx(GB[name], abs=0.05)
    assert agreement(cases, found)[0]["p90_percent"] < 0.5


def test_unknown_bone_density_is_summed_as_the_engine_sums_it() -> None:
    (major,), (hip,) = answers([synthetic(None, 70, None)], VALUES)
    nodes = np.arange(-7, 5, 0.5)
    coarse = [synthetic(None, 70, float(t)) for t in nodes]
    mean = (
        GB["t_score.at_65.female"]
        + GB["t_score.per_decade.female"] / 2
        + GB["t_score.age_bend.female"] / 4
    )
    weights = np.exp(-((nodes - mean) ** 2) / 2)
    assert major == pytest.approx(
        np.average([c.major or 0 for c in coarse], weights=weights), abs=1e-4
    )
    assert hip == pytest.approx(np.average([c.hip or 0 for c in coarse], weights=weights), abs=1e-4)


def test_every_case_is_left_out_once() -> None:
    cases = [synthetic(None, 70, float(t)) for t in range(-4, 5)]
    left = parts(cases)
    assert sorted(group for part in left for group in part) == sorted(c.group for c in cases)


def test_a_decision_is_compared_as_it_is_printed() -> None:
    case = replace(synthetic(None, 70, -2.0), source=PROFILE, major=0.20, hip=0.029)
    near, far = np.array([0.1951]), np.array([0.19])
    below, above = np.array([0.0294]), np.array([0.0296])
    assert decisions([case], near, below) == {"decisions": 2, "same": 2}
    assert decisions([case], far, above) == {"decisions": 2, "same": 0}


def test_groups_of_the_united_states_share_a_base_up_to_their_ratios() -> None:
    ratios = STORED["ratios"]
    white = STORED["baselines"]["us-white"]
    values = {f"us-white:{name}": value for name, value in white.items()} | ratios
    for group in ("us-black", "us-hispanic", "us-asian"):
        made = bases_of(group, values)
        assert made == pytest.approx(STORED["baselines"][group], abs=2e-5)
        assert made["base.hip.male.70"] - white["base.hip.male.70"] == pytest.approx(
            ratios[f"{group}:ratio.male"]
        )


def test_the_stored_agreement_is_what_the_parameters_give() -> None:
    # The transcribed cells of a later release and the collected results are not with the tests.
    printed = [row for row in STORED["agreement"] if row["table"].startswith("gb, ")]
    assert sum(row["cells"] for row in printed) == 2 * 116
    assert agreement(list(published_cases(CASES)), VALUES) == printed


@pytest.mark.parametrize(
    ("source", "outcome", "median", "p90"),
    [
        ("gb, ", "major_osteoporotic", 1.5, 4.5),
        ("gb, ", "hip", 2.5, 6),
        (", profile", "major_osteoporotic", 3, 8),
        (", profile", "hip", 3.5, 9),
        (", chart", "major_osteoporotic", 3.1, 10),
        (", chart", "hip", 4, 10),
    ],
)
def test_the_calibration_follows_frax_in_every_table(
    source: str, outcome: str, median: float, p90: float
) -> None:
    for row in STORED["agreement"]:
        if source in row["table"] and row["outcome"] == outcome:
            assert row["median_percent"] <= median, row
            assert row["p90_percent"] <= p90, row


def test_the_collected_results_give_the_agreement_that_is_stored() -> None:
    paths = [SCIENCE / name for name in COLLECTED]
    if not all(path.exists() for path in paths):
        pytest.skip("the collected results of FRAX are not part of the project")
    for path, origin in zip(paths, STORED["calibrated_to"], strict=True):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == origin["sha256"]
    cases = [
        case
        for path, read in zip(paths, (published_cases, profile_cases, chart_cases), strict=True)
        for case in read(path)
    ]
    assert len(cases) == sum(origin["cases"] for origin in STORED["calibrated_to"])
    bases = {
        f"{code}:{name}": value
        for code, base in STORED["baselines"].items()
        if code not in GROUPS
        for name, value in base.items()
    }
    assert agreement(cases, STORED["effects"] | bases | STORED["ratios"]) == STORED["agreement"]


def test_the_page_beside_the_parameters_is_fresh() -> None:
    kept = Path(__file__).parents[2] / "docs" / "evidence-frax-2008.md"
    assert kept.read_text(encoding="utf-8") == page("frax-2008")


def test_every_effect_has_a_counterpart_row_and_a_finite_value() -> None:
    assert [row["name"] for row in ROWS] == list(STORED["effects"])
    assert np.isfinite(list(GB.values())).all()


def test_published_counterparts_lie_in_their_intervals_and_say_whose_they_are() -> None:
    for row in ROWS:
        if row["published_interval_95"]:
            low, high = row["published_interval_95"]
            assert low < row["published"] < high, row["name"]
        if row["mark"].startswith("seen"):
            assert row["published"] is not None, row["name"]
    # Qu 2013, of the hip: not the 1.17 that holds for all sites together.
    (death,) = (row for row in ROWS if row["name"] == "death.t_score")
    assert (death["published"], death["mark"]) == (1.2, "seen in the abstract")
    assert "doi:10.1016/j.ijcard.2011.10.114" in death["source"]
