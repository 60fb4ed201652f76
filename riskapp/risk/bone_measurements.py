"""Measurements of bone beside the femoral neck: what they add, and what they tell of it.

Given age, sex and femoral-neck T-score they are jointly normal, each around a straight line in T.
So correlated ones are never counted twice, the hazard averages out exactly over their values,
and where the femoral neck is not known, they say what it probably is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, log
from operator import mul, sub

import numpy as np
import numpy.typing as npt

from riskapp.risk import published
from riskapp.risk.major_fracture import on_other
from riskapp.risk.straight_lines import height_at

Array = npt.NDArray[np.float64]

FILE = "modifiers/bone-measurements"
FRACTURES = ("hip", "other")
# Given the femoral neck it says nothing that is published; without, it nearly is the neck.
TOTAL_HIP = "total_hip_t_score"


@dataclass(frozen=True, slots=True)
class InT:
    """A straight line in the femoral-neck T-score."""

    at_zero: float
    per_t: float

    def at(self, t_score: Array) -> Array:
        return np.asarray(self.at_zero + self.per_t * t_score)


@dataclass(frozen=True, slots=True)
class BoneMeasurements:
    """Known measurements, ready for use.

    Attributes
    ----------
    values : mapping of field to float
        Those that count.
    likely_t, precision : float
        The measurements are as likely at T as one look at T with this result and variance
        ``1 / precision`` (precision 0: they say nothing of it).
    shifts : mapping of cause to InT
        Added to the log-hazard.
    doubts : mapping of cause to tuple of InT
        What one SD of doubt about each published effect would add.
    """

    values: Mapping[str, float]
    likely_t: float
    precision: float
    shifts: Mapping[str, InT]
    doubts: Mapping[str, tuple[InT, ...]]

    def log_likelihood(self, t_score: Array) -> Array:
        """Of the measurements at each T-score, up to a constant."""
        return np.asarray(-0.5 * self.precision * (t_score - self.likely_t) ** 2)


# Compared by identity, so that what follows from it can be kept for it.
@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """The joint distribution and the published effects, as the data file gives them.

    Attributes
    ----------
    names : tuple of str, length k
    correlation : ndarray, shape (k, k)
        Of what age, sex and femoral neck leave.
    effects, doubts : mapping of "hip" or "major" to mapping of index to float
        As published: log-hazard per unit of the measurement, and its standard deviation.
    only_tell : tuple of int
        Those without an effect of their own beside the measurements that have one.
    """

    names: tuple[str, ...]
    correlation: Array
    effects: Mapping[str, Mapping[int, float]]
    doubts: Mapping[str, Mapping[int, float]]
    only_tell: tuple[int, ...]

    def line(self, name: str, sex: str, age_years: float) -> tuple[float, float, float]:
        """Mean at T = 0, change per unit of T, and SD left."""
        stored = published.read(FILE)["lines"][name][sex]
        at_zero = height_at(age_years, stored["ages_years"], stored["mean_at_t_zero"])
        return at_zero, stored["per_t"], stored["sd"]


@cache
def family() -> Family:
    """Read the data file."""
    stored = published.read(FILE)
    names = tuple(stored["fields"])
    correlation = np.eye(len(names))
    for row in stored["correlations"]:
        first, second = (names.index(name) for name in row["of"])
        correlation[first, second] = correlation[second, first] = row["r"]
    effects: dict[str, dict[int, float]] = {"hip": {}, "major": {}}
    doubts: dict[str, dict[int, float]] = {"hip": {}, "major": {}}
    for row in stored["effects"]:
        index = names.index(row["of"])
        effects[row["outcome"]][index] = row["per_unit"]
        doubts[row["outcome"]][index] = row["sd_per_unit"]
    only_tell = tuple(names.index(name) for name in stored["only_tell_of_these"])
    return Family(names, correlation, effects, doubts, only_tell)


def measured(
    values: Mapping[str, float], sex: str, age_years: float, hip_share: float
) -> BoneMeasurements | None:
    """What known measurements add and tell; None if there are none.

    With z the known measurements in SDs from their means and R their correlation, all given age,
    sex and T, and b the effects per SD that each has when it alone is known, the log-hazard moves
    by ``b' R^-1 z - b' R^-1 b / 2``: exp of it averages to 1 over z.

    Parameters
    ----------
    values : mapping of field to float
        Measurements of ``family().names``.
    hip_share : float
        Of major fracture at this age and sex: effects published for major fracture leave the
        other hazard what the hip's does not take.
    """
    whole = family()
    known = [index for index, name in enumerate(whole.names) if name in values]
    if not known:
        return None
    # In plain numbers: of so few, arrays take longer to be made than to be multiplied.
    lines = [whole.line(name, sex, age_years) for name in whole.names]
    away, slopes = [], []
    for index in known:
        at_zero, per_t, sd = lines[index]
        # At T = 0; less the slope for each unit of T.
        away.append((values[whole.names[index]] - at_zero) / sd)
        slopes.append(per_t / sd)
    between: list[list[float]] = inverse_of(whole, tuple(known)).tolist()
    told = [_dot(slopes, column) for column in between]
    precision = _dot(told, slopes)
    per_sd = _per_sd(whole, [sd for _, _, sd in lines], hip_share)
    moved = {cause: _shift(whole, per_sd[cause], known, away, slopes) for cause in FRACTURES}
    return BoneMeasurements(
        values={whole.names[index]: values[whole.names[index]] for index in known},
        likely_t=_dot(told, away) / precision if precision else 0.0,
        precision=precision,
        shifts={cause: shift for cause, (shift, _) in moved.items()},
        doubts={cause: doubts for cause, (_, doubts) in moved.items()},
    )


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    found: float = sum(map(mul, one, other))
    return found


def _per_sd(
    whole: Family, sd: Sequence[float], hip_share: float
) -> dict[str, dict[int, tuple[float, float]]]:
    """Effect on each cause per SD that a measurement lies higher, and the effect's own SD."""
    hips, majors = whole.effects["hip"], whole.effects["major"]
    found: dict[str, dict[int, tuple[float, float]]] = {
        "hip": {i: (per * sd[i], whole.doubts["hip"][i] * sd[i]) for i, per in hips.items()},
        "other": {},
    }
    for i, per in majors.items():
        # Published per SD lower.
        major, hip = exp(-per * sd[i]), exp(-hips.get(i, 0.0) * sd[i])
        other = on_other(major, hip, hip_share)
        widened = major / ((1 - hip_share) * other)
        found["other"][i] = -log(other), whole.doubts["major"][i] * sd[i] * widened
    return found


