"""Treatment effects: what may meet a probability, over which years, and what patients are told."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.risk import published
from riskapp.risk.estimate import Outcome
from riskapp.risk.guideline_data import MARKS
from riskapp.risk.treatment_benefits import benefit, risk_by
from riskapp.risk.treatments import (
    ESTIMATED,
    SEEN,
    Effect,
    Measured,
    for_patients,
    is_usable,
    listed,
)

CURVE = [(year, 0.01 * year) for year in range(1, 11)]
FIRST = {one.code: one.effects[0] for one in listed()}


def test_only_hip_fracture_is_both_counted_in_trials_and_estimated() -> None:
    assert ESTIMATED == {Measured.HIP: Outcome.HIP}


@pytest.mark.parametrize(
    "effect", [effect for one in listed() for effect in one.effects], ids=lambda one: one.trial
)
def test_a_radiographic_vertebral_effect_never_meets_a_probability(effect: Effect) -> None:
    if effect.measured is Measured.HIP and is_usable(effect):
        assert benefit(effect, CURVE, None).fewer > 0
        return
    with pytest.raises(ValueError, match="not to be used"):
        benefit(effect, CURVE, None)


def test_against_another_drug_is_not_against_nothing() -> None:
    against_alendronate = [
        effect
        for one in listed()
        for effect in one.effects
        if effect.against != "placebo" and effect.measured is Measured.HIP
    ]
    assert against_alendronate
    assert not any(is_usable(effect) for effect in against_alendronate)


def test_published_relative_effects_become_absolute_over_the_trials_own_years() -> None:
    # FIT-1 (Black 1996): relative hazard of hip fracture 0.49 (0.23-0.99) over 36 months.
    told = benefit(FIRST["alendronate"], CURVE, None)
    assert (told.horizon_years, told.without) == (3.0, pytest.approx(0.03))
    assert told.fewer == pytest.approx(0.03 * 0.51)
    # WHI (estrogen plus progestin): 0.67 over a median of 5.6 years: between two points.
    told = benefit(FIRST["menopausal-hormones"], CURVE, None)
    assert told.without == pytest.approx(0.056)
    assert told.fewer == pytest.approx(0.056 * 0.33)


def test_fractions_of_a_year_lie_on_the_line_and_nothing_beyond_the_curve() -> None:
    assert risk_by(CURVE, 0.5) == pytest.approx(0.005)
    assert risk_by(CURVE, 10) == pytest.approx(0.1)
    for years in (0, -1, 10.01, float("nan")):
        with pytest.raises(ValueError, match="10 years"):
            risk_by(CURVE, years)


def test_no_effect_is_used_for_longer_than_its_trial() -> None:
    for effect in (effect for one in listed() for effect in one.effects):
        if effect.horizon_years is not None:
            assert 1 <= effect.horizon_years < 10
            assert effect.horizon_source
            assert effect.horizon_mark in MARKS


def test_the_interval_holds_both_doubts() -> None:
    effect = FIRST["alendronate"]
    alone = benefit(replace(effect, interval_95=None), CURVE, (0.07, 0.14)).fewer_95
    both = benefit(effect, CURVE, (0.07, 0.14)).fewer_95
    sure = benefit(effect, CURVE, (0.1, 0.1)).fewer_95
    assert alone is not None
    assert both is not None
    assert sure is not None
    # The estimate's doubt alone: its own ends times the effect.
    assert (alone.lower, alone.upper) == pytest.approx(
        (0.03 * 0.7 * 0.51, 0.03 * 1.4 * 0.51), rel=0.02
    )
    # The effect's doubt alone: 1 - 0.99 to 1 - 0.23.
    assert (sure.lower, sure.upper) == pytest.approx((0.03 * 0.01, 0.03 * 0.77), rel=0.1, abs=3e-4)
    assert both.upper - both.lower > alone.upper - alone.lower


@settings(deadline=None)
@given(
    st.sampled_from([one for one in FIRST.values() if is_usable(one)]),
    st.lists(st.floats(0.0001, 0.08), min_size=10, max_size=10),
    st.floats(0.3, 1),
    st.floats(1, 2),
)
def test_a_benefit_is_less_than_the_risk_and_lies_in_its_interval(
    effect: Effect, steps: list[float], low: float, high: float
) -> None:
    values = np.minimum(np.cumsum(steps), 1)
    curve = [(float(year), float(p)) for year, p in enumerate(values, start=1)]
    last = curve[-1][1]
    told = benefit(effect, curve, (last * low, min(last * high, 1)))
    assert 0 < told.fewer < told.without <= 1
    assert told.fewer_95 is not None
    assert told.fewer_95.lower <= told.fewer * 1.0001
    assert told.fewer <= told.fewer_95.upper * 1.0001
    assert all(a <= b for a, b in pairwise(p for _, p in curve))


def test_patients_see_only_what_was_seen() -> None:
    found = {one.code: one for one in for_patients()}
    assert set(found) == {
        "alendronate", "risedronate", "zoledronate", "denosumab", "menopausal-hormones",
    }  # fmt: skip
    for one in found.values():
        for effect in one.effects:
            assert effect.mark == effect.horizon_mark == SEEN
            assert is_usable(effect)
            assert effect.interval_95 is None or effect.interval_mark == SEEN
        assert one.harms
        assert {harm.mark for harm in one.harms} == {SEEN}
    assert found["denosumab"].effects[0].interval_95 is None  # recalled
    assert FIRST["denosumab"].interval_95 is not None


def test_the_two_doubtful_rows_stay_out() -> None:
    vertebral = {
        (one.code, effect.relative)
        for one in listed()
        for effect in one.effects
        if effect.measured is Measured.VERTEBRAL_RADIOGRAPHIC
    }
    assert ("teriparatide", 0.16) not in vertebral
    assert ("romosozumab", 0.17) not in vertebral


def test_everything_has_a_source_and_a_mark() -> None:
    for one in listed():
        assert one.lay
        assert one.lay_how
        assert one.tested_in == "women past the menopause"
        for effect in one.effects:
            assert effect.source
            assert effect.mark in MARKS
            assert effect.interval_95 is None or effect.interval_mark in MARKS
            if effect.relative is not None and effect.interval_95 is not None:
                assert effect.interval_95[0] < effect.relative < effect.interval_95[1]
        for harm in one.harms:
            assert harm.says
            assert harm.source
            assert harm.mark in MARKS


def test_the_readme_lists_the_treatments_with_their_hashes() -> None:
    readme = (published.HERE / "README.md").read_text(encoding="utf-8")
    for name in published.names("treatments"):
        assert f"treatments/{name}.json" in readme
        assert published.sha256(f"treatments/{name}") in readme, name
