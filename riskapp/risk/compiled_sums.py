"""The sum of ``competing.fractures_by_step`` over every combination of a grid, compiled by numba.

Most of what an explanation takes. numpy makes eighteen passes over the combinations for each step,
and fetching them takes longer than calculating; here each is fetched once. The compiler is loaded
where it is first used, as it takes a quarter of a second.

Of S who are left, S (1 - exp(x)) h / x have the fracture in a step, with h the hazard of it and x
that of leaving at all, both times the length of the step. Where x is small that is S h times a
short series in x, which takes a third of the time: no exponential and no division.
"""

from decimal import Decimal, localcontext
from functools import partial
from math import cos, factorial, log, pi
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imaging.texture.compiled import compiled

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

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
# exp(-40) is less than the last bit of what has happened by then.
ALL_GONE = -40.0


def _of_what_goes(width: float, degree: int) -> tuple[float, ...]:
    """Coefficients, the highest first, of a polynomial for (exp(x) - 1) / x where -width <= x < 0.

    They are equal at Chebyshev's nodes (in Newton's form, with as many digits as that takes), and
    between them but for the last bits; a Taylor series would need a third more terms.
    """
    with localcontext(prec=60):
        angles = (pi * (2 * i + 1) / (2 * degree + 2) for i in range(degree + 1))
        nodes = [Decimal(-width / 2 * (1 + cos(angle))) for angle in angles]
        divided = [(x.exp() - 1) / x for x in nodes]
        for order in range(1, degree + 1):
            for i in range(degree, order - 1, -1):
                divided[i] = (divided[i] - divided[i - 1]) / (nodes[i] - nodes[i - order])
        found = [Decimal(0)]
        for difference, node in zip(reversed(divided), reversed(nodes), strict=True):
            shifted = [*found, Decimal(0)]
            for place, coefficient in enumerate(found):
                shifted[place + 1] -= node * coefficient
            shifted[-1] += difference
            found = shifted
        return tuple(float(one) for one in found[1:])


# In a step of half a year mostly few leave, and a short series is enough.
FEW, MORE = 0.3, 1.4
FEW_LEAVE, MORE_LEAVE = _of_what_goes(FEW, 8), _of_what_goes(MORE, 12)


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
def _four_on(found: float, x: float, a: float, b: float, c: float, d: float) -> float:
    return (((found * x + a) * x + b) * x + c) * x + d


@partial(compiled, fastmath={"contract"})
def _few(x: float) -> float:
    found = _four_on(FEW_LEAVE[0], x, *FEW_LEAVE[1:5])
    return _four_on(found, x, *FEW_LEAVE[5:9])


@partial(compiled, fastmath={"contract"})
def _more(x: float) -> float:
    found = _four_on(MORE_LEAVE[0], x, *MORE_LEAVE[1:5])
    found = _four_on(found, x, *MORE_LEAVE[5:9])
    return _four_on(found, x, *MORE_LEAVE[9:13])


class Beside(NamedTuple):
    """Columns of hazards in groups of ``TOGETHER``; what is left of the last repeats a column.

    Attributes
    ----------
    values : ndarray, shape (groups, 3, steps, TOGETHER)
        As the columns of ``fractures``.
    most, least : ndarray, shape (groups, 3, steps)
        The highest and the lowest hazard of a group.
    """

    values: Array
    most: Array
    least: Array


def beside(bmi: Array, t_score: Array, places: Places) -> Beside:
    """Put columns together, each a product.

    Parameters
    ----------
    bmi : ndarray, shape (3, b)
    t_score : ndarray, shape (3, steps, t)
    places : ndarray, shape (m,)
        Of each column among all (b, t). Best where those that are alike follow one another.
    """
    return Beside(*_beside(bmi, t_score, places))


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
    return _fractures(rows, every.values, every.most, every.least, places, width, kept)


def fractures_beside(
    rows: Array, columns: Beside, places: Places, width: int, kept: int = 1
) -> Array:
    """``fractures`` of columns that were put together before."""
    return _fractures(rows, columns.values, columns.most, columns.least, places, width, kept)


