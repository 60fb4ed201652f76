"""What a site says about its cohort, in a small JSON beside the table."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskapp.cohorts.follow_up import UnreadableCohort, UnusableCohort
from riskapp.cohorts.limits import LARGEST_JSON_BYTES
from riskapp.risk.profile import FIELD_NAMES

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

FORM = Path(__file__).with_name("site_schema.json")
LONGEST_TOLD = 200  # characters of what the check of the form says
LONGEST_NUMBER = 300  # digits; a number of a computer has at most 309 before its point


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSchema:
    """How a site's columns become the contract's; docs/cohort-files.md shows each part.

    Attributes
    ----------
    columns : tuple of mapping
        Declared predictors, as in the JSON.
    allow : mapping of column to str
        Why a suspicion is unfounded; only suspicions can be answered, never certainties.
    """

    about: str = ""
    person: str = "id"
    rename: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[Mapping[str, Any], ...] = ()
    outcomes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    dates: Mapping[str, Any] = field(default_factory=dict)
    allow: Mapping[str, str] = field(default_factory=dict)
    scans: Mapping[str, Any] = field(default_factory=dict)
    index: Mapping[str, Any] = field(default_factory=dict)
    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    simulated: Mapping[str, Any] | None = None

    def made_by(self) -> dict[str, Any]:
        """Tell what the JSON says of where the cohort is from."""
        told: dict[str, Any] = {"about": self.about} if self.about else {}
        return told if self.simulated is None else told | {"simulated": dict(self.simulated)}


def schema_beside(path: Path) -> SiteSchema:
    """Read the JSON of the same stem beside a table, or give an empty one where there is none."""
    beside = path.with_suffix(".json")
    return read_schema(beside) if beside.is_file() and beside != path else SiteSchema()


def read_schema(path: Path) -> SiteSchema:
    """Read and check a site's JSON.

    Raises
    ------
    UnusableCohort
        If it cannot be read or says something it cannot; one sentence.
    """
    try:
        if path.stat().st_size > LARGEST_JSON_BYTES:
            raise UnusableCohort(f"{path.name} is too large for a description of a cohort.")
        told = json.loads(path.read_text(encoding="utf-8-sig"), parse_int=_whole_number)
        # No NaN, no infinity and no half of a letter: none of them could be written down again.
        json.dumps(told, allow_nan=False, ensure_ascii=False).encode()
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableCohort(
            f"{path.name} cannot be read as JSON, or holds a number or letter that is none."
        ) from error
    return schema_from(told, path.name)


def _whole_number(text: str) -> float:
    """What is too long for any number of ours is as good as without end."""
    return int(text) if len(text) < LONGEST_NUMBER else math.inf


def schema_from(told: Any, name: str) -> SiteSchema:
    """Check what a site says and keep it; ``name`` is for the sentence."""
    if isinstance(told, dict) and "columns" in told:
        told = told | {"columns": _as_list(told["columns"])}
    # Loading it can take seconds, and most tables have no JSON beside them.
    from jsonschema.exceptions import best_match

    problem = best_match(_form().iter_errors(told))
    if problem is not None:
        where = ".".join(str(part) for part in problem.absolute_path) or "the whole"
        raise UnusableCohort(
            f"{name} does not say how to read the cohort beside it: in {where}, "
            f"{problem.message[:LONGEST_TOLD]}."
        )
    _refuse_contradictions(told, name)
    parts = {part: value for part, value in told.items() if part != "columns"}
    return SiteSchema(**parts, columns=tuple(told.get("columns", ())))


def _as_list(columns: Any) -> Any:
    """Columns may also be told as names alone, or as an object by name."""
    if isinstance(columns, dict):
        return [
            {"name": name, **each} if isinstance(each, dict) else each
            for name, each in columns.items()
        ]
    if isinstance(columns, list):
        return [{"name": each} if isinstance(each, str) else each for each in columns]
    return columns


def _refuse_contradictions(told: Mapping[str, Any], name: str) -> None:
    declared = [column["name"] for column in told.get("columns", ())]
    known = {*FIELD_NAMES, *declared, "event"}
    taken = set(declared) & set(FIELD_NAMES)
    unknown = {
        field
        for part in ("constants", "values")
        for field in told.get(part, {})
        if field not in known and not field.endswith("_event")
    }
    unknown |= set(told.get("rename", {}).values()) - set(CONTRACT_COLUMNS)
    for names, why in (
        (_repeated(declared), "is declared twice"),
        (taken, "is a field of the contract and needs no declaration; use rename"),
        (unknown, "is no field of the contract"),
        (_repeated(told.get("rename", {}).values()), "is the new name of two columns"),
    ):
        if names:
            raise UnusableCohort(f"In {name}, {min(names)[:60]} {why}.")
    for column in told.get("columns", ()):
        if column.get("low", 0) >= column.get("high", float("inf")):
            raise UnusableCohort(
                f"In {name}, {column['name']} has a low that is not below its high."
            )


def _repeated(names: Iterable[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}


OUTCOME_COLUMNS = tuple(
    f"{outcome}_{part}"
    for outcome in ("hip", "major", "any", "death")
    for part in ("event", "time_years")
)
CONTRACT_COLUMNS = (*FIELD_NAMES, *OUTCOME_COLUMNS, "id", "event", "time_years", "entry_years")


@cache
def _form() -> "Draft202012Validator":
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(FORM.read_text(encoding="utf-8")))
