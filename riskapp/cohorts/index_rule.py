"""From histories to a table: each person's baseline, what was known then, what came after."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.history import EPOCH, FRACTURES, Fact, History, Person, day_of, outdated
from riskapp.cohorts.slips import refuse_impossible
from riskapp.exchange.ucum import DAYS_PER_YEAR
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import FACTORS

# A fracture is coded again at every visit: within this long after a record of the same kind it is
# the same fracture (assumption; the site's JSON may say otherwise).
SAME_FRACTURE_DAYS = 180
# What was measured longer ago says little of today (assumption; the JSON may say otherwise).
MEASURED_WITHIN_YEARS = 5.0
# "Now" for a medicine (assumption).
TAKEN_WITHIN_YEARS = 1.0
UNDATED = "died, but not known when"
TAKEN = ("glucocorticoids", "osteoporosis_treatment")
MAJOR = ("hip", "vertebra", "humerus", "forearm")
DATES = {
    "baseline": "baseline_date", "end": "end_date", "hip": "hip_date", "major": "major_date",
    "any": "any_date", "death": "death_date",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Window:
    """What the site's rule says, in days."""

    earliest: float
    latest: float
    end: float | None
    observed_before: float
    measured_within: float
    taken_within: float
    same_fracture: float
    absent_means_no: tuple[str, ...]


