"""The sum of ``competing.fractures_by_step`` over every combination of a grid, compiled by numba.

Most of what an explanation takes. numpy makes eighteen passes over the combinations for each step,
and fetching them takes longer than calculating; here each is fetched once. The compiler is loaded
where it is first used, as it takes a quarter of a second.
"""

from collections.abc import Sequence
from functools import partial
from math import factorial, log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imaging.texture.compiled import compiled
from riskapp.risk.short_series import (
    ALL_GONE,
    DOUBLED,
    EIGHTH,
    FOURTH,
    SHARES,
    SIXTEENTH,
    SIXTH,
    TENTH,
    TO_DOUBLED,
    TO_EIGHTH,
    TO_FOURTH,
    TO_SIXTEENTH,
    TO_SIXTH,
    TO_TENTH,
    TO_TWELFTH,
    TWELFTH,
    few_leave,
    many_leave,
    more_leave,
    most_leave,
    what_goes,
)

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

# Where a series is as exact as can be.
FEW, MORE = -TO_EIGHTH[0], -TO_TWELFTH[0]
# A loop over a call of the library's exp is not made for several numbers at once, as the processor
# can. So exp(x) = 2^k exp(r) with |r| <= log(2) / 2, whose Taylor series is exact after 13 terms.
TAYLOR = tuple(1 / factorial(n) for n in range(13, -1, -1))
LOG2_E = 1 / log(2)
# log(2) in two parts, so that k times the first is exact (Cody and Waite, 1980).
LOG_2_HIGH, LOG_2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
# Added to a number, it leaves the nearest integer in the last bits.
TO_INTEGER = 1.5 * 2**52
EXPONENT_BIAS, MANTISSA_BITS = 1023, 52
LOWEST = -700.0  # exp is nearly the smallest number there is
# Columns that are summed side by side: a loop of a known length becomes a few wide instructions,
# and what they need stays in the processor's nearest cache.
TOGETHER = 32


@partial(compiled, fastmath={"contract"})
def exp(x: float) -> float:
    """exp(x) for x <= 0, equal to the library's but for the last bit; 1e-304 below -700."""
    x = max(x, LOWEST)
    shifted = x * LOG2_E + TO_INTEGER
    k = shifted - TO_INTEGER
    r = x - k * LOG_2_HIGH - k * LOG_2_LOW
    series = 0.0
    for coefficient in TAYLOR:
        series = series * r + coefficient
    exponent = np.float64(shifted).view(np.int64) + EXPONENT_BIAS
    power: float = np.int64(exponent << MANTISSA_BITS).view(np.float64)
    return series * power


@partial(compiled, fastmath={"contract"})
def _few(x: float) -> float:
    return what_goes(EIGHTH[0], x)


@partial(compiled, fastmath={"contract"})
def _more(x: float) -> float:
    return what_goes(TWELFTH[0], x)


class Beside(NamedTuple):
    """Columns of hazards in groups of ``TOGETHER``; what is left of the last repeats a column.

    Attributes
    ----------
    values : ndarray, shape (groups, 3, steps, TOGETHER)
        As the columns of ``fractures``.
    most, least : ndarray, shape (groups, 3, steps)
        The highest and the lowest hazard of a group.
    rare : ndarray, shape (groups,)
        Which of ``short_series.ERRORS`` a group may have.
    """

    values: Array
    most: Array
    least: Array
    rare: Places


