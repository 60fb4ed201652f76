"""How much is summed anew when an answer is changed, and that what is kept is what it was."""

from typing import Any

import pytest

from riskapp.risk.kept_sums import BLOCKS_KEPT, _summed
from riskapp.risk.predicting import explained
from riskapp.risk.profile import FractureSite, RiskProfile, Sex

ANN: dict[str, Any] = {"population": "gb", "age_years": 71, "sex": Sex.FEMALE}
TOLD: dict[str, Any] = ANN | {
    "weight_kg": 61.5,
    "height_cm": 160,
    "femoral_neck_t_score": -2.5,
    "prior_fragility_fracture": True,
    "current_smoker": False,
}
EVERYTHING: dict[str, Any] = TOLD | {
    "prior_fracture_site": FractureSite.VERTEBRA,
    "prior_fracture_months_ago": 8,
    "glucocorticoids": True,
    "glucocorticoid_dose_mg_daily": 7.5,
    "rheumatoid_arthritis": False,
    "falls_last_year": 2,
    "type_2_diabetes_years": 12,
    "lumbar_spine_t_score": -3.0,
}


def summed_for(answers: dict[str, Any]) -> int:
    """Explain without looking up the whole, and count the sums that were made."""
    before = _summed.cache_info().misses
    explained.__wrapped__(RiskProfile(**answers), "frax-2008", False)
    return _summed.cache_info().misses - before


@pytest.mark.parametrize(
    ("answers", "changed", "first", "then"),
    [
        (ANN, {"current_smoker": True}, 1, 0),
        (TOLD, {"current_smoker": None}, 3, 0),
        (TOLD, {"femoral_neck_t_score": -2.6}, 3, 1),
        # The combinations with this body mass index, and with this and the T-score.
        (TOLD, {"weight_kg": 62}, 3, 2),
        (TOLD, {"age_years": 72}, 3, 3),
        # With and without falls, diabetes and measurements of bone, less what diabetes leaves:
        # with the known T-score eight sums, with the body mass index eight, and 48 beside them.
        (EVERYTHING, {"femoral_neck_t_score": -2.6}, 64, 8),
        (EVERYTHING, {"weight_kg": 62}, 64, 16),
        # Only whether there are two falls, and whether there is diabetes, is counted.
        (EVERYTHING, {"falls_last_year": 3}, 64, 0),
        (EVERYTHING, {"type_2_diabetes_years": 13}, 64, 0),
        (EVERYTHING, {"glucocorticoid_dose_mg_daily": 8.0}, 64, 0),
        # What is known of the fracture moves half of the blocks, and what stands beside them.
        (EVERYTHING, {"prior_fracture_months_ago": 9}, 64, 40),
        (EVERYTHING, {"lumbar_spine_t_score": -3.1}, 64, 32),
    ],
)
def test_a_changed_answer_is_summed_anew_where_it_acts_and_nowhere_else(
    answers: dict[str, Any], changed: dict[str, Any], first: int, then: int
) -> None:
    _summed.cache_clear()
    assert summed_for(answers) == first
    assert summed_for(answers | changed) == then
    assert summed_for(answers) == 0


def test_people_beyond_number_do_not_fill_the_memory() -> None:
    _summed.cache_clear()
    for months in range(BLOCKS_KEPT // 40 + 2):
        summed_for(EVERYTHING | {"prior_fracture_months_ago": months})
    assert _summed.cache_info().currsize == BLOCKS_KEPT
