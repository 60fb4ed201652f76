"""Whether a model still sees the people it was made with, and still says what comes true."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from riskapp.evaluation.calibration import InTheLarge, in_the_large
from riskapp.evaluation.course import CannotJudge, Course
from riskapp.evaluation.drift import calibration_drift, column_drift
from riskapp.risk.design_row import Floats
from riskapp.training.reference import as_people

TOO_FEW, STABLE, WATCH, ACT = "too few", "stable", "watch", "act"
GRAVITY = (TOO_FEW, STABLE, WATCH, ACT)
# In how many looks anything is alarming though nothing has moved; all comparisons of a look share
# it (Bonferroni). A choice of this product.
ALARMS_BY_CHANCE = 0.05
# With fewer, chance alone moves a share by a tenth (two standard errors of a half).
FEWEST_ASSESSMENTS = 100
# Peduzzi's hundred events were asked of validations (Vergouwe 2005,
# doi:10.1016/j.jclinepi.2004.06.017); a first look at the level needs fewer, and its interval
# says how few they were. A choice of this product.
FEWEST_EVENTS = 10
LONGEST_HORIZON_YEARS = 10


@dataclass(frozen=True, slots=True)
class Limit:
    """From which value on one watches, and from which one acts; ``source`` says who says so."""

    watch: float
    act: float
    source: str


LIMITS = {
    "input": Limit(
        0.10,
        0.25,
        "population stability index: Siddiqi 2006, Credit risk scorecards, "
        "ISBN 978-0-471-75451-0 (recalled, to be confirmed)",
    ),
    "prediction": Limit(0.10, 0.25, "as for inputs"),
    "missingness": Limit(0.10, 0.25, "change of the share not known; a choice of this product"),
    # Of the ratio or its inverse, whichever is larger.
    "calibration": Limit(
        1.0,
        1.25,
        "watch where observed / expected is not 1 (van Geloven 2022, "
        "doi:10.1136/bmj-2021-069249); act where the ratio is also beyond 1.25 or 0.8, a choice "
        "of this product",
    ),
    "calibration by year": Limit(
        1.0,
        1.25,
        "watch where the years of assessment differ in observed / expected (Cochran 1954, "
        "doi:10.2307/3001666); act where that of the newest is also beyond 1.25 or 0.8",
    ),
}
BEYOND_CHANCE = (
    "nothing is said to have moved unless it is beyond chance as well: in all but "
    f"{100 * ALARMS_BY_CHANCE:g} of 100 looks at people who did not change, none of it is"
)


NO_MORE_THAN_CHANCE = "It may have moved, but no more than chance moves so few people."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was compared, with a verdict and a sentence that says what it means."""

    name: str
    kind: str
    value: str
    limits: str
    verdict: str
    sentence: str


def gravest(findings: list[Finding]) -> str:
    """The verdict on all of it; too few where nothing could be compared."""
    return max((each.verdict for each in findings), key=GRAVITY.index, default=TOO_FEW)


def chance_of_each(reference: Mapping[str, Any], outcomes: int) -> float:
    """How often one comparison may be wrong, so that a whole look seldom is.

    Each column has two, each prediction one, and each outcome two.
    """
    compared = 2 * len(reference["columns"]) + len(reference["predictions"]) + 2 * outcomes
    return ALARMS_BY_CHANCE / max(compared, 1)


def compared_inputs(
    reference: Mapping[str, Any],
    now: Mapping[str, Floats],
    labels: Mapping[str, str],
    chance: float,
) -> list[Finding]:
    """Each input then and now: what is known of it, and how often it is known.

    Parameters
    ----------
    now : mapping of column to ndarray, shape (n,)
        NaN is not known.
    labels : mapping of column to str
    chance : float
        By ``chance_of_each``.
    """
    found = []
    for name, told in reference["columns"].items():
        if name in now:
            label = labels.get(name, name)
            found.append(_missingness(label, told, now[name], chance))
            found.append(_distribution(label, "input", told, now[name], chance))
    return found


def compared_predictions(
    reference: Mapping[str, Any],
    now: Mapping[str, Floats],
    labels: Mapping[str, str],
    chance: float,
) -> list[Finding]:
    """The model's own probabilities then and now."""
    return [
        _distribution(labels.get(name, name), "prediction", told, now[name], chance)
        for name, told in reference["predictions"].items()
        if name in now
    ]


def compared_with_outcomes(name: str, curves: Floats, seen: Course, chance: float) -> Finding:
    """What came true, at the longest whole year at which enough people were seen.

    Parameters
    ----------
    curves : ndarray, shape (n, 10)
        Probability of the outcome by the end of each year.
    """
    judged = None
    for year in range(1, min(LONGEST_HORIZON_YEARS, int(seen.years.max(initial=0.0))) + 1):
        try:
            found = in_the_large(curves[:, year - 1], seen, float(year))
        except CannotJudge:
            break
        judged = found if found.events >= FEWEST_EVENTS else judged
    limit = LIMITS["calibration"]
    limits = f"not 1; beyond {1 / limit.act:g} or {limit.act:g}"
    if judged is None or judged.lower is None or judged.upper is None:
        sentence = f"Fewer than {FEWEST_EVENTS} events were told within a whole year of follow-up."
        return Finding(name, "calibration", "", limits, TOO_FEW, sentence)
    by_chance = _by_chance(judged) >= chance
    verdict = STABLE if by_chance else ACT if _is_off(judged.ratio, limit) else WATCH
    direction = "too little" if judged.ratio > 1 else "too much"
    sentence = (
        "What it says came true, as far as chance lets one tell."
        if by_chance
        else f"It says {direction}. Recalibrate on a newer cohort where this goes on."
    )
    value = (
        f"{judged.ratio:.2f} ({judged.lower:.2f} to {judged.upper:.2f}), {judged.events} events, "
        f"{judged.horizon_years:g} years"
    )
    return Finding(name, "calibration", value, limits, verdict, sentence)


