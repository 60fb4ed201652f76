"""Each engine among everybody and within groups of people: order, level and spread."""

from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.evaluation.calibration import InTheLarge, in_the_large, weak
from riskapp.evaluation.course import Course, Places
from riskapp.laboratory.asking import Floats
from riskapp.laboratory.groups import groups
from riskapp.laboratory.judging import estimate, or_none, ranked
from riskapp.laboratory.page.numbers import SMALL_CELL, hidden

LEAST_EVENTS = 10


def subgroup_table(
    key: str,
    curves: Floats,
    seen: Course,
    people: Places,
    cohort: Cohort,
    horizon: int,
    *,
    level: bool,
) -> list[dict[str, Any]]:
    """One row for everybody and for each group in which somebody is.

    Parameters
    ----------
    curves : ndarray, shape (n, 10)
        Probability by the end of each year.
    """
    rows = []
    for by, name, inside in groups(cohort):
        chosen = np.flatnonzero(inside)
        if chosen.size < SMALL_CELL:
            continue
        rows.append(
            {"key": key, "by": by, "group": name}
            | _within(curves[chosen], seen.part(chosen), people[chosen], horizon, level)
        )
    return rows


def _within(
    curves: Floats, seen: Course, people: Places, longest: int, level: bool
) -> dict[str, Any]:
    events = int(seen.event.sum())
    # Who came late was not followed as long, and is judged by the years that were seen.
    horizon = min(longest, max(1, int(seen.years.max() + 1e-6)))
    predicted = curves[:, horizon - 1]
    c = or_none(lambda: ranked(predicted, seen, people)) if events >= LEAST_EVENTS else None
    large = or_none(lambda: in_the_large(predicted, seen, horizon)) if level else None
    told = large if large is not None and large.events >= LEAST_EVENTS else None
    spread = or_none(lambda: weak(predicted, seen, horizon)) if told else None
    slope = spread and spread.slope
    return {
        "people": seen.people,
        "events": hidden(events),
        "horizon": horizon,
        "c": c and estimate(c.c, (c.lower, c.upper)),
        "said": "" if c is not None else "too few events",
        "predicted": told and told.expected,
        "observed": told and told.observed.value,
        "observed_interval": told and [told.observed.lower, told.observed.upper],
        "observed_over_expected": told and ratio_of(told),
        "slope": slope and estimate(slope.value, (slope.lower, slope.upper)),
    }


def ratio_of(large: InTheLarge) -> dict[str, Any]:
    """Observed over expected as the JSON holds it."""
    ends = None if large.lower is None or large.upper is None else (large.lower, large.upper)
    return estimate(large.ratio, ends)
