"""The smooth line of what was observed along what was predicted, and its distance from equality."""

from dataclasses import dataclass

import numpy as np

from riskapp.evaluation.course import CannotJudge, Course, Floats, checked_probabilities
from riskapp.evaluation.observed import Z_95
from riskapp.evaluation.pseudo_values import (
    Regression,
    complementary_log_log,
    inverse,
    pseudo_values,
    regress,
)

# Harrell FE, 2015. Regression modeling strategies, table 2.3, doi:10.1007/978-3-319-19425-7.
KNOTS_AT = {3: (0.10, 0.5, 0.90), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}
POINTS = 101


@dataclass(frozen=True)
class CalibrationCurve:
    """The line at rising predictions, shape (points,), and how far people lie from equality.

    ``ici`` is the mean distance between the line and the prediction over people, ``e50`` its
    median, ``e90`` its 90th percentile, ``e_max`` its largest. ``lower`` and ``upper`` hold 95 %
    at each point for itself.
    """

    horizon_years: float
    predicted: Floats
    observed: Floats
    lower: Floats
    upper: Floats
    ici: float
    e50: float
    e90: float
    e_max: float


def calibration_curve(
    predicted: Floats, seen: Course, horizon_years: float, knots: int = 4
) -> CalibrationCurve:
    """Regress pseudo-values on a restricted cubic spline of the prediction.

    Both on the complementary log-log scale, so that the line stays within 0 and 1.

    Parameters
    ----------
    knots : int
        3, 4 or 5; fewer bend less and are steadier with few events.

    Raises
    ------
    CannotJudge
        If follow-up ends before the horizon, or too many predictions are 0 or 1 or the same.

    References
    ----------
    Austin PC, Harrell FE, van Klaveren D, 2020. Stat Med 39:2714-2742, doi:10.1002/sim.8570;
    Austin PC and others, 2022. Diagn Progn Res 6:2, doi:10.1186/s41512-021-00114-6 (competing
    risks); van Geloven N and others, 2022. BMJ 377:e069249, doi:10.1136/bmj-2021-069249
    (pseudo-values).
    """
    given = checked_probabilities(predicted, seen)
    scale = complementary_log_log(given)
    places = np.quantile(scale, KNOTS_AT[knots])
    if np.unique(places).size < knots:
        raise CannotJudge("Too many predictions are the same for a smooth calibration curve.")
    fitted = regress(
        _columns(scale, places), np.zeros(seen.people), pseudo_values(seen, horizon_years),
        seen.weights,
    )  # fmt: skip
    away = np.abs(_line(scale, places, fitted) - given)
    at = np.linspace(given.min(), given.max(), POINTS)
    columns = _columns(complementary_log_log(at), places)
    middle = columns @ fitted.coefficients
    spread = Z_95 * np.sqrt(((columns @ fitted.covariance) * columns).sum(axis=1))
    e50, e90 = _quantiles(away, seen.weights)
    return CalibrationCurve(
        horizon_years,
        at,
        inverse(middle),
        inverse(middle - spread),
        inverse(middle + spread),
        ici=float(np.average(away, weights=seen.weights)),
        e50=e50,
        e90=e90,
        e_max=float(away.max()),
    )


def _columns(scale: Floats, knots: Floats) -> Floats:
    """1, the value, and its cubic parts, which are straight beyond the outer knots."""

    def cubed(at: float) -> Floats:
        return np.asarray(np.maximum(scale - at, 0.0) ** 3)

    last, one_before = knots[-1], knots[-2]
    bent = [
        (
            cubed(knot)
            - cubed(one_before) * (last - knot) / (last - one_before)
            + cubed(last) * (one_before - knot) / (last - one_before)
        )
        / (last - knots[0]) ** 2
        for knot in knots[:-2]
    ]
    return np.column_stack([np.ones_like(scale), scale, *bent])


def _line(scale: Floats, knots: Floats, fitted: Regression) -> Floats:
    return inverse(_columns(scale, knots) @ fitted.coefficients)


def _quantiles(away: Floats, weights: Floats) -> tuple[float, float]:
    if np.ptp(weights) == 0:
        found = np.quantile(away, (0.5, 0.9))
    else:
        found = np.quantile(away, (0.5, 0.9), weights=weights, method="inverted_cdf")
    return float(found[0]), float(found[1])
