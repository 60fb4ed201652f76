"""An answer that is written is the JSON of that answer, letter for letter."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from riskapp.exchange import answer_text
from riskapp.exchange.answer_text import estimate_text, written
from riskapp.exchange.assessment_json import estimate_json
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.profile import RiskProfile, Sex
from tests.risk.guideline_cases import PROFILES

ENGINE = EvidenceEngine("meta-2025")


def answered(answers: dict[str, Any], **options: bool) -> Any:
    asked = EstimateOptions(evidence_set="meta-2025", **options)
    return ENGINE.estimate(RiskProfile(**answers), asked)


@settings(max_examples=40, deadline=None)
@given(answers=PROFILES)
def test_what_is_written_is_the_answer(answers: dict[str, Any]) -> None:
    estimate = answered(answers, explain=False, interval=False)
    assert estimate_text(estimate) == written(estimate_json(estimate))


@pytest.mark.parametrize("verdicts", [True, False])
def test_so_it_is_with_an_interval_and_reasons(verdicts: bool) -> None:
    answers = {"population": "gb", "age_years": 70, "sex": Sex.FEMALE, "femoral_neck_t_score": -1.4}
    estimate = answered(answers, explain=True, interval=True, verdicts=verdicts)
    assert any(one.within_interval for one in estimate.guidelines) == verdicts
    assert json.loads(estimate_text(estimate)) == estimate_json(estimate)
    assert estimate_text(estimate) == written(estimate_json(estimate))


def test_what_is_said_to_many_is_written_once() -> None:
    answer_text._form_text.cache_clear()
    for number in range(4):
        answers = {"population": "gb", "age_years": 72 + number / 8, "sex": Sex.FEMALE}
        answers |= {"femoral_neck_t_score": -3.1 - number / 50}
        estimate = answered(answers, explain=False, interval=False)
        estimate_text(estimate)
    kept = answer_text._form_text.cache_info()
    assert (kept.misses, kept.hits) == (len(estimate.guidelines), 3 * len(estimate.guidelines))
