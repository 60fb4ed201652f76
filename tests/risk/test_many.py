"""Many complete profiles at once: the engine's own answers, whatever the order and the number."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.exchange.reading import read_profile
from riskapp.risk.errors import InvalidProfile
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import choosable, evidence_set, listed
from riskapp.risk.hazards import Factors
from riskapp.risk.many import ROWS_AT_A_TIME, design_rows, incidence_of_many
from riskapp.risk.missing import known_inputs
from riskapp.risk.populations import population
from riskapp.risk.predicting import can_be_one_of_many
from riskapp.risk.profile import FACTORS

POINT = EstimateOptions(explain=False, interval=False)
# Equal but for the order of additions.
ROUNDING = 1e-12
COMPLETE = st.fixed_dictionaries(
    {
        "population": st.sampled_from([one.code for one in choosable()]),
        "age_years": st.one_of(st.floats(40, 90), st.sampled_from(range(40, 91, 10))),
        "sex": st.sampled_from(["female", "male"]),
        "body_mass_index": st.floats(10, 80),
        "femoral_neck_t_score": st.floats(-8, 6),
        **{name: st.booleans() for name in FACTORS},
    }
)


@settings(max_examples=150, deadline=None)
@given(COMPLETE, st.sampled_from(listed()))
def test_each_equals_the_answer_of_the_engine(person: dict[str, object], name: str) -> None:
    people = population(str(person["population"]))
    if person["sex"] not in people.sexes:
        person["sex"] = people.sexes[0]
    parameters = evidence_set(name, people.code).parameters
    rows = design_rows([known_inputs(read_profile(person).profile)])
    found = incidence_of_many(rows, people, parameters)
    options = replace(POINT, evidence_set=name, verdicts=False)
    answer = EvidenceEngine(name).estimate(read_profile(person).profile, options)
    for outcome, curve in zip((Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC), found, strict=True):
        expected = [p for _, p in answer.outcomes[outcome].curve]
        assert curve[:, 0] == pytest.approx(expected, abs=ROUNDING, rel=0)


def test_columns_hold_what_is_known_and_no_for_a_cause_of_low_density_not_known() -> None:
    told: dict[str, object] = {"population": "gb", "age_years": 61.5, "body_mass_index": 24.5}
    told |= dict.fromkeys(FACTORS, False) | {"femoral_neck_t_score": -1.5}
    people = [
        told | {"sex": "female", "secondary_osteoporosis": None, "current_smoker": True},
        told | {"sex": "male", "secondary_osteoporosis": True},
    ]
    rows = design_rows([known_inputs(read_profile(one).profile) for one in people])
    assert rows.female.tolist() == [1, 0]
    assert rows.age_years.tolist() == [61.5, 61.5]
    assert rows.bmi_kg_m2.tolist() == [24.5, 24.5]
    assert rows.femoral_neck_t_score.tolist() == [-1.5, -1.5]
    assert rows.secondary_osteoporosis.tolist() == [0, 1]
    assert rows.current_smoker.tolist() == [1, 0]
    assert rows.glucocorticoids.tolist() == [0, 0]


@pytest.mark.parametrize("n", [0, 1, ROWS_AT_A_TIME - 1, ROWS_AT_A_TIME, 2 * ROWS_AT_A_TIME + 3])
def test_neither_their_number_nor_their_order_changes_an_answer(n: int) -> None:
    rng = np.random.default_rng(n)
    rows = {
        "age_years": rng.uniform(40, 90, n),
        "female": rng.integers(0, 2, n).astype(float),
        "bmi_kg_m2": rng.uniform(15, 50, n),
        "femoral_neck_t_score": rng.normal(-1, 1.2, n),
        **{name: rng.integers(0, 2, n).astype(float) for name in FACTORS},
    }
    people, parameters = population("gb"), evidence_set("frax-2008", "gb").parameters
    found = incidence_of_many(Factors(**rows), people, parameters)
    order = rng.permutation(n)
    shuffled = Factors(**{name: values[order] for name, values in rows.items()})
    again = incidence_of_many(shuffled, people, parameters)
    assert found.shape == (2, 10, n)
    np.testing.assert_allclose(again, found[:, :, order], atol=1e-15, rtol=0)


def test_people_who_need_a_sum_and_people_refused_keep_their_places() -> None:
    complete = {"age_years": 70, "sex": "female", "body_mass_index": 25} | dict.fromkeys(
        FACTORS, False
    )
    told: list[dict[str, object]] = [
        complete | {"femoral_neck_t_score": -2.5},
        complete,
        complete | {"femoral_neck_t_score": -2.5, "falls_last_year": 3},
        complete | {"femoral_neck_t_score": -1.5, "secondary_osteoporosis": None},
        complete | {"femoral_neck_t_score": 0.5, "age_years": 90},
    ]
    profiles = [read_profile({"population": "gb"} | one).profile for one in told]
    profiles.insert(2, replace(profiles[0], population="atlantis"))
    engine = EvidenceEngine()
    answers = engine.estimate_many(profiles, POINT)
    assert isinstance(answers[2], InvalidProfile)
    for profile, answer in zip(profiles, answers, strict=True):
        if isinstance(answer, RiskEstimate):
            alone = engine.estimate(profile, POINT)
            for outcome in Outcome:
                found, expected = answer.outcomes[outcome], alone.outcomes[outcome]
                assert found.probability_10y == pytest.approx(
                    expected.probability_10y, abs=ROUNDING, rel=0
                )
            assert (answer.unknown, answer.warnings) == (alone.unknown, alone.warnings)
            assert answer.guidelines == alone.guidelines


@pytest.mark.parametrize(
    ("options", "together"),
    [
        (POINT, True),
        (replace(POINT, unknown_as_no=True), True),
        (replace(POINT, interval=True), False),
        (replace(POINT, explain=True), False),
    ],
)
def test_only_bare_numbers_are_answered_together(options: EstimateOptions, together: bool) -> None:
    answers = {"population": "gb", "age_years": 70, "sex": "female", "body_mass_index": 25}
    answers |= dict.fromkeys(FACTORS, False) | {"femoral_neck_t_score": -2.5}
    assert can_be_one_of_many(read_profile(answers).profile, options) == together
