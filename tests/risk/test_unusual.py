"""Unlikely answers: told, never refused, and only where the published tables say so."""

from datetime import UTC, datetime, timedelta
from math import erfc, sqrt
from typing import Any

import pytest

from riskapp.risk.unusual import RARE_Z, USUAL, unusual

WOMAN: dict[str, Any] = {"sex": "female", "age_years": 70.0}


def test_a_very_low_body_mass_index_is_told_beside_the_weight() -> None:
    told = unusual(WOMAN | {"weight_kg": 40.0, "height_cm": 185.0})
    assert told == {
        "weight_kg": "Body mass index 11.7, lower than 499 in 500 at this age. Check both."
    }
    assert "weight_kg" in unusual(WOMAN | {"weight_kg": 48.0, "height_cm": 185.0})  # index 14.0
    assert not unusual(WOMAN | {"weight_kg": 51.0, "height_cm": 185.0})  # index 14.9


def test_one_in_500_lies_beyond() -> None:
    # Standard normal: P(Z > 2.878) = 0.0020.
    assert erfc(RARE_Z / sqrt(2)) / 2 == pytest.approx(1 / 500, rel=0.01)


# NHANES 2017-2020 (published/modifiers/bone-measurements): at 70 the total hip of women lies
# 0.952 T + 0.330 with SD 0.464.
@pytest.mark.parametrize(("total_hip", "is_told"), [(-0.3, False), (-0.2, True)])
def test_two_sites_far_from_each_other_are_told(total_hip: float, is_told: bool) -> None:
    told = unusual(WOMAN | {"femoral_neck_t_score": -2.0, "total_hip_t_score": total_hip})
    assert ("total_hip_t_score" in told) is is_told


# At 75 the femoral neck of women lies around -1.5.
@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({"femoral_neck_t_score": 2.6}, {"femoral_neck_t_score"}),
        ({"femoral_neck_t_score": 1.3}, set()),
        ({"femoral_neck_t_score": -2.6}, set()),
        ({"femoral_neck_t_score": 5.0}, set()),  # unlikely with either sign
        ({"total_hip_t_score": 2.6}, {"total_hip_t_score"}),
        ({"total_hip_t_score": 2.6, "femoral_neck_t_score": -2.6}, {"total_hip_t_score"}),
        ({"lumbar_spine_t_score": 3.0, "femoral_neck_t_score": -2.6}, {"lumbar_spine_t_score"}),
        # The others are not held against a femoral neck whose own sign is asked for.
        (
            {"femoral_neck_t_score": 2.6, "total_hip_t_score": -2.2, "lumbar_spine_t_score": -2.0},
            {"femoral_neck_t_score"},
        ),
    ],
)
def test_a_t_score_that_may_have_lost_its_minus_is_asked_for_its_sign(
    answers: dict[str, float], asked: set[str]
) -> None:
    told = unusual(WOMAN | {"age_years": 75.0} | answers)
    assert {name for name, said in told.items() if said.endswith("is the sign right?")} == asked
    assert "Z-score" not in " ".join(told.values())
    assert (told.keys() == asked) is (answers.get("femoral_neck_t_score") != 5.0)


def test_the_sign_of_what_follows_from_a_density_is_not_asked_for() -> None:
    dense = WOMAN | {"femoral_neck_bmd_g_cm2": 1.2, "dxa_manufacturer": "hologic"}
    assert unusual(dense) == {
        "femoral_neck_bmd_g_cm2": "Higher than 499 in 500 at this age. Check it."
    }


def test_a_t_score_that_hardly_fits_its_density_says_which_counts() -> None:
    both = WOMAN | {"femoral_neck_bmd_g_cm2": 0.594, "dxa_manufacturer": "hologic"}
    assert not unusual(both | {"femoral_neck_t_score": -2.2})
    told = unusual(both | {"femoral_neck_t_score": -2.4})["femoral_neck_t_score"]
    assert told == "Its BMD gives \u22122.2, which is what counts. Check both."
    # Farther apart it is refused, so nothing soft is said.
    assert not unusual(both | {"femoral_neck_t_score": -2.8})


@pytest.mark.parametrize(("months", "is_told"), [(624, False), (625, True), (841, False)])
def test_a_fracture_before_adult_life_is_told(months: float, is_told: bool) -> None:
    told = unusual(WOMAN | {"prior_fracture_months_ago": float(months)})
    assert ("prior_fracture_months_ago" in told) is is_told


def test_menopause_is_looked_at_from_both_sides() -> None:
    assert "postmenopausal" in unusual(WOMAN | {"age_years": 60.0, "postmenopausal": False})
    assert not unusual(WOMAN | {"age_years": 59.9, "postmenopausal": False})
    early = WOMAN | {"age_years": 44.0, "postmenopausal": True}
    assert "secondary osteoporosis" in unusual(early)["postmenopausal"]
    assert not unusual(early | {"secondary_osteoporosis": True})
    assert not unusual(early | {"age_years": 45.0})


def test_an_old_scan_is_told_after_five_years() -> None:
    today = datetime.now(UTC).date()
    assert "dxa_date" in unusual({"dxa_date": today - timedelta(days=1827)})
    assert not unusual({"dxa_date": today - timedelta(days=1826)})


@pytest.mark.parametrize("name", USUAL)
def test_bounds_have_a_source_and_both_sides(name: str) -> None:
    usual = USUAL[name]
    assert usual.source
    for value, is_told in ((usual.high, False), (usual.high + 1, True), (usual.low, False)):
        assert (name in unusual({name: value})) is is_told


def test_a_usual_record_has_nothing_to_look_at_again() -> None:
    assert not unusual(
        WOMAN
        | {
            "weight_kg": 61.5,
            "height_cm": 160.0,
            "femoral_neck_t_score": -2.2,
            "lumbar_spine_t_score": -1.9,
            "total_hip_t_score": -1.7,
            "l1_attenuation_hu": 110.0,
            "falls_last_year": 2,
        }
    )
