"""Further answers: each with its published effect, averaging out, and off where none is held."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk import evidence_sets
from riskapp.risk.drawing import completions
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.modifier_reading import counted, known_modifiers, stored, switched_off
from riskapp.risk.modifiers import Modifiers
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS

ENGINE = EvidenceEngine()
GB = population("gb")
PARAMETERS = evidence_set("frax-2008", "gb").parameters
POINT = EstimateOptions(explain=False, interval=False)
WHO = {"population": "gb", "age_years": 70, "sex": "female", "osteoporosis_treatment": "none"}
COMPLETE = (
    WHO
    | dict.fromkeys(FACTORS, False)
    | {
        "body_mass_index": 25,
        "femoral_neck_t_score": -2.0,
        "dxa_date": "2026-01-01",
    }
)
HIP, MAJOR = Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC
ALL = {
    "prior_fragility_fracture": True,
    "prior_fracture_months_ago": 6,
    "glucocorticoids": True,
    "glucocorticoid_dose_mg_daily": 10,
    "falls_last_year": 3,
    "type_2_diabetes_years": 4,
    "trabecular_bone_score": 1.2,
    "lumbar_spine_t_score": -3.0,
    "l1_attenuation_hu": 100,
}


def estimate(answers: dict[str, object], options: EstimateOptions = POINT) -> RiskEstimate:
    return ENGINE.estimate(read_profile(answers).profile, options)


def probability(answers: dict[str, object], options: EstimateOptions = POINT) -> np.ndarray:
    found = estimate(answers, options).outcomes
    return np.array([found[outcome].probability_10y for outcome in (HIP, MAJOR)])


def modifiers_of(**answers: object) -> Modifiers:
    return known_modifiers(read_profile(COMPLETE | answers).profile, "frax-2008")


ADJUSTMENTS = Path(__file__).parents[2].parent / "shared" / "science" / "frax_adjustments.csv"


@pytest.mark.skipif(not ADJUSTMENTS.exists(), reason="the table of adjustments is not here")
def test_the_doses_are_those_of_the_published_table() -> None:
    table = stored("glucocorticoid-dose")
    rows = {"<2.5 mg/d": "low", ">=7.5 mg/d": "high"}
    checked = 0
    with ADJUSTMENTS.open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            name, _, dose = line["adjustment"].partition(" dose ")
            if name != "glucocorticoid" or dose not in rows or line["age"] == "all":
                continue
            held = table[rows[dose]]["hip" if line["outcome"] == "hip" else "major"]
            assert held[table["ages_years"].index(int(line["age"]))] == float(line["value"])
            checked += 1
    assert checked == 24


@pytest.mark.parametrize("name", evidence_sets.listed())
@pytest.mark.parametrize("sex", ["female", "male"])
@pytest.mark.parametrize("age", [40, 60, 75, 90])
@pytest.mark.parametrize("t_score", [-4.0, -2.5, 0.0])
def test_no_detail_makes_a_risk_factor_protect(
    name: str, sex: str, age: int, t_score: float
) -> None:
    engine, options = EvidenceEngine(name), replace(POINT, evidence_set=name)
    person = COMPLETE | {"age_years": age, "sex": sex, "femoral_neck_t_score": t_score}

    def in_a_year(**answers: object) -> np.ndarray:
        found = engine.estimate(read_profile(person | answers).profile, options).outcomes
        return np.array([found[outcome].curve[0][1] for outcome in (HIP, MAJOR)])

    for factor, detail in (
        ("prior_fragility_fracture", {"prior_fracture_months_ago": 180}),
        ("glucocorticoids", {"glucocorticoid_dose_mg_daily": 1}),
    ):
        # To the little that more deaths take away within a year.
        assert (in_a_year(**{factor: True}, **detail) >= in_a_year() * (1 - 0.01)).all()


@pytest.mark.parametrize(("dose", "class_of"), [(0, 1), (2.4, 1), (2.5, 5), (7.4, 5), (7.5, 10)])
def test_the_classes_of_dose_begin_where_they_are_published_to(
    dose: float, class_of: float
) -> None:
    person = COMPLETE | {"glucocorticoids": True}
    same = [
        probability(person | {"glucocorticoid_dose_mg_daily": one}).tolist()
        for one in (dose, class_of)
    ]
    assert same[0] == same[1]


def test_between_the_published_ages_the_dose_is_interpolated() -> None:
    def percent(age: float) -> float:
        one = modifiers_of(age_years=age, glucocorticoids=True, glucocorticoid_dose_mg_daily=9)
        return 100 * float(np.expm1(one.details["glucocorticoids"].log_ratios["hip"][0]))

    assert percent(75) == pytest.approx((percent(70) + percent(80)) / 2)
    assert percent(75) == pytest.approx(15)


def test_falls_average_to_one_over_people() -> None:
    share = stored("falls")["share_with_recurrent_falls"]
    ratio = {falls: np.exp(modifiers_of(falls_last_year=falls).falls.log_ratio) for falls in (1, 2)}
    assert ratio[2] == pytest.approx(1.30)
    assert share * ratio[2] + (1 - share) * ratio[1] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("sex", ["female", "male"])
def test_diabetes_averages_to_one_over_people_with_and_without_arthritis(sex: str) -> None:
    effect = np.log([1.5, 1.3])
    yes, no = (modifiers_of(sex=sex, type_2_diabetes_years=n).diabetes for n in (3, 0))
    arthritis = np.array([0.0, 1.0])
    average = yes.share * np.exp(yes.log_ratio(arthritis, effect)) + (1 - yes.share) * np.exp(
        no.log_ratio(arthritis, effect)
    )
    assert average == pytest.approx(np.ones((2, 2)), abs=1e-12)
    assert 0.1 < yes.share < 0.35


def test_diabetes_is_not_counted_beside_rheumatoid_arthritis() -> None:
    arthritis = COMPLETE | {"rheumatoid_arthritis": True}
    both = probability(arthritis | {"type_2_diabetes_years": 10})
    assert both == pytest.approx(probability(arthritis), abs=1e-12)
    assert (probability(COMPLETE | {"type_2_diabetes_years": 10}) > probability(COMPLETE)).all()


def test_the_time_since_a_fracture_of_another_site_is_not_counted_and_said_not_to_be() -> None:
    person = COMPLETE | {"prior_fragility_fracture": True}
    other = person | {"prior_fracture_months_ago": 3, "prior_fracture_site": "other"}
    assert probability(other) == pytest.approx(probability(person), abs=1e-12)
    assert "time since the fracture is not used" in " ".join(estimate(other).warnings)
    hip = other | {"prior_fracture_site": "hip"}
    assert (probability(hip) > probability(person)).all()


OFF = {
    "number_of_prior_fractures": 3,
    "prior_fracture_site": "hip",
    "glucocorticoid_duration_months": 24,
    "hip_axis_length_mm": 120,
    "lumbar_texture_score": 0.1,
}


@pytest.mark.parametrize(("name", "value"), OFF.items())
def test_a_modifier_that_is_off_changes_nothing_and_says_what_is_missing(
    name: str, value: object
) -> None:
    person = COMPLETE | {"prior_fragility_fracture": True, "glucocorticoids": True}
    assert estimate(person | {name: value}).outcomes == estimate(person).outcomes
    (said,) = estimate(person | {name: value}).warnings
    assert "given but not used: " in said
    assert name in switched_off()
    assert name not in counted()


@pytest.mark.parametrize("name", ["glucocorticoid_duration_months", "lumbar_texture_score"])
def test_a_nought_of_a_modifier_that_is_off_says_what_is_missing_too(name: str) -> None:
    (said,) = estimate(COMPLETE | {name: 0}).warnings
    assert switched_off()[name] in said


@pytest.mark.parametrize("name", evidence_sets.listed())
def test_further_answers_count_in_every_evidence_set(name: str) -> None:
    engine, options = EvidenceEngine(name), EstimateOptions(evidence_set=name, interval=True)
    plain = engine.estimate(read_profile(COMPLETE).profile, options)
    more = engine.estimate(read_profile(COMPLETE | ALL).profile, options)
    adds_up(more)
    for outcome in Outcome:
        assert (
            more.outcomes[outcome].probability_10y > 1.5 * plain.outcomes[outcome].probability_10y
        )


def test_what_counts_is_not_said_to_be_left_out() -> None:
    assert estimate(COMPLETE | ALL).warnings == ()


def test_frax_convention_turns_further_answers_off() -> None:
    convention = EstimateOptions(explain=True, interval=False, unknown_as_no=True)
    with_, without = (
        estimate(answers, convention)
        for answers in (COMPLETE | ALL, COMPLETE | dict.fromkeys(ALL.keys() & set(FACTORS), True))
    )
    assert with_.outcomes == without.outcomes
    assert with_.explanation == without.explanation
    assert "Off in this convention: " in " ".join(with_.warnings)


def test_details_without_a_yes_do_not_count() -> None:
    described = {"glucocorticoid_dose_mg_daily": 10, "prior_fracture_months_ago": 1}
    assert not known_modifiers(read_profile(WHO | described).profile, "frax-2008").details
    said = " ".join(estimate(WHO | described).warnings)
    assert "the fracture is not counted" in said
    assert "it does not count" in said


def test_learned_engines_draw_what_is_missing_without_modifiers() -> None:
    plain, more = (
        completions(read_profile(answers).profile, 20, seed=1)
        for answers in (WHO, WHO | {"lumbar_spine_t_score": -4, "l1_attenuation_hu": 60})
    )
    assert all((plain[name] == more[name]).all() for name in plain)


def test_twelve_contributions_at_most_grouped_with_what_they_belong_to() -> None:
    answer = estimate(COMPLETE | ALL, EstimateOptions(interval=False))
    adds_up(answer)
    assert answer.explanation is not None
    told = {one.field: one for one in answer.explanation.contributions}
    assert len(told) == 12
    assert told["prior_fragility_fracture"].beside == {"prior_fracture_months_ago": 6}
    assert "Johansson" in told["prior_fragility_fracture"].source
    assert told["glucocorticoids"].beside == {"glucocorticoid_dose_mg_daily": 10}
    assert told["lumbar_spine_t_score"].beside == {
        "trabecular_bone_score": 1.2,
        "l1_attenuation_hu": 100,
    }
    assert "[seen (secondary)]" in told["falls_last_year"].source
    assert all(one.source for one in told.values())


def adds_up(answer: RiskEstimate) -> None:
    assert answer.explanation is not None
    assert answer.explanation.baseline is not None
    for outcome in Outcome:
        total = answer.explanation.baseline[outcome] + sum(
            one.probability[outcome] for one in answer.explanation.contributions if one.probability
        )
        assert total == pytest.approx(answer.outcomes[outcome].probability_10y, abs=1e-6)


def test_a_further_answer_alone_leaves_the_baseline_as_it_is() -> None:
    answer = estimate(WHO | {"falls_last_year": 2}, EstimateOptions(interval=False))
    assert answer.explanation is not None
    assert answer.explanation.baseline is not None
    assert answer.explanation.baseline[MAJOR] == pytest.approx(probability(WHO)[1], abs=1e-6)
    (only,) = answer.explanation.contributions
    assert only.field == "falls_last_year"
    assert list(only.log_hazard.values()) == pytest.approx([np.log(1.3)] * 2)


# Averaged over falls, over diabetes: how far the mean of the answers lies from the answer without,
# because death competes; the largest found is written in docs/adr/0015.
@pytest.mark.parametrize("person", [{}, {"age_years": 85, "femoral_neck_t_score": -4.0}])
def test_over_further_answers_the_mean_is_nearly_the_answer_without(
    person: dict[str, object],
) -> None:
    whole = probability(COMPLETE | person)
    share = stored("falls")["share_with_recurrent_falls"]
    falls = [probability(COMPLETE | person | {"falls_last_year": n}) for n in (0, 2)]
    assert (1 - share) * falls[0] + share * falls[1] == pytest.approx(whole, rel=0.01)
    yes = modifiers_of(**person, type_2_diabetes_years=1).diabetes.share
    sugar = [probability(COMPLETE | person | {"type_2_diabetes_years": n}) for n in (0, 1)]
    assert (1 - yes) * sugar[0] + yes * sugar[1] == pytest.approx(whole, rel=0.01)
