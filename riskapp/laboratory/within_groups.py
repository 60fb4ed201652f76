"""Each engine within groups of people, and with inputs left blank."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.evaluation.calibration import InTheLarge, in_the_large, weak
from riskapp.evaluation.concordance import Concordance, difference
from riskapp.evaluation.course import Course, Places
from riskapp.laboratory.asking import Candidate, Flags, Floats, Memory
from riskapp.laboratory.groups import groups
from riskapp.laboratory.inputs import input_groups, known_in, without
from riskapp.laboratory.judging import estimate, or_none, ranked
from riskapp.laboratory.page.numbers import SMALL_CELL, hidden
from riskapp.risk.estimate import Outcome
from riskapp.risk.profile import RiskProfile
from riskapp.risk.site_columns import SiteColumn

LEAST_EVENTS = 10
# An input is a usual one where at least this share of people has it.
USUAL_SHARE = 0.5


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
        "observed_over_expected": told and _ratio(told),
        "slope": slope and estimate(slope.value, (slope.lower, slope.upper)),
    }


def _ratio(large: InTheLarge) -> dict[str, Any]:
    ends = None if large.lower is None or large.upper is None else (large.lower, large.upper)
    return estimate(large.ratio, ends)


def missing_data_table(
    candidate: Candidate,
    memory: Memory,
    profiles: Sequence[RiskProfile],
    columns: Sequence[SiteColumn],
    outcome: Outcome,
    seen: Course,
    people: Places,
    horizon: int,
    *,
    level: bool,
) -> list[dict[str, Any]]:
    """What becomes of an engine when inputs are not known, one after the other and all."""

    before: dict[str, Concordance | None] = {}

    def judged(blank: str, asked: Sequence[RiskProfile], rows: Flags) -> dict[str, Any]:
        chosen = np.flatnonzero(rows)
        curves = memory.ask(candidate, [asked[int(row)] for row in chosen]).curves[outcome]
        answered = ~np.isnan(curves[:, horizon - 1])
        chosen, predicted = chosen[answered], curves[answered, horizon - 1]
        part = seen.part(chosen)
        c = or_none(lambda: ranked(predicted, part, people[chosen])) if chosen.size else None
        large = or_none(lambda: in_the_large(predicted, part, horizon)) if level else None
        row = {
            "key": candidate.key,
            "blank": blank,
            "people": hidden(int(chosen.size)),
            "c": c and estimate(c.c, (c.lower, c.upper)),
            "change": _change(c, before.get("c"), people[chosen]),
            "predicted": float(predicted.mean()) if chosen.size >= SMALL_CELL else None,
            "observed_over_expected": large and _ratio(large),
        }
        before.setdefault("c", c)
        return row

    everybody = np.ones(len(profiles), dtype=np.bool_)
    known = _known_in(profiles, columns, SMALL_CELL)
    rows = [judged("nothing", profiles, everybody)]
    rows += [judged(label, without(profiles, fields), everybody) for label, fields in known.items()]
    every = [name for fields in input_groups(columns).values() for name in fields]
    rows.append(judged("everything but age and sex", without(profiles, every), everybody))
    usual = _known_in(profiles, columns, USUAL_SHARE * len(profiles))
    complete = np.logical_and.reduce(
        [everybody, *(known_in(profiles, fields) for fields in usual.values())]
    )
    if SMALL_CELL <= complete.sum() < len(profiles):
        rows.append(judged("nothing, in people with every usual input", profiles, complete))
    return rows


def _change(
    c: Concordance | None, before: Concordance | None, people: Places
) -> dict[str, Any] | None:
    """How far C moves when an input goes blank, of the same people; None where they are others."""
    if c is None or before is None or c.influence.shape != before.influence.shape:
        return None
    apart = difference(c, before, people)
    return estimate(apart.value, (apart.lower, apart.upper))


def _known_in(
    profiles: Sequence[RiskProfile], columns: Sequence[SiteColumn], least: float
) -> Mapping[str, tuple[str, ...]]:
    """Inputs that at least so many people have."""
    return {
        label: fields
        for label, fields in input_groups(columns).items()
        if known_in(profiles, fields).sum() >= least
    }
