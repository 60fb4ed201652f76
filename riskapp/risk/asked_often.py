"""A guideline that is asked about one person hundreds of times, with other values each time."""

from collections.abc import Iterator, Set

from riskapp.risk.guideline_data import Guideline
from riskapp.risk.reached import Reached, reached
from riskapp.risk.rules import Condition, Count, Facts, Not, NotRecorded, Settled


class AskedOften:
    """What one guideline decides about whoever differs in nothing but the open names.

    What of it is settled is judged once. The rest compares numbers with limits: as long as all of
    these comparisons come out as they did before, so does the decision.
    """

    def __init__(self, one: Guideline, facts: Facts, open_names: Set[str]) -> None:
        self._left = one.settled(facts, open_names)
        conditions = [when for when, _ in self._left.applies]
        conditions += [category.any_rule for category in self._left.categories]
        compared = (part for one in conditions for part in _compared(one))
        self._compared = tuple({repr(part): part for part in compared}.values())  # each once
        self._decided: dict[tuple[bool | None, ...], Reached] = {}

    def reached(self, facts: Facts) -> Reached:
        held = tuple(part.judge(facts).truth for part in self._compared)
        if held not in self._decided:
            self._decided[held] = reached(self._left, facts)
        return self._decided[held]


def _compared(condition: Condition) -> Iterator[Condition]:
    """Parts of a condition that are not settled and have no parts."""
    match condition:
        case Count():
            for part in condition.parts:
                yield from _compared(part)
        case Not():
            yield from _compared(condition.part)
        case Settled() | NotRecorded():
            return
        case _:
            yield condition
