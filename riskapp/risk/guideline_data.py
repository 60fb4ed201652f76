"""Guidelines as their data files give them: read once, refused where they make no sense."""

import hashlib
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from riskapp.risk import published
from riskapp.risk.bone_density import Site
from riskapp.risk.errors import UnknownGuideline
from riskapp.risk.profile import FIELD_NAMES
from riskapp.risk.rule_reader import Reader
from riskapp.risk.rules import HOLDS, Condition, Count, Facts, Judged, Not, Tables

TERMS = "guideline_terms/common"
MAJOR_PERCENT, HIP_PERCENT = "major_percent", "hip_percent"
T_SCORES = {f"{site}_t_score": site for site in Site}
FIELDS = frozenset((*FIELD_NAMES, MAJOR_PERCENT, HIP_PERCENT))
KINDS = ("treatment", "classification", "screening")
# All that the data files have now, and as many again.
SENTENCES_KEPT = 1_000
MARKS = ("seen", "seen (secondary)", "derived", "recalled, to be confirmed", "assumption")


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition with what to say where it holds."""

    when: Condition
    says: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Category:
    """One answer that a guideline can give; any of its rules suffices."""

    name: str
    level: int
    means: str
    asks_for: str
    rules: tuple[Rule, ...]
    is_last: bool
    any_rule: Condition = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "any_rule", Count(1, tuple(rule.when for rule in self.rules)))

    def judge(self, facts: Facts) -> Judged:
        return HOLDS if self.is_last else self.any_rule.judge(facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """One guideline as its data file gives it; categories are in order, the highest first."""

    code: str
    name: str
    title: str
    kind: str
    applies: tuple[tuple[Condition, str], ...]
    tables: Tables
    categories: tuple[Category, ...]
    remarks: tuple[Rule, ...]
    meant_for: tuple[str, str] | None  # population code, in words
    has_thresholds: bool  # of the 10-year probabilities
    version: str


@cache
def listed() -> tuple[Guideline, ...]:
    """Every guideline that is held, in alphabetical order of its code."""
    return tuple(_loaded(code) for code in published.names("guidelines"))


@cache
def fields_read() -> frozenset[str]:
    """Fields that the rules of any guideline ask about."""
    files = [TERMS, *(f"guidelines/{code}" for code in published.names("guidelines"))]
    return frozenset(name for file in files for name in _fields_in(published.read(file)))


def _fields_in(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        if "field" in data:
            yield data["field"]
        yield from data.get("given", ())
        data = list(data.values())
    if isinstance(data, list):
        for one in data:
            yield from _fields_in(one)


@cache
def common_term(name: str) -> Condition:
    """A condition that several guidelines name."""
    return Reader(FIELDS, {}, published.read(TERMS)["terms"]).condition({"term": name})


def guideline(code: str) -> Guideline:
    """One guideline.

    Raises
    ------
    UnknownGuideline
        If none of this code is held.
    """
    found = _by_code().get(code)
    if found is not None:
        return found
    raise UnknownGuideline(
        f"There is no guideline {code[:60]!r}; expected one of "
        f"{', '.join(one.code for one in listed())}."
    )


@cache
def _by_code() -> Mapping[str, Guideline]:
    return {one.code: one for one in listed()}


def parts_of(one: Guideline) -> Iterator[Condition]:
    """Every comparison of a guideline."""
    rules = [rule for category in one.categories for rule in category.rules]
    for condition in (
        *(when for when, _ in one.applies),
        *(rule.when for rule in (*rules, *one.remarks)),
    ):
        yield from _parts(condition)


def _parts(condition: Condition) -> Iterator[Condition]:
    match condition:
        case Count():
            for part in condition.parts:
                yield from _parts(part)
        case Not():
            yield from _parts(condition.part)
        case _:
            yield condition


@lru_cache(maxsize=SENTENCES_KEPT)
def placeholders(says: str) -> frozenset[str]:
    """What a sentence of a data file names."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(says) if name)


def _loaded(code: str) -> Guideline:
    name = f"guidelines/{code}"
    data = published.printed(name)
    common = published.printed(TERMS)["terms"]
    try:
        return _read(code, data, common, _version(name))
    except (KeyError, TypeError, ValueError) as fault:
        raise ValueError(f"{name}.json is not a guideline: {fault}") from fault


def _version(name: str) -> str:
    both = published.sha256(name) + published.sha256(TERMS)
    return hashlib.sha256(both.encode()).hexdigest()[:12]


def _read(code: str, data: Mapping[str, Any], common: Any, version: str) -> Guideline:
    tables = {
        name: tuple((float(age), float(limit)) for age, limit in rows)
        for name, rows in data.get("tables", {}).items()
    }
    reader = Reader(FIELDS, tables, {**common, **data.get("terms", {})})
    last = len(data["categories"]) - 1
    if data["kind"] not in KINDS:
        raise ValueError(f"There is no kind {data['kind']!r}.")
    meant_for = data.get("meant_for")
    return Guideline(
        code=code,
        name=data["name"],
        title=data["title"],
        kind=data["kind"],
        applies=tuple((reader.condition(one["when"]), one["otherwise"]) for one in data["applies"]),
        tables=tables,
        categories=tuple(
            Category(
                name=one["name"],
                level=one["level"],
                means=_checked(one["means"], tables),
                asks_for=one.get("asks_for", ""),
                rules=tuple(_rule(rule, reader, tables) for rule in one["rules"]),
                is_last=index == last,
            )
            for index, one in enumerate(data["categories"])
        ),
        remarks=tuple(_rule(rule, reader, tables) for rule in data.get("remarks", ())),
        has_thresholds=not {MAJOR_PERCENT, HIP_PERCENT}.isdisjoint(_fields_in(data)),
        meant_for=None if meant_for is None else (meant_for["population"], meant_for["words"]),
        version=version,
    )


def _rule(data: Mapping[str, Any], reader: Reader, tables: Tables) -> Rule:
    if data["mark"] not in MARKS:
        raise ValueError(f"There is no mark {data['mark']!r}.")
    if not data["source"]:
        raise ValueError(f"A rule has no source: {data['says']!r}.")
    return Rule(
        reader.condition(data["when"]), _checked(data["says"], tables), data["source"], data["mark"]
    )


def _checked(says: str, tables: Tables) -> str:
    strange = placeholders(says) - set(tables) - FIELDS
    if strange:
        raise ValueError(f"A sentence names {', '.join(sorted(strange))}, which is nothing.")
    if says.format_map({name: f"{{{name}}}" for name in placeholders(says)}) != says:
        raise ValueError(f"A sentence has more than names in braces: {says!r}.")
    return says
