"""One engine's curves against what became of the people: plain numbers for the report."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from riskapp.evaluation import resampling
from riskapp.evaluation.binary import BinaryAuc, binary_auc
from riskapp.evaluation.calibration import Group, grouped, in_the_large, weak
from riskapp.evaluation.calibration_curve import CalibrationCurve, calibration_curve
from riskapp.evaluation.concordance import Concordance, harrell, of_people
from riskapp.evaluation.course import CannotJudge, Course, Places
from riskapp.evaluation.observed import Z_95
from riskapp.evaluation.proportional_hazards import proportional_hazards
from riskapp.evaluation.pseudo_values import complementary_log_log
from riskapp.laboratory import resampled
from riskapp.laboratory.asking import Floats
from riskapp.laboratory.page.numbers import hidden
from riskapp.laboratory.resampled import Figure

Found = TypeVar("Found")
Estimate = dict[str, Any]

FIFTHS = 5
# An area of fewer events is not shown.
LEAST_EVENTS_BY_A_YEAR = 5
BINS = 20
# Times of events that a change over time can be seen in.
LEAST_MOMENTS = 5
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


def drawn(told: resampling.Estimate) -> Estimate:
    """A resampled figure as the JSON holds it; None where it cannot be said."""
    if not np.isfinite(told.value):
        return {"value": None, "interval": None}
    ends = None if told.lower is None or told.upper is None else [told.lower, told.upper]
    return {"value": told.value, "interval": ends}


def ranked(predicted: Floats, seen: Course, people: Places) -> Concordance:
    """Harrell's C with an interval that counts rows of one person as one."""
    return of_people(harrell(predicted, seen), people)


def judge(
    key: str,
    curves: Floats,
    seen: Course,
    people: Places,
    horizon: int,
    figures: Mapping[Figure, resampling.Estimate],
    *,
    level: bool,
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
    figures : mapping
        What was resampled, as ``resampled`` gives it.
    level : bool
        Whether the predicted level is that of the observed outcome, so that it may be compared.

    Raises
    ------
    CannotJudge
        If nobody had the outcome before another was without it.
    """
    predicted = curves[:, horizon - 1]
    c = ranked(predicted, seen, people)
    told = {name: figures.get((what, key)) for name, what in RESAMPLED.items()}
    whether = or_none(lambda: yes_or_no(predicted, seen, people, horizon))
    return {
        "harrell": estimate(c.c, (c.lower, c.upper)),
        **{name: None if each is None else drawn(each) for name, each in told.items()},
        "auc": [_auc(key, seen, year, figures) for year in range(1, horizon + 1)],
        "auc_yes_or_no": whether and estimate(whether.auc, (whether.lower, whether.upper)),
        "proportional_hazards": or_none(lambda: _proportional(predicted, seen)),
        "predicted": spread(predicted),
        "calibration": or_none(lambda: _calibration(predicted, seen, horizon)) if level else None,
    }


RESAMPLED = {
    "uno": resampled.UNO,
    "integrated_auc": resampled.INTEGRATED_AUC,
    "brier": resampled.BRIER,
    "ipa": resampled.IPA,
    "integrated_brier": resampled.INTEGRATED_BRIER,
    "integrated_ipa": resampled.INTEGRATED_IPA,
}


def _auc(
    key: str, seen: Course, year: int, figures: Mapping[Figure, resampling.Estimate]
) -> dict[str, Any]:
    events = int((seen.event & (seen.years <= year)).sum())
    told = figures.get((resampled.auc_by(year), key))
    few = told is None or events < LEAST_EVENTS_BY_A_YEAR
    shown = estimate(None) if told is None or few else drawn(told)
    return {"year": year, **shown, "events": hidden(events)}


def yes_or_no(predicted: Floats, seen: Course, people: Places, horizon: int) -> BinaryAuc:
    """Area under the curve where it is known of everybody whether it happened by the horizon.

    Raises
    ------
    CannotJudge
        If somebody was lost before, somebody has more rows than one, or there are too few.
    """
    within = seen.event & (seen.years <= horizon)
    lost = ~(seen.event | seen.died) & (seen.years < horizon)
    if lost.any() or np.unique(people).size < people.size:
        raise CannotJudge("It is not known of everybody whether it happened.")
    return binary_auc(predicted, within)


def _proportional(predicted: Floats, seen: Course) -> dict[str, float]:
    """Whether the ratio of hazards that a prediction stands for stays the same over the years."""
    if np.unique(seen.years[seen.event]).size < LEAST_MOMENTS:
        raise CannotJudge("Events at one time or two say nothing of change over time.")
    column = complementary_log_log(predicted)
    found = proportional_hazards(column[:, None], ["prediction"], seen)[0]
    return {"statistic": found.statistic, "p": found.p}


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
            "ratio_interval": _ratio_interval(part),
        }
        for part in or_none(lambda: grouped(predicted, seen, horizon, FIFTHS)) or ()
    ]


def _ratio_interval(part: Group) -> list[float] | None:
    """On the log scale, of what was observed alone, as in calibration in the large."""
    seen = part.observed
    if part.expected <= 0:
        return None
    if seen.value == 0:
        return [0.0, seen.upper / part.expected]
    wide = np.exp(Z_95 * seen.standard_error / seen.value)
    ratio = seen.value / part.expected
    return [float(ratio / wide), float(ratio * wide)]


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
