"""What all guidelines compare: each comparison is made once for a person, whoever asks for it."""

from bisect import bisect
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from riskapp.risk.guideline_data import listed, parts_of
from riskapp.risk.rules import (
    COMPARISONS,
    DECIMALS,
    Compare,
    Condition,
    Facts,
    Given,
    limit_at,
)

Truths = tuple[bool | None, ...]


def truths(facts: Facts) -> Truths:
    """How every comparison of the guidelines comes out (``Condition.judge``), each made once."""
    found: list[bool | None] = [None] * len(comparisons())
    for place, one in givens():
        found[place] = one.judge(facts).truth
    _compare(facts, at_age(facts["age_years"]).items(), found)
    return tuple(found)


def truths_but(came_out: Truths, facts: Facts, fields: Iterable[str]) -> Truths:
    """``truths`` of facts that differ from those that came out so in known fields alone."""
    found = list(came_out)
    few = at_age(facts["age_years"])
    _compare(facts, [(field, few[field]) for field in fields], found)
    return tuple(found)


def _compare(
    facts: Facts, asked: Iterable[tuple[str, tuple[Any, ...]]], found: list[bool | None]
) -> None:
    for field, few in asked:
        value = facts[field]
        if value is None:
            continue
        if isinstance(value, float):
            value = round(value, DECIMALS)  # once, not only beside a limit: elsewhere it tells none
        for place, holds, limit in few:
            found[place] = holds(value, limit)


@cache
def comparisons() -> tuple[Condition, ...]:
    """Each in its place, which is that of its truth among ``truths``."""
    return tuple({repr(part): part for one in listed() for part in parts_of(one)}.values())


@cache
def givens() -> tuple[tuple[int, Given], ...]:
    """Comparisons of what is known, with their places."""
    numbered = enumerate(comparisons())
    return tuple((place, one) for place, one in numbered if isinstance(one, Given))


@cache
def _by_field() -> Mapping[str, tuple[Any, ...]]:
    """Comparisons of each field: place, operator, limit, limits by age."""
    found: dict[str, list[Any]] = {}
    for place, one in enumerate(comparisons()):
        if isinstance(one, Compare):
            few = found.setdefault(one.field, [])
            few.append((place, COMPARISONS[one.how], one.limit, one.table))
    return {field: tuple(few) for field, few in found.items()}


def at_age(age_years: float) -> Mapping[str, tuple[Any, ...]]:
    """Comparisons of each field at an age: place, operator, limit."""
    return _in_band(bisect(_all_edges(), age_years))


@cache
def _in_band(band: int) -> Mapping[str, tuple[Any, ...]]:
    edges = _all_edges()
    age = edges[max(band - 1, 0)] if edges else 0.0
    return {
        field: tuple(
            (place, holds, limit_at(table, age) if table else limit)
            for place, holds, limit, table in few
        )
        for field, few in _by_field().items()
    }


@cache
def _all_edges() -> tuple[float, ...]:
    """The ages at which the limit of any comparison changes, in order."""
    tables = [table for few in _by_field().values() for *_, table in few]
    return tuple(sorted({age for table in tables for age, _ in table}))
