"""What a guideline says to everybody of a kind: made once, with places for each person's numbers.

Each comparison that any guideline makes is made once for a person. How those of one guideline come
out decides all it says but the numbers in its sentences, whoever the person is.
"""

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.risk.comparisons import Truths, at_age, comparisons, givens, truths
from riskapp.risk.evidence_sets import follows_frax
from riskapp.risk.guideline_data import (
    FIELDS,
    Category,
    Guideline,
    Rule,
    guideline,
    parts_of,
    placeholders,
)
from riskapp.risk.reached import Reached, reached
from riskapp.risk.rules import (
    DECIMALS,
    CameOut,
    Condition,
    Count,
    Facts,
    Not,
    limit_at,
)
from riskapp.risk.verdict import FiredRule, Form, form_with

Told = npt.NDArray[np.float64] | npt.NDArray[np.bool_]
# What is not known, which no fact makes more true, is the last.
TRUTHS = (False, True, None)
NOTHING_KNOWN = dict.fromkeys(FIELDS)
# Of each guideline some dozens are usual; one takes about 10 kB with its JSON.
FORMS_KEPT = 1_000


def form_of(code: str, came_out: Truths, notes: tuple[str, ...], evidence_set: str | None) -> Form:
    """What the guideline of this code says where the comparisons come out so.

    Parameters
    ----------
    came_out : tuple
        ``truths`` of the person.
    notes : tuple of str
        What limits the verdict, where the guideline may apply.
    evidence_set : str or None
        Where the probabilities come from; None where nothing is to be said of it.
    """
    return _form(code, _own(code)(came_out), notes, evidence_set)


def category_of(code: str, came_out: Truths) -> str | None:
    """The category that what is known suffices for, where the comparisons come out so."""
    return _reached(code, _own(code)(came_out)).at_least


@lru_cache(maxsize=FORMS_KEPT)
def _reached(code: str, came_out: Truths) -> Reached:
    found = reached(_placed(code), dict(enumerate(came_out)))
    whole = {one.name: one for one in guideline(code).categories}
    return replace(
        found,
        category=found.category and whole[found.category.name],
        still_open=tuple(whole[one.name] for one in found.still_open),
    )


def asked_of_many(code: str, facts: Facts) -> Callable[[Mapping[str, Told]], list[Reached]]:
    """What a guideline decides of many, as a question of what is told of each besides these facts.

    Whatever is told is known: a number or yes or no, arrays of shape (n,). It takes the place of
    what the facts say, but for the age.
    """
    own = _own(code)
    before, asked = own(truths(facts)), own(range(len(comparisons())))
    place_of = {at: place for place, at in enumerate(asked)}
    given = [(place_of[at], one.fields) for at, one in givens() if at in place_of]
    compared = {
        field: [(place_of[at], *rest) for at, *rest in few if at in place_of]
        for field, few in at_age(facts["age_years"]).items()
    }
    start = np.array([TRUTHS.index(truth) for truth in before], dtype=np.uint8)

    def decided(told: Mapping[str, Told]) -> list[Reached]:
        (n,) = {len(values) for values in told.values()}
        found = np.repeat(start[None], n, axis=0)
        for field, values in told.items():
            few = compared.get(field, ())
            if few and values.dtype.kind == "f":
                values = values.round(DECIMALS)
            for place, holds, limit in few:
                found[:, place] = holds(values, limit)
        for place, fields in given:
            found[:, place] |= not told.keys().isdisjoint(fields)
        cases = list(map(bytes, found))
        each = {one: _reached(code, tuple([TRUTHS[truth] for truth in one])) for one in set(cases)}
        return [each[one] for one in cases]

    return decided


def limits_at(code: str, age_years: float) -> Mapping[str, float]:
    """The limits of each table of a guideline at an age."""
    return _limits(code, bisect(_edges(code), age_years))


@lru_cache(maxsize=FORMS_KEPT)
def _limits(code: str, band: int) -> Mapping[str, float]:
    edges = _edges(code)
    age = edges[max(band - 1, 0)] if edges else 0.0
    return {name: limit_at(table, age) for name, table in guideline(code).tables.items()}


@cache
def _edges(code: str) -> tuple[float, ...]:
    """The ages at which any limit of a guideline changes, in order."""
    return tuple(sorted({age for table in guideline(code).tables.values() for age, _ in table}))


@lru_cache(maxsize=FORMS_KEPT)
def _form(code: str, came_out: Truths, notes: tuple[str, ...], evidence_set: str | None) -> Form:
    one, facts = _placed(code), dict(enumerate(came_out))
    found = reached(one, facts)
    about: dict[str, Any] = {}
    sentences: list[str] = []
    if found.category is not None:
        rules, remarks = _fired(found.category.rules, facts), _fired(one.remarks, facts)
        sentences += [found.category.means, *(rule.says for rule in (*rules, *remarks))]
        about = {
            "category": None if found.still_open else found.at_least,
            "at_least": found.at_least,
            "possible": tuple(each.name for each in (*found.still_open, found.category)),
            "level": found.category.level,
            "asks_for": found.category.asks_for,
            "means": _in_print(found.category.means),
            "rules": rules,
            "remarks": remarks,
        }
    if found.applies is False:
        notes = ()
    elif found.applies and evidence_set and one.has_thresholds and not follows_frax(evidence_set):
        note = (
            f"Its thresholds were set for FRAX’s probabilities; these are of evidence set "
            f"{evidence_set}, for which no threshold was set."
        )
        notes = (note, *notes)
    named = {name for one in sentences for name in placeholders(one)}
    return form_with(
        tuple(sorted(named)),
        guideline=one.code,
        name=one.name,
        title=one.title,
        kind=one.kind,
        applies=found.applies,
        why_not=found.why_not,
        missing=found.missing.fields,
        missing_words=found.missing.words,
        notes=notes,
        version=one.version,
        **about,
    )


def _fired(rules: tuple[Rule, ...], facts: Any) -> tuple[FiredRule, ...]:
    return tuple(
        FiredRule(_in_print(rule.says), rule.source, rule.mark)
        for rule in rules
        if rule.when.judge(facts).truth
    )


def _in_print(sentence: str) -> str:
    return sentence.replace(" %", "\u00a0%")


@cache
def _own(code: str) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Takes of all truths those that this guideline asks for."""
    asked = {repr(part) for part in parts_of(guideline(code))}
    places = [place for place, part in enumerate(comparisons()) if repr(part) in asked]
    return itemgetter(*places)


@cache
def _placed(code: str) -> Guideline:
    """The guideline, asking how its comparisons came out instead of making them."""
    one = guideline(code)
    own = dict.fromkeys(repr(part) for part in parts_of(one))
    ordered = [repr(part) for part in comparisons() if repr(part) in own]
    places = {name: place for place, name in enumerate(ordered)}

    def condition(made: Condition) -> Condition:
        match made:
            case Count():
                return Count(made.least, tuple(map(condition, made.parts)))
            case Not():
                return Not(condition(made.part))
        return CameOut(places[repr(made)], made.judge(NOTHING_KNOWN))

    def rules(made: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return tuple(replace(rule, when=condition(rule.when)) for rule in made)

    def category(made: Category) -> Category:
        return replace(made, rules=rules(made.rules))

    return replace(
        one,
        applies=tuple((condition(when), why) for when, why in one.applies),
        categories=tuple(map(category, one.categories)),
        remarks=rules(one.remarks),
    )
