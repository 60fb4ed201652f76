"""The chain of discs among many dips: dark, and with gaps that change smoothly."""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SURPRISE_COST = 0.05


@dataclass(frozen=True, slots=True)
class Gaps:
    """How far apart neighbouring discs lie.

    Attributes
    ----------
    low, high : float
        Least and most rows from one disc to the next.
    growth, spread : float
        A gap over the one before it, and the spread of that ratio's logarithm.
    fewest : int
        Discs that make a chain.
    """

    low: float
    high: float
    growth: float
    spread: float
    fewest: int


def best_chain(
    peaks: npt.NDArray[np.intp], dark: npt.NDArray[np.float64], gaps: Gaps
) -> tuple[float, list[int]] | None:
    """Extend chains disc by disc; the state is the last pair, because gaps must grow smoothly.

    Parameters
    ----------
    peaks : ndarray of int
        Rows of the dips, in order.
    dark : ndarray, shape (rows,)
        How much each row looks like a disc.

    Returns
    -------
    (score, rows) or None
        The darkest and most evenly spaced chain; None where there is none.
    """
    # A chain begins and ends within one gap of the ends: else a disc has been missed.
    chains: dict[tuple[int, int], tuple[float, list[int]]] = {}
    for first, second in itertools.combinations(peaks.tolist(), 2):
        if gaps.low <= second - first <= gaps.high:
            missed = max(0.0, (first - gaps.high) / gaps.high)
            chains[first, second] = (float(dark[first] + dark[second]) - missed, [first, second])
    for end in peaks.tolist():
        for (before, last), (score, rows) in sorted(chains.items()):
            gap, previous = end - last, last - before
            if last >= end or not gaps.low <= gap <= gaps.high:
                continue
            surprise = (np.log(gap / previous) - np.log(gaps.growth)) / gaps.spread
            longer = score + float(dark[end]) - SURPRISE_COST * float(surprise**2)
            if longer > chains.get((last, end), (-np.inf, []))[0]:
                chains[last, end] = (longer, [*rows, end])
    finished = [
        (score - max(0.0, (len(dark) - rows[-1] - gaps.high) / gaps.high), rows)
        for score, rows in chains.values()
        if len(rows) >= gaps.fewest
    ]
    return max(finished, default=None)
