"""The order of numbers is that of numpy, whatever they are like."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskapp.evaluation import sorting
from riskapp.evaluation.sorting import Floats, ranked, rising

DRAWN = np.random.default_rng(5)
KINDS = {
    "years": np.minimum(DRAWN.exponential(20, 5000), 30),
    "rounded to weeks": np.round(DRAWN.exponential(5, 5000) * 52) / 52,
    "of both signs": DRAWN.normal(size=5000),
    "over many orders of magnitude": np.exp(30 * DRAWN.normal(size=5000)),
    "with one far from the rest": np.append(DRAWN.random(5000), 1e300),
    "the farthest apart": np.array([np.finfo(float).max, -np.finfo(float).max, 5e-324, -5e-324]),
    "all the same": np.full(100, 0.25),
    "one": np.array([3.0]),
    "two zeros": np.array([0.0, -0.0, 0.0, -1.0, -0.0]),
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_numbers_come_in_the_order_that_numpy_finds(kind: str) -> None:
    values = KINDS[kind]
    np.testing.assert_array_equal(rising(values), np.argsort(values, kind="stable"))


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e308, 1e308)))
def test_any_numbers_do(values: Floats) -> None:
    order = rising(values)
    np.testing.assert_array_equal(order, np.argsort(values, kind="stable"))
    distinct, place = ranked(values, order)
    np.testing.assert_array_equal(distinct[place], values)
    assert (np.diff(distinct) > 0).all()


def test_where_many_begin_with_the_same_bits_numpy_sorts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    argsort = np.argsort

    def counting(values: Floats, kind: str) -> sorting.Places:
        asked.append(kind)
        return argsort(values, kind=kind)

    monkeypatch.setattr(np, "argsort", counting)
    close = np.append(1 - 1e-13 * DRAWN.integers(0, 1000, 5000), -1.0)
    order = rising(close)
    assert asked
    np.testing.assert_array_equal(order, argsort(close, kind="stable"))
