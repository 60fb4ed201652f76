"""Where a guideline draws its lines on the 10-year probabilities, for charts to show."""

import math
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

    A rule may ask for more than the probability: a line says from where on it can hold. Where it
    can hold at any probability, or by the other outcome's alone, it draws none.
    """
    found: dict[Outcome, tuple[Line, ...]] = {}
    for outcome in Outcome:
        lowest: dict[int, float] = {}
        for category in one.categories:
            asked = [_asked(rule.when, outcome, age_years) for rule in category.rules]
            drawn = [percent for percent in asked if 0 < percent < math.inf]
            if drawn and category.level >= HIGH:
                lowest[category.level] = min([*drawn, lowest.get(category.level, math.inf)])
        found[outcome] = tuple(Line(level, percent) for level, percent in sorted(lowest.items()))
    return found


def _asked(when: Condition, outcome: Outcome, age_years: float) -> float:
    """The lowest probability of an outcome at which a condition can hold, in per cent.

    0 where it can at any; endless where it asks for the other outcome's.
    """
    match when:
        case Count():
            each = sorted(_asked(part, outcome, age_years) for part in when.parts)
            return each[when.least - 1]
        case Compare() if when.field in FIELDS and when.how in FROM_BELOW:
            limit = limit_at(when.table, age_years) if when.table else float(when.limit)
            return limit if FIELDS[when.field] is outcome else math.inf
    return 0.0