def beside(bmi: Array, t_score: Array, places: Places, rare: Places | None = None) -> Beside:
    """Put columns together, each a product.

    Parameters
    ----------
    bmi : ndarray, shape (3, b)
    t_score : ndarray, shape (3, steps, t)
    places : ndarray, shape (m,)
        Of each column among all (b, t). Best where those that are alike follow one another.
    rare : ndarray, shape (groups,)
        As by ``rarity``; all columns count if left out.
    """
    if rare is None:
        rare = np.zeros(-(-len(places) // TOGETHER), dtype=np.intp)
    return Beside(*_beside(bmi, t_score, places), rare)


def rarity(shares: Sequence[Array]) -> Places:
    """For each group of columns, which of ``short_series.ERRORS`` it may have.

    Parameters
    ----------
    shares : sequence of ndarray
        The largest share that each column has of a mean; of columns one after another.
    """
    every = np.concatenate(shares)
    most = np.maximum.reduceat(every, np.arange(0, len(every), TOGETHER))
    return len(SHARES) - np.searchsorted(SHARES[::-1], most)


def fractures(rows: Array, columns: Array, places: Places, width: int, kept: int) -> Array:
    """Probabilities of hip and of major fracture, for every row beside every column.

    Parameters
    ----------
    rows : ndarray, shape (3, n, steps)
        Of hip, other major fracture and death.
    columns : ndarray, shape (3, steps, m)
        Their product with ``rows`` is minus the hazard times the length of the step.
    places : ndarray, shape (m,)
        Where each column stands among ``width``; the others are 0.
    kept : int
        At how many times the probabilities are kept, evenly; the last is the end.

    Returns
    -------
    ndarray, shape (2, kept, n, width)
    """
    every = beside(np.ones((3, 1)), columns, np.arange(len(places)))
    return _fractures(rows, *every, places, width, kept)


def fractures_beside(
    rows: Array, columns: Beside, places: Places, width: int, kept: int = 1
) -> Array:
    """``fractures`` of columns that were put together before."""
    return _fractures(rows, *columns, places, width, kept)


@partial(compiled, nogil=True)
def _beside(bmi: Array, t_score: Array, places: Places) -> tuple[Array, Array, Array]:
    steps = t_score.shape[1]
    groups = -(-len(places) // TOGETHER)
    values = np.empty((groups, 3, steps, TOGETHER))
    most, least = np.empty((groups, 3, steps)), np.empty((groups, 3, steps))
    for group in range(groups):
        lay_group(bmi, t_score, places, group, values[group], most[group], least[group])
    return values, most, least


@partial(compiled, fastmath=True)
def lay_group(
    bmi: Array, t_score: Array, places: Places, group: int, values: Array, most: Array, least: Array
) -> None:
    """What ``Beside`` holds of one group."""
    _, steps, t = t_score.shape
    of_bmi, of_t = np.empty(TOGETHER, dtype=np.intp), np.empty(TOGETHER, dtype=np.intp)
    for column in range(TOGETHER):
        place = places[min(group * TOGETHER + column, len(places) - 1)]
        of_bmi[column], of_t[column] = place // t, place % t
    times = np.empty(TOGETHER)
    for cause in range(3):
        for column in range(TOGETHER):
            times[column] = bmi[cause, of_bmi[column]]
        for step in range(steps):
            highest = lowest = times[0] * t_score[cause, step, of_t[0]]
            for column in range(TOGETHER):
                value = times[column] * t_score[cause, step, of_t[column]]
                highest, lowest = min(highest, value), max(lowest, value)
                values[cause, step, column] = value
            most[cause, step], least[cause, step] = highest, lowest


@partial(compiled, nogil=True)
def _fractures(
    rows: Array,
    columns: Array,
    most: Array,
    least: Array,
    rare: Places,
    places: Places,
    width: int,
    kept: int,
) -> Array:
    found = np.empty((2, kept, rows.shape[1], width))
    if len(places) < width:
        found[:] = 0.0
    for group in range(len(columns)):
        here = places[group * TOGETHER : (group + 1) * TOGETHER]
        of_group(rows, columns[group], most[group], least[group], rare[group], here, found)
    return found


@partial(compiled)
def _put(values: Array, places: Places, found: Array) -> None:
    for column, place in enumerate(places):
        found[place] = values[column]


@partial(compiled, fastmath={"contract"}, error_model="numpy")
def of_group(  # noqa: C901 (in parts it takes twice as long)
    rows: Array, columns: Array, most: Array, least: Array, rare: int, places: Places, found: Array
) -> None:
    """What ``fractures`` finds for one group, written to where its columns stand."""
    _, n, steps = rows.shape
    kept = found.shape[1]
    each = steps // kept
    # As in ``short_series.State``.
    s, t, p, q = np.empty(TOGETHER), np.empty(TOGETHER), np.empty(TOGETHER), np.empty(TOGETHER)
    fourth, sixth, eighth = FOURTH[rare], SIXTH[rare], EIGHTH[rare]
    twelfth, beyond = TWELFTH[rare], DOUBLED[rare]
    tenth, to_tenth = TENTH[rare], TO_TENTH[rare]
    sixteenth, to_sixteenth = SIXTEENTH[rare], TO_SIXTEENTH[rare]
    to_fourth, to_sixth, to_eighth = TO_FOURTH[rare], TO_SIXTH[rare], TO_EIGHTH[rare]
    to_twelfth, to_doubled, all_gone = TO_TWELFTH[rare], TO_DOUBLED[rare], ALL_GONE[rare]
    for row in range(n):
        s[:], t[:], p[:], q[:] = 1.0, 1.0, 0.0, 0.0
        gone = 0.0
        for time in range(kept):
            for step in range(time * each, (time + 1) * each):
                a, b, c = rows[0, row, step], rows[1, row, step], rows[2, row, step]
                leave = a * most[0, step] + b * most[1, step] + c * most[2, step]
                # Columns are not passed as slices: counting who holds one takes as long as a step.
                if gone < all_gone:
                    pass
                elif leave > to_fourth:
                    for i in range(TOGETHER):
                        x, y = a * columns[0, step, i], b * columns[1, step, i]
                        z = c * columns[2, step, i]
                        s[i], t[i], p[i], q[i] = few_leave(fourth, x, y, z, s[i], t[i], p[i], q[i])
                elif leave > to_sixth:
                    for i in range(TOGETHER):
                        x, y = a * columns[0, step, i], b * columns[1, step, i]
                        z = c * columns[2, step, i]
                        s[i], t[i], p[i], q[i] = few_leave(sixth, x, y, z, s[i], t[i], p[i], q[i])
                elif leave > to_eighth:
                    for i in range(TOGETHER):
                        x, y = a * columns[0, step, i], b * columns[1, step, i]
                        z = c * columns[2, step, i]
                        s[i], t[i], p[i], q[i] = few_leave(eighth, x, y, z, s[i], t[i], p[i], q[i])
                elif leave > to_tenth:
                    for i in range(TOGETHER):
                        x, y = a * columns[0, step, i], b * columns[1, step, i]
                        z = c * columns[2, step, i]
                        s[i], t[i], p[i], q[i] = few_leave(tenth, x, y, z, s[i], t[i], p[i], q[i])
                elif leave > to_twelfth:
                    for i in range(TOGETHER):
                        x, y = a * columns[0, step, i], b * columns[1, step, i]
                        z = c * columns[2, step, i]
                        s[i], t[i], p[i], q[i] = few_leave(twelfth, x, y, z, s[i], t[i], p[i], q[i])
                elif leave > to_sixteenth:
                    for i in range(TOGETHER):
                        x, y = a * columns[0, step, i], b * columns[1, step, i]
                        z = c * columns[2, step, i]
                        s[i], t[i], p[i], q[i] = more_leave(
                            sixteenth, x, y, z, s[i], t[i], p[i], q[i]
                        )
                elif leave > to_doubled:
                    for i in range(TOGETHER):
                        x, y = a * columns[0, step, i], b * columns[1, step, i]
                        z = c * columns[2, step, i]
                        s[i], t[i], p[i], q[i] = many_leave(beyond, x, y, z, s[i], t[i], p[i], q[i])
                else:
                    for i in range(TOGETHER):
                        x, y = a * columns[0, step, i], b * columns[1, step, i]
                        z = c * columns[2, step, i]
                        s[i], t[i], p[i], q[i] = most_leave(
                            twelfth, x, y, z, s[i], t[i], p[i], q[i]
                        )
                gone += a * least[0, step] + c * least[2, step]
            _put(p, places, found[0, time, row])
            _put(q, places, found[1, time, row])
