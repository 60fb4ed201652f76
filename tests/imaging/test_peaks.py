"""Peaks of a profile, against scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import signal

from imaging.regions.peaks import find_peaks


@given(
    some.lists(some.integers(-4, 6), min_size=1, max_size=40),
    some.integers(-5, 6),
    some.integers(0, 6),
)
def test_peaks_are_those_of_scipy(values: list[int], height: int, prominence: int) -> None:
    profile = np.array(values, dtype=np.float64)
    expected, _ = signal.find_peaks(profile, height=height, prominence=prominence or None)
    assert find_peaks(profile, height=height, prominence=prominence).tolist() == expected.tolist()


@given(some.permutations(range(30)), some.integers(1, 9))
def test_of_near_peaks_the_higher_stays(values: list[int], distance: int) -> None:
    profile = np.array(values, dtype=np.float64)
    expected, _ = signal.find_peaks(profile, distance=distance)
    assert find_peaks(profile, distance=distance).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("values", "peaks"), [([0, 1, 0], [1]), ([0, 2, 2, 2, 0], [2]), ([2, 1, 2], []), ([1], [])]
)
def test_a_flat_top_counts_once_and_an_end_not_at_all(
    values: list[float], peaks: list[int]
) -> None:
    assert find_peaks(np.array(values)).tolist() == peaks
