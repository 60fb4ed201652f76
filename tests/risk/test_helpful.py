"""What knowing an unknown answer would do to a guideline's decision."""

from typing import Any

import pytest

from riskapp.exchange.assessment_json import estimate_json
from riskapp.exchange.guideline_wording import about_of_ten, help_wording
from riskapp.exchange.reading import read_profile
from riskapp.risk.errors import UnknownGuideline
from riskapp.risk.estimate import EstimateOptions, HelpfulInput, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine

T = "femoral_neck_t_score"
WHO = {"population": "gb", "age_years": 72, "sex": "female", "body_mass_index": 24}
NOTHING = dict.fromkeys(
    (
        "prior_fragility_fracture", "parent_hip_fracture", "current_smoker", "glucocorticoids",
        "rheumatoid_arthritis", "secondary_osteoporosis", "alcohol_3_or_more_units_daily",
    ),
    False,
)  # fmt: skip


def estimate(answers: dict[str, Any], guideline: str | None) -> RiskEstimate:
    options = EstimateOptions(explain=False, guideline=guideline)
    return EvidenceEngine().estimate(read_profile(answers).profile, options)


def helps(answers: dict[str, Any], guideline: str | None) -> dict[str, HelpfulInput]:
    return {one.field: one for one in estimate(answers, guideline).would_help_most}


def test_a_dxa_settles_what_a_guideline_asks_for() -> None:
    told = helps(WHO | NOTHING, "nogg-2024")[T]
    assert told.chance_decision_changes == 1
    assert told.would_settle
    assert {"low risk", "high risk"} <= set(dict(told.categories))
    assert sum(dict(told.categories).values()) == pytest.approx(1)


def test_far_from_every_threshold_nothing_would_change() -> None:
    young = WHO | NOTHING | {"age_years": 55, "body_mass_index": 30, "postmenopausal": True}
    known = young | {T: 1.0, "total_hip_t_score": 1.0, "lumbar_spine_t_score": 1.0}
    del known["parent_hip_fracture"]
    for code in ("nogg-2024", "bhof-2022"):
        told = helps(known, code)["parent_hip_fracture"]
        assert told.chance_decision_changes == 0
        assert not told.would_settle  # settled already


def test_near_a_threshold_one_answer_decides_and_asking_again_agrees() -> None:
    known = WHO | NOTHING | {T: -2.3}
    del known["parent_hip_fracture"]
    now = estimate(known, "nogg-2024")
    told = {one.field: one for one in now.would_help_most}["parent_hip_fracture"]
    then = [
        estimate(known | {"parent_hip_fracture": answer}, "nogg-2024").guidelines[0].category
        for answer in (False, True)
    ]
    assert then[0] == "low risk"
    assert then[1] in ("high risk", "very high risk")
    # About one woman in seven has a parent who broke a hip.
    assert now.guidelines[0].category == "low risk"
    assert told.chance_decision_changes == pytest.approx(0.14, abs=0.03)


def test_the_chance_agrees_with_asking_again_over_the_scores_that_a_dxa_may_give() -> None:
    known = WHO | NOTHING
    told = helps(known, "bhof-2022")[T].chance_decision_changes
    # The T-score is about normal with SD 1: thin bone at its lower end meets the threshold.
    low, high = (
        estimate(known | {T: score}, "bhof-2022").guidelines[0].at_least for score in (-3.0, 0.0)
    )
    assert (low, high) == ("treatment threshold met", "treatment threshold not met")
    assert told is not None
    assert 0.3 < told < 0.7


def test_help_is_ranked_by_the_decision_where_a_guideline_was_chosen_else_by_width() -> None:
    fracture = WHO | {"prior_fragility_fracture": True}
    by_decision = estimate(fracture, "nogg-2024").would_help_most
    chances = [one.chance_decision_changes or 0 for one in by_decision]
    assert chances == sorted(chances, reverse=True)
    by_width = estimate(fracture, None).would_help_most
    widths = [one.expected_interval_width for one in by_width]
    assert widths == sorted(widths)
    assert {one.chance_decision_changes for one in by_width} == {None}
    assert {one.field: one.expected_interval_width for one in by_width} == {
        one.field: one.expected_interval_width for one in by_decision
    }


def test_where_the_chosen_guideline_does_not_apply_no_chance_is_made_up() -> None:
    told = helps(WHO | {"sex": "male"}, "esceo-2013")
    assert {one.chance_decision_changes for one in told.values()} == {None}


def test_a_guideline_that_is_not_held_is_refused() -> None:
    with pytest.raises(UnknownGuideline):
        estimate(WHO, "frax")


def test_the_json_keeps_its_key_and_has_the_new_ones() -> None:
    found = estimate_json(estimate(WHO, "nogg-2024"))
    assert set(found["would_help_most"][0]) == {
        "field", "expected_interval_width", "chance_decision_changes", "would_settle",
        "categories",
    }  # fmt: skip
    assert found["guidelines"][0]["guideline"] == "nogg-2024"
    assert found["guidelines"][0]["wording"].startswith("NOGG 2024: ")


def test_the_words() -> None:
    assert help_wording(T, 0.31, False, {}) == (
        "A DXA would change the category in about 3 of 10 people like this one."
    )
    assert help_wording(T, 1.0, True, {"low risk": 0.62, "high risk": 0.38}) == (
        "A DXA would change the category of people like this one: low risk in about 6 of 10 and "
        "high risk in about 4 of 10, and would settle it."
    )
    assert "parental hip fracture" in help_wording("parent_hip_fracture", 0.1, False, {})
    told = [about_of_ten(chance) for chance in (0, 0.001, 0.06, 0.94, 0.96, 1)]
    assert told == [
        "none of 10", "under 1 of 10", "about 1 of 10", "about 9 of 10",
        "over 9 of 10", "all of 10",
    ]  # fmt: skip
