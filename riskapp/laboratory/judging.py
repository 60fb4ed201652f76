"""One engine's curves against what became of the people: plain numbers for the report."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from riskapp.evaluation.brier import brier_over_time
from riskapp.evaluation.calibration import grouped, in_the_large, weak
from riskapp.evaluation.calibration_curve import CalibrationCurve, calibration_curve
from riskapp.evaluation.concordance import Concordance, harrell, of_people, uno
from riskapp.evaluation.course import CannotJudge, Course, Places
from riskapp.evaluation.roc import auc_at
from riskapp.laboratory.asking import Floats
from riskapp.laboratory.page.numbers import hidden

Found = TypeVar("Found")
Estimate = dict[str, Any]

FIFTHS = 5
BINS = 20
# Of people, below whose prediction the calibration curve is shown.
MOST = 0.99


def or_none(judge: Callable[[], Found]) -> Found | None:
    """What a measure finds, or None where the people do not hold what it needs."""
    try:
        return judge()
    except CannotJudge:
        return None


def estimate(value: float | None, interval: tuple[float, float] | None = None) -> Estimate:
    """A figure as the JSON holds it."""
    return {"value": value, "interval": None if interval is None else list(interval)}


def ranked(predicted: Floats, seen: Course, people: Places) -> Concordance:
    """Harrell's C with an interval that counts rows of one person as one."""
    return of_people(harrell(predicted, seen), people)


def judge(
    curves: Floats, seen: Course, people: Places, horizon: int, *, level: bool
) -> dict[str, Any]:
    """Everything that can be said of one engine on these people.

    Parameters
    ----------
    curves : ndarray, shape (n, 10)
        Probability by the end of each year.
    people : ndarray of int, shape (n,)
        The number of the person that each row is about.
    horizon : int
        Years; the probability by then is what is judged.
    level : bool
        Whether the predicted level is that of the observed outcome, so that it may be compared.

    Raises
    ------
    CannotJudge
        If nobody had the outcome before another was without it.
    """
    predicted = curves[:, horizon - 1]
    c = ranked(predicted, seen, people)
    return {
        "harrell": estimate(c.c, (c.lower, c.upper)),
        "uno": or_none(lambda: estimate(uno(predicted, seen, np.nextafter(horizon, np.inf)))),
        "auc": [_auc(curves, seen, year) for year in range(1, horizon + 1)],
        "predicted": spread(predicted),
        "calibration": or_none(lambda: _calibration(predicted, seen, horizon)) if level else None,
        **(_accuracy(curves, seen, horizon) if level else NO_ACCURACY),
    }


NO_ACCURACY: Mapping[str, None] = {
    "brier": None, "ipa": None, "integrated_brier": None, "integrated_ipa": None,
}  # fmt: skip


def _auc(curves: Floats, seen: Course, year: int) -> dict[str, Any]:
    found = or_none(lambda: auc_at(curves[:, year - 1], seen, year))
    few = found is None or found.events < 5
    return {
        "year": year,
        "value": None if found is None or few else found.auc,
        "events": hidden(0 if found is None else found.events),
    }


def _accuracy(curves: Floats, seen: Course, horizon: int) -> dict[str, Any]:
    years = list(range(1, horizon + 1))
    found = or_none(lambda: brier_over_time(curves[:, :horizon], seen, years))
    if found is None:
        return dict(NO_ACCURACY)
    last = found.at[-1]
    return {
        "brier": estimate(last.score),
        "null_brier": last.null,
        "ipa": estimate(last.ipa),
        "integrated_brier": found.integrated,
        "integrated_ipa": found.integrated_ipa,
    }


def _calibration(predicted: Floats, seen: Course, horizon: int) -> dict[str, Any]:
    large = in_the_large(predicted, seen, horizon)
    spread_found = or_none(lambda: weak(predicted, seen, horizon))
    slope = None
    if spread_found is not None:
        told = spread_found.slope
        slope = estimate(told.value, (told.lower, told.upper))
    smooth = or_none(lambda: calibration_curve(predicted, seen, horizon))
    curve = [] if smooth is None else _points(smooth, float(np.quantile(predicted, MOST)))
    bounds = None if large.lower is None or large.upper is None else (large.lower, large.upper)
    return {
        "predicted": large.expected,
        "observed": large.observed.value,
        "observed_interval": [large.observed.lower, large.observed.upper],
        "observed_over_expected": estimate(large.ratio, bounds),
        "slope": slope,
        "fifths": fifths(predicted, seen, horizon),
        "curve": curve,
        "ici": None if smooth is None else smooth.ici,
    }


def _points(smooth: CalibrationCurve, end: float) -> list[dict[str, float]]:
    """The line up to where nearly everybody's prediction lies; beyond, few people bend it."""
    chosen = smooth.predicted <= end
    columns = (smooth.predicted, smooth.observed, smooth.lower, smooth.upper)
    names = ("predicted", "observed", "lower", "upper")
    return [
        dict(zip(names, map(float, point), strict=True))
        for point in zip(*(column[chosen] for column in columns), strict=True)
    ]


def fifths(predicted: Floats, seen: Course, horizon: int) -> list[dict[str, Any]]:
    return [
        {
            "people": part.people,
            "events": hidden(part.events),
            "predicted": part.expected,
            "observed": part.observed.value,
            "interval": [part.observed.lower, part.observed.upper],
            "ratio": part.observed.value / part.expected if part.expected > 0 else None,
        }
        for part in or_none(lambda: grouped(predicted, seen, horizon, FIFTHS)) or ()
    ]


def spread(predicted: Floats) -> dict[str, Any]:
    """Mean and quartiles of what was predicted."""
    low, middle, high = np.quantile(predicted, [0.25, 0.5, 0.75])
    return {
        "mean": float(predicted.mean()),
        "lower_quartile": float(low),
        "median": float(middle),
        "upper_quartile": float(high),
    }


def edges_of(several: Mapping[str, Floats]) -> list[float]:
    """Equal steps from 0 to a round end above nearly everybody's prediction."""
    high = max(float(np.quantile(predicted, 0.995)) for predicted in several.values())
    end = next((step for step in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8) if high <= step), 1.0)
    return [round(float(edge), 6) for edge in np.linspace(0, end, BINS + 1)]


def shares_in(predicted: Floats, edges: list[float]) -> list[float]:
    """Share of people in each step; whoever lies beyond the last is counted in it."""
    counts, _ = np.histogram(np.minimum(predicted, edges[-1]), bins=edges)
    # Fewer than five in a step could point at somebody.
    return [float(n / predicted.size) if n >= 5 else 0.0 for n in counts]
