"""A small language for rules that are data: conditions in JSON, judged true, false or unknown.

A condition is one of::

    {"all": [...]}, {"any": [...]}, {"not": ...}       Kleene's three-valued logic
    {"count": 2, "of": [...]}                          at least so many of them
    {"field": "age_years", "at_least": 70}             also above, at_most, below, is, in
    {"field": "major_percent", "at_least": {"table": "major_intervention"}}
    {"given": ["femoral_neck_t_score"]}                whether any of these is known at all
    {"not_recorded": "where earlier fractures were"}   what no field holds: always unknown
    {"term": "past_menopause"}                         a named condition

Not known is not no: a comparison with an unknown field is unknown, and adding knowledge can only
turn unknown into true or false. Only ``given`` asks about knowledge itself.
"""

import math
import operator
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as column
from typing import Any, Protocol

Facts = Mapping[Any, Any]  # by name; None is not known
Tables = Mapping[str, tuple[tuple[float, float], ...]]  # from this age on: limit

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "above": operator.gt,
    "at_most": operator.le,
    "below": operator.lt,
    "is": operator.eq,
    "in": lambda value, limit: value in limit,
}
# Decimals kept where numbers meet a limit: what binary fractions leave below 20.3 still is 20.3.
DECIMALS = 9
# Further from a limit than this, rounding puts no number on its other side.
BESIDE = 1e-8


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a condition holds; where it is not known, what would tell.

    ``fields`` are names of fields; ``words`` tell what no field holds.
    """

    truth: bool | None
    fields: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


HOLDS, FAILS = Judged(True), Judged(False)


class Condition(Protocol):
    """One parsed condition."""

    def judge(self, facts: Facts) -> Judged: ...


def limit_at(table: Sequence[tuple[float, float]], age_years: float) -> float:
    """The limit of the age band that holds an age; below the first band that of the first."""
    return table[max(bisect(table, (age_years, math.inf)) - 1, 0)][1]


@dataclass(frozen=True, slots=True)
class Count:
    """True where at least ``least`` of the parts are: 1 is "any", all of them is "all"."""

    least: int
    parts: tuple[Condition, ...]

    def judge(self, facts: Facts) -> Judged:
        may_hold, may_fail, unknown = self.least, len(self.parts) - self.least, []
        for part in self.parts:
            judged = part.judge(facts)
            if judged.truth is None:
                unknown.append(judged)
            elif judged.truth:
                may_hold -= 1
                if not may_hold:
                    return HOLDS
            elif not may_fail:
                return FAILS
            else:
                may_fail -= 1
        return missing_of(unknown)


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def judge(self, facts: Facts) -> Judged:
        judged = self.part.judge(facts)
        if judged.truth is None:
            return judged
        return FAILS if judged.truth else HOLDS


@dataclass(frozen=True, slots=True)
class Compare:
    field: str
    how: str
    limit: Any
    table: tuple[tuple[float, float], ...] = ()
    # Made once, as everybody is judged by some two hundred of them.
    _holds: Callable[[Any, Any], bool] = column(init=False, repr=False, compare=False)
    _unknown: Judged = column(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_holds", COMPARISONS[self.how])
        object.__setattr__(self, "_unknown", Judged(None, fields=(self.field,)))

    def judge(self, facts: Facts) -> Judged:
        value = facts[self.field]
        if value is None:
            return self._unknown
        limit = limit_at(self.table, facts["age_years"]) if self.table else self.limit
        if isinstance(value, float) and not (
            isinstance(limit, float | int) and abs(value - limit) > BESIDE
        ):
            value = round(value, DECIMALS)
        return HOLDS if self._holds(value, limit) else FAILS


@dataclass(frozen=True, slots=True)
class Given:
    fields: tuple[str, ...]

    def judge(self, facts: Facts) -> Judged:
        return HOLDS if any(facts[name] is not None for name in self.fields) else FAILS


@dataclass(frozen=True, slots=True)
class CameOut:
    """A comparison that was made before; facts are how all of them came out, by place."""

    place: int
    unknown: Judged

    def judge(self, facts: Facts) -> Judged:
        truth = facts[self.place]
        return self.unknown if truth is None else HOLDS if truth else FAILS


@dataclass(frozen=True, slots=True)
class NotRecorded:
    words: str

    def judge(self, facts: Facts) -> Judged:
        return Judged(None, words=(self.words,))


def missing_of(unknown: Iterable[Judged]) -> Judged:
    """Unknown, and all that would tell, each once."""
    found = tuple(unknown)
    if len(found) == 1:  # the most common case by far, where many people are judged
        return found[0]
    return Judged(
        None,
        fields=tuple(dict.fromkeys(name for one in found for name in one.fields)),
        words=tuple(dict.fromkeys(told for one in found for told in one.words)),
    )
