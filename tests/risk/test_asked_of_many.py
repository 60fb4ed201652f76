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
    for answers in ({}, {"current_smoker": rng.integers(2, size=60) == 1}):
        major, hip = rng.uniform(0, 0.4, 60), rng.uniform(0, 0.1, 60)
        more = {**dict(zip(T_SCORES, rng.normal(-2, 1, (3, 60)), strict=True)), **answers}
        for i, decided in enumerate(decide(more, major, hip)):
            facts = facts_of(profile, float(major[i]), float(hip[i]))
            new = {name: told[i].item() for name, told in more.items() if facts[name] is None}
            assert decided == reached(one, {**facts, **new})


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
    t_scores = -1.5 + np.arange(50) / 1000
    assert len(decide({"femoral_neck_t_score": t_scores}, *np.full((2, 50), 0.01))) == 50
    assert len(asked) <= 1  # or it was decided before, about somebody else
