"""The sums of one complete person, compiled: ``summation.incidence`` of a single combination.

With numpy most of their time goes into handing over arrays of a few numbers.
"""

from functools import partial
from math import exp, expm1, log1p

import numpy as np
import numpy.typing as npt

from imaging.texture.compiled import compiled

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

HIP, OTHER, DEATH = 0, 1, 2
# Rows of a table of shapes by attained age; then one for each factor.
BASE, SLOPE, BEND, FACTOR = 0, 1, 2, 3
# Columns of what does not change with age.
AROUND_MEAN, BELOW_25, ABOVE, ABOVE_FROM, LEVEL_FROM = 0, 1, 2, 3, 4


@partial(compiled, error_model="numpy")
def at(x: float, knots: Array, heights: Array) -> float:
    """Straight lines between knots, level beyond the first and last; as numpy.interp."""
    last = len(knots) - 1
    if x <= knots[0]:
        return float(heights[0])
    for i in range(last):
        if x < knots[i + 1]:
            slope = (heights[i + 1] - heights[i]) / (knots[i + 1] - knots[i])
            return float(slope * (x - knots[i]) + heights[i])
    return float(heights[last])


@partial(compiled, error_model="numpy")
def hinge(x: float, width: float) -> float:
    """``hazard_terms.rounded_hinge``."""
    return width * (max(x / width, 0.0) + log1p(exp(-abs(x / width))))


@partial(compiled, error_model="numpy")
def unchanging(levels: Array, bends: Array, bmi: float, below_mean_t: float) -> Array:
    """What body mass index and the mean T-score give to each cause at whatever age."""
    found = np.empty(len(levels))
    reference, width = bends[3:]
    for cause in range(len(levels)):
        level = levels[cause]
        at_reference = hinge(reference - level[ABOVE_FROM], width)
        over = hinge(bmi - level[ABOVE_FROM], width) - at_reference
        over -= hinge(bmi - level[LEVEL_FROM], width)
        under = hinge(reference - bmi, width) - hinge(0.0, width)
        found[cause] = level[BELOW_25] * under + level[ABOVE] * over
        found[cause] += level[AROUND_MEAN] * below_mean_t
    return found


@partial(compiled, error_model="numpy")
def hazards_ahead(
    knots: Array,
    shapes: Array,
    levels: Array,
    present_knots: Array,
    present: Array,
    read_at_present: int,
    death_ages: Array,
    log_deaths: Array,
    bends: Array,
    age: float,
    bmi: float,
    t_score: float,
    below_mean_t: float,
    factors: Array,
    described: Places,
    beside: Array,
    arthritis: int,
    diabetes: Array,
    everywhere: Array,
    steps: Array,
) -> Array:
    """Hazards of hip, other major fracture and death times the length of a step, (3, steps).

    Parameters
    ----------
    knots, shapes : ndarray, shapes (k,) and (3, 3 + factors, k)
        Log-hazards of hip, other major fracture and death by attained age; that of death less
        the life table.
    levels : ndarray, shape (3, 5)
        ``CauseTerms`` that do not change with age, in the order of the constants above.
    present_knots, present : ndarray, shapes (j,) and (3, j)
        The effect by present age of the factor ``read_at_present``.
    death_ages, log_deaths : ndarray, shape (bands,)
        The life table.
    bends : ndarray, shape (5,)
        Reference T-score, where its square begins, its width; reference body mass index, width.
    below_mean_t : float
        How far the T-score lies below the mean of age and sex.
    factors : ndarray, shape (factors,)
        1 where present.
    described, beside : ndarray, shapes (n,) and (n, 2, steps)
        Factors of which more is known, and what that adds to the fracture hazards.
    arthritis, diabetes : int and ndarray, shape (0,) or (2,)
        The factor that diabetes counts as; whether it is present, and its share of people.
    everywhere : ndarray, shape (2,)
        Added to the log-hazards of fracture.
    steps : ndarray
        Years from now to the middle of each step, which are equally long.
    """
    n = len(steps)
    length = 2 * steps[0]
    reference_t, t_bend, t_width = bends[:3]
    below_t = hinge(t_bend - t_score, t_width) ** 2
    fixed = unchanging(levels, bends, bmi, below_mean_t)
    fixed[:DEATH] += everywhere
    hazards, effects = np.empty((3, n)), np.empty(len(factors))
    for step in range(n):
        attained = age + steps[step]
        for cause in range(3):
            shape = shapes[cause]
            total = fixed[cause] + at(attained, knots, shape[BASE])
            total += at(attained, knots, shape[SLOPE]) * (reference_t - t_score)
            total += at(attained, knots, shape[BEND]) * below_t
            for factor in range(len(factors)):
                effects[factor] = (
                    at(age, present_knots, present[cause])
                    if factor == read_at_present
                    else at(attained, knots, shape[FACTOR + factor])
                )
                total += effects[factor] * factors[factor]
            if cause == DEATH:
                total += at(attained, death_ages, log_deaths)
            else:
                for row in range(len(described)):
                    # What is known about a risk factor never makes it protect.
                    least = -max(effects[described[row]], 0.0)
                    total += max(beside[row, cause, step], least)
                if len(diabetes) and not factors[arthritis]:
                    effect = effects[arthritis]
                    total += diabetes[0] * effect - log1p(diabetes[1] * expm1(effect))
            hazards[cause, step] = length * exp(total)
    return hazards


@partial(compiled, error_model="numpy")
def curves(hazards: Array, kept: int) -> Array:
    """Probabilities of hip and of major fracture, shape (2, kept), from ``hazards_ahead``."""
    n = hazards.shape[1]
    found = np.zeros((2, kept))
    without, by = np.ones(2), np.zeros(2)
    for step in range(n):
        hip, other, death = hazards[HIP, step], hazards[OTHER, step], hazards[DEATH, step]
        for outcome in range(2):
            fracture = hip if outcome == HIP else hip + other
            total = fracture + death
            after = without[outcome] * exp(-total)
            by[outcome] += (without[outcome] - after) * (fracture / total)
            without[outcome] = after
        if (step + 1) % (n // kept) == 0:
            found[:, (step + 1) // (n // kept) - 1] = by
    return found


@partial(compiled)
def weighted(weights: Array, drawn: Array) -> Array:
    """Sums of rows of draws, shape (n, draws), by ``weights`` (n, rows); most of these are 0."""
    found = np.zeros((len(weights), drawn.shape[1]))
    for cause in range(len(weights)):
        for row in range(len(drawn)):
            weight = weights[cause, row]
            if weight != 0.0:
                for i in range(drawn.shape[1]):
                    found[cause, i] += weight * drawn[row, i]
    return found
