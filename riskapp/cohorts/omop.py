"""OMOP-shaped tables (common data model 5: CSV or Parquet in a folder) as histories of people."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from riskapp.cohorts.columns import numbers
from riskapp.cohorts.follow_up import UnreadableCohort, UnusableCohort
from riskapp.cohorts.history import History, Person, day_of
from riskapp.cohorts.table_files import load_table
from riskapp.exchange.clinical_codes import CodeTable

GENDERS = {8532: "female", 8507: "male"}  # standard concepts of OMOP's Gender domain
# Standard unit concepts (recalled, to be confirmed); any other is not converted.
UNIT_CONCEPTS = {
    9529: "kg", 8739: "[lb_av]", 8504: "g", 8582: "cm", 9546: "m", 9330: "[in_i]", 9531: "kg/m2",
    8751: "mg/L", 8840: "mg/dL",
}  # fmt: skip
# Yes and no, as answers of observations (recalled, to be confirmed).
ANSWERS = {4188539: True, 4188540: False}
# Table: its concept, its date.
EVENTS = {
    "condition_occurrence": ("condition_concept_id", "condition_start_date"),
    "drug_exposure": ("drug_concept_id", "drug_exposure_start_date"),
    "procedure_occurrence": ("procedure_concept_id", "procedure_date"),
    "measurement": ("measurement_concept_id", "measurement_date"),
    "observation": ("observation_concept_id", "observation_date"),
}
SUFFIXES = (".csv", ".parquet", ".pq")


def is_omop(path: Path) -> bool:
    """Whether a folder holds a table of persons."""
    return path.is_dir() and _file(path, "person") is not None


def read_omop(path: Path, codes: CodeTable, units: Mapping[str, str]) -> History:
    """Read person, observation_period, death and the tables of events.

    Concepts are taken as they stand: what lies below them in the vocabulary is not known here.

    Raises
    ------
    UnreadableCohort
        If a table cannot be read or lacks a column that it must have.
    """
    history = History(units=units)
    for row in _rows(path, "person", ("person_id", "gender_concept_id", "year_of_birth")):
        history.people[_id(row["person_id"])] = Person(
            sex=GENDERS.get(_whole(row["gender_concept_id"]) or 0), born=_born(row)
        )
    periods = ("observation_period_start_date", "observation_period_end_date")
    for row in _rows(path, "observation_period", ("person_id", *periods)):
        start, end = (day_of(row[name]) for name in periods)
        person = history.people.get(_id(row["person_id"]))
        if person is not None and start is not None and end is not None:
            person.periods.append((start, end))
    for row in _rows(path, "death", ("person_id", "death_date")):
        person = history.people.get(_id(row["person_id"]))
        if person is not None:
            person.died = day_of(row["death_date"])
            person.died_undated = person.died is None
    for name, (concept, date) in EVENTS.items():
        for row in _rows(path, name, ("person_id", concept, date)):
            _add(history, row, _whole(row[concept]), row[date], codes)
    return history


def _add(
    history: History, row: Mapping[str, Any], concept: int | None, date: Any, codes: CodeTable
) -> None:
    meant = codes.meanings("omop", str(concept))
    if not meant:
        return
    answer = ANSWERS.get(_whole(row.get("value_as_concept_id")) or 0)
    if answer is not None:
        meant = {each._replace(answer=answer) for each in meant}
    elif "value_as_number" in row or "value_as_concept_id" in row:
        # A measurement or observation that was not answered says nothing of a yes/no question.
        meant = {each for each in meant if each.name in history.units}
    value = row.get("value_as_number")
    history.add(
        _id(row["person_id"]),
        meant,
        day_of(date),
        value=None if value is None or value != value else float(value),
        unit=UNIT_CONCEPTS.get(_whole(row.get("unit_concept_id")) or 0),
    )


def _file(folder: Path, name: str) -> Path | None:
    for file in sorted(folder.iterdir()):
        if file.stem.lower() == name and file.suffix.lower() in SUFFIXES:
            return file
    return None


def _rows(folder: Path, name: str, needed: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of a table with lower-case names; none where the folder lacks the table."""
    file = _file(folder, name)
    if file is None:
        return []
    try:
        table, _ = load_table(file)
    except UnusableCohort as error:
        if "holds no people" in str(error):
            return []  # a table of events may be empty
        raise
    table.columns = pd.Index([str(column).lower() for column in table.columns])
    absent = [column for column in needed if column not in table.columns]
    if absent:
        raise UnreadableCohort(f"The table {file.name} lacks {', '.join(absent)}.")
    if "value_as_number" in table.columns:
        table["value_as_number"] = numbers(table["value_as_number"])[0]
    return [{str(key): cell for key, cell in row.items()} for row in table.to_dict("records")]


def _id(given: Any) -> str:
    return str(given).strip().removesuffix(".0")


def _whole(given: Any) -> int | None:
    text = str(given).strip().removesuffix(".0")
    return int(text) if text.isdigit() else None


def _born(row: Mapping[str, Any]) -> float | None:
    """The day of birth; what is not told of it is taken as the middle."""
    year, month, day = (_whole(row.get(f"{part}_of_birth")) for part in ("year", "month", "day"))
    if year is None:
        return None
    month, day = (7, 1) if month is None else (month, 15 if day is None else day)
    return day_of(f"{year:04d}-{month:02d}-{day:02d}")
