"""Whether a model still sees the people it was made with, and still says what comes true."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskapp.evaluation.calibration import in_the_large
from riskapp.evaluation.course import CannotJudge, Course
from riskapp.evaluation.drift import column_drift
from riskapp.risk.design_row import Floats
from riskapp.training.reference import as_people

TOO_FEW, STABLE, WATCH, ACT = "too few", "stable", "watch", "act"
GRAVITY = (TOO_FEW, STABLE, WATCH, ACT)
# Below this many assessments chance alone moves a stability index of ten bins by
# (10 - 1) / n = 0.09, which is nearly where watching begins (Yurdakul and Naranjo 2020,
# doi:10.21314/JRMV.2020.227, recalled, to be confirmed).
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
        "watch where the 95 % interval of observed / expected leaves out 1 (van Geloven 2022, "
        "doi:10.1136/bmj-2021-069249); act where the ratio is also beyond 1.25 or 0.8, a choice "
        "of this product",
    ),
}


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


def compared_inputs(
    reference: Mapping[str, Any], now: Mapping[str, Floats], labels: Mapping[str, str]
) -> list[Finding]:
    """Each input then and now: what is known of it, and how often it is known.

    Parameters
    ----------
    now : mapping of column to ndarray, shape (n,)
        NaN is not known.
    labels : mapping of column to str
    """
    found = []
    for name, told in reference["columns"].items():
        if name in now:
            label = labels.get(name, name)
            found.append(_missingness(label, told, now[name]))
            found.append(_distribution(label, "input", told, now[name]))
    return found


def compared_predictions(
    reference: Mapping[str, Any], now: Mapping[str, Floats], labels: Mapping[str, str]
) -> list[Finding]:
    """The model's own probabilities then and now."""
    return [
        _distribution(labels.get(name, name), "prediction", told, now[name])
        for name, told in reference["predictions"].items()
        if name in now
    ]


def compared_with_outcomes(name: str, curves: Floats, seen: Course) -> Finding:
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
    limits = f"interval without 1; beyond {1 / limit.act:g} or {limit.act:g}"
    if judged is None or judged.lower is None or judged.upper is None:
        sentence = f"Fewer than {FEWEST_EVENTS} events were told within a whole year of follow-up."
        return Finding(name, "calibration", "", limits, TOO_FEW, sentence)
    within = judged.lower <= 1 <= judged.upper
    off = max(judged.ratio, 1 / judged.ratio) >= limit.act
    verdict = STABLE if within else ACT if off else WATCH
    direction = "too little" if judged.ratio > 1 else "too much"
    sentence = (
        "What it says came true, as far as chance lets one tell."
        if within
        else f"It says {direction}. Recalibrate on a newer cohort where this goes on."
    )
    value = (
        f"{judged.ratio:.2f} ({judged.lower:.2f} to {judged.upper:.2f}), {judged.events} events, "
        f"{judged.horizon_years:g} years"
    )
    return Finding(name, "calibration", value, limits, verdict, sentence)


def _distribution(label: str, kind: str, told: Mapping[str, Any], now: Floats) -> Finding:
    limit = LIMITS[kind]
    limits = f"{limit.watch:g}, {limit.act:g}"
    then = as_people(told)
    known = now[~np.isnan(now)]
    if then is None or known.size < FEWEST_ASSESSMENTS:
        return Finding(label, kind, "", limits, TOO_FEW, _too_few(then is None))
    moved = column_drift(then[~np.isnan(then)], known).stability_index
    verdict = _verdict(limit, moved)
    what = "Its answers are" if kind == "prediction" else "The people are"
    sentence = {
        STABLE: f"{what} spread as when it learned.",
        WATCH: f"{what} spread somewhat differently from when it learned.",
        ACT: f"{what} spread differently from when it learned: find out why before trusting it.",
    }[verdict]
    return Finding(label, kind, f"{moved:.2f}", limits, verdict, sentence)


def _missingness(label: str, told: Mapping[str, Any], now: Floats) -> Finding:
    limit = LIMITS["missingness"]
    limits = f"{limit.watch:g}, {limit.act:g}"
    name = f"{label}, not known"
    if now.size < FEWEST_ASSESSMENTS:
        return Finding(name, "missingness", "", limits, TOO_FEW, _too_few(False))
    before, after = 1 - told["known"] / told["people"], float(np.isnan(now).mean())
    verdict = _verdict(limit, abs(after - before))
    sentence = f"Not known in {100 * before:.0f} % when it learned, in {100 * after:.0f} % now."
    return Finding(name, "missingness", f"{after - before:+.2f}", limits, verdict, sentence)


def _verdict(limit: Limit, value: float) -> str:
    if value >= limit.act:
        return ACT
    return WATCH if value >= limit.watch else STABLE


def _too_few(then: bool) -> str:
    if then:
        return "Too few people of the cohort were known for a comparison."
    return f"Fewer than {FEWEST_ASSESSMENTS} assessments can be compared."
