"""Weighted survival: a hand-worked case, then what must hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.evaluation.evidence.survival import share_until

YEARS = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
DIED = np.array([True, False, True, True, False])
PEOPLE = st.lists(
    st.tuples(st.floats(0.01, 20), st.booleans(), st.integers(1, 5)), min_size=1, max_size=40
)


def test_survival_by_hand() -> None:
    # 4/5 after a year; two people lost or dead, three left: times 2/3, then times 1/2.
    assert share_until(YEARS, DIED, np.ones(5), 3.5) == pytest.approx(1 - 4 / 5 * 2 / 3)
    assert share_until(YEARS, DIED, np.ones(5), 10) == pytest.approx(1 - 4 / 5 * 2 / 3 / 2)


@pytest.mark.parametrize(("horizon", "counted"), [(0.99, False), (1.0, True)])
def test_a_death_at_the_horizon_counts(horizon: float, counted: bool) -> None:
    assert (share_until(YEARS, DIED, np.ones(5), horizon) > 0) == counted


@settings(deadline=None)
@given(PEOPLE)
def test_a_weight_of_two_is_two_people(people: list[tuple[float, bool, int]]) -> None:
    years, died, weights = (np.array(column) for column in zip(*people, strict=True))
    many = share_until(
        np.repeat(years, weights), np.repeat(died, weights), np.ones(weights.sum()), 10
    )
    assert share_until(years, died, weights.astype(float), 10) == pytest.approx(many)
    assert 0 <= many <= 1
