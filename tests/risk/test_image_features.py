"""Unmeasured image features, and what measured ones say of an unknown T-score."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.risk.design_row import Floats
from riskapp.risk.image_features import ImageFeatures

N = 40_000
# Texture and attenuation: 0.8 + 0.02 T (SD 0.04), 150 + 20 T (SD 30), correlation 0.5.
FEATURES = ImageFeatures(
    names=("lumbar_texture_score", "l1_attenuation_hu"),
    coefficients=np.array([[0.8, 0, 0, 0, 0.02], [150, 0, 0, 0, 20]], dtype=np.float64),
    covariance=np.array([[0.04**2, 0.5 * 0.04 * 30], [0.5 * 0.04 * 30, 30.0**2]]),
)


def draws(t_score: Floats) -> dict[str, Floats]:
    return {
        "age_years": np.full(t_score.size, 65.0),
        "female": np.ones(t_score.size),
        "femoral_neck_t_score": t_score,
    }


def unknown_t() -> dict[str, Floats]:
    return draws(np.random.default_rng(2).normal(-1, 1, N))


def test_unmeasured_features_follow_their_joint_distribution() -> None:
    whole = FEATURES.complete(draws(np.full(N, -2.0)), {}, np.random.default_rng(1))
    texture, attenuation = whole["lumbar_texture_score"], whole["l1_attenuation_hu"]
    assert texture.mean() == pytest.approx(0.76, abs=0.001)
    assert attenuation.std() == pytest.approx(30, rel=0.02)
    assert np.corrcoef(texture, attenuation)[0, 1] == pytest.approx(0.5, abs=0.02)


def test_a_low_attenuation_makes_a_low_t_score_likely() -> None:
    # T is N(-1, 1) and HU given T is N(150 + 20 T, 30): given 90 HU, T is normal with precision
    # 1 + (20 / 30) ** 2 and mean -1 + (20 / 900) (90 - 130) / precision.
    known = {"l1_attenuation_hu": 90.0}
    whole = FEATURES.complete(unknown_t(), known, np.random.default_rng(1))
    precision = 1 + (20 / 30) ** 2
    t_score = whole["femoral_neck_t_score"]
    assert t_score.mean() == pytest.approx(-1 + (20 / 900) * (90 - 130) / precision, abs=0.02)
    assert t_score.std() == pytest.approx(precision**-0.5, abs=0.02)
    assert (whole["l1_attenuation_hu"] == 90).all()


def test_a_measured_feature_also_shifts_the_one_not_measured() -> None:
    # 30 HU (one SD) above expectation moves the texture by 0.5 SD.
    known = {"l1_attenuation_hu": 150 - 40 + 30.0}
    whole = FEATURES.complete(draws(np.full(N, -2.0)), known, np.random.default_rng(1))
    assert whole["lumbar_texture_score"].mean() == pytest.approx(0.76 + 0.5 * 0.04, abs=0.001)


def test_the_same_seed_gives_the_same_draws() -> None:
    twice = [FEATURES.complete(unknown_t(), {}, np.random.default_rng(7)) for _ in range(2)]
    np.testing.assert_array_equal(twice[0]["l1_attenuation_hu"], twice[1]["l1_attenuation_hu"])


def test_without_image_features_the_draws_are_returned_as_they_are() -> None:
    none = ImageFeatures((), np.zeros((0, 5)), np.zeros((0, 0)))
    assert set(none.complete(unknown_t(), {}, np.random.default_rng(1))) == set(unknown_t())


@given(st.floats(-200, 600), st.floats(-1, 1), st.integers(0, 2**20))
def test_however_odd_the_measurement_the_draws_stay_whole(
    attenuation: float, texture: float, seed: int
) -> None:
    few = draws(np.random.default_rng(3).normal(-1, 1, 50))
    known = {"l1_attenuation_hu": attenuation, "lumbar_texture_score": texture}
    whole = FEATURES.complete(few, known, np.random.default_rng(seed))
    assert all(values.shape == (50,) and np.isfinite(values).all() for values in whole.values())
