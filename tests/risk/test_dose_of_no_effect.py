"""A detail that leaves a risk factor what it is on average makes no sum larger."""

from typing import Any

import pytest

from riskapp.risk.kept_sums import _summed
from riskapp.risk.modifier_reading import known_modifiers
from riskapp.risk.predicting import explained
from riskapp.risk.profile import RiskProfile, Sex

TOLD: dict[str, Any] = {
    "population": "gb",
    "age_years": 71,
    "sex": Sex.FEMALE,
    "femoral_neck_t_score": -2.5,
    "glucocorticoids": True,
}


def asked(**more: Any) -> RiskProfile:
    return RiskProfile(**TOLD, **more)


def test_a_medium_dose_is_told_and_moves_nothing() -> None:
    medium = known_modifiers(asked(glucocorticoid_dose_mg_daily=5), "frax-2008")
    assert set(medium.details) == {"glucocorticoids"}
    assert not medium.described
    high = known_modifiers(asked(glucocorticoid_dose_mg_daily=7.5), "frax-2008")
    assert high.described == {"glucocorticoids"}


def test_a_medium_dose_takes_no_sum_of_its_own_and_stands_in_the_reasons() -> None:
    _summed.cache_clear()
    plain = explained.__wrapped__(asked(), "frax-2008", False)
    before = _summed.cache_info().misses
    found = explained.__wrapped__(asked(glucocorticoid_dose_mg_daily=5), "frax-2008", False)
    assert _summed.cache_info().misses == before
    for one, other in zip(found.contributions, plain.contributions, strict=True):
        assert one.probability == pytest.approx(other.probability, rel=1e-12)
    told = {one.field: one.beside for one in found.contributions}
    assert told["glucocorticoids"] == {"glucocorticoid_dose_mg_daily": 5}