def compared_by_year(
    name: str, curves: Floats, seen: Course, years: npt.NDArray[np.str_], chance: float
) -> Finding:
    """What came true by the calendar year in which people were assessed.

    At the shortest whole number of years by which two years of assessment had events enough.

    Parameters
    ----------
    curves : ndarray, shape (n, 10)
        Probability of the outcome by the end of each year.
    years : ndarray of str, shape (n,)
        Such as "2026".
    """
    limit = LIMITS["calibration by year"]
    limits = f"years differ; newest beyond {1 / limit.act:g} or {limit.act:g}"
    kind = "calibration by year"
    for horizon in range(1, min(LONGEST_HORIZON_YEARS, int(seen.years.max(initial=0.0))) + 1):
        happened = seen.event & (seen.years <= horizon)
        enough = [
            year for year in np.unique(years) if happened[years == year].sum() >= FEWEST_EVENTS
        ]
        chosen = np.isin(years, enough)
        if len(enough) < 2:
            continue
        drift = calibration_drift(
            curves[chosen, horizon - 1], seen.part(chosen), float(horizon), years[chosen]
        )
        judged = {
            year: each for year, each in drift.by_period.items() if isinstance(each, InTheLarge)
        }
        if drift.p is None:
            continue
        newest = judged[max(judged)].ratio
        verdict = STABLE if drift.p >= chance else ACT if _is_off(newest, limit) else WATCH
        told = ", ".join(f"{year}: {each.ratio:.2f}" for year, each in judged.items())
        sentence = (
            "As right in one year as in another, as far as chance lets one tell."
            if verdict == STABLE
            else "Not as right in one year as in another: recalibrate on people of the newest."
        )
        value = f"{told}; {horizon} year{'s' if horizon > 1 else ''}"
        return Finding(name, kind, value, limits, verdict, sentence)
    sentence = f"Fewer than two years of assessment have {FEWEST_EVENTS} events each."
    return Finding(name, kind, "", limits, TOO_FEW, sentence)


def _by_chance(judged: InTheLarge) -> float:
    """How often observed / expected would be as far from 1 by chance, on the log scale."""
    error = judged.observed.standard_error / judged.observed.value
    return float(2 * norm.sf(abs(np.log(judged.ratio)) / error))


def _is_off(ratio: float, limit: Limit) -> bool:
    return max(ratio, 1 / ratio) >= limit.act


def _distribution(
    label: str, kind: str, told: Mapping[str, Any], now: Floats, chance: float
) -> Finding:
    limit = LIMITS[kind]
    limits = f"{limit.watch:g}, {limit.act:g}"
    then = as_people(told)
    known = now[~np.isnan(now)]
    if then is None or known.size < FEWEST_ASSESSMENTS:
        return Finding(label, kind, "", limits, TOO_FEW, _too_few(then is None))
    drift = column_drift(then[~np.isnan(then)], known)
    verdict = _verdict(limit, drift.stability_index, drift.index_p, chance)
    what = "Its answers are" if kind == "prediction" else "The people are"
    sentence = {
        STABLE: f"{what} spread as when it learned.",
        WATCH: f"{what} spread somewhat differently from when it learned.",
        ACT: f"{what} spread differently from when it learned: find out why before trusting it.",
    }[verdict]
    if verdict == STABLE and drift.stability_index >= limit.watch:
        sentence = NO_MORE_THAN_CHANCE
    return Finding(label, kind, f"{drift.stability_index:.2f}", limits, verdict, sentence)


def _missingness(label: str, told: Mapping[str, Any], now: Floats, chance: float) -> Finding:
    limit = LIMITS["missingness"]
    limits = f"{limit.watch:g}, {limit.act:g}"
    name = f"{label}, not known"
    if now.size < FEWEST_ASSESSMENTS:
        return Finding(name, "missingness", "", limits, TOO_FEW, _too_few(False))
    before, after = 1 - told["known"] / told["people"], float(np.isnan(now).mean())
    p = _shares_by_chance(before, told["people"], after, now.size)
    verdict = _verdict(limit, abs(after - before), p, chance)
    sentence = f"Not known in {100 * before:.0f} % when it learned, in {100 * after:.0f} % now."
    return Finding(name, "missingness", f"{after - before:+.2f}", limits, verdict, sentence)


def _shares_by_chance(before: float, then: int, after: float, now: int) -> float:
    """How often two shares would be as far apart by chance: the pooled test of two proportions."""
    pooled = (before * then + after * now) / (then + now)
    error = np.sqrt(pooled * (1 - pooled) * (1 / then + 1 / now))
    return float(2 * norm.sf(abs(after - before) / error)) if error > 0 else 1.0


def _verdict(limit: Limit, value: float, p: float, chance: float) -> str:
    """Large enough to matter and too large for chance; either alone is no reason to act."""
    if p >= chance or value < limit.watch:
        return STABLE
    return ACT if value >= limit.act else WATCH


def _too_few(then: bool) -> str:
    if then:
        return "Too few people of the cohort were known for a comparison."
    return f"Fewer than {FEWEST_ASSESSMENTS} assessments can be compared."
