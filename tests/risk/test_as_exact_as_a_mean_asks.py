"""Unlikely combinations are summed by shorter series, and draws are made once; nothing shows it."""

from typing import Any

import numpy as np
import pytest

from riskapp.risk import compiled_sums, uncertainty
from riskapp.risk.competing import fractures_by_step
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.kept_sums import _summed
from riskapp.risk.predicting import explained
from riskapp.risk.profile import FACTORS, RiskProfile, Sex
from riskapp.risk.short_series import ERRORS, SHARES

STEPS = 20
FURTHER: dict[str, Any] = {
    "weight_kg": 61.5,
    "height_cm": 160,
    "femoral_neck_t_score": -2.5,
    "prior_fracture_months_ago": 8,
    "falls_last_year": 2,
    "type_2_diabetes_years": 12,
    "lumbar_spine_t_score": -3.0,
    **dict.fromkeys(FACTORS, False),
    "prior_fragility_fracture": True,
}


@pytest.mark.parametrize("rare", range(len(ERRORS)))
@pytest.mark.parametrize("log_hazard", [-9.0, -5.0, -2.5, -1.0, 0.5, 2.0, 4.0, 7.0])
def test_rare_columns_are_as_exact_as_they_may_be(rare: int, log_hazard: float) -> None:
    rng = np.random.default_rng(11)
    columns = -np.exp(rng.normal(log_hazard, 0.5, (3, STEPS, 40)))
    rows = np.exp(rng.normal(0, 0.3, (3, 4, STEPS)))
    beside = compiled_sums.beside(
        np.ones((3, 1)), columns, np.arange(40), np.full(2, rare, dtype=np.intp)
    )
    found = compiled_sums.fractures_beside(rows, beside, np.arange(40), 40)[:, 0]
    causes = [
        [(rows[cause, :, step, None], columns[cause, step]) for step in range(STEPS)]
        for cause in range(3)
    ]
    *_, plain = fractures_by_step(*causes)
    np.testing.assert_allclose(found, plain, rtol=1e-11 + 8 * ERRORS[rare], atol=1e-15)


def test_a_group_is_as_exact_as_its_likeliest_column_asks() -> None:
    shares = np.full(70, 2.0**-50)
    shares[[3, 40]] = 0.01, SHARES[0] / 2
    assert compiled_sums.rarity([shares[:20], shares[20:]]).tolist() == [0, 1, len(SHARES)]


@pytest.mark.parametrize("told", [{}, FURTHER, {"l1_attenuation_hu": 80.0}])
@pytest.mark.parametrize("age", [41, 79])
def test_reasons_are_those_of_sums_that_are_all_exact(
    age: int, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = RiskProfile(population="gb", age_years=age, sex=Sex.MALE, **told)
    found = explained.__wrapped__(profile, "frax-2008", False)
    rarity = compiled_sums.rarity

    def exact(shares: Any) -> Any:
        some = rarity(shares)
        assert max(some) > 0 or len(some) < 3
        return np.zeros_like(some)

    monkeypatch.setattr(compiled_sums, "rarity", exact)
    _summed.cache_clear()
    whole = explained.__wrapped__(profile, "frax-2008", False)
    for one, all_of_it in zip(found.contributions, whole.contributions, strict=True):
        assert one.probability == pytest.approx(all_of_it.probability, rel=1e-12, abs=1e-16)
    assert found.baseline == pytest.approx(whole.baseline, rel=1e-13)


def test_draws_are_those_that_come_next() -> None:
    kept, plain = np.random.default_rng(5), np.random.default_rng(5)
    for rng in (kept, plain):
        rng.random(7)
    drawn = uncertainty._standard_normals(kept, 3, 50)
    assert drawn.tolist() == [plain.standard_normal(50).tolist() for _ in range(3)]
    assert kept.random() == plain.random()


def test_draws_are_made_once_for_all_of_whom_the_same_is_known() -> None:
    answers = {"population": "gb", "sex": Sex.FEMALE} | FURTHER
    made = uncertainty._drawn_from.cache_info
    for age in (60, 61, 62):
        EvidenceEngine().estimate(
            RiskProfile(age_years=age, **answers), EstimateOptions(explain=False)
        )
        if age == 60:
            before = made().misses
    assert made().misses == before
    assert made().maxsize == uncertainty.NORMALS_KEPT