def table_from(
    history: History, index: Mapping[str, Any], site_columns: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """Build the contract's table with dates of baseline, events and end.

    Parameters
    ----------
    index : mapping
        The part ``index`` of the site's JSON.
    site_columns : sequence of str
        Names of the declared columns.

    Returns
    -------
    table : DataFrame
    dates : dict
        As the part ``dates`` of a site's JSON.
    remarks : list of str
    """
    if not index:
        raise UnusableCohort(
            "Records need a rule for each person’s baseline: say it in the JSON under index."
        )
    window = _window(index)
    rows: list[dict[str, Any]] = []
    left: Counter[str] = Counter()
    for who, person in history.people.items():
        row = _row(person, index, window, site_columns, left)
        if row is not None:
            rows.append({"id": who, **row})
    if not rows:
        raise UnusableCohort("Nobody has a baseline by this rule: " + _listed(left))
    refuse_impossible(
        np.arange(len(history.people)) < left[UNDATED],
        "died on a day that is not known, so that only survivors would be left",
    )
    remarks = [f"Baseline: {_in_words(index)}."]
    if left:
        remarks.append(f"People without a baseline or a frame: {_listed(left)}")
    if history.not_used:
        remarks.append(f"Records that are not used: {_listed(history.not_used)}")
    if window.absent_means_no:
        remarks.append(
            "The site takes the absence of any record by baseline as no for "
            f"{', '.join(window.absent_means_no)}."
        )
    dates = _recorded(history, remarks)
    if not set(dates) - {"baseline", "end"}:
        raise UnusableCohort(
            "No record tells of a fracture or a death: list the site’s codes in the JSON under "
            "codes."
        )
    unused = [column for name, column in DATES.items() if name not in dates]
    table = pd.DataFrame(rows, dtype=object).drop(columns=unused)
    # A declared column that nobody has is told as such by the check of declared columns.
    return (
        table.reindex(columns=list(dict.fromkeys((*table.columns, *site_columns)))),
        dates,
        remarks,
    )


def _recorded(history: History, remarks: list[str]) -> dict[str, str]:
    """Drop outcomes of which nobody's records tell: no record is not the same as no event."""
    kinds = {fact.meaning for person in history.people.values() for fact in person.facts}
    seen = [kind for kind in FRACTURES if f"{kind}_fracture" in kinds]
    there = {
        "hip": "hip" in seen,
        # With hips alone it would be another name for hip fracture.
        "major": any(kind in seen for kind in MAJOR if kind != "hip"),
        "any": bool(seen),
        "death": any(person.died is not None for person in history.people.values()),
    }
    absent = [name for name, is_there in there.items() if not is_there]
    if absent:
        remarks.append(f"Not told by any record, so no outcome here: {', '.join(absent)}.")
    missing = [kind for kind in MAJOR if kind not in seen]
    if there["major"] and missing:
        remarks.append(f"No record of a fracture of {', '.join(missing)} is in these records.")
    return {name: column for name, column in DATES.items() if there.get(name, True)}


def _window(index: Mapping[str, Any]) -> Window:
    def limit(name: str, without: float) -> float:
        found = day_of(index.get(name))
        if name in index and found is None:
            raise UnusableCohort(f"In the JSON, index.{name} is no date such as 2015-01-31.")
        return without if found is None else found

    end = limit("end", np.inf)
    return Window(
        earliest=limit("earliest", -np.inf),
        latest=limit("latest", np.inf),
        end=end if np.isfinite(end) else None,
        observed_before=index.get("observed_before_years", 0.0) * DAYS_PER_YEAR,
        measured_within=index.get("measured_within_years", MEASURED_WITHIN_YEARS) * DAYS_PER_YEAR,
        taken_within=index.get("taken_within_years", TAKEN_WITHIN_YEARS) * DAYS_PER_YEAR,
        same_fracture=index.get("same_fracture_days", SAME_FRACTURE_DAYS),
        absent_means_no=tuple(index.get("absent_means_no", ())),
    )


def _row(
    person: Person,
    index: Mapping[str, Any],
    window: Window,
    site_columns: Sequence[str],
    left: Counter[str],
) -> dict[str, Any] | None:
    if person.sex is None or person.born is None:
        left["sex or birth not known"] += 1
        return None
    if person.died_undated:
        left[UNDATED] += 1
        return None
    baseline = _baseline(person, index, window)
    if baseline is None:
        left["no baseline"] += 1
        return None
    end = _end(person, baseline, window)
    if end is None:
        left["not observed at baseline"] += 1
        return None
    age = (baseline - person.born) / DAYS_PER_YEAR
    return {
        "age_years": round(age, 3),
        "sex": person.sex,
        **_known(person.facts, baseline, window, site_columns),
        **_events(person, baseline, end, window),
    }


def _baseline(person: Person, index: Mapping[str, Any], window: Window) -> float | None:
    """The day that the rule names, within the allowed years and before death."""
    if "date" in index:
        fixed = day_of(index["date"])
        days = [] if fixed is None else [fixed]
    else:
        days = sorted(fact.day for fact in person.facts if fact.meaning == index["first"])
    for day in days:
        alive = person.died is None or day <= person.died
        if window.earliest <= day <= window.latest and alive:
            return day if _observed(person, day, window) else None
    return None


def _observed(person: Person, day: float, window: Window) -> bool:
    if not person.periods:
        seen = min((fact.day for fact in person.facts), default=day)
        return window.observed_before == 0 or seen <= day - window.observed_before
    return any(start + window.observed_before <= day <= end for start, end in person.periods)


def _end(person: Person, baseline: float, window: Window) -> float | None:
    """The end of observation: of the period that baseline lies in, and of the data.

    A period that begins before another has ended, or on the next day, goes on from it.
    """
    ends = [end for start, end in person.periods if start <= baseline <= end]
    if person.periods and not ends:
        return None
    for start, end in sorted(person.periods):
        if ends and start <= max(ends) + 1:
            ends = [max(*ends, end)]
    if window.end is not None:
        ends.append(window.end)
    if not ends:
        raise UnusableCohort(
            "The end of observation is not known: say index.end in the JSON, or give periods."
        )
    end = min(ends)
    return end if end > baseline else None


def _known(
    facts: Sequence[Fact], baseline: float, window: Window, site_columns: Sequence[str]
) -> dict[str, Any]:
    """What was written down by baseline: the newest of each number, any of each condition."""
    before = sorted(
        (fact for fact in facts if fact.day <= baseline and fact.known <= baseline),
        key=lambda fact: (fact.day, fact.known),
    )
    row: dict[str, Any] = {}
    days: dict[str, float] = {}
    for fact in before:
        within = dict.fromkeys(TAKEN, window.taken_within)
        if fact.meaning in RANGES or fact.meaning in site_columns:
            within[fact.meaning] = window.measured_within
        if baseline - fact.day > within.get(fact.meaning, np.inf):
            continue
        if fact.meaning in (*RANGES, *FACTORS, *site_columns, "postmenopausal"):
            row[fact.meaning], days[fact.meaning] = fact.value, fact.day
            if fact.meaning.endswith(("_bmd_g_cm2", "_t_score")):
                row["dxa_date"] = _iso(fact.day)
        elif fact.meaning.endswith("_fracture"):
            row["prior_fragility_fracture"] = True
            row["prior_fracture_site"] = fact.meaning.removesuffix("_fracture")
            row["prior_fracture_months_ago"] = round((baseline - fact.day) / DAYS_PER_YEAR * 12, 1)
    for older in outdated(days):
        del row[older]
    for name in window.absent_means_no:
        row.setdefault(name, False)
    return row


def _events(person: Person, baseline: float, end: float, window: Window) -> dict[str, Any]:
    first: dict[str, float] = {}
    for kind in FRACTURES:
        days = sorted(fact.day for fact in person.facts if fact.meaning == f"{kind}_fracture")
        before = [day for day in days if day <= baseline]
        last = before[-1] if before else -np.inf
        for day in days[len(before) :]:
            # Codes that follow on one another are one fracture, however long they go on.
            if day - last > window.same_fracture:
                first[kind] = day
                break
            last = day
    dates = {
        "hip": first.get("hip"),
        "major": min((first[kind] for kind in MAJOR if kind in first), default=None),
        "any": min(first.values(), default=None),
        "death": person.died,
    }
    return {
        DATES["baseline"]: _iso(baseline),
        DATES["end"]: _iso(end),
        **{DATES[name]: None if day is None else _iso(day) for name, day in dates.items()},
    }


def _iso(day: float) -> str:
    return date.fromordinal(EPOCH + int(day)).isoformat()


def _in_words(index: Mapping[str, Any]) -> str:
    if "date" in index:
        return f"{index['date']} for everybody who was observed then"
    return f"the first record of {index['first']} in the allowed years"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in sorted(counts.items())) + "."
