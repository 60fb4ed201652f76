"""How far a guideline gets about one person: its category, without the words that explain it."""

from dataclasses import dataclass

from riskapp.risk.guideline_data import Category, Guideline
from riskapp.risk.rules import Facts, Judged, missing_of

NOTHING_MISSING = Judged(True)


@dataclass(frozen=True, slots=True)
class Reached:
    """One guideline's decision.

    Attributes
    ----------
    applies : bool or None
        Whether it is meant for this person; None where that is not known.
    why_not : str
        Why it does not apply; empty where it does.
    category : Category or None
        The one that what is known suffices for; None where the guideline does not apply.
    still_open : tuple of Category
        Those before it that what is not known leaves open, highest first.
    missing : Judged
        What would decide.
    """

    applies: bool | None
    why_not: str = ""
    category: Category | None = None
    still_open: tuple[Category, ...] = ()
    missing: Judged = NOTHING_MISSING

    @property
    def at_least(self) -> str | None:
        return None if self.category is None else self.category.name

    @property
    def is_settled(self) -> bool:
        """Whether nothing has to be found out before this guideline decides."""
        return self.category is not None and not (self.still_open or self.category.asks_for)


def reached(one: Guideline, facts: Facts) -> Reached:
    """What one guideline decides about the facts of one person."""
    asked = [(condition.judge(facts), why) for condition, why in one.applies]
    for judged, why in asked:
        if judged.truth is False:
            return Reached(False, why)
    unknown = [judged for judged, _ in asked if judged.truth is None]
    if unknown:
        return Reached(None, missing=missing_of(unknown))
    still_open: list[tuple[Category, Judged]] = []
    for category in one.categories:
        judged = category.judge(facts)
        if judged.truth:
            return Reached(
                True,
                category=category,
                still_open=tuple(before for before, _ in still_open),
                missing=missing_of(why for _, why in still_open),
            )
        if judged.truth is None:
            still_open.append((category, judged))
    raise AssertionError("The last category always holds.")
