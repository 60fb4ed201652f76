"""Short series for (exp(x) - 1) / x, as exact as a mean asks for, and how far each holds.

Of S who are left, S (1 - exp(x)) h / x have the fracture in a step, with h the hazard of it and x
that of leaving at all, both times the length of the step. Where x is small that is S h times a
short series in x, which takes a third of the time: no exponential and no division.
"""

from decimal import Decimal, localcontext
from functools import partial
from math import cos, factorial, log, pi

from imaging.texture.compiled import compiled

Series = tuple[float, ...]
# Left without hip fracture and without any; with hip fracture and with any.
State = tuple[float, float, float, float]

# Columns that weigh less than these shares of any mean need no more than these errors: a column
# then moves it by less than 2^-56, and there are a few hundred of them.
SHARES = (2.0**-8, 2.0**-14, 2.0**-22, 2.0**-30, 2.0**-38)
ERRORS = (2.0**-54.5, *(2.0**-56 / share for share in SHARES))
# Where more leave, a series for an eighth of x is doubled so often: exp(2 x) = exp(x)^2.
DOUBLINGS = 3
# Where more than that leave, what stays is squared so often; of less than exp(-80) nothing is seen.
SQUARINGS, LOWEST = 6, -80.0
PART, SMALL_PART = 0.5**DOUBLINGS, 0.5**SQUARINGS
# What happens after so few are left is less than the error.
ALL_GONE = (-40.0, *(log(error) for error in ERRORS[1:]))


def width(error: float, degree: int) -> float:
    """Down to where a series has no larger error."""
    power: float = (error * factorial(degree + 2) / 2) ** (1 / (degree + 1))
    return 4 * power


def of_what_goes(width: float, degree: int) -> Series:
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


def _each(degree: int, doublings: int = 0) -> tuple[tuple[Series, ...], tuple[float, ...]]:
    """For each of ``ERRORS``, a series and minus the x that it holds to."""
    widths = [width(error / 2**doublings, degree) for error in ERRORS]
    series = tuple(of_what_goes(one, degree) for one in widths)
    return series, tuple(-one * 2**doublings for one in widths)


FOURTH, TO_FOURTH = _each(4)
SIXTH, TO_SIXTH = _each(6)
EIGHTH, TO_EIGHTH = _each(8)
TENTH, TO_TENTH = _each(10)
TWELFTH, TO_TWELFTH = _each(12)
SIXTEENTH, TO_SIXTEENTH = _each(16)
DOUBLED, TO_DOUBLED = _each(12, DOUBLINGS)


@partial(compiled, fastmath={"contract"})
def what_goes(series: Series, x: float) -> float:
    """(exp(x) - 1) / x."""
    found = series[0]
    for coefficient in series[1:]:
        found = found * x + coefficient
    return found


@partial(compiled, fastmath={"contract"})
def what_goes_of_more(series: Series, x: float) -> float:
    """(exp(x) - 1) / x by a series of sixteen: in two loops, as longer ones are not written out."""
    found = series[0]
    for coefficient in series[1:9]:
        found = found * x + coefficient
    for coefficient in series[9:]:
        found = found * x + coefficient
    return found


@partial(compiled, fastmath={"contract"})
def doubled(series: Series, x: float) -> tuple[float, float]:
    """(exp(x) - 1) / x and exp(x), by a series for x / 2^DOUBLINGS."""
    part = x * PART
    goes = what_goes(series, part)
    stays = 1.0 + part * goes
    for _ in range(DOUBLINGS):
        goes *= 0.5 + 0.5 * stays
        stays *= stays
    return goes, stays


@partial(compiled, fastmath={"contract"})
def stay(series: Series, x: float) -> float:
    """exp(x), by a series for x / 2^SQUARINGS; 1e-35 below -80."""
    part = max(x, LOWEST) * SMALL_PART
    stays = 1.0 + part * what_goes(series, part)
    for _ in range(SQUARINGS):
        stays *= stays
    return stays


@partial(compiled, fastmath={"contract"})
def few_leave(
    series: Series, hip: float, other: float, death: float, s: float, t: float, p: float, q: float
) -> State:
    """What is left and what has happened after a step; hazards are below 0."""
    either = hip + other
    x, y = hip + death, either + death
    of_hip, of_either = s * what_goes(series, x), t * what_goes(series, y)
    return s + of_hip * x, t + of_either * y, p - of_hip * hip, q - of_either * either


@partial(compiled, fastmath={"contract"})
def more_leave(
    series: Series, hip: float, other: float, death: float, s: float, t: float, p: float, q: float
) -> State:
    either = hip + other
    x, y = hip + death, either + death
    of_hip, of_either = s * what_goes_of_more(series, x), t * what_goes_of_more(series, y)
    return s + of_hip * x, t + of_either * y, p - of_hip * hip, q - of_either * either


@partial(compiled, fastmath={"contract"})
def many_leave(
    series: Series, hip: float, other: float, death: float, s: float, t: float, p: float, q: float
) -> State:
    either = hip + other
    of_hip, without_hip = doubled(series, hip + death)
    of_either, without_either = doubled(series, either + death)
    return (
        s * without_hip,
        t * without_either,
        p - s * of_hip * hip,
        q - t * of_either * either,
    )


@partial(compiled, fastmath={"contract"}, error_model="numpy")
def most_leave(
    series: Series, hip: float, other: float, death: float, s: float, t: float, p: float, q: float
) -> State:
    either = hip + other
    x, y = hip + death, either + death
    without_hip, without_either = s * stay(series, x), t * stay(series, y)
    p += (s - without_hip) * (hip / x)
    q += (t - without_either) * (either / y)
    return without_hip, without_either, p, q
