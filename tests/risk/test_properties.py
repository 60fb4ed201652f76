"""What must hold for every person, in every population and evidence set that can be chosen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.reading import read_profile
from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import answered, evidence_set, listed
from riskapp.risk.hazard_terms import STEP_YEARS
from riskapp.risk.hazards import Factors, Hazards, hazards
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS

HIP, MAJOR = Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC
# Every evidence set, population and sex that is answered for.
MODELS = [
    (name, code, sex)
    for name in listed()
    for code in answered(name)
    for sex in population(code).sexes
]
ANSWERS = {
    "body_mass_index": st.floats(10, 80),
    "femoral_neck_t_score": st.floats(-8, 6),
    **{name: st.booleans() for name in FACTORS},
}
COMPLETE = st.fixed_dictionaries(ANSWERS)
IN_PART = st.fixed_dictionaries({}, optional=ANSWERS)
AGES = st.floats(40, 90)
# Secondary osteoporosis acts on the T-score, which is given in a complete row.
ACTING = [name for name in FACTORS if name != "secondary_osteoporosis"]


def curves(model: tuple[str, str, str], age: float, answers: dict[str, object]) -> np.ndarray:
    """Hip and major, shape (2, 10 years)."""
    name, code, sex = model
    profile = read_profile({"population": code, "sex": sex, "age_years": age, **answers}).profile
    options = EstimateOptions(evidence_set=name, explain=False, interval=False, verdicts=False)
    found = EvidenceEngine(name).estimate(profile, options).outcomes
    return np.array([[p for _, p in found[outcome].curve] for outcome in (HIP, MAJOR)])


def hazards_of(model: tuple[str, str, str], age: float, answers: dict[str, object]) -> Hazards:
    name, code, sex = model
    row = {
        "age_years": age,
        "female": sex == "female",
        "bmi_kg_m2": answers["body_mass_index"],
        "femoral_neck_t_score": answers["femoral_neck_t_score"],
        **{factor: answers[factor] for factor in FACTORS},
    }
    columns = {field: np.array([float(value)]) for field, value in row.items()}  # type: ignore[arg-type]
    return hazards(Factors(**columns), population(code), evidence_set(name, code).parameters)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(MODELS), AGES, IN_PART)
def test_probabilities_are_ordered_and_never_fall_with_the_horizon(
    model: tuple[str, str, str], age: float, answers: dict[str, object]
) -> None:
    found = curves(model, age, answers)
    assert (found >= 0).all()
    assert (found <= 1).all()
    assert (found[0] <= found[1]).all()
    assert (np.diff(found) >= 0).all()


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(MODELS), AGES, COMPLETE)
def test_a_fracture_and_a_death_without_one_share_the_whole(
    model: tuple[str, str, str], age: float, answers: dict[str, object]
) -> None:
    found, acting = curves(model, age, answers)[:, -1], hazards_of(model, age, answers)
    fractures = (acting.hip, acting.hip + acting.other_major_osteoporotic)
    for answer, fracture in zip(found, fractures, strict=True):
        died_first = cumulative_incidence(acting.death, fracture, STEP_YEARS)[0, -1]
        neither = np.exp(-STEP_YEARS * (fracture + acting.death).sum())
        assert answer + died_first <= 1 + 1e-12
        assert answer + died_first + neither == pytest.approx(1, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MODELS), AGES, COMPLETE, st.sampled_from(ACTING))
def test_no_added_factor_lowers_a_fracture_hazard(
    model: tuple[str, str, str], age: float, answers: dict[str, object], factor: str
) -> None:
    without = hazards_of(model, age, answers | {factor: False})
    added = hazards_of(model, age, answers | {factor: True})
    # A factor without effect on one cause leaves it as it is, but for rounding.
    assert (added.hip >= without.hip * (1 - 1e-12)).all()
    others = (added.other_major_osteoporotic, without.other_major_osteoporotic)
    assert (others[0] >= others[1] * (1 - 1e-12)).all()
    assert (added.death >= without.death * (1 - 1e-12)).all()


# Answers beside the risk factors, worse than the average that stands where they are not known, and
# those below it, which lower the hazard: the only ones that may.
ABOVE_AVERAGE = [
    {"falls_last_year": 2},
    {"falls_last_year": 5},
    {"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 5},
    {"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 10},
    {"prior_fragility_fracture": True, "prior_fracture_months_ago": 1},
    {"type_2_diabetes_years": 10},
]
BELOW_AVERAGE = [
    {"falls_last_year": 0},
    {"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 1},
    {"prior_fragility_fracture": True, "prior_fracture_months_ago": 240},
    {"type_2_diabetes_years": 0},
]


def in_a_year(further: dict[str, object], told: bool, sex: str, age: float) -> np.ndarray:
    """Probability within a year, before death matters; hip and major."""
    answers = dict.fromkeys(FACTORS, False) | {"body_mass_index": 25, "femoral_neck_t_score": -2}
    answers |= {name: value for name, value in further.items() if told or name in FACTORS}
    return curves(("frax-2008", "gb", sex), age, answers)[:, 0]


@pytest.mark.parametrize("further", ABOVE_AVERAGE)
@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize("age", [50.0, 70.0, 90.0])
def test_no_further_answer_above_the_average_lowers_a_hazard(
    further: dict[str, object], sex: str, age: float
) -> None:
    without, added = (in_a_year(further, told, sex, age) for told in (False, True))
    assert (added >= without * (1 - 1e-12)).all()


@pytest.mark.parametrize("further", BELOW_AVERAGE)
def test_answers_below_the_average_are_the_ones_that_lower_it(further: dict[str, object]) -> None:
    without, added = (in_a_year(further, told, "female", 70.0) for told in (False, True))
    assert (added < without).all()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(MODELS), AGES, st.fixed_dictionaries({}, optional=ANSWERS))
def test_a_cause_of_low_density_raises_the_probability_where_density_is_not_known(
    model: tuple[str, str, str], age: float, answers: dict[str, object]
) -> None:
    answers.pop("femoral_neck_t_score", None)
    no, yes = (
        curves(model, age, answers | {"secondary_osteoporosis": answer})[:, -1]
        for answer in (False, True)
    )
    assert (yes > no).all()


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(MODELS), AGES, COMPLETE, st.floats(0.01, 2))
def test_thinner_bone_never_lowers_a_fracture_hazard(
    model: tuple[str, str, str], age: float, answers: dict[str, object], thinner: float
) -> None:
    # Densities that people have; beyond them the curvature is not claimed to hold.
    denser = float(np.clip(answers["femoral_neck_t_score"], -4, 3))  # type: ignore[call-overload]
    before = hazards_of(model, age, answers | {"femoral_neck_t_score": denser})
    after = hazards_of(model, age, answers | {"femoral_neck_t_score": denser - thinner})
    assert (after.hip > before.hip).all()
    assert (after.other_major_osteoporotic > before.other_major_osteoporotic).all()


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(MODELS), st.floats(40, 89.99), IN_PART)
def test_a_hundredth_of_a_year_changes_little(
    model: tuple[str, str, str], age: float, answers: dict[str, object]
) -> None:
    change = curves(model, age + 0.01, answers) - curves(model, age, answers)
    # No jump: hazards change by some tens of per cent a year where they change fastest.
    assert np.abs(change).max() < 0.002


@pytest.mark.parametrize(
    ("sex", "printed"),
    # Kanis 2008, Osteoporos Int 19:385-397, doi:10.1007/s00198-007-0543-5, Table 3: major, per
    # cent, T = 1 and no risk factor, at 70, 80 and 90.
    [("female", (5.6, 5.8, 5.1)), ("male", (3.6, 3.2, 3.1))],
)
def test_a_probability_may_fall_with_age_because_death_comes_first(
    sex: str, printed: tuple[float, ...]
) -> None:
    answers = dict.fromkeys(FACTORS, False) | {"body_mass_index": 25, "femoral_neck_t_score": 1}
    model = ("frax-2008", "gb", sex)
    at_70, at_80, at_90 = (curves(model, age, answers)[1, -1] for age in (70.0, 80.0, 90.0))
    assert at_90 < max(at_70, at_80)
    assert [100 * at_70, 100 * at_80, 100 * at_90] == pytest.approx(printed, rel=0.06)
