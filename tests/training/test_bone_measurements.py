"""What ships about measurements of bone comes out of the open files and printed figures again."""

from pathlib import Path

import pytest

from riskapp.risk import published
from riskapp.training.survey.bone_measurements import (
    from_korea,
    from_nhanes,
    from_printed_figures,
    neck_by_age,
)

COHORTS = Path(__file__).parents[2].parent / "shared" / "data" / "cohorts"
NHANES = COHORTS / "nhanes_2017_2020" / "nhanes_2017_2020_50plus.csv"
KOREA = COHORTS / "korea_bone_quality" / "BoneQuality.csv"
SHIPPED = published.read("modifiers/bone-measurements")

needs_nhanes = pytest.mark.skipif(not NHANES.exists(), reason="the NHANES table is not here")
needs_korea = pytest.mark.skipif(not KOREA.exists(), reason="the Korean table is not here")


def correlation(*names: str) -> float:
    (row,) = (row for row in SHIPPED["correlations"] if set(row["of"]) == set(names))
    return float(row["r"])


def lines_of(name: str) -> dict[str, object]:
    return {sex: SHIPPED["lines"][name][sex] for sex in ("female", "male")}


@needs_nhanes
def test_spine_and_total_hip_given_the_femoral_neck() -> None:
    found, r = from_nhanes(NHANES)
    for name, line in found.items():
        assert line == lines_of(name)
    assert round(r, 2) == correlation("lumbar_spine_t_score", "total_hip_t_score")


@needs_korea
def test_the_trabecular_bone_score_given_the_femoral_neck() -> None:
    found, r, spread = from_korea(KOREA)
    assert found["trabecular_bone_score"] == lines_of("trabecular_bone_score")
    assert round(r, 2) == correlation("lumbar_spine_t_score", "trabecular_bone_score")
    # Schousboe 2016: 1.27 per SD; per unit of the score it takes the SD of the Korean adults.
    (row,) = (
        row
        for row in SHIPPED["effects"]
        if (row["of"], row["outcome"]) == ("trabecular_bone_score", "major")
    )
    assert row["per_unit"] == pytest.approx(-0.2390 / spread, abs=0.01)


@needs_nhanes
def test_what_ct_reads_at_a_t_score_follows_from_printed_figures() -> None:
    for name, line in from_printed_figures(neck_by_age(NHANES)).items():
        assert line == lines_of(name)


def test_ct_at_sixty_five_lies_between_the_printed_ends_and_classes() -> None:
    # Jang 2019: 226 HU below 30 and 89 HU from 90; a woman of 65 has a mean T-score near -1.3.
    one = SHIPPED["lines"]["l1_attenuation_hu"]["female"]
    at_zero = (one["mean_at_t_zero"][0] + one["mean_at_t_zero"][1]) / 2
    assert 89 < at_zero - 1.3 * one["per_t"] < 178
