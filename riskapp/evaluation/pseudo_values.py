"""What each person adds to the observed incidence, so that a regression can use the censored."""

from dataclasses import dataclass

import numpy as np

from riskapp.evaluation.course import CannotJudge, Course, Floats
from riskapp.evaluation.observed import check_reached

STEPS = 100
HALVINGS = 30
MOST_CERTAIN = 0.01
SURE = 1e-12
# Where exp does not overflow.
MOST_SCALE = 700.0


@dataclass(frozen=True)
class Regression:
    """Coefficients with the covariance that holds whatever the pseudo-values' own.

    ``influence``, shape (p, n), is what each person adds to the coefficients' distance from their
    truth; its products add up to the covariance.
    """

    coefficients: Floats
    covariance: Floats
    influence: Floats


def pseudo_values(seen: Course, horizon_years: float) -> Floats:
    """n times the incidence less n - 1 times that without the person, shape (n,).

    Weights play no part here; they enter where the values are used.

    Raises
    ------
    CannotJudge
        If follow-up ends before the horizon, or there is one person only.

    References
    ----------
    Andersen PK, Klein JP, Rosthoj S, 2003. Biometrika 90:15-27, doi:10.1093/biomet/90.1.15.
    """
    check_reached(seen, horizon_years)
    if seen.people < 2:
        raise CannotJudge("One person alone has no pseudo-value.")
    alone = Course(
        years=seen.years,
        event=seen.event,
        died=seen.died,
        weights=np.ones(seen.people),
        competing=seen.competing,
    )
    table = alone.table
    within = table.times <= horizon_years
    at_risk, events = table.at_risk, np.where(within, table.events, 0.0)
    ended = table.events + table.deaths
    free = np.cumprod(1 - ended / at_risk)
    before = np.concatenate([[1.0], free[:-1]])
    incidence = np.cumsum(before * events / at_risk)
    # Until the time at which a person left, the others were one fewer; after it, the same ones
    # but for a factor. The last time has one at risk only if nobody stays for the product.
    others = np.maximum(at_risk - 1, 1.0)
    fewer_free = np.cumprod(1 - np.minimum(ended, others) / others)
    fewer_before = np.concatenate([[1.0], fewer_free[:-1]])
    fewer = np.concatenate([[0.0], np.cumsum(fewer_before * events / others)[:-1]])
    place = alone.moments[1]
    own_event = np.where(within[place], seen.event, 0.0)
    own_end = (seen.event | seen.died).astype(np.float64)
    here = fewer_before[place] / others[place]
    at_own = here * (events[place] - own_event)
    free_then = fewer_before[place] * (1 - (ended[place] - own_end) / others[place])
    later = incidence[-1] - incidence[place]
    scaled = np.divide(free_then, free[place], out=np.zeros_like(here), where=free[place] > 0)
    without = fewer[place] + at_own + scaled * later
    return np.asarray(seen.people * incidence[-1] - (seen.people - 1) * without)


def complementary_log_log(probability: Floats) -> Floats:
    """log(-log(1 - p)): a ratio of subdistribution hazards is a difference here.

    A few predictions that rounding has made certain are taken as certain to 1e-12.

    Raises
    ------
    CannotJudge
        If more than one in a hundred is exactly 0 or 1: they have no place on this scale.
    """
    certain = (probability <= 0) | (probability >= 1)
    if certain.mean() > MOST_CERTAIN:
        raise CannotJudge(
            "More than one in a hundred predictions is exactly 0 or 1: "
            "such predictions have no calibration slope."
        )
    within = np.clip(probability, SURE, 1 - SURE)
    return np.asarray(np.log(-np.log1p(-within)))


def inverse(scale: Floats) -> Floats:
    """Probability of a value of ``complementary_log_log``."""
    return np.asarray(-np.expm1(-np.exp(np.minimum(scale, MOST_SCALE))))


def regress(columns: Floats, offset: Floats, values: Floats, weights: Floats) -> Regression:
    """Fit pseudo-values on the complementary log-log scale, by generalised estimating equations.

    Independent working correlation and constant working variance; the covariance is the
    sandwich (Liang and Zeger 1986, Biometrika 73:13, doi:10.1093/biomet/73.1.13).

    Parameters
    ----------
    columns : ndarray, shape (n, p)
    offset, values, weights : ndarray, shape (n,)

    Raises
    ------
    CannotJudge
        If the columns do not tell the coefficients apart, or no step leads on.
    """
    fitted = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        scale = offset + columns @ fitted
        slope = _slope(scale)
        left = values - inverse(scale)
        pull = columns.T @ (weights * slope * left)
        bread = (columns * (weights * slope**2)[:, None]).T @ columns
        if np.linalg.matrix_rank(bread) < fitted.size:
            raise CannotJudge("The predictions are too much alike for a calibration slope.")
        second = slope * (1 - np.exp(np.minimum(scale, MOST_SCALE)))
        bend: Floats = np.asarray(weights * second * left, dtype=np.float64)
        curvature = bread - (columns * bend[:, None]).T @ columns
        step = np.asarray(np.linalg.solve(_downhill(curvature, bread), pull), dtype=np.float64)
        fitted = fitted + _shortened(step, fitted, columns, offset, values, weights)
        if np.abs(step).max() < 1e-9 * (1 + np.abs(fitted).max()):
            break
    else:
        raise CannotJudge("The calibration of these predictions could not be fitted.")
    scale = offset + columns @ fitted
    slope = _slope(scale)
    each = columns * (weights * slope * (values - inverse(scale)))[:, None]
    bread = (columns * (weights * slope**2)[:, None]).T @ columns
    half: Floats = np.asarray(np.linalg.solve(bread, each.T), dtype=np.float64)
    return Regression(fitted, half @ half.T, half)


def _slope(scale: Floats) -> Floats:
    """Return the derivative of ``inverse``."""
    return np.asarray(np.exp(scale - np.exp(np.minimum(scale, MOST_SCALE))))


def _downhill(curvature: Floats, bread: Floats) -> Floats:
    """Return the curvature, by which steps are few, or far from the bottom what is safe."""
    try:
        np.linalg.cholesky(curvature)
    except np.linalg.LinAlgError:
        return bread
    return curvature


def _shortened(
    step: Floats, fitted: Floats, columns: Floats, offset: Floats, values: Floats, weights: Floats
) -> Floats:
    """Halve the step until the squared distance does not grow."""

    def distance(at: Floats) -> float:
        return float(weights @ (values - inverse(offset + columns @ at)) ** 2)

    # At the bottom the distance no longer tells steps apart, by rounding.
    now = distance(fitted) * (1 + 1e-12)
    for _ in range(HALVINGS):
        if distance(fitted + step) <= now:
            return step
        step = step / 2
    return step
