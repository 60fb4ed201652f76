"""The two searches give what trying every possibility gives."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from imaging.regions.chains import SURPRISE_COST, Gaps, best_chain
from imaging.regions.paths import best_path


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("places", [(4,), (2, 3)])
def test_the_path_is_the_best_of_all(places: tuple[int, ...], seed: int) -> None:
    score = np.random.default_rng(seed).normal(0, 1, (4, *places)).astype(np.float32)

    def worth(path: tuple[tuple[int, ...], ...]) -> float:
        steps = np.abs(np.diff(np.array(path), axis=0))
        if steps.max() > 1:
            return -np.inf
        places_on = sum(score[row][place] for row, place in enumerate(path))
        return float(places_on - 0.4 * steps.sum())

    best = max(itertools.product(np.ndindex(places), repeat=4), key=worth)
    found = best_path(score, bend_cost=0.4)
    assert found.shape == ((4,) if len(places) == 1 else (4, 2))
    np.testing.assert_array_equal(found.reshape(4, -1), best)


GAPS = Gaps(low=8, high=15, growth=1.1, spread=0.13, fewest=3)


def chain_worth(rows: tuple[int, ...], dark: np.ndarray, gaps: Gaps) -> float:
    steps = np.diff(rows)
    if steps.min() < gaps.low or steps.max() > gaps.high:
        return -np.inf
    surprises = (np.log(steps[1:] / steps[:-1]) - np.log(gaps.growth)) / gaps.spread
    missed = max(0.0, rows[0] / gaps.high - 1) + max(0.0, (len(dark) - rows[-1]) / gaps.high - 1)
    return float(dark[list(rows)].sum() - SURPRISE_COST * (surprises**2).sum() - missed)


@pytest.mark.parametrize("seed", range(4))
def test_the_chain_is_the_best_of_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dark = rng.uniform(0, 0.6, 70)
    peaks = np.sort(rng.choice(70, 11, replace=False))
    every = [
        rows for count in range(3, 9) for rows in itertools.combinations(peaks.tolist(), count)
    ]
    best = max(every, key=lambda rows: chain_worth(rows, dark, GAPS))
    found = best_chain(peaks, dark, GAPS)
    assert found is not None
    assert found[1] == list(best)
    assert found[0] == pytest.approx(chain_worth(best, dark, GAPS))


def test_a_chain_ends_where_discs_are_too_few() -> None:
    dark = np.zeros(40)
    peaks = np.array([10, 22])
    assert best_chain(peaks, dark, GAPS) is None
    pair = best_chain(peaks, dark, replace(GAPS, fewest=2))
    assert pair is not None
    assert pair[1] == [10, 22]
