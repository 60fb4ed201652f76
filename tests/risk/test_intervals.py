"""How sure the number is: intervals and their parts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from riskapp.exchange.reading import read_profile
from riskapp.risk.estimate import EstimateOptions, Interval, Outcome
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.missing import grid, known_inputs
from riskapp.risk.populations import population
from riskapp.risk.summation import incidence, lean_on_prevalence, mean
from riskapp.risk.uncertainty import spreads
from tests.risk.asking import COMPLETE, ENGINE, PEOPLE, WHO, estimate


def inside(interval: Interval | None, point: float) -> bool:
    return interval is not None and interval.lower <= point <= interval.upper


@settings(max_examples=25, deadline=None)
@given(PEOPLE)
@example(WHO | {"femoral_neck_t_score": -8.0})
@example(WHO | {"femoral_neck_t_score": 6.0, "prior_fragility_fracture": True})
def test_every_interval_holds_the_point(answers: dict[str, object]) -> None:
    for answer in estimate(answers, explain=False).outcomes.values():
        for interval in (
            answer.interval_95,
            answer.interval_95_model,
            answer.interval_95_unknown,
        ):
            assert inside(interval, answer.probability_10y)


# Everything at its end; falls, bone elsewhere and unknown answers push the parts apart.
EXTREMES = st.fixed_dictionaries(
    {
        "population": st.sampled_from(["gb", "us-hispanic", "ee"]),
        "age_years": st.sampled_from([40, 47, 70, 90]),
        "sex": st.sampled_from(["female", "male"]),
    },
    optional={
        "body_mass_index": st.sampled_from([10, 80]),
        "total_hip_t_score": st.sampled_from([-8, 6]),
        "femoral_neck_t_score": st.sampled_from([-8, 6]),
        "falls_last_year": st.sampled_from([0, 50]),
        "prior_fragility_fracture": st.just(True),
        "parent_hip_fracture": st.just(True),
        "glucocorticoids": st.just(True),
        "glucocorticoid_dose_mg_daily": st.just(100),
    },
)


@settings(max_examples=25, deadline=None)
@given(EXTREMES)
@example(
    {
        "population": "us-hispanic",
        "age_years": 47,
        "sex": "female",
        "total_hip_t_score": -8,
        "falls_last_year": 50,
    }
)
def test_a_hip_fracture_is_a_major_one_at_every_end_of_every_interval(
    answers: dict[str, object],
) -> None:
    found = estimate(answers, explain=False).outcomes
    hip, major = found[Outcome.HIP], found[Outcome.MAJOR_OSTEOPOROTIC]
    for name in ("interval_95", "interval_95_model", "interval_95_unknown"):
        one, other = getattr(hip, name), getattr(major, name)
        assert one.lower <= other.lower
        assert one.upper <= other.upper


def width(interval: Interval | None) -> float:
    assert interval is not None
    return interval.upper - interval.lower


def test_knowing_everything_leaves_only_the_doubt_about_the_effects() -> None:
    answer = estimate(COMPLETE, explain=False).outcomes[Outcome.MAJOR_OSTEOPOROTIC]
    assert answer.interval_95 == answer.interval_95_model
    assert width(answer.interval_95_unknown) == 0
    assert width(answer.interval_95) > 0.02


def test_not_knowing_widens_the_interval_and_the_parts_are_given_apart() -> None:
    bare = estimate(WHO, explain=False).outcomes[Outcome.MAJOR_OSTEOPOROTIC]
    assert width(bare.interval_95_model) < width(bare.interval_95_unknown)
    assert width(bare.interval_95) > 0.9 * width(bare.interval_95_unknown)


@settings(max_examples=25, deadline=None)
@given(PEOPLE)
def test_the_joint_interval_holds_both_of_its_parts(answers: dict[str, object]) -> None:
    for answer in estimate(answers, explain=False).outcomes.values():
        joint = answer.interval_95
        assert joint is not None
        for part in (answer.interval_95_model, answer.interval_95_unknown):
            assert part is not None
            assert joint.lower <= part.lower <= part.upper <= joint.upper


def test_doubt_about_how_common_factors_are_widens_the_part_of_the_model() -> None:
    people, evidence = population("gb"), evidence_set("frax-2008", "gb")
    known = known_inputs(read_profile(WHO).profile)
    layout = grid(known, people, evidence.parameters, full=False)
    values = incidence(known, people, evidence.parameters, layout)[:, -1]
    hip, major = mean(values, layout)
    point = {Outcome.MAJOR_OSTEOPOROTIC: float(major), Outcome.HIP: float(hip)}
    # Five times as large as it is, to stand out from the chance of 200 draws.
    leanings = {
        name: 5 * value for name, value in lean_on_prevalence(values, layout, known).items()
    }
    certain, doubted = (
        spreads(known, people, evidence, point, None, one)[0][Outcome.MAJOR_OSTEOPOROTIC].model
        for one in ({}, leanings)
    )
    assert width(doubted) > width(certain)


def test_the_mean_leans_on_a_prevalence_as_a_small_change_of_it_shows() -> None:
    people, evidence = population("gb"), evidence_set("frax-2008", "gb")
    known = known_inputs(read_profile(WHO).profile)

    def summed(log_odds: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        key = ("parent_hip_fracture", "female")
        line = people.people.log_odds[key]
        moved = dict(people.people.log_odds) | {key: replace(line, at_65=line.at_65 + log_odds)}
        other = replace(people, people=replace(people.people, log_odds=moved))
        layout = grid(known, other, evidence.parameters, full=False)
        values = incidence(known, other, evidence.parameters, layout)[:, -1]
        return mean(values, layout), lean_on_prevalence(values, layout, known)

    step = 1e-3
    by_step = (summed(step)[0] - summed(-step)[0]) / (2 * step)
    assert summed(0)[1]["parent_hip_fracture"] == pytest.approx(by_step, rel=1e-4)


def test_intervals_are_reproducible() -> None:
    assert estimate(WHO) == estimate(WHO)


def test_a_doubt_about_a_high_body_mass_index_acts_where_its_effect_does() -> None:
    evidence, people = evidence_set("frax-2008", "gb"), population("gb")
    unsure = replace(
        evidence, doubts=dict.fromkeys(evidence.doubts, 0.0) | {"other.bmi_above": 0.05}
    )

    def width(bmi: float) -> float:
        answers = {name: value for name, value in COMPLETE.items() if name != "height_cm"}
        profile = read_profile(answers | {"body_mass_index": bmi}).profile
        answer = ENGINE.estimate(profile, EstimateOptions(explain=False, interval=False))
        point = {outcome: one.probability_10y for outcome, one in answer.outcomes.items()}
        found, _ = spreads(known_inputs(profile), people, unsure, point)
        model = found[Outcome.MAJOR_OSTEOPOROTIC].model
        return model.upper - model.lower

    assert width(25) == pytest.approx(0, abs=1e-9)
    assert width(30) == pytest.approx(0, abs=1e-9)
    assert width(35) > 0.01


def test_a_bone_scan_would_help_a_woman_of_seventy_most() -> None:
    answer = estimate(WHO | {"body_mass_index": 25}, explain=False)
    found = answer.would_help_most
    assert {one.field for one in found} == set(answer.unknown)
    assert found[0].field == "femoral_neck_t_score"
    widths = [one.expected_interval_width for one in found]
    assert widths == sorted(widths)
    now = width(answer.outcomes[Outcome.MAJOR_OSTEOPOROTIC].interval_95)
    assert widths[0] < 0.7 * now


def test_what_a_known_answer_leaves_agrees_with_asking_again() -> None:
    who = WHO | {"body_mass_index": 25, "femoral_neck_t_score": -2.0}
    expected = {
        one.field: one.expected_interval_width
        for one in estimate(who, explain=False).would_help_most
    }
    again = [
        width(
            estimate(who | {"parent_hip_fracture": answer}, explain=False)
            .outcomes[Outcome.MAJOR_OSTEOPOROTIC]
            .interval_95
        )
        for answer in (False, True)
    ]
    # About one woman in seven has a parent who broke a hip.
    assert expected["parent_hip_fracture"] == pytest.approx(
        0.86 * again[0] + 0.14 * again[1], rel=0.15
    )
