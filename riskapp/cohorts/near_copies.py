"""People who are there twice with small changes: their follow-up is the same to the last digit."""

from math import comb, log

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskapp.cohorts.columns import Flags, Floats, numbers
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.limits import SMALLEST_CELL
from riskapp.cohorts.site_schema import OUTCOME_COLUMNS, SiteSchema
from riskapp.risk.limits import RANGES

# Rows that share their follow-up with more others than this share it by design, as everybody
# does who was followed to the last day of a study; they are not compared.
MOST_ALIKE = 4
# How unlikely it is that two people of the file are so near to each other in what is measured.
NEARNESS = (1e-2, 1e-3, 1e-4, 1e-6)
# What is measured goes together, so that people are near more often than if it did not, the more so
# the nearer: of 100,000 simulated people 3, 7 and 12 times as often at the first three, for which
# this power allows 4, 8 and 16 times.
TOGETHER_POWER = 0.7
# Chance makes so many pairs that near less often than this, or the file is refused.
CHANCE = 1e-5
MOST_COMPARED = 12  # columns
FEWEST_VALUES = 10  # in a column that can tell people apart


def refuse_near_copies(
    table: pd.DataFrame, people: npt.NDArray[np.str_], schema: SiteSchema
) -> None:
    """Refuse rows with the same follow-up that are nearer to each other than people are.

    Whoever shares every time and event with somebody may do so by chance, as times are rounded.
    But then the two are as unlike in age and in what was measured as any two people.

    Raises
    ------
    UnusableCohort
    """
    one, other = _same_follow_up(table)
    if not one.size:
        return
    nearness = _nearness(table, one, other, schema)
    for line in NEARNESS:
        near: Flags = nearness <= line
        expected = line**TOGETHER_POWER
        if near.any() and _at_least(int(near.sum()), near.size, expected) < CHANCE:
            same = int((people[one[near]] == people[other[near]]).sum())
            of_one = ", some of them under one id" if same >= SMALLEST_CELL else ""
            raise UnusableCohort(
                f"{int(near.sum())} pairs of rows have the same times and events and nearly the "
                f"same age and measurements{of_one}: they are people who are there twice with "
                "small changes, so keep each once."
            )


def _same_follow_up(table: pd.DataFrame) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Positions of rows that share sex and all times and events with few others, in pairs."""
    names = [*OUTCOME_COLUMNS, "event", "time_years", "sex"]
    key = table[[name for name in names if name in table.columns]].astype(str)
    shared = pd.util.hash_pandas_object(key, index=False).to_numpy()
    order = np.argsort(shared, kind="stable")
    _, start, size = np.unique(shared[order], return_index=True, return_counts=True)
    few = (size > 1) & (size <= MOST_ALIKE)
    one, other = [], []
    for first, count in zip(start[few], size[few], strict=True):
        # Each with the next: copies of one person lie beside each other or are copies all.
        one += order[first : first + count - 1].tolist()
        other += order[first + 1 : first + count].tolist()
    return np.array(one, dtype=np.intp), np.array(other, dtype=np.intp)


def _nearness(
    table: pd.DataFrame,
    one: npt.NDArray[np.intp],
    other: npt.NDArray[np.intp],
    schema: SiteSchema,
) -> Floats:
    """How unlikely it is that two people lie so near in all columns together; shape (pairs,).

    In each column the share of people who lie as near; their product, by how small a product of
    so many uniform numbers is by chance (Fisher's method).
    """
    names = [*RANGES, *(column["name"] for column in schema.columns)]
    logs = np.zeros(one.size)
    compared = np.zeros(one.size, dtype=np.intp)
    used = 0
    for name in names:
        values = numbers(table[name])[0] if name in table.columns else np.array([])
        ordered = np.sort(values[np.isfinite(values)])
        if used == MOST_COMPARED or len(np.unique(ordered)) < FEWEST_VALUES:
            continue
        used += 1
        apart = np.abs(values[one] - values[other])
        known = np.isfinite(apart)
        middle, apart = values[one][known], apart[known] * (1 + 1e-9) + 1e-12
        inside = np.searchsorted(ordered, middle + apart, "right") - np.searchsorted(
            ordered, middle - apart, "left"
        )
        logs[known] += np.log(np.minimum(inside / len(ordered), 1.0))
        compared[known] += 1
    terms = np.ones(one.size)
    total = np.where(compared > 0, terms, 0.0)
    for power in range(1, used):
        terms = terms * -logs / power
        total += np.where(power < compared, terms, 0.0)
    likely: Floats = np.where(compared > 0, np.exp(logs) * total, 1.0)
    return likely


def _at_least(found: int, of: int, chance: float) -> float:
    """Bound on the probability of so many or more; Chernoff, 1952, doi:10.1214/aoms/1177729330."""
    share = found / of
    if share <= chance:
        return 1.0
    if share == 1.0:
        return float(chance**of)
    bits = share * log(share / chance) + (1 - share) * log((1 - share) / (1 - chance))
    bound = float(np.exp(-of * bits))
    return min(bound, comb(of, found) * chance**found) if of < 1_000 else bound
