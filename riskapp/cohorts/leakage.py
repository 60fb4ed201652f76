"""Columns that know the future: refused, unless a site explains a suspicion away."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.columns import Flags, Floats
from riskapp.cohorts.follow_up import FollowUp, UnusableCohort
from riskapp.cohorts.leak_levels import is_mean_of_outcome, telling_codes
from riskapp.cohorts.leak_names import Degree, Leak, by_name, outcomes_as_columns
from riskapp.cohorts.leak_statistics import (
    FEWEST_CENSORED,
    FEWEST_EVENTS,
    Bounded,
    Whole,
    discrimination,
    immortal,
    odds_ratio,
    orders_alike,
    rank_correlation,
    separates_alone,
)
from riskapp.cohorts.persons import TOGETHER
from riskapp.cohorts.site_schema import SiteSchema
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import FACTORS, RiskProfile, Sex, Treatment


class Line(NamedTuple):
    """A figure is suspected when it and the end of its interval both lie above."""

    figure: float
    at_least: float

    def passed_by(self, found: Bounded) -> bool:
        return found.figure > self.figure and found.at_least > self.at_least


# Where a column is suspected strongly and mildly (assumptions, set above what is published of
# baseline predictors among people of one age and sex: one SD of femoral neck density multiplies
# hip fractures by 2 to 3.7, an area of at most 0.82; nothing else reaches 0.75, and no yes/no risk
# factor an odds ratio of 6; of whom something is not known, the odds of dying in NHANES 2003-2006
# are two to three times those of others).
AREA = {Degree.STRONG: Line(0.84, 0.72), Degree.MILD: Line(0.80, 0.65)}
AREA_OF_DENSITY = {Degree.STRONG: Line(0.90, 0.85), Degree.MILD: Line(0.87, 0.80)}
ODDS_RATIO = {Degree.STRONG: Line(10.0, 5.0), Degree.MILD: Line(6.0, 3.0)}
ODDS_RATIO_OF_KNOWN = {Degree.STRONG: Line(5.0, 3.0), Degree.MILD: Line(3.5, 2.0)}
AMONG_EVENTS = {Degree.STRONG: Line(0.6, 0.45), Degree.MILD: Line(0.5, 0.3)}
# A study that ended on one day followed those who came late for less long.
AMONG_CENSORED = {Degree.STRONG: Line(0.6, 0.6), Degree.MILD: Line(0.5, 0.4)}
# How much there is of something, among those who have any, as of a dose that grew until the end.
AMONG_THOSE_WITH_ANY = {Degree.STRONG: Line(0.5, 0.4), Degree.MILD: Line(0.4, 0.25)}
# Where it is certain.
CERTAIN_AREA = 0.995
CERTAIN_CORRELATION = 0.98
CERTAIN_FROM_EVENTS = 20
# Chance makes one column of so many equal to an outcome.
COPY_LOG10_CHANCE = -4.0
# A value that so many share is what those have who have none of it.
COMMON = 0.25
# People with and without an event that are looked at; the figures do not depend on how many.
MOST_LOOKED_AT = 3_000
# Older people are followed for less long; what only says that somebody is old knows no future.
HELD = ("age_years",)
BAND_YEARS = 5
DENSITIES = frozenset(name for name, kind in TOGETHER.items() if kind == "density")


def refuse_leaks(cohort: Cohort, schema: SiteSchema) -> tuple[str, ...]:
    """Refuse a cohort of which a column knows the future.

    Returns
    -------
    tuple of str
        Suspicions that the site answered, with the site's reason, and mild ones; one sentence
        each.

    Raises
    ------
    UnusableCohort
        Naming every such column and why.
    """
    leaks = [*outcomes_as_columns(schema), *by_name(schema), *find_leaks(cohort)]
    first: dict[str, Leak] = {}
    for leak in sorted(leaks, key=lambda each: list(Degree).index(each.degree)):
        first.setdefault(leak.column, leak)
    open_ones = [
        each
        for each in first.values()
        if each.degree is Degree.CERTAIN
        or (each.degree is Degree.STRONG and each.column not in schema.allow)
    ]
    if open_ones:
        told = "; and ".join(f"the column {each.column} {each.why}" for each in open_ones)
        answer = (
            "leave it out of the JSON, or correct the file"
            if any(each.degree is Degree.CERTAIN for each in open_ones)
            else "leave it out, or say in the JSON under allow why it is known at baseline"
        )
        raise UnusableCohort(f"Something here knows the future: {told}: {answer}.")
    return tuple(
        f"The column {each.column} {each.why}; {_answer(each.column, schema)}."
        for each in first.values()
    )


def _answer(column: str, schema: SiteSchema) -> str:
    if column in schema.allow:
        return f"the site says of it: {schema.allow[column].strip().rstrip('.')}"
    return "that is more than baseline measurements usually do, so make sure that it was known then"


def find_leaks(cohort: Cohort) -> Iterator[Leak]:
    """Look at each column's values, and at where they are missing, beside what happened."""
    columns = known_columns(cohort.profiles)
    held = np.column_stack(
        [columns.pop(name) for name in HELD]
        + [np.array([float(each.sex is Sex.FEMALE) for each in cohort.profiles])]
    )
    looked_at = {name: _looked_at(each.event) for name, each in cohort.follow_up.items()}
    observed = np.max([each.years for each in cohort.follow_up.values()], axis=0)
    chance = COPY_LOG10_CHANCE - float(np.log10(max(len(columns), 1)))
    for name, values in columns.items():
        for outcome, each in cohort.follow_up.items():
            yield from _copies(name, values, outcome, each, chance)
        groups = _groups(values)
        for said, group in groups.items():
            early = immortal(group, observed)
            if early.suspected:
                yield Leak(
                    column=name,
                    degree=Degree.STRONG,
                    why=f"{said} only for people who were followed for {early.first:.1f} years or "
                    "more, so who has it could not have left before (immortal time)",
                )
        for outcome, each in cohort.follow_up.items():
            rows = looked_at[outcome]
            some = {said: group[rows] for said, group in groups.items()}
            told = outcome.replace("_", " ")
            yield from _of_event(name, values[rows], some, told, each.event[rows], held[rows])
            yield from _of_time(name, values[rows], told, each.part(rows), held[rows])


