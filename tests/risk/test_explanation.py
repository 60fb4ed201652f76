"""Reasons and the sums that they rest on."""

from typing import Any

from riskapp.risk.kept_sums import _summed
from riskapp.risk.predicting import explained
from riskapp.risk.profile import RiskProfile, Sex


def test_reasons_are_the_same_whether_their_sums_were_kept_or_not() -> None:
    known: dict[str, Any] = {"femoral_neck_t_score": -2.4, "falls_last_year": 3}
    people = [
        RiskProfile(population="gb", age_years=75, sex=Sex.FEMALE, **known | more)
        for more in (
            {"current_smoker": True},
            {"current_smoker": False},
            {},
            {"glucocorticoids": True},
            {"glucocorticoids": True, "glucocorticoid_dose_mg_daily": 10.0},
            {"falls_last_year": 0},
        )
    ]
    kept = [explained.__wrapped__(one, "frax-2008", False) for one in people]
    for one, before in zip(people, kept, strict=True):
        _summed.cache_clear()
        assert explained.__wrapped__(one, "frax-2008", False) == before
