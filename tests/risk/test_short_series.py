"""The series that stand for an exponential, the weights made in one pass, and the draws' sum."""

import numpy as np
import pytest

from riskapp.risk import compiled_sums, compiled_weights
from riskapp.risk.competing import fractures_by_step

STEPS = 20


@pytest.mark.parametrize(
    ("series", "width"),
    [(compiled_sums._few, compiled_sums.FEW), (compiled_sums._more, compiled_sums.MORE)],
)
def test_a_series_is_the_librarys_but_for_the_last_bits(series: object, width: float) -> None:
    assert callable(series)
    for x in (-1e-300, -1e-9, *np.linspace(-width, -1e-3, 2001).tolist()):
        assert series(x) == pytest.approx(np.expm1(x) / x, rel=1e-15, abs=0)


@pytest.mark.parametrize("log_hazard", [-9.0, -5.0, -2.5, -1.0, 0.5, 2.0, 4.0, 7.0])
def test_hazards_of_every_size_are_summed_as_numpy_sums_them(log_hazard: float) -> None:
    rng = np.random.default_rng(7)
    bmi = np.exp(rng.normal(0, 0.3, (3, 5)))
    t_score = -np.exp(rng.normal(log_hazard, 0.5, (3, STEPS, 9)))
    rows = np.exp(rng.normal(0, 0.3, (3, 4, STEPS)))
    places = rng.permutation(45)[:37]  # one group, and a part of the next
    columns = compiled_sums.beside(bmi, t_score, places)
    found = compiled_sums.fractures_beside(rows, columns, np.arange(37), 37)[:, 0]
    each = bmi[:, None, places // 9] * t_score[:, :, places % 9]
    causes = [
        [(rows[cause, :, step, None], each[cause, step]) for step in range(STEPS)]
        for cause in range(3)
    ]
    *_, plain = fractures_by_step(*causes)
    np.testing.assert_allclose(found, plain, rtol=1e-11, atol=1e-15)


def test_weights_are_normal_and_add_up() -> None:
    nodes, centres = np.arange(-12, 9) * 0.75, np.array([-3.0, 0.4])
    sums = np.array([0.25, 2.0])
    found = np.full((2, 22), -1.0)
    compiled_weights.normal_weights(nodes, centres, 0.6, sums, found)
    plain = np.exp(-((nodes - centres[:, None]) ** 2) / 1.2)
    plain *= (sums / plain.sum(axis=1))[:, None]
    np.testing.assert_allclose(found[:, :-1], plain, rtol=1e-13, atol=1e-300)
    assert found[:, -1].tolist() == [-1, -1]


def test_what_any_row_holds_is_seen() -> None:
    weights = np.ones((2, 3, 4))
    weights[:, 0, 0], weights[0, 1, 1] = 1e-17, 1e-17
    seen = compiled_weights.seen(weights, np.finfo(float).epsneg)
    assert not seen[0, 0]
    assert seen.sum() == 11


def test_rows_are_weighed_with_all_weights_that_they_have() -> None:
    rng = np.random.default_rng(5)
    values, weights = rng.random((2, 3, 6)), rng.random((6, 6))
    rows = np.array([[0, 3], [1, 4], [2, 5]])
    found = np.zeros((2, 6))
    compiled_weights.weigh(values, weights, rows, 1, values.shape[-1], found)
    plain = np.einsum("onm,nkm->onk", values[..., 1:], weights[rows][..., 1:])
    np.testing.assert_allclose(found[:, rows], plain, rtol=1e-14)
