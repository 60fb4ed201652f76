"""Columns that know the future: refused, unless a site explains a suspicion away."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.columns import Flags, Floats
from riskapp.cohorts.follow_up import FollowUp, UnusableCohort
from riskapp.cohorts.leak_statistics import (
    FEWEST_CENSORED,
    FEWEST_EVENTS,
    discrimination,
    immortal,
    odds_ratio,
    rank_correlation,
)
from riskapp.cohorts.site_schema import SiteSchema
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import FACTORS, RiskProfile, Sex, Treatment

# Where a column is suspected (assumptions, set well above what is published of any baseline
# predictor: age or bone density alone reach an area of about 0.8 for hip fracture, and no yes/no
# risk factor an odds ratio of 10; of whom something is not known, the odds of dying in NHANES
# 2003-2006 are about three times those of others).
AREA = 0.85
ODDS_RATIO = {"is yes": 10.0, "is known": 5.0}
CORRELATION_AMONG_EVENTS = 0.5
CORRELATION_AMONG_CENSORED = 0.6
IMMORTAL_LOG10_CHANCE = -6.0
# Where it is certain.
CERTAIN_AREA = 0.995
CERTAIN_CORRELATION = 0.98
CERTAIN_FROM_EVENTS = 20
# People with and without an event that are looked at; the figures do not depend on how many.
MOST_LOOKED_AT = 3_000
# Older people are followed for less long; what only says that somebody is old knows no future.
HELD = ("age_years",)
_BEFORE = r"(prior|previous|past|history|baseline|parent|mother|father|family|ever|before)"
_LATER = re.compile(
    r"(?:^|_)(outcome|follow_?up|fu|death|dead|died|deceased|surviv\w*|censor\w*|incident|"
    r"(?:after|post)_(?:baseline|index|fracture|fx)|last_(?:visit|contact|seen)|"
    r"time_to_(?:event|fracture|fx|hip|fall|death)|(?:event|fracture|fx|hip)_(?:time|date|day|days|months|years|yrs)|"
    r"(?:time|date|days)_(?:of_)?(?:event|fracture|fx))(?:_|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Leak:
    """One reason to think that a column knows the future.

    Attributes
    ----------
    column : str
    certain : bool
        No reason of the site's can answer it.
    why : str
        The end of a sentence that begins with the column.
    """

    column: str
    certain: bool
    why: str


def refuse_leaks(cohort: Cohort, schema: SiteSchema) -> tuple[str, ...]:
    """Refuse a cohort of which a column knows the future.

    Returns
    -------
    tuple of str
        Suspicions that the site answered, one sentence each with the site's reason.

    Raises
    ------
    UnusableCohort
        Naming every such column and why.
    """
    leaks = [*_outcomes_as_columns(schema), *_by_name(schema), *find_leaks(cohort)]
    first: dict[str, Leak] = {}
    for leak in sorted(leaks, key=lambda each: not each.certain):
        first.setdefault(leak.column, leak)
    open_ones = [each for each in first.values() if each.certain or each.column not in schema.allow]
    if open_ones:
        told = "; and ".join(f"the column {each.column} {each.why}" for each in open_ones)
        answer = (
            "leave it out of the JSON, or correct the file"
            if any(each.certain for each in open_ones)
            else "leave it out, or say in the JSON under allow why it is known at baseline"
        )
        raise UnusableCohort(f"Something here knows the future: {told}: {answer}.")
    return tuple(
        f"The column {each.column} {each.why}; the site says of it: "
        f"{schema.allow[each.column].strip().rstrip('.')}."
        for each in first.values()
    )


def find_leaks(cohort: Cohort) -> Iterator[Leak]:
    """Look at each column's values, and at where they are missing, beside what happened."""
    columns = known_columns(cohort.profiles)
    held = np.column_stack(
        [columns.pop(name) for name in HELD]
        + [np.array([float(each.sex is Sex.FEMALE) for each in cohort.profiles])]
    )
    looked_at = {name: _looked_at(each.event) for name, each in cohort.follow_up.items()}
    observed = np.max([each.years for each in cohort.follow_up.values()], axis=0)
    for name, values in columns.items():
        known = np.isfinite(values)
        groups: dict[str, Flags] = {"is known": known}
        if set(np.unique(values[known])) <= {0.0, 1.0}:
            groups |= {"is yes": values == 1, "is no": values == 0}
        for said, group in groups.items():
            first, log10_chance = immortal(group, observed)
            if log10_chance < IMMORTAL_LOG10_CHANCE:
                yield Leak(
                    column=name,
                    certain=False,
                    why=f"{said} only for people who were followed for {first:.1f} years or more, "
                    "so who has it could not have left before (immortal time)",
                )
        for outcome, each in cohort.follow_up.items():
            rows = looked_at[outcome]
            some = {said: group[rows] for said, group in groups.items()}
            yield from _of_outcome(name, values[rows], some, outcome, each.part(rows), held[rows])


