"""What a trial's relative effect means for one person, over the trial's own years."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from riskapp.risk.estimate import Interval
from riskapp.risk.treatments import Effect, is_usable

Array = npt.NDArray[np.float64]
Curve = Sequence[tuple[float, float]]  # (year, probability), years 1 to 10
# Of a standard normal, evenly spaced in probability: draws without chance.
QUANTILES = 99
Z_95 = 1.959964  # 97.5th percentile of a standard normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """What an effect would mean for one person over the trial's own years.

    Attributes
    ----------
    without, fewer : float
        Probability without treatment by then, and how much less it would be with it.
    fewer_95 : Interval or None
        95 % interval of ``fewer``: from the estimate's, and the effect's where it has one.
    """

    effect: Effect
    horizon_years: float
    without: float
    fewer: float
    fewer_95: Interval | None


def risk_by(curve: Curve, years: float) -> float:
    """Probability by a time within the curve, interpolated; nothing has happened at the start.

    Raises
    ------
    ValueError
        Beyond the curve: an effect is never stretched over more years than were watched.
    """
    if not 0 < years <= curve[-1][0]:
        raise ValueError(f"The curve ends at {curve[-1][0]:g} years; asked for {years:g}.")
    at, probability = zip((0.0, 0.0), *curve, strict=True)
    return float(np.interp(years, at, probability))


def benefit(effect: Effect, curve: Curve, interval_10y: tuple[float, float] | None) -> Benefit:
    """Absolute benefit for one person.

    Parameters
    ----------
    effect : Effect
        One that ``is_usable``.
    curve : sequence of (year, probability)
        Of the outcome that the effect was measured on, untreated.
    interval_10y : tuple of (lower, upper), or None
        95 % interval of the last probability of the curve; its ratio to the estimate is taken to
        be that of every earlier year.

    Raises
    ------
    ValueError
        If the effect cannot be used on a probability of ours.
    """
    if effect.relative is None or effect.horizon_years is None or not is_usable(effect):
        raise ValueError(f"{effect.trial}, {effect.measured}: not to be used on a probability.")
    without = risk_by(curve, effect.horizon_years)
    last = curve[-1][1]
    return Benefit(
        effect=effect,
        horizon_years=effect.horizon_years,
        without=without,
        fewer=without * (1 - effect.relative),
        fewer_95=None
        if interval_10y is None or not last
        else _interval(without, effect, (interval_10y[0] / last, interval_10y[1] / last)),
    )


def _interval(without: float, effect: Effect, ratios: tuple[float, float]) -> Interval:
    """Both doubts as log-normal and independent, on a grid of quantiles."""
    z = _normal_quantiles()
    lower, upper = (max(ratio, 1e-9) for ratio in ratios)
    # Not symmetric: each side of the estimate has a spread of its own.
    risk = without * np.exp(
        z * np.where(z < 0, -np.log(min(lower, 1)), np.log(max(upper, 1))) / Z_95
    )
    relative = np.array([effect.relative])
    if effect.interval_95 is not None:
        relative = relative * np.exp(
            z * np.log(effect.interval_95[1] / effect.interval_95[0]) / (2 * Z_95)
        )
    fewer = np.minimum(risk, 1)[:, None] * (1 - relative)[None, :]
    low, high = np.percentile(fewer, (2.5, 97.5))
    # A harm that the interval allows is no benefit: it ends at none.
    return Interval(float(max(low, 0)), float(max(min(high, 1), 0)))


@cache
def _normal_quantiles() -> Array:
    return np.array([NormalDist().inv_cdf((i + 0.5) / QUANTILES) for i in range(QUANTILES)])
