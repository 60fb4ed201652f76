"""What goes together keeps how common each part is, and every answer averages to the one above."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.reading import read_profile
from riskapp.risk.drawing import draw
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.missing import INPUTS, Grid, Known, grid, known_inputs
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import incidence, mean
from riskapp.risk.together import Together

EE = population("ee")
PARAMETERS = evidence_set("frax-2008", "ee").parameters
SMOKER, ALCOHOL = "current_smoker", "alcohol_3_or_more_units_daily"
TOWER = 1e-6


def known(**answers: object) -> Known:
    who = {"population": "ee", "age_years": 62, "sex": "male", **answers}
    return known_inputs(read_profile(who).profile)


def share(layout: Grid, **present: int) -> float:
    weights = layout.weights / layout.weights.sum()
    for name, index in present.items():
        axis = INPUTS.index(name)
        weights = np.take(weights, [index], axis=axis)
    return float(weights.sum())


def summed(person: Known) -> tuple[np.ndarray, float]:
    layout = grid(person, EE, PARAMETERS, full=False)
    values = incidence(person, EE, PARAMETERS, layout)[:, -1]
    return mean(values, layout), float(layout.weights.sum())


@given(st.floats(0.01, 0.5), st.floats(0.01, 0.5), st.floats(0.2, 10))
def test_a_pair_keeps_both_prevalences_and_has_its_odds_ratio(
    p: float, q: float, odds: float
) -> None:
    together = Together((SMOKER, ALCOHOL), odds, SMOKER, {"male": 0.0})
    joint = together.pair_ratios(p, q) * np.outer([1 - p, p], [1 - q, q])
    assert joint.sum(axis=1) == pytest.approx([1 - p, p], abs=1e-9)
    assert joint.sum(axis=0) == pytest.approx([1 - q, q], abs=1e-9)
    assert joint[1, 1] * joint[0, 0] / (joint[1, 0] * joint[0, 1]) == pytest.approx(odds, rel=1e-5)


def test_smoking_and_drinking_go_together_as_in_the_survey() -> None:
    layout = grid(known(), EE, PARAMETERS, full=False)
    both = share(layout, **{SMOKER: 1, ALCOHOL: 1}) * share(layout, **{SMOKER: 0, ALCOHOL: 0})
    one = share(layout, **{SMOKER: 1, ALCOHOL: 0}) * share(layout, **{SMOKER: 0, ALCOHOL: 1})
    assert both / one == pytest.approx(4.26, abs=0.01)
    for name in FACTORS:
        common = EE.people.prevalence(name, "male", 62)
        assert share(layout, **{name: 1}) == pytest.approx(common, abs=1e-9)


def test_a_thin_man_smokes_more_often() -> None:
    thin, heavy = (
        share(grid(known(body_mass_index=bmi), EE, PARAMETERS, full=False), **{SMOKER: 1})
        for bmi in (20, 35)
    )
    assert thin > 0.2 > heavy


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([SMOKER, ALCOHOL]),
    st.fixed_dictionaries(
        {},
        optional={
            SMOKER: st.booleans(),
            ALCOHOL: st.booleans(),
            "body_mass_index": st.floats(17, 42),
            "femoral_neck_t_score": st.floats(-4, 1),
        },
    ),
)
def test_the_mean_over_an_answer_is_the_answer_without_it(
    factor: str, answers: dict[str, object]
) -> None:
    answers.pop(factor, None)
    less = known(**answers)
    chance = share(grid(less, EE, PARAMETERS, full=False), **{factor: 1})
    yes, no = (
        summed(replace(less, factors={**less.factors, factor: answer}))[0]
        for answer in (True, False)
    )
    assert chance * yes + (1 - chance) * no == pytest.approx(summed(less)[0], abs=TOWER)


@pytest.mark.parametrize("answers", [{}, {SMOKER: True}, {ALCOHOL: True, "sex": "female"}])
def test_the_mean_over_body_mass_index_is_the_answer_without_it(answers: dict[str, object]) -> None:
    person = known(**answers)
    z = np.arange(-5.5, 5.51, 0.2)
    center = EE.people.mean_log_bmi[person.sex].at(person.age_years)
    bmi = np.exp(center + EE.people.sd_log_bmi[person.sex] * z)
    found = [summed(replace(person, bmi_kg_m2=float(b))) for b in bmi]
    weights = np.exp(-(z**2) / 2) * [weight for _, weight in found]
    means = weights @ np.array([p for p, _ in found]) / weights.sum()
    assert means == pytest.approx(summed(person)[0], abs=TOWER)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {SMOKER: True},
        {"body_mass_index": 19.0},
        {"femoral_neck_t_score": -3.0},
        {"body_mass_index": 22.0, "femoral_neck_t_score": -1.0, ALCOHOL: True},
    ],
)
def test_draws_agree_with_the_sum(answers: dict[str, object]) -> None:
    person = known(**answers)
    drawn = draw(person, EE, PARAMETERS, 40_000, np.random.default_rng(5))
    layout = grid(person, EE, PARAMETERS, full=False)
    weights = layout.weights / layout.weights.sum()
    for axis, name in enumerate(FACTORS):
        along = [1] * len(INPUTS)
        along[axis] = -1
        expected = (weights * layout.factors[axis].reshape(along)).sum()
        assert drawn[name].mean() == pytest.approx(expected, abs=0.008)
    by_bmi = weights.sum(axis=(*range(len(FACTORS)), len(INPUTS) - 1))
    expected = by_bmi @ np.log(layout.bmi_kg_m2)
    assert np.log(drawn["bmi_kg_m2"]).mean() == pytest.approx(expected, abs=0.004)
    spread = np.sqrt(by_bmi @ (np.log(layout.bmi_kg_m2) - expected) ** 2)
    assert np.log(drawn["bmi_kg_m2"]).std() == pytest.approx(spread, abs=0.004)


def test_where_nothing_goes_together_all_is_as_by_chance() -> None:
    apart = Together((SMOKER, ALCOHOL), 1.0, SMOKER, {"male": 0.0})
    assert (apart.pair_ratios(0.2, 0.1) == 1).all()
    assert apart.bmi_ratios(np.log([18.0, 40.0]), 3.3, 0.2, "male", 0.2) == pytest.approx(1.0)
    independent = replace(EE, people=replace(EE.people, together=None))
    kept = replace(EE, people=replace(EE.people, together=apart))
    for answers in ({}, {"body_mass_index": 20.0, "femoral_neck_t_score": -2.0}):
        one, other = (
            grid(known(**answers), people, PARAMETERS, full=False).weights
            for people in (independent, kept)
        )
        assert one == pytest.approx(other, rel=1e-12)
