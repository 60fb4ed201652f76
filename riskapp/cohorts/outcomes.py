"""When each outcome happened, for whichever outcomes a table holds; impossible rows are told."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskapp.cohorts.columns import Flags, Floats, flags, numbers
from riskapp.cohorts.follow_up import FollowUp, UnusableCohort
from riskapp.cohorts.limits import LONGEST_FOLLOW_UP_YEARS, LONGEST_LIFE_YEARS, SAME_TIME_YEARS

# The contract's columns, by the names that outcomes have in a cohort.
COLUMNS = {"hip": "hip", "major": "major_osteoporotic", "any": "any", "death": "death"}
EVENTS = ("none", "hip", "other_major_osteoporotic", "other_fracture", "death")
NOT_GIVEN = "follow-up not given"
AT_BASELINE = "event at or before baseline"
# What each outcome counts in a table of one time and one event.
COUNTED = {
    "hip": ("hip",),
    "major": ("hip", "other_major_osteoporotic"),
    "any": ("hip", "other_major_osteoporotic", "other_fracture"),
    "death": ("death",),
}
# With so many events of other kinds, that there is none of a kind says that it was not recorded:
# other major fractures are at least as many as hip fractures, and deaths as fractures.
FEWEST_HIP_FRACTURES, FEWEST_FRACTURES = 10, 20
# So many events of another kind at one time with the end of the wait for a hip fracture are no
# chance: the follow-up ended with the first event.
FEWEST_TO_TELL = 5


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """Follow-up of every row, and what is wrong with some of them.

    Attributes
    ----------
    follow_up : mapping of outcome to FollowUp
        Of all rows of the table.
    impossible : mapping of sentence part to ndarray of bool, shape (n,)
        Rows that cannot be used, by reason.
    first_events_only : bool
    remarks : tuple of str
        What was taken for not recorded; one sentence each.
    """

    follow_up: Mapping[str, FollowUp]
    impossible: Mapping[str, Flags]
    first_events_only: bool
    remarks: tuple[str, ...] = ()


def read_outcomes(table: pd.DataFrame) -> Outcomes:
    """Read the follow-up of every row of a table with the contract's columns.

    Raises
    ------
    UnusableCohort
        If there is no outcome, one is there in part, or both kinds of follow-up are.
    """
    _refuse_delayed_entry(table)
    single = {"time_years", "event"} <= set(table.columns)
    given = [f"{name}_{part}" for name in COLUMNS for part in ("event", "time_years")]
    given = [name for name in given if name in table.columns]
    if single and given:
        raise UnusableCohort(
            f"The cohort holds time_years and event and also {', '.join(given)}; "
            "keep one kind of follow-up."
        )
    if single:
        table = _single(table)
    found, impossible = {}, {}
    for short, name in COLUMNS.items():
        parts = (f"{short}_event", f"{short}_time_years")
        here = [part for part in parts if part in table.columns]
        if len(here) == 1:
            raise UnusableCohort(
                f"The cohort has {here[0]} but not {(set(parts) - set(here)).pop()}; the site’s "
                "JSON may name the column under outcomes."
            )
        if here:
            found[name], unknown = _one(table, *parts)
            impossible[f"{short}: {NOT_GIVEN}"] = unknown
    if not set(found) - {"death"} and "death" not in found:
        raise UnusableCohort(
            "The cohort holds no outcome: expected hip_event and hip_time_years, or major, any or "
            f"death instead of hip, or event and time_years{_other_case(table)}."
        )
    impossible |= _contradictions(found) | _outlived(table, found)
    remarks = _drop_unrecorded(found)
    return Outcomes(
        follow_up=found,
        impossible={reason: bad for reason, bad in impossible.items() if bad.any()},
        first_events_only=single or _ended_by_first_event(found),
        remarks=remarks,
    )


def _drop_unrecorded(found: dict[str, FollowUp]) -> tuple[str, ...]:
    """Drop outcomes of which the file holds nothing of its own: not recorded is not "none"."""
    remarks = []
    hip = found.get("hip")
    for name in ("major_osteoporotic", "any"):
        wider = found.get(name)
        if hip is None or wider is None or hip.event.sum() < FEWEST_HIP_FRACTURES:
            continue
        if (wider.event == hip.event).all() and (
            np.abs(wider.years - hip.years)[hip.event] <= SAME_TIME_YEARS
        ).all():
            del found[name]
            remarks.append(
                f"All fractures of the outcome {name.replace('_', ' ')} are of the hip, so others "
                "count as not recorded and it is no outcome here."
            )
    most = max(
        (int(each.event.sum()) for name, each in found.items() if name != "death"), default=0
    )
    if "death" in found and not found["death"].event.any() and most >= FEWEST_FRACTURES:
        del found["death"]
        remarks.append(
            f"Nobody is said to have died although {most} had a fracture, so deaths count as not "
            "recorded."
        )
    return tuple(remarks)


def _other_case(table: pd.DataFrame) -> str:
    """How names that only differ in their letters are to be written; empty where there are none."""
    others = [
        str(name)[:60]
        for name in table.columns
        if str(name).lower().endswith(("_event", "time_years")) and str(name) != str(name).lower()
    ]
    return f", in small letters and not as {others[0]}" if others else ""


def _one(table: pd.DataFrame, event_name: str, time_name: str) -> tuple[FollowUp, Flags]:
    event = flags(table[event_name])
    years, unreadable = numbers(table[time_name])
    if unreadable.any():
        raise UnusableCohort(
            f"The column {time_name} holds {int(unreadable.sum())} cells that are no times."
        )
    _refuse_ages(table, years, time_name)
    longest = float(np.nanmax(years, initial=0.0))
    if longest > LONGEST_FOLLOW_UP_YEARS:
        raise UnusableCohort(
            f"The column {time_name} reaches {longest:,.0f}, which is no number of years; say its "
            "unit (mo or d) in the JSON under outcomes."
        )
    unknown: Flags = np.isnan(event) | np.isnan(years)
    return FollowUp(event=event == 1, years=years), unknown


def _refuse_ages(table: pd.DataFrame, years: Floats, time_name: str) -> None:
    """Refuse times that are the age at which somebody was seen last."""
    if "age_years" not in table.columns:
        return
    age, _ = numbers(table["age_years"])
    both = np.isfinite(age) & np.isfinite(years)
    if both.sum() >= FEWEST_TO_TELL and (years[both] >= age[both]).all() and (age[both] > 18).all():
        if np.median(years[both] - age[both]) < LONGEST_FOLLOW_UP_YEARS:
            raise UnusableCohort(
                f"The column {time_name} looks like the age at the end; give the years since "
                "baseline, its difference from age_years."
            )


def _contradictions(found: Mapping[str, FollowUp]) -> dict[str, Flags]:
    """Rows that cannot be as they are written, by reason."""
    bad: dict[str, Flags] = {}
    there = {short: name for short, name in COLUMNS.items() if name in found}
    for short, name in there.items():
        each = found[name]
        bad[f"{short}: {AT_BASELINE}"] = each.event & (each.years <= 0)
        bad[f"{short}: follow-up of no length"] = ~each.event & (each.years <= 0)
    for short, name in there.items():
        if "death" in found and name != "death":
            later = found[name].years > found["death"].years + SAME_TIME_YEARS
            bad[f"{short}: followed after death or the end of life’s follow-up"] = later
    pairs = (("hip", "major"), ("hip", "any"), ("major", "any"))
    for part, whole in pairs:
        if COLUMNS[part] in found and COLUMNS[whole] in found:
            reason = f"{whole}: not there although {part}, which counts as one, is"
            bad[reason] = _missing_in(found[COLUMNS[part]], found[COLUMNS[whole]])
    return bad


def _outlived(table: pd.DataFrame, found: Mapping[str, FollowUp]) -> dict[str, Flags]:
    """Rows whose follow-up goes on for longer than people live: its unit is another."""
    if "age_years" not in table.columns:
        return {}
    age, _ = numbers(table["age_years"])
    longest = np.max([each.years for each in found.values()], axis=0)
    return {
        f"followed beyond the age of {LONGEST_LIFE_YEARS:g}": age + longest > LONGEST_LIFE_YEARS
    }


def _missing_in(part: FollowUp, whole: FollowUp) -> Flags:
    """Where an event of a kind is not the first of the wider kind, nor after it."""
    later = whole.years > part.years + SAME_TIME_YEARS
    together = np.abs(whole.years - part.years) <= SAME_TIME_YEARS
    missing: Flags = part.event & (later | (together & ~whole.event))
    return missing


def _ended_by_first_event(found: Mapping[str, FollowUp]) -> bool:
    """Whether per-outcome columns hold one time after all: nobody is followed past an event."""
    if "hip" not in found:
        return False
    hip, other = found["hip"], np.zeros(found["hip"].event.shape, dtype=np.bool_)
    past = other.copy()
    for name in ("major_osteoporotic", "any"):
        if name in found:
            earlier = found[name].event & ~hip.event
            other |= earlier
            past |= earlier & (hip.years > found[name].years + SAME_TIME_YEARS)
            past |= (
                found[name].event & hip.event & (hip.years > found[name].years + SAME_TIME_YEARS)
            )
    return int(other.sum()) >= FEWEST_TO_TELL and not past.any()


def _single(table: pd.DataFrame) -> pd.DataFrame:
    """Turn one time and one event into a column for each outcome."""
    strange = set(table["event"].dropna().astype(str)) - set(EVENTS)
    if strange:
        raise UnusableCohort(
            f"The column event may hold {', '.join(EVENTS)} only; say in the JSON under values "
            'what its own codes mean, as "values": {"event": {"0": "none", "1": "hip"}}.'
        )
    known = table["event"].notna()
    added = {}
    for outcome, counted in COUNTED.items():
        happened = table["event"].isin(counted).astype(object)
        # A blank is not known; it is never "no event".
        added[f"{outcome}_event"] = happened.where(known, None)
        added[f"{outcome}_time_years"] = table["time_years"]
    return table.assign(**added)


def _refuse_delayed_entry(table: pd.DataFrame) -> None:
    if "entry_years" not in table.columns:
        return
    entry, _ = numbers(table["entry_years"])
    late: Floats = entry[entry > 0]
    if late.size:
        raise UnusableCohort(
            f"{late.size} people entered after baseline (entry_years above 0): the time before "
            "entry is immortal, so start everybody’s baseline at entry."
        )
