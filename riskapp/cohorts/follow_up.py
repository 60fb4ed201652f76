"""Follow-up per outcome, from the contract's columns to what the fits need."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskapp.risk.design_row import Floats
from riskapp.risk.errors import RiskError

Flags = npt.NDArray[np.bool_]

NEEDED = tuple(
    f"{outcome}_{part}" for outcome in ("hip", "major", "death") for part in ("event", "time_years")
)


class UnusableCohort(RiskError):
    """The file cannot be used for training; the sentence says why."""


class UnreadableCohort(UnusableCohort):
    """What lies there is no table, or no JSON, at all."""


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """When one kind of event happened, or until when it had not.

    Attributes
    ----------
    event : ndarray of bool, shape (n,)
    years : ndarray, shape (n,)
    """

    event: Flags
    years: Floats

    def part(self, chosen: npt.NDArray[np.intp]) -> "FollowUp":
        """Return the rows at these positions only."""
        return FollowUp(event=self.event[chosen], years=self.years[chosen])


def counts_first_events_only(table: pd.DataFrame) -> bool:
    """Whether the follow-up is one time and one event, and not a time for each outcome.

    Raises
    ------
    UnusableCohort
        If it is both in part: one would silently overrule the other.
    """
    given = [name for name in NEEDED if name in table.columns]
    if not {"time_years", "event"} <= set(table.columns) or len(given) == len(NEEDED):
        return False
    if given:
        raise UnusableCohort(
            f"The cohort holds time_years and event and also {', '.join(given)}; "
            "keep one kind of follow-up."
        )
    return True


def read_follow_up(table: pd.DataFrame) -> tuple[dict[str, FollowUp], Flags, Counter[str]]:
    """Read the follow-up of every row.

    Returns
    -------
    follow_up : dict of cause or outcome to FollowUp
        Of all rows; those that are not usable hold nothing of meaning.
    usable : ndarray of bool, shape (n,)
    left_out : Counter
        Rows that are not usable, by reason.
    """
    if counts_first_events_only(table):
        table = _first_events_only(table)
    absent = [name for name in NEEDED if name not in table.columns]
    if absent:
        raise UnusableCohort(f"The cohort lacks {', '.join(absent)}.")
    table = pd.DataFrame(
        {
            name: _flags(table[name]) if name.endswith("event") else _years(table[name])
            for name in NEEDED
        }
    )
    usable = np.ones(len(table), dtype=np.bool_)
    left_out: Counter[str] = Counter()
    for reason, bad in _impossible(table):
        left_out[reason] += int((bad & usable).sum())
        usable &= ~bad
    found = {
        outcome: FollowUp(
            event=table[f"{outcome}_event"].to_numpy() == 1,
            years=table[f"{outcome}_time_years"].to_numpy(),
        )
        for outcome in ("hip", "major", "death")
    }
    hip, major = found["hip"], found["major"]
    # The first major fracture is another than of the hip unless the hip broke at that time.
    was_hip = hip.event & (hip.years <= major.years)
    return (
        {
            "hip": hip,
            "death": found["death"],
            "major_osteoporotic": major,
            "other_major_osteoporotic": FollowUp(event=major.event & ~was_hip, years=major.years),
        },
        usable,
        +left_out,
    )


def _flags(column: "pd.Series[Any]") -> "pd.Series[float]":
    """1, 0 or NaN for not given."""
    meant = {"true": 1.0, "yes": 1.0, "1": 1.0, "1.0": 1.0}
    meant |= {"false": 0.0, "no": 0.0, "0": 0.0, "0.0": 0.0}
    read = column.map(lambda given: meant.get(str(given).strip().lower(), np.nan))
    if (read.isna() & column.notna()).any():
        raise UnusableCohort(f"The column {column.name} should hold true, false or blank.")
    return read.astype(np.float64)


def _years(column: "pd.Series[Any]") -> "pd.Series[float]":
    """Years, or NaN for what is not given or is no number."""
    return pd.to_numeric(column, errors="coerce").astype(np.float64)


def _impossible(table: pd.DataFrame) -> list[tuple[str, Flags]]:
    died = table["death_time_years"].to_numpy()
    checks = [("follow-up not given", table[list(NEEDED)].isna().any(axis=1).to_numpy())]
    for outcome in ("hip", "major", "death"):
        years = table[f"{outcome}_time_years"].to_numpy()
        checks.append((f"{outcome} follow-up of no length", ~(years > 0)))
        checks.append((f"{outcome} after the end of life or follow-up", years > died + 1e-6))
    return checks


def _first_events_only(table: pd.DataFrame) -> pd.DataFrame:
    """Turn one time and one event into the per-outcome columns: first events only."""
    known = {"none", "hip", "other_major_osteoporotic", "other_fracture", "death"}
    strange = set(table["event"].dropna().astype(str)) - known
    if strange:
        raise UnusableCohort(f"The column event may hold {', '.join(sorted(known))} only.")
    meant = {
        "hip": ("hip",),
        "major": ("hip", "other_major_osteoporotic"),
        "death": ("death",),
    }
    added = table.copy()
    for outcome, events in meant.items():
        # A blank is not known; it is never "no event".
        added[f"{outcome}_event"] = (
            table["event"].isin(events).astype(object).where(table["event"].notna(), None)
        )
        added[f"{outcome}_time_years"] = table["time_years"]
    return added
