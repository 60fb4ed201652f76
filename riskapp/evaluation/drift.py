"""Whether the people answered for are still like those that a model was made with."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import kolmogorov
from scipy.stats import chi2, chi2_contingency

from riskapp.evaluation.calibration import InTheLarge, in_the_large
from riskapp.evaluation.course import CannotJudge, Course, Floats

# Usual in credit scoring, without a theory: Siddiqi N, 2006, Credit risk scorecards, ISBN
# 978-0-471-75451-0 (recalled, to be confirmed).
NOTABLE, LARGE = 0.1, 0.25
BINS = 10
# One person, shared by all bins: an empty bin has no logarithm.
ADDED = 1.0


@dataclass(frozen=True)
class ColumnDrift:
    """One column then and now; NaN is not known.

    Attributes
    ----------
    stability_index : float
        Population stability index over tenths of the known values then, and not known as one
        more bin: 0 if nothing moved.
    index_p : float
        How often bins would lie as far apart by chance: Pearson's chi-squared of the same bins.
        Of n people by chance alone the index is about (bins - 1) / n, so that its size says
        nothing where people are few (Yurdakul B, Naranjo J, 2020. J Risk Model Validation 14:89,
        doi:10.21314/JRMV.2020.227, recalled, to be confirmed).
    distance, p : float or None
        Kolmogorov-Smirnov's largest distance between the known values, and how often as large a
        one would be seen by chance, in the limit of many people (Smirnov 1948, Ann Math Stat
        19:279, doi:10.1214/aoms/1177730256); None where nothing is known on a side.
    missing_then, missing_now : float
        Shares that are not known.
    """

    people_then: int
    people_now: int
    stability_index: float
    index_p: float
    distance: float | None
    p: float | None
    missing_then: float
    missing_now: float

    @property
    def verdict(self) -> str:
        """Say "stable", "notable" or "large", by the stability index."""
        if self.stability_index >= LARGE:
            return "large"
        return "notable" if self.stability_index >= NOTABLE else "stable"


@dataclass(frozen=True)
class CalibrationDrift:
    """Observed over expected in each period of baseline, and whether the periods differ.

    ``by_period`` holds a sentence where a period cannot be judged yet. ``p`` is of Cochran's Q
    over those that can; None with fewer than two.
    """

    by_period: Mapping[str, InTheLarge | str]
    p: float | None


def column_drift(then: Floats, now: Floats) -> ColumnDrift:
    """Compare one column, or a model's predictions, then and now.

    Raises
    ------
    CannotJudge
        If there is nobody on a side, or a value is endless.
    """
    if not (then.size and now.size):
        raise CannotJudge("There is nobody to compare.")
    if np.isinf(then).any() or np.isinf(now).any():
        raise CannotJudge("A value is endless.")
    known_then, known_now = then[~np.isnan(then)], now[~np.isnan(now)]
    distance = p = None
    if known_then.size and known_now.size:
        distance = _distance(known_then, known_now)
        harmonic = known_then.size * known_now.size / (known_then.size + known_now.size)
        p = float(kolmogorov(np.sqrt(harmonic) * distance))
    return ColumnDrift(
        people_then=then.size,
        people_now=now.size,
        stability_index=stability_index(then, now),
        index_p=_chance(then, now),
        distance=distance,
        p=p,
        missing_then=1 - known_then.size / then.size,
        missing_now=1 - known_now.size / now.size,
    )


def _distance(then: Floats, now: Floats) -> float:
    both = np.concatenate([then, now])
    shares = [
        np.searchsorted(np.sort(each), both, side="right") / each.size for each in (then, now)
    ]
    return float(np.abs(shares[0] - shares[1]).max())


def stability_index(then: Floats, now: Floats) -> float:
    """Population stability index: the sum of (now - then) log(now / then) over bins.

    Bins are tenths of what was known then, fewer where values are equal (a yes-or-no column has
    two), and one for not known. Each side has one more person, spread over the bins as the two
    sides together are, so that a bin without people has a logarithm.

    References
    ----------
    Kullback S, Leibler RA, 1951. Ann Math Stat 22:79-86, doi:10.1214/aoms/1177729694 (their
    divergence J).
    """
    counts = _counts(then, now)
    shared = counts.sum(axis=0) / counts.sum()
    before, after = ((each + ADDED * shared) / (each.sum() + ADDED) for each in counts)
    return float(((after - before) * np.log(after / before)).sum())


def _chance(then: Floats, now: Floats) -> float:
    counts = _counts(then, now)
    return float(chi2_contingency(counts, correction=False).pvalue) if counts.shape[1] > 1 else 1.0


def _counts(then: Floats, now: Floats) -> Floats:
    """Numbers in each bin that anybody is in, then and now, shape (2, bins)."""
    known = then[~np.isnan(then)]
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if known.size else np.empty(0)
    counts = np.array([_binned(each, edges) for each in (then, now)])
    return np.asarray(counts[:, counts.sum(axis=0) > 0])


def _binned(values: Floats, edges: Floats) -> Floats:
    """Numbers in each bin; a value on an edge is above it, and the last bin is not known."""
    missing = np.isnan(values)
    place = np.where(missing, edges.size + 1, np.searchsorted(edges, values, side="right"))
    return np.bincount(place, minlength=edges.size + 2).astype(np.float64)


def calibration_drift(
    predicted: Floats,
    seen: Course,
    horizon_years: float,
    periods: npt.NDArray[np.str_],
) -> CalibrationDrift:
    """Calibration in the large by when people were assessed, at a horizon short enough to be seen.

    Parameters
    ----------
    periods : ndarray of str, shape (n,)
        Such as "2026"; sorted as text.

    References
    ----------
    Cochran WG, 1954. Biometrics 10:101-129, doi:10.2307/3001666.
    """
    by_period: dict[str, InTheLarge | str] = {}
    for period in np.unique(periods):
        chosen = periods == period
        try:
            found = in_the_large(predicted[chosen], seen.part(chosen), horizon_years)
        except CannotJudge as error:
            by_period[str(period)] = str(error)
        else:
            by_period[str(period)] = found
    return CalibrationDrift(by_period, _heterogeneity(by_period))


def _heterogeneity(by_period: Mapping[str, InTheLarge | str]) -> float | None:
    judged = [
        each
        for each in by_period.values()
        if isinstance(each, InTheLarge) and each.lower is not None
    ]
    if len(judged) < 2:
        return None
    logs = np.log([each.ratio for each in judged])
    precision = np.array(
        [(each.observed.value / each.observed.standard_error) ** 2 for each in judged]
    )
    apart = float(precision @ (logs - np.average(logs, weights=precision)) ** 2)
    return float(chi2.sf(apart, len(judged) - 1))
