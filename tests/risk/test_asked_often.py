"""A guideline asked again and again decides as if it had been asked once."""

from typing import Any

import numpy as np
import pytest

from riskapp.risk import verdict_forms
from riskapp.risk.guideline_data import guideline, listed
from riskapp.risk.guidelines import decider, facts_of
from riskapp.risk.profile import RiskProfile, Sex
from riskapp.risk.reached import reached

T_SCORES = ("femoral_neck_t_score", "total_hip_t_score", "lumbar_spine_t_score")
PEOPLE: list[dict[str, Any]] = [
    {},
    {"prior_fragility_fracture": True, "weight_kg": 50.0, "height_cm": 160.0},
    {"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 7.5, "parent_hip_fracture": False},
    {"femoral_neck_t_score": -2.6, "osteoporosis_treatment": "none"},
]


@pytest.mark.parametrize("one", listed(), ids=lambda one: one.code)
@pytest.mark.parametrize("told", PEOPLE)
def test_every_answer_is_that_of_asking_once(one: Any, told: dict[str, Any]) -> None:
    profile = RiskProfile(population="gb", age_years=68, sex=Sex.FEMALE, **told)
    decide, rng = decider(one, profile), np.random.default_rng(5)
    for _ in range(60):
        more = {name: float(t) for name, t in zip(T_SCORES, rng.normal(-2, 1, 3), strict=True)}
        more |= {"current_smoker": bool(rng.integers(2))} if rng.integers(2) else {}
        major, hip = rng.uniform(0, 0.4), rng.uniform(0, 0.1)
        facts = facts_of(profile, major, hip)
        new = {name: value for name, value in more.items() if facts[name] is None}
        assert decide(more, major, hip) == reached(one, {**facts, **new})


def test_where_comparisons_come_out_alike_it_is_decided_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []

    def counted(*given: Any) -> Any:
        asked.append(given)
        return reached(*given)

    monkeypatch.setattr(verdict_forms, "reached", counted)
    profile = RiskProfile(population="gb", age_years=68, sex=Sex.FEMALE)
    decide = decider(guideline("nogg-2024"), profile)
    for i in range(50):
        decide({"femoral_neck_t_score": -1.5 + i / 1000}, 0.05, 0.01)
    assert len(asked) <= 1  # or it was decided before, about somebody else
