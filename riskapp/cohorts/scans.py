"""Measurements of scans, joined to people by who and when: the newest before baseline."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from riskapp.cohorts.columns import Floats, numbers
from riskapp.cohorts.follow_up import UnreadableCohort, UnusableCohort
from riskapp.cohorts.history import day_of, units_of
from riskapp.cohorts.limits import LARGEST_JSON_BYTES
from riskapp.cohorts.table_files import load_table
from riskapp.cohorts.units import factor
from riskapp.exchange.ucum import DAYS_PER_YEAR
from riskapp.risk.limits import RANGES

# A scan that is older says little of the bone at baseline (assumption; the JSON may say otherwise).
WINDOW_YEARS = 1.0
WHO, WHEN, RESULT = "person", "date", "result"
LONG_FORM = ("name", "value")


class Measured(NamedTuple):
    """One number of one scan; ``name`` with "@region" where a region is told."""

    who: str
    day: float
    name: str
    region: str
    value: float
    unit: str


def join_scans(
    table: pd.DataFrame,
    people: Sequence[str],
    baseline: Floats,
    file: Path,
    told: Mapping[str, Any],
    columns: Sequence[Mapping[str, Any]],
) -> tuple[pd.DataFrame, list[str]]:
    """Add to each person the newest measurement of each kind before baseline.

    Parameters
    ----------
    table : DataFrame
    people, baseline : sequences of length n
        Who each row is about, and its baseline in days since 1970-01-01.
    file : Path
        Columns person, date, and either name, value, unit and region, or result: the file with
        what ``manage.py measure --json`` printed, beside this one.
    told : mapping
        The part ``scans`` of the site's JSON.
    columns : sequence of mapping
        The declared columns.

    Returns
    -------
    table : DataFrame
        What a row already knows stays; only blanks are filled.
    remarks : list of str
        How many were joined, and why others were not.
    """
    units = units_of(columns)
    features = _features(told, columns)
    counts: Counter[str] = Counter()
    rows: dict[str, list[int]] = {}
    for row, who in enumerate(people):
        rows.setdefault(who, []).append(row)
    newest: dict[tuple[int, str], tuple[float, float]] = {}
    for each in read_measured(file, counts):
        feature = features.get(f"{each.name}@{each.region}") or features.get(each.name)
        if feature is None:
            counts["of a kind that is no field and not declared"] += 1
            continue
        value = _converted(each, units[feature], counts)
        if value is None:
            continue
        if each.who not in rows:
            counts["of nobody in the cohort"] += 1
        for row in rows.get(each.who, ()):
            age = baseline[row] - each.day
            if age < 0:
                counts["after baseline, so they know the future"] += 1
            elif age > told.get("window_years", WINDOW_YEARS) * DAYS_PER_YEAR:
                counts["too long before baseline"] += 1
            elif each.day >= newest.get((row, feature), (-1e9, 0.0))[0]:
                newest[row, feature] = (each.day, value)
    return _filled(table, newest), _remarks(newest, counts)


def _features(told: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    own = [column["name"] for column in columns]
    features = {name: name for name in (*RANGES, *own)} | dict(told.get("features", {}))
    unknown = set(features.values()) - set(RANGES) - set(own)
    if unknown:
        raise UnusableCohort(
            f"In the JSON, scans.features names {min(unknown)[:60]}, which is no number of the "
            "contract and not declared under columns."
        )
    return features


def _converted(each: Measured, wanted: str, counts: Counter[str]) -> float | None:
    try:
        return float(f"{each.value * factor(each.unit or wanted, wanted, each.name):.9g}")
    except UnusableCohort:
        counts["in a unit that cannot be converted"] += 1
        return None


def _filled(
    table: pd.DataFrame, newest: Mapping[tuple[int, str], tuple[float, float]]
) -> pd.DataFrame:
    table = table.copy()
    for name in dict.fromkeys(feature for _, feature in newest):
        here = (
            table[name].astype(object)
            if name in table.columns
            else pd.Series([None] * len(table), table.index, dtype=object)
        )
        joined = pd.Series(
            [newest[row, name][1] if (row, name) in newest else None for row in range(len(table))],
            table.index,
            dtype=object,
        )
        table[name] = here.where(here.notna(), joined)
    return table


def _remarks(newest: Mapping[Any, Any], counts: Mapping[str, int]) -> list[str]:
    joined = Counter(feature for _, feature in newest)
    told = ", ".join(f"{name} of {number} rows" for name, number in sorted(joined.items()))
    left = ", ".join(f"{number} {reason}" for reason, number in sorted(counts.items()))
    remarks = [f"Joined from scans by the newest before baseline: {told or 'nothing'}."]
    return [*remarks, f"Measurements of scans that are not used: {left}."] if left else remarks


def read_measured(file: Path, counts: Counter[str]) -> Iterator[Measured]:
    """Read numbers with who and when; scans that were refused are counted."""
    table, _ = load_table(file)
    wanted = (WHO, WHEN, *(LONG_FORM if RESULT not in table.columns else (RESULT,)))
    absent = [name for name in wanted if name not in table.columns]
    if absent:
        raise UnreadableCohort(f"{file.name} lacks the column {absent[0]}.")
    values = numbers(table["value"])[0] if "value" in table.columns else None
    for position, row in enumerate(table.to_dict("records")):
        day, who = day_of(row[WHEN]), row[WHO]
        if day is None or who is None:
            counts["without a person or a date to the day"] += 1
        elif RESULT in table.columns:
            if row[RESULT] is None:
                counts["without a result"] += 1
                continue
            yield from _of_result(inside(file.parent, str(row[RESULT])), _id(who), day, counts)
        elif values is not None and values[position] == values[position]:
            told = (str(row[part] or "") if part in row else "" for part in ("region", "unit"))
            region, unit = told
            yield Measured(_id(who), day, str(row["name"]), region, float(values[position]), unit)
        else:
            counts["without a number"] += 1


def _of_result(file: Path, who: str, day: float, counts: Counter[str]) -> Iterator[Measured]:
    """The measurements of one scan, as the command ``measure --json`` printed them."""
    try:
        if file.stat().st_size > LARGEST_JSON_BYTES:
            raise UnreadableCohort(f"{file.name} is too large for the measurements of a scan.")
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["status"] != "measured":
            counts["of scans that could not be measured"] += 1
            return
        for one in told["measurements"]:
            yield Measured(
                who,
                day,
                str(one["name"]),
                str(one["region"]),
                float(one["value"]),
                str(one["unit"]),
            )
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableCohort(f"{file.name} is not what measure --json prints.") from error


def inside(folder: Path, name: str) -> Path:
    """A file that lies in a folder: a table may name no others."""
    try:
        file = (folder / name).resolve()
    except ValueError as error:  # a zero byte, or half of a letter
        raise UnreadableCohort(f"{name[:60]!a} is no name of a file.") from error
    if not file.is_relative_to(folder.resolve()):
        raise UnreadableCohort(f"{name[:60]} lies outside the cohort’s folder.")
    return file


def _id(given: Any) -> str:
    return str(given).strip().removesuffix(".0")