def _looked_at(event: Flags) -> npt.NDArray[np.intp]:
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(event), np.flatnonzero(~event)]
    return np.concatenate([rng.permutation(group)[:MOST_LOOKED_AT] for group in groups])


def _of_outcome(
    name: str,
    values: Floats,
    groups: Mapping[str, Flags],
    outcome: str,
    follow_up: FollowUp,
    held: Floats,
) -> Iterator[Leak]:
    event, years = follow_up.event, follow_up.years
    words = outcome.replace("_", " ")
    if event.sum() >= FEWEST_EVENTS:
        area = discrimination(values, event)
        if area.at_least > AREA:
            sure = area.figure >= CERTAIN_AREA and int(event.sum()) >= CERTAIN_FROM_EVENTS
            yield Leak(
                column=name,
                certain=sure,
                why=f"nearly determines who has the outcome {words} (area under the curve "
                f"{area.figure:.2f})",
            )
        for said, group in groups.items():
            ratio = odds_ratio(group, event)
            if ratio.at_least > ODDS_RATIO.get(said, np.inf):
                yield Leak(
                    column=name,
                    certain=False,
                    why=f"{said} far more or less often in people with the outcome {words} "
                    f"(odds ratio {ratio.figure:.0f})",
                )
        among = rank_correlation(values[event], years[event], held[event])
        if among.at_least > CORRELATION_AMONG_EVENTS:
            sure = among.figure >= CERTAIN_CORRELATION and event.sum() >= CERTAIN_FROM_EVENTS
            yield Leak(
                column=name,
                certain=bool(sure),
                why=f"goes with the time at which the outcome {words} happens (rank correlation "
                f"{among.figure:.2f})",
            )
    if (~event).sum() >= FEWEST_CENSORED:
        among = rank_correlation(values[~event], years[~event], held[~event])
        if among.at_least > CORRELATION_AMONG_CENSORED:
            yield Leak(
                column=name,
                certain=False,
                why=f"goes with how long people without the outcome {words} were followed (rank "
                f"correlation {among.figure:.2f})",
            )


def known_columns(profiles: tuple[RiskProfile, ...]) -> dict[str, Floats]:
    """Every number and yes/no that anybody has, NaN where not known; shape (n,) each."""
    found: dict[str, Floats] = {}
    for name in (*RANGES, *FACTORS, "postmenopausal"):
        found[name] = np.array([getattr(each, name) for each in profiles], dtype=np.float64)
    treated = [each.osteoporosis_treatment for each in profiles]
    found["osteoporosis_treatment"] = np.array(
        [np.nan if each is None else float(each is not Treatment.NONE) for each in treated]
    )
    for name in dict.fromkeys(name for each in profiles for name in each.site_values):
        found[name] = np.array([each.site_values.get(name, np.nan) for each in profiles])
    return {
        name: values for name, values in found.items() if name in HELD or np.isfinite(values).any()
    }


def _outcomes_as_columns(schema: SiteSchema) -> Iterator[Leak]:
    taken = {told[part] for told in schema.outcomes.values() for part in ("event", "time")
             if part in told}  # fmt: skip
    taken |= {each for part, each in schema.dates.items()
              if isinstance(each, str) and part not in ("baseline", "birth")}  # fmt: skip
    for column in schema.columns:
        if column.get("from", column["name"]) in taken:
            yield Leak(column=column["name"], certain=True, why="is an outcome or its time itself")


def _by_name(schema: SiteSchema) -> Iterator[Leak]:
    for column in schema.columns:
        for name in (column["name"], column.get("from", "")):
            split = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s.\-]+", "_", name)
            if _LATER.search(split) and not re.search(_BEFORE, split, re.IGNORECASE):
                yield Leak(
                    column=column["name"],
                    certain=False,
                    why="has the name of something that is known only later",
                )
                break
