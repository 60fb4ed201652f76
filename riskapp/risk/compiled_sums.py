"""The sum of ``competing.fractures_by_step`` over every combination of a grid, compiled by numba.

Most of what an explanation takes. numpy makes eighteen passes over the combinations for each step,
and fetching them takes longer than calculating; here each is fetched once. The compiler is loaded
where it is first used, as it takes a quarter of a second.
"""

from functools import partial
from math import factorial, log

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


@partial(compiled, fastmath={"contract"}, error_model="numpy", nogil=True)
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
    _, n, steps = rows.shape
    m = columns.shape[2]
    found = np.zeros((2, kept, n, width))
    each = steps // kept
    without_hip, without_either = np.empty(m), np.empty(m)
    by_hip, by_either = np.empty(m), np.empty(m)
    for row in range(n):
        without_hip[:], without_either[:] = 1.0, 1.0
        by_hip[:], by_either[:] = 0.0, 0.0
        for step in range(steps):
            of_hip, of_other, of_death = rows[0, row, step], rows[1, row, step], rows[2, row, step]
            hips, others, deaths = columns[0, step], columns[1, step], columns[2, step]
            for place in range(m):
                hip = of_hip * hips[place]
                either = hip + of_other * others[place]
                death = of_death * deaths[place]
                after_hip = without_hip[place] * exp(hip + death)
                after_either = without_either[place] * exp(either + death)
                by_hip[place] += (without_hip[place] - after_hip) * (hip / (hip + death))
                by_either[place] += (without_either[place] - after_either) * (
                    either / (either + death)
                )
                without_hip[place], without_either[place] = after_hip, after_either
            if (step + 1) % each == 0:
                time = (step + 1) // each - 1
                for place in range(m):
                    found[0, time, row, places[place]] = by_hip[place]
                    found[1, time, row, places[place]] = by_either[place]
    return found
