"""Reads the conditions of rules from data, and refuses what it does not know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.risk.rules import (
    COMPARISONS,
    Compare,
    Condition,
    Count,
    Given,
    Not,
    NotRecorded,
    Tables,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads conditions, and refuses what it does not know at load.

    Attributes
    ----------
    fields : collection of str
        Names that facts hold.
    tables : mapping of str
        Limits by age that comparisons may name.
    terms : mapping of str
        Named conditions as data.
    """

    fields: frozenset[str]
    tables: Tables
    terms: Mapping[str, Any]

    def condition(self, data: Any) -> Condition:
        """One condition.

        Raises
        ------
        ValueError
            If anything in it is not of the language, with the part that is not.
        """
        if not isinstance(data, dict) or not data:
            raise ValueError(f"Expected a condition, got {data!r}.")
        kind = next(iter(data))
        if kind in ("all", "any"):
            _only(data, {kind})
            parts = self._parts(data[kind])
            return Count(len(parts) if kind == "all" else 1, parts)
        if kind == "count":
            _only(data, {"count", "of"})
            parts = self._parts(data["of"])
            if type(data["count"]) is not int or not 1 <= data["count"] <= len(parts):
                raise ValueError(f"Expected a count of the parts, got {data['count']!r}.")
            return Count(data["count"], parts)
        return self._leaf(kind, data)

    def _leaf(self, kind: str, data: dict[str, Any]) -> Condition:
        if kind == "field":
            return self._compare(data)
        _only(data, {kind})
        if kind == "not":
            return Not(self.condition(data["not"]))
        if kind == "given":
            return Given(tuple(self._field(name) for name in data["given"]))
        if kind == "not_recorded":
            return NotRecorded(str(data["not_recorded"]))
        if kind == "term" and data["term"] in self.terms:
            return self.condition(self.terms[data["term"]])
        raise ValueError(f"There is no such condition: {data!r}.")

    def _parts(self, data: Any) -> tuple[Condition, ...]:
        if not isinstance(data, list) or not data:
            raise ValueError(f"Expected a list of conditions, got {data!r}.")
        return tuple(self.condition(one) for one in data)

    def _field(self, name: Any) -> str:
        if name not in self.fields:
            raise ValueError(f"There is no field {name!r}.")
        return str(name)

    def _compare(self, data: dict[str, Any]) -> Condition:
        name = self._field(data["field"])
        how = [key for key in data if key != "field"]
        if len(how) != 1 or how[0] not in COMPARISONS:
            raise ValueError(f"Expected one comparison of {name}, got {data!r}.")
        limit = data[how[0]]
        if isinstance(limit, dict):
            _only(limit, {"table"})
            if limit["table"] not in self.tables:
                raise ValueError(f"There is no table {limit['table']!r}.")
            return Compare(name, how[0], None, self.tables[limit["table"]])
        is_number = isinstance(limit, int | float) and not isinstance(limit, bool)
        if how[0] not in ("is", "in") and not is_number:
            raise ValueError(f"Expected a number for {name}, got {limit!r}.")
        if how[0] == "in" and not isinstance(limit, list):
            raise ValueError(f"Expected a list for {name}, got {limit!r}.")
        return Compare(name, how[0], limit)


def _only(data: Mapping[str, Any], names: set[str]) -> None:
    if set(data) != names:
        raise ValueError(f"Expected {', '.join(sorted(names))}, got {data!r}.")