def _shift(
    whole: Family,
    effects: Mapping[int, tuple[float, float]],
    known: Sequence[int],
    away: Sequence[float],
    slopes: Sequence[float],
) -> tuple[InT, tuple[InT, ...]]:
    """Of one cause; only measurements with a published effect on it take part, or that tell
    of one that has."""
    roots = tuple(effects)
    parts = [i for i, index in enumerate(known) if index in roots or index in whole.only_tell]
    if not parts:
        return InT(0.0, 0.0), ()
    chosen = tuple(known[i] for i in parts)
    sizes = [effects[root][0] for root in roots]
    alone = [_dot(row, sizes) for row in told_by(whole, chosen, roots).tolist()]
    weights = [_dot(row, alone) for row in inverse_of(whole, chosen).tolist()]
    away, slopes = [away[i] for i in parts], [slopes[i] for i in parts]
    shift = InT(_dot(weights, away) - _dot(weights, alone) / 2, -_dot(weights, slopes))
    beyond = list(map(sub, away, alone))
    doubts = []
    for root, per_doubt in zip(roots, _weights(whole, chosen, roots), strict=True):
        sd = effects[root][1]
        doubts.append(InT(sd * _dot(per_doubt, beyond), -sd * _dot(per_doubt, slopes)))
    return shift, tuple(doubts)


# Kept for each set of measurements: few sets, and many people who have the same.
@cache
def inverse_of(whole: Family, chosen: tuple[int, ...]) -> Array:
    """Of the correlation of the chosen, shape (chosen, chosen)."""
    return np.asarray(np.linalg.inv(whole.correlation[np.ix_(chosen, chosen)]))


@cache
def told_by(whole: Family, chosen: tuple[int, ...], roots: tuple[int, ...]) -> Array:
    """Effects per SD of the chosen when each alone is known, from those of the roots."""
    return np.asarray(whole.correlation[np.ix_(chosen, roots)] @ inverse_of(whole, roots))


@cache
def _weights(
    whole: Family, chosen: tuple[int, ...], roots: tuple[int, ...]
) -> tuple[tuple[float, ...], ...]:
    """What each of the chosen then counts, from 1 per SD of one root alone; root by root."""
    counts = inverse_of(whole, chosen) @ told_by(whole, chosen, roots)
    return tuple(map(tuple, counts.T.tolist()))
