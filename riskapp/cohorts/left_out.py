"""Rows that cannot be used: why, in words, and whether that has to do with what happened."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from riskapp.cohorts.columns import Flags, numbers
from riskapp.cohorts.follow_up import FollowUp, UnusableCohort
from riskapp.cohorts.leak_statistics import Whole, immortal, odds_ratio
from riskapp.cohorts.leakage import BAND_YEARS, Line
from riskapp.cohorts.limits import SMALLEST_CELL
from riskapp.exchange.fields import FIELDS
from riskapp.risk.limits import RANGES, shown

# Those left out are suspected when the odds that they had the event are so many times others'.
ODDS_RATIO_OF_LEFT_OUT = Line(5.0, 2.0)


def why_left_out(field: str, given: object) -> str:
    """Say why an answer costs its row, without the answer: a report carries counts only."""
    label = FIELDS[field].label if field in FIELDS else field[:60]
    if given is None or given != given or not str(given).strip():
        return f"{label} not given"
    limit = RANGES.get(field)
    value, unreadable = numbers(pd.Series([given], dtype=object))
    if limit is None or unreadable[0]:
        return f"{label} cannot be used as it is written"
    if limit.low <= value[0] <= limit.high:
        return f"{label} contradicts another answer or is no whole number"
    unit = f" {limit.unit}" if limit.unit else ""
    return f"{label} outside {shown(limit.low)} to {shown(limit.high)}{unit}"


def refuse_informative(
    table: pd.DataFrame, left_out: Mapping[str, Flags], follow_up: Mapping[str, FollowUp]
) -> tuple[str, ...]:
    """Refuse a cohort from which those with an event were left out, as any column's gaps are.

    Parameters
    ----------
    left_out : mapping of reason to ndarray of bool, shape (n,)
        Rows that cannot be used, but for those whose follow-up contradicts itself, which has to
        do with events by its nature.
    follow_up : mapping of outcome to FollowUp
        Of all rows of the table.

    Returns
    -------
    tuple of str
        How many events were lost with these rows, where they are more than a few.

    Raises
    ------
    UnusableCohort
        If people of one age and sex were left out far more often with an event or without.
    """
    if not left_out:
        return ()
    like = _alike(table)
    reasons = dict(left_out)
    if len(reasons) > 1:
        reasons["all together"] = np.any(list(left_out.values()), axis=0)
    for reason, rows in reasons.items():
        for outcome, each in follow_up.items():
            ratio = odds_ratio(rows, each.event, like)
            if ODDS_RATIO_OF_LEFT_OUT.passed_by(ratio):
                raise UnusableCohort(
                    f"The {int(rows.sum())} rows that cannot be used ({reason}) have the outcome "
                    f"{outcome.replace('_', ' ')} far more or less often than others (odds ratio "
                    f"{ratio.figure:.0f}), so leaving them out would change the answer: "
                    f"{_mended(reason)}."
                )
    _refuse_immortal(reasons, follow_up)
    gone = np.any(list(left_out.values()), axis=0)
    return tuple(
        f"With the {int(gone.sum())} rows that cannot be used, {lost} of {int(each.event.sum())} "
        f"events of the outcome {outcome.replace('_', ' ')} are lost."
        for outcome, each in follow_up.items()
        if (lost := int((gone & each.event).sum())) >= SMALLEST_CELL
    )


def _mended(reason: str) -> str:
    if reason.endswith("follow-up not given"):
        return (
            "a blank is never read as no, so give everybody an event of 0 or 1 and the time until "
            "it or until the last contact"
        )
    return "correct the file, or say in the JSON under values what its codes mean"


def _refuse_immortal(reasons: Mapping[str, Flags], follow_up: Mapping[str, FollowUp]) -> None:
    years = np.max([each.years for each in follow_up.values()], axis=0)
    known = np.isfinite(years)
    for reason, rows in reasons.items():
        early = immortal(rows[known], years[known])
        if early.suspected:
            raise UnusableCohort(
                f"The rows that cannot be used ({reason}) are all of people who were followed for "
                f"{early.first:.1f} years or more: correct the file."
            )


def _alike(table: pd.DataFrame) -> Whole:
    """Groups of one sex within five years of age, and of those of whom either is not known."""
    n = len(table)
    age = numbers(table["age_years"])[0] if "age_years" in table.columns else np.full(n, np.nan)
    band = np.where(np.isfinite(age), np.clip(age, 0, 150) // BAND_YEARS, -1).astype(np.intp)
    if "sex" not in table.columns:
        return band
    sex, _ = pd.factorize(table["sex"].astype(str).str.strip().str.lower())
    groups: Whole = (band + 1) * (int(sex.max()) + 1) + sex
    return groups
