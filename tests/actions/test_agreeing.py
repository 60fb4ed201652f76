"""Whether engines would bring a person into another category than the evidence does."""

from typing import Any

import pytest

from riskapp.actions.agreeing import in_another_category
from riskapp.risk.profile import RiskProfile, Sex

WOMAN = RiskProfile(
    population="gb", age_years=72, sex=Sex.FEMALE, femoral_neck_t_score=-1.0,
    prior_fragility_fracture=False, postmenopausal=True,
)  # fmt: skip
VERDICT = {"guideline": "nogg-2024", "at_least": "low risk"}


def told(engine: str, major: float) -> dict[str, Any]:
    probabilities = {"major_osteoporotic": major, "hip": 0.01}
    outcomes = {name: {"probability_10y": value} for name, value in probabilities.items()}
    return {"engine": engine, "outcomes": outcomes, "guidelines": []}


@pytest.mark.parametrize(("major", "otherwise"), [(0.202, ()), (0.203, ("cox",))])
def test_an_engine_on_the_other_side_of_the_threshold_is_named(
    major: float, otherwise: tuple[str, ...]
) -> None:
    evidence = told("evidence", 0.12) | {"guidelines": [VERDICT]}
    assert in_another_category(WOMAN, [evidence, told("cox", major)]) == otherwise


def test_without_a_verdict_of_the_evidence_nothing_is_said() -> None:
    assert in_another_category(WOMAN, [told("evidence", 0.12), told("cox", 0.3)]) is None
    assert in_another_category(WOMAN, [told("cox", 0.3)]) is None
    undecided = told("evidence", 0.12) | {"guidelines": [VERDICT | {"at_least": None}]}
    assert in_another_category(WOMAN, [undecided, told("cox", 0.3)]) is None
