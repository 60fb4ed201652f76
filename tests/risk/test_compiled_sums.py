"""The compiled sum is the plain one, and what it leaves out of a mean is not seen in it."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from riskapp.risk import explanation
from riskapp.risk.competing import fractures_by_step
from riskapp.risk.compiled_sums import exp, fractures
from riskapp.risk.predicting import explained
from riskapp.risk.profile import RiskProfile, Sex

STEPS = 20
TOLD: dict[str, Any] = {
    "femoral_neck_t_score": -2.5,
    "weight_kg": 61.5,
    "height_cm": 160,
    "lumbar_spine_t_score": -3.0,
    "prior_fragility_fracture": True,
    "prior_fracture_months_ago": 8,
}


def test_exp_is_the_librarys_but_for_the_last_bit() -> None:
    for x in (0.0, -1e-300, -0.3465, -0.3466, *np.linspace(-700, 0, 4001).tolist()):
        assert exp(x) == pytest.approx(np.exp(x), rel=5e-16, abs=0)
    assert 0 < exp(-1e6) < 1e-303


def test_the_compiled_sum_is_the_one_of_numpy_a_step_at_a_time() -> None:
    rng = np.random.default_rng(3)
    rows = np.exp(rng.normal(-1, 1, (3, 7, STEPS)))
    columns = -np.exp(rng.normal(-3, 2, (3, STEPS, 11)))
    causes = [
        [(rows[cause, :, step, None], columns[cause, step]) for step in range(STEPS)]
        for cause in range(3)
    ]
    by_step = [one.copy() for one in fractures_by_step(*causes)]
    found = fractures(rows, columns, np.arange(11), 11, STEPS // 2)
    np.testing.assert_allclose(found, np.stack(by_step[1::2], axis=1), rtol=1e-12)
    # Columns that are not counted are 0; the end alone is the last of all.
    places = np.array([0, 4, 9])
    some = fractures(rows, columns.take(places, axis=-1), places, 11, 1)[:, 0]
    np.testing.assert_allclose(some[..., places], found[:, -1][..., places], rtol=1e-12)
    assert np.count_nonzero(some) == some[..., places].size


@pytest.mark.parametrize("told", [{}, TOLD, {"l1_attenuation_hu": 80.0}])
def test_what_is_too_unlikely_to_be_seen_in_a_mean_is_not_seen_in_reasons(
    told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = RiskProfile(population="gb", age_years=79, sex=Sex.MALE, **told)
    found = explained.__wrapped__(profile, "frax-2008", False)
    seen = explanation.seen_in_means

    def everything(*args: Any) -> Any:
        some = seen(*args)
        assert 0.5 < some.mean() < 0.85
        return np.ones_like(some)

    monkeypatch.setattr(explanation, "seen_in_means", everything)
    whole = explained.__wrapped__(profile, "frax-2008", False)
    for one, all_of_it in zip(found.contributions, whole.contributions, strict=True):
        assert one.probability == pytest.approx(all_of_it.probability, rel=1e-12, abs=1e-16)
    assert found.baseline == pytest.approx(whole.baseline, rel=1e-13)


def test_the_compiler_is_loaded_by_the_first_estimate_and_not_before() -> None:
    program = "import riskapp.risk.evidence, sys; sys.exit('numba' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