@partial(compiled, fastmath=True, nogil=True)
def _beside(bmi: Array, t_score: Array, places: Places) -> tuple[Array, Array, Array]:
    _, steps, t = t_score.shape
    m = len(places)
    groups = -(-m // TOGETHER)
    values = np.empty((groups, 3, steps, TOGETHER))
    most, least = np.empty((groups, 3, steps)), np.empty((groups, 3, steps))
    of_bmi, of_t = np.empty(TOGETHER), np.empty(TOGETHER, dtype=np.intp)
    for group in range(groups):
        for cause in range(3):
            for column in range(TOGETHER):
                place = places[min(group * TOGETHER + column, m - 1)]
                of_bmi[column], of_t[column] = bmi[cause, place // t], place % t
            for step in range(steps):
                here = values[group, cause, step]
                highest = lowest = of_bmi[0] * t_score[cause, step, of_t[0]]
                for column in range(TOGETHER):
                    value = of_bmi[column] * t_score[cause, step, of_t[column]]
                    highest, lowest = min(highest, value), max(lowest, value)
                    here[column] = value
                most[group, cause, step], least[group, cause, step] = highest, lowest
    return values, most, least


@partial(compiled, nogil=True)
def _fractures(
    rows: Array, columns: Array, most: Array, least: Array, places: Places, width: int, kept: int
) -> Array:
    found = np.empty((2, kept, rows.shape[1], width))
    if len(places) < width:
        found[:] = 0.0
    for group in range(len(columns)):
        here = places[group * TOGETHER : (group + 1) * TOGETHER]
        _of_group(rows, columns[group], most[group], least[group], here, found)
    return found


@partial(compiled)
def _put(values: Array, places: Places, found: Array) -> None:
    for column, place in enumerate(places):
        found[place] = values[column]


@partial(compiled, fastmath={"contract"}, error_model="numpy")
def _of_group(
    rows: Array, columns: Array, most: Array, least: Array, places: Places, found: Array
) -> None:
    """What ``fractures`` finds for one group, written to where its columns stand."""
    _, n, steps = rows.shape
    each = steps // found.shape[1]
    without_hip, without_either = np.empty(TOGETHER), np.empty(TOGETHER)
    by_hip, by_either = np.empty(TOGETHER), np.empty(TOGETHER)
    for row in range(n):
        without_hip[:], without_either[:] = 1.0, 1.0
        by_hip[:], by_either[:] = 0.0, 0.0
        gone = 0.0
        for step in range(steps):
            a, b, c = rows[0, row, step], rows[1, row, step], rows[2, row, step]
            hips, others, deaths = columns[0, step], columns[1, step], columns[2, step]
            leave = a * most[0, step] + b * most[1, step] + c * most[2, step]
            if gone < ALL_GONE:
                pass
            elif leave > -FEW:
                for place in range(TOGETHER):
                    hip, death = a * hips[place], c * deaths[place]
                    either = hip + b * others[place]
                    x, y = hip + death, either + death
                    p, q = without_hip[place] * _few(x), without_either[place] * _few(y)
                    by_hip[place] -= p * hip
                    by_either[place] -= q * either
                    without_hip[place] += p * x
                    without_either[place] += q * y
            elif leave > -MORE:
                for place in range(TOGETHER):
                    hip, death = a * hips[place], c * deaths[place]
                    either = hip + b * others[place]
                    x, y = hip + death, either + death
                    p, q = without_hip[place] * _more(x), without_either[place] * _more(y)
                    by_hip[place] -= p * hip
                    by_either[place] -= q * either
                    without_hip[place] += p * x
                    without_either[place] += q * y
            else:
                for place in range(TOGETHER):
                    hip, death = a * hips[place], c * deaths[place]
                    either = hip + b * others[place]
                    x, y = hip + death, either + death
                    p, q = without_hip[place] * exp(x), without_either[place] * exp(y)
                    by_hip[place] += (without_hip[place] - p) * (hip / x)
                    by_either[place] += (without_either[place] - q) * (either / y)
                    without_hip[place], without_either[place] = p, q
            gone += a * least[0, step] + c * least[2, step]
            if (step + 1) % each == 0:
                time = (step + 1) // each - 1
                _put(by_hip, places, found[0, time, row])
                _put(by_either, places, found[1, time, row])
