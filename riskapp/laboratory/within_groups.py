"""Each engine within groups of people, and with inputs left blank."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.evaluation.calibration import in_the_large
from riskapp.evaluation.course import Course, Places
from riskapp.laboratory.asking import Candidate, Flags, Floats, ask
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
    predicted: Floats,
    seen: Course,
    people: Places,
    profiles: Sequence[RiskProfile],
    horizon: int,
    *,
    level: bool,
) -> list[dict[str, Any]]:
    """One row for each group in which somebody is."""
    rows = []
    for by, name, inside in groups(profiles):
        chosen = np.flatnonzero(inside)
        if chosen.size < SMALL_CELL:
            continue
        rows.append(
            {"key": key, "by": by, "group": name}
            | _within(predicted[chosen], seen.part(chosen), people[chosen], horizon, level)
        )
    return rows


def _within(
    predicted: Floats, seen: Course, people: Places, horizon: int, level: bool
) -> dict[str, Any]:
    events = int(seen.event.sum())
    c = None
    if events >= LEAST_EVENTS:
        c = or_none(lambda: ranked(predicted, seen, people))
    large = or_none(lambda: in_the_large(predicted, seen, horizon)) if level else None
    told = large if large is not None and large.events >= LEAST_EVENTS else None
    return {
        "people": seen.people,
        "events": hidden(events),
        "c": None if c is None else estimate(c.c, (c.lower, c.upper)),
        "said": "" if c is not None else "too few events",
        "predicted": None if told is None else told.expected,
        "observed": None if told is None else told.observed.value,
        "observed_over_expected": None if told is None else told.ratio,
        "observed_over_expected_interval": None if told is None else [told.lower, told.upper],
    }


def missing_data_table(
    candidate: Candidate,
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

    def judged(blank: str, asked: Sequence[RiskProfile], rows: Flags) -> dict[str, Any]:
        chosen = np.flatnonzero(rows)
        curves = ask(candidate, [asked[int(row)] for row in chosen]).curves[outcome]
        answered = ~np.isnan(curves[:, horizon - 1])
        chosen, predicted = chosen[answered], curves[answered, horizon - 1]
        part = seen.part(chosen)
        c = or_none(lambda: ranked(predicted, part, people[chosen])) if chosen.size else None
        large = or_none(lambda: in_the_large(predicted, part, horizon)) if level else None
        return {
            "key": candidate.key,
            "blank": blank,
            "people": hidden(int(chosen.size)),
            "c": None if c is None else c.c,
            "predicted": float(predicted.mean()) if chosen.size >= SMALL_CELL else None,
            "observed_over_expected": None if large is None else large.ratio,
        }

    everybody = np.ones(len(profiles), dtype=np.bool_)
    known = _known_in(profiles, columns, SMALL_CELL)
    rows = [judged("nothing", profiles, everybody)]
    rows += [judged(label, without(profiles, fields), everybody) for label, fields in known.items()]
    every = [name for fields in input_groups(columns).values() for name in fields]
    rows.append(judged("everything but age and sex", without(profiles, every), everybody))
    for row in rows:
        row["change"] = (
            None if row["c"] is None or rows[0]["c"] is None else row["c"] - rows[0]["c"]
        )
    usual = _known_in(profiles, columns, USUAL_SHARE * len(profiles))
    complete = np.logical_and.reduce(
        [everybody, *(known_in(profiles, fields) for fields in usual.values())]
    )
    if SMALL_CELL <= complete.sum() < len(profiles):
        rows.append(judged("nothing, in people with every usual input", profiles, complete))
        rows[-1]["change"] = None
    return rows


def _known_in(
    profiles: Sequence[RiskProfile], columns: Sequence[SiteColumn], least: float
) -> Mapping[str, tuple[str, ...]]:
    """Inputs that at least so many people have."""
    return {
        label: fields
        for label, fields in input_groups(columns).items()
        if known_in(profiles, fields).sum() >= least
    }
