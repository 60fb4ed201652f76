"""Where a guideline draws its lines on the 10-year probabilities, for charts to show."""

from collections.abc import Iterator
from typing import NamedTuple

from riskapp.risk.estimate import Outcome
from riskapp.risk.guideline_data import HIP_PERCENT, MAJOR_PERCENT, Guideline
from riskapp.risk.rules import Compare, Condition, Count, limit_at

FIELDS = {MAJOR_PERCENT: Outcome.MAJOR_OSTEOPOROTIC, HIP_PERCENT: Outcome.HIP}
FROM_BELOW = ("at_least", "above")
HIGH, VERY_HIGH = 2, 3  # levels of a category; below them nobody is said to be at high risk


class Line(NamedTuple):
    """The lowest probability, in per cent, that can bring a person into a category."""

    level: int
    percent: float


def lines(one: Guideline, age_years: float) -> dict[Outcome, tuple[Line, ...]]:
    """The lines of high and very high risk at an age, the lower first; none where none is set.

    A rule may ask for more than the probability: a line says from where on it can hold.
    """
    found: dict[Outcome, dict[int, float]] = {outcome: {} for outcome in Outcome}
    for category in one.categories:
        if category.level < HIGH:
            continue
        for rule in category.rules:
            for compare in _comparisons(rule.when):
                outcome = FIELDS[compare.field]
                limit = limit_at(compare.table, age_years) if compare.table else compare.limit
                known = found[outcome].get(category.level, limit)
                found[outcome][category.level] = min(known, limit)
    return {
        outcome: tuple(Line(level, percent) for level, percent in sorted(by_level.items()))
        for outcome, by_level in found.items()
    }


def _comparisons(when: Condition) -> Iterator[Compare]:
    if isinstance(when, Count):
        for part in when.parts:
            yield from _comparisons(part)
    elif isinstance(when, Compare) and when.field in FIELDS and when.how in FROM_BELOW:
        yield when