def _looked_at(event: Flags) -> Whole:
    rng = np.random.default_rng(0)
    groups = [np.flatnonzero(event), np.flatnonzero(~event)]
    return np.concatenate([rng.permutation(group)[:MOST_LOOKED_AT] for group in groups])


def alike(held: Floats) -> Whole:
    """Groups of people of one sex within five years of age; shape (n,)."""
    groups: Whole = (held[:, 0] // BAND_YEARS * 2 + held[:, 1]).astype(np.intp)
    return groups


def _groups(values: Floats) -> dict[str, Flags]:
    """Who a column divides from the others, under the words that say it."""
    known: Flags = np.isfinite(values)
    groups = {"is known": known}
    levels, counts = np.unique(values[known], return_counts=True)
    if set(levels) <= {0.0, 1.0}:
        return groups | {"is yes": values == 1, "is no": values == 0}
    usual = levels[counts.argmax()]
    if counts.max() > COMMON * counts.sum():
        groups[f"is not {usual:g}"] = known & (values != usual)
    return groups


def _copies(name: str, values: Floats, outcome: str, each: FollowUp, most: float) -> Iterator[Leak]:
    words = outcome.replace("_", " ")
    if separates_alone(values, each.event) < most:
        yield Leak(
            column=name, degree=Degree.CERTAIN, why=f"is a copy of whether the outcome {words} came"
        )
    if separates_alone(np.isfinite(values).astype(np.float64), each.event) < most:
        yield Leak(
            column=name,
            degree=Degree.CERTAIN,
            why=f"is known just where the outcome {words} came, or just where it did not",
        )
    if is_mean_of_outcome(values, each.event):
        yield Leak(
            column=name,
            degree=Degree.CERTAIN,
            why=f"holds the share of people with the outcome {words} among those alike in it",
        )
    for rows in (each.event, np.ones_like(each.event)):
        if each.event.any() and orders_alike(values[rows], each.years[rows]) < most:
            yield Leak(
                column=name,
                degree=Degree.CERTAIN,
                why=f"is a copy of the time of the outcome {words}",
            )


def _of_event(
    name: str, values: Floats, groups: Mapping[str, Flags], words: str, event: Flags, held: Floats
) -> Iterator[Leak]:
    if event.sum() < FEWEST_EVENTS:
        return
    like = alike(held)
    area = discrimination(values, event, like)
    degree = _degree(area, AREA_OF_DENSITY if name in DENSITIES else AREA)
    if degree is not None:
        sure = area.figure >= CERTAIN_AREA and int(event.sum()) >= CERTAIN_FROM_EVENTS
        yield Leak(
            column=name,
            degree=Degree.CERTAIN if sure else degree,
            why=f"nearly determines who has the outcome {words} among people of one age (area "
            f"under the curve {area.figure:.2f})",
        )
    known = groups["is known"]
    for said, group in {**groups, **telling_codes(values, event)}.items():
        of_known = said == "is known"
        rows = np.ones_like(known) if of_known else known
        ratio = odds_ratio(group[rows], event[rows], like[rows])
        degree = _degree(ratio, ODDS_RATIO_OF_KNOWN if of_known else ODDS_RATIO)
        if degree is not None:
            yield Leak(
                column=name,
                degree=degree,
                why=f"{said} far more or less often in people with the outcome {words} "
                f"(odds ratio {ratio.figure:.0f})",
            )


def _of_time(
    name: str, values: Floats, words: str, follow_up: FollowUp, held: Floats
) -> Iterator[Leak]:
    event, years = follow_up.event, follow_up.years
    ways = []
    if event.sum() >= FEWEST_EVENTS:
        ways.append((values, event, AMONG_EVENTS, f"the time at which the outcome {words} happens"))
    if (~event).sum() >= FEWEST_CENSORED:
        told = f"how long people without the outcome {words} were followed"
        ways.append((values, ~event, AMONG_CENSORED, told))
    any_of_it = next((g for said, g in _groups(values).items() if said.startswith("is not")), None)
    if any_of_it is not None and any_of_it.sum() >= FEWEST_CENSORED:
        told = f"how long those who have any were followed for the outcome {words}"
        ways.append((values, any_of_it, AMONG_THOSE_WITH_ANY, told))
    for one, rows, lines, told in ways:
        among = rank_correlation(one[rows], years[rows], held[rows])
        degree = _degree(among, lines)
        if degree is None:
            continue
        sure = (
            lines is AMONG_EVENTS
            and among.figure >= CERTAIN_CORRELATION
            and event.sum() >= CERTAIN_FROM_EVENTS
        )
        yield Leak(
            column=name,
            degree=Degree.CERTAIN if sure else degree,
            why=f"goes with {told} (rank correlation {among.figure:.2f})",
        )


def _degree(found: Bounded, lines: Mapping[Degree, Line]) -> Degree | None:
    return next((degree for degree, line in lines.items() if line.passed_by(found)), None)


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
