"""The profile: both sides of every boundary, and answers that contradict each other."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from riskapp.risk.bone_density import DxaManufacturer, Site
from riskapp.risk.errors import InvalidProfile
from riskapp.risk.limits import AHEAD_OF_UTC, FIRST_DXA, RANGES
from riskapp.risk.profile import TIMES, RiskProfile, Sex

WOMAN: dict[str, Any] = {"population": "gb", "age_years": 70.0, "sex": Sex.FEMALE}
# A boundary value of one of these is only plausible beside a fitting partner.
PARTNERS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(TIMES, {"age_years": 90.0}),
    "femoral_neck_bmd_g_cm2": {"dxa_manufacturer": DxaManufacturer.HOLOGIC},
    "total_hip_bmd_g_cm2": {"dxa_manufacturer": DxaManufacturer.HOLOGIC},
    "lumbar_spine_bmd_g_cm2": {"dxa_manufacturer": DxaManufacturer.HOLOGIC},
}


def profile(**answers: Any) -> RiskProfile:
    return RiskProfile(**{**WOMAN, **answers})


@pytest.mark.parametrize("field", RANGES)
@pytest.mark.parametrize("end", ["low", "high"])
def test_the_boundary_itself_is_accepted_and_just_outside_refused(field: str, end: str) -> None:
    boundary = getattr(RANGES[field], end)
    outside = boundary + (-1 if end == "low" else 1) * (1 if RANGES[field].whole else 1e-6)
    partner = PARTNERS.get(field, {})

    assert getattr(profile(**{field: boundary}, **partner), field) == boundary
    with pytest.raises(InvalidProfile) as refusal:
        profile(**{field: outside}, **partner)
    assert RANGES[field].label in refusal.value.by_field[field]


@pytest.mark.parametrize("field", RANGES)
@pytest.mark.parametrize("slip", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_is_refused(field: str, slip: float) -> None:
    with pytest.raises(InvalidProfile):
        profile(**{field: slip}, **PARTNERS.get(field, {}))


def test_half_a_fall_is_refused() -> None:
    with pytest.raises(InvalidProfile, match="whole number"):
        profile(falls_last_year=1.5)


@pytest.mark.parametrize(("given", "accepted"), [(24.5, True), (24.7, False)])
def test_three_measures_of_size_must_agree_within_one(given: float, accepted: bool) -> None:
    # 61 kg at 1.61 m is 23.53 kg/m2.
    answers = {"weight_kg": 61, "height_cm": 161, "body_mass_index": given}
    if accepted:
        assert profile(**answers).bmi_kg_m2 == given
    else:
        with pytest.raises(InvalidProfile, match="leave one of the three out"):
            profile(**answers)


# Weight, height and their index: whatever the floating point makes of a difference of exactly 1.
@pytest.mark.parametrize(
    ("weight_kg", "height_cm", "implied"),
    [(64, 160, 25), (81, 180, 25), (60, 200, 15), (57.8, 170, 20)],
)
@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize(("away", "accepted"), [(1, True), (1.001, False)])
def test_a_difference_of_exactly_one_is_accepted(
    weight_kg: float, height_cm: float, implied: float, side: int, away: float, accepted: bool
) -> None:
    answers = {
        "weight_kg": weight_kg,
        "height_cm": height_cm,
        "body_mass_index": implied + side * away,
    }
    if accepted:
        profile(**answers)
    else:
        with pytest.raises(InvalidProfile, match="leave one of the three out"):
            profile(**answers)


def test_no_height_at_all_is_refused_in_a_sentence() -> None:
    with pytest.raises(InvalidProfile) as refusal:
        profile(weight_kg=60, height_cm=0, body_mass_index=25)
    assert "expected 100 to 230" in refusal.value.by_field["height_cm"]


@pytest.mark.parametrize("height_cm", [1e300, -1e300, 5e-324, 99.9, 230.1])
def test_a_height_out_of_range_is_told_alone_and_implies_no_index(height_cm: float) -> None:
    with pytest.raises(InvalidProfile) as refusal:
        profile(weight_kg=60, height_cm=height_cm)
    assert list(refusal.value.by_field) == ["height_cm"]


@pytest.mark.parametrize(("height_cm", "accepted"), [(158, True), (159, False)])
def test_weight_and_height_must_make_a_possible_person(height_cm: float, accepted: bool) -> None:
    # 25 kg: 10.01 kg/m2 at 158 cm, 9.89 at 159 cm.
    if accepted:
        assert profile(weight_kg=25, height_cm=height_cm).bmi_kg_m2 == pytest.approx(
            10.01, abs=0.01
        )
    else:
        with pytest.raises(InvalidProfile, match="body mass index"):
            profile(weight_kg=25, height_cm=height_cm)


def test_density_without_its_manufacturer_is_refused() -> None:
    with pytest.raises(InvalidProfile) as refusal:
        profile(femoral_neck_bmd_g_cm2=0.7)
    assert set(refusal.value.by_field) == {"dxa_manufacturer"}


@pytest.mark.parametrize(("t_score", "accepted"), [(-1.29, True), (-1.31, False)])
def test_t_score_and_density_must_agree(t_score: float, accepted: bool) -> None:
    # 0.738 g/cm2 on a Hologic is a T-score of -1.0.
    answers = {
        "femoral_neck_bmd_g_cm2": 0.738,
        "dxa_manufacturer": DxaManufacturer.HOLOGIC,
        "femoral_neck_t_score": t_score,
    }
    if accepted:
        assert profile(**answers).t_score(Site.FEMORAL_NECK) == pytest.approx(-1.0)
    else:
        with pytest.raises(InvalidProfile, match="leave one of the two out"):
            profile(**answers)


# T-scores of femoral neck BMD on a Hologic: -2, -1, 0, 1.
@pytest.mark.parametrize("bmd", [0.618, 0.738, 0.858, 0.978])
@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize(("away", "accepted"), [(0.3, True), (0.301, False)])
def test_a_t_score_of_exactly_the_tolerance_away_is_accepted(
    bmd: float, side: int, away: float, accepted: bool
) -> None:
    answers = {
        "femoral_neck_bmd_g_cm2": bmd,
        "dxa_manufacturer": DxaManufacturer.HOLOGIC,
        "femoral_neck_t_score": round((bmd - 0.858) / 0.12 + side * away, 4),
    }
    if accepted:
        profile(**answers)
    else:
        with pytest.raises(InvalidProfile, match="leave one of the two out"):
            profile(**answers)


@pytest.mark.parametrize(
    ("name", "longest"),
    [
        ("prior_fracture_months_ago", 600),
        ("glucocorticoid_duration_months", 600),
        ("type_2_diabetes_years", 50),
        ("osteoporosis_treatment_years", 50),
    ],
)
def test_no_time_is_longer_than_a_life(name: str, longest: float) -> None:
    profile(age_years=50, **{name: longest})
    with pytest.raises(InvalidProfile) as refusal:
        profile(age_years=50, **{name: longest + 0.5})
    assert "longer than the 50 years" in refusal.value.by_field[name]


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(InvalidProfile) as refusal:
        profile(age_years=39, weight_kg=1000, femoral_neck_t_score=-9)
    assert set(refusal.value.by_field) == {"age_years", "weight_kg", "femoral_neck_t_score"}


def test_what_was_not_given_stays_unknown() -> None:
    known = profile()
    assert known.bmi_kg_m2 is None
    assert known.prior_fragility_fracture is None
    assert known.t_score(Site.FEMORAL_NECK) is None


def test_density_stays_unknown_at_the_spine_but_its_t_score_is_kept() -> None:
    spine = profile(
        lumbar_spine_bmd_g_cm2=0.9,
        dxa_manufacturer=DxaManufacturer.NORLAND,
        lumbar_spine_t_score=-2.0,
    )
    assert spine.t_score(Site.LUMBAR_SPINE) == -2.0


def test_a_dxa_was_made_between_the_first_scanner_and_now_wherever_it_is_latest() -> None:
    latest = (datetime.now(UTC) + AHEAD_OF_UTC).date()
    for possible in (FIRST_DXA, latest):
        assert profile(dxa_date=possible).dxa_date == possible
    day = timedelta(days=1)
    # Two days, should midnight pass between the clock here and the one there.
    for impossible, said in ((FIRST_DXA - day, "no DXA before 1987"), (latest + 2 * day, "future")):
        with pytest.raises(InvalidProfile) as refusal:
            profile(dxa_date=impossible)
        assert said in refusal.value.by_field["dxa_date"]
