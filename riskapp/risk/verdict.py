"""What one guideline says about one person: a category, the rule behind it, what is missing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule that holds, as a sentence with its numbers.

    ``mark`` says how far the rule was checked: "seen", "seen (secondary)", "derived",
    "recalled, to be confirmed" or "assumption".
    """

    says: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A guideline's answer; never a prescription.

    Attributes
    ----------
    guideline, name, title : str
        Code; short name with year; who issued it.
    kind : str
        "treatment", "screening" or "classification".
    applies : bool or None
        Whether it is meant for this person; None where that is not known.
    why_not : str
        Why it does not apply; empty where it does.
    category : str or None
        In the guideline's own words, where it holds whatever the unknown is.
    at_least : str or None
        The category that what is known suffices for; equal to ``category`` where that is given.
    possible : tuple of str
        Every category that the unknown leaves open, highest first.
    within_interval : tuple of str
        Categories that ``at_least`` would be at the ends of the 95 % intervals and is not: where
        there are any, the verdict is close. Empty where no intervals were asked for.
    level : int or None
        Of ``at_least``: 0 low, 1 to be looked at, 2 high, 3 very high.
    asks_for : str
        What the guideline wants to be measured before it decides; empty where it decides.
    means : str
        What the guideline says of people in ``at_least``.
    rules, remarks : tuple of FiredRule
        Behind ``at_least``; beside it.
    missing : tuple of str
        Fields that would decide.
    missing_words : tuple of str
        What would decide and no field holds.
    notes : tuple of str
        What limits the verdict as a whole.
    version : str
        Of the guideline's data, so that the verdict can be reproduced.
    """

    guideline: str
    name: str
    title: str
    kind: str
    applies: bool | None
    why_not: str = ""
    category: str | None = None
    at_least: str | None = None
    possible: tuple[str, ...] = ()
    within_interval: tuple[str, ...] = ()
    level: int | None = None
    asks_for: str = ""
    means: str = ""
    rules: tuple[FiredRule, ...] = ()
    remarks: tuple[FiredRule, ...] = ()
    missing: tuple[str, ...] = ()
    missing_words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    version: str = ""
