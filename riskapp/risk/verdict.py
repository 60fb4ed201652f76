"""What one guideline says about one person: a category, the rule behind it, what is missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

SENTENCES = ("means", "rules", "remarks")


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
    filled : tuple of (Form, dict of str) or None
        What it was made from, and with which numbers; None where it was changed since.
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
    # Not an argument, so that ``replace`` leaves it out.
    filled: "tuple[Form, Mapping[str, str]] | None" = field(
        default=None, init=False, repr=False, compare=False
    )


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A verdict with ``{name}`` in its sentences where a person's number stands.

    Attributes
    ----------
    named : tuple of str
        Those names, each once.
    with_sentences : callable
        Makes the same verdict with other ``means``, ``rules`` and ``remarks``.
    """

    verdict: Verdict
    named: tuple[str, ...]
    with_sentences: Callable[..., Verdict]

    def filled(self, numbers: Mapping[str, str]) -> Verdict:
        """The verdict about one person, with a number for each of the names."""
        if not self.named:
            return self.verdict
        told = self.with_sentences(
            means=with_numbers(self.verdict.means, numbers),
            rules=_filled(self.verdict.rules, numbers),
            remarks=_filled(self.verdict.remarks, numbers),
        )
        object.__setattr__(told, "filled", (self, numbers))
        return told


def form_with(named: tuple[str, ...], **verdict: Any) -> Form:
    """The form of a verdict that has these attributes."""
    whole = Verdict(**verdict)
    rest = {name: value for name, value in verdict.items() if name not in SENTENCES}
    form = Form(whole, named, partial(Verdict, **rest))
    object.__setattr__(whole, "filled", (form, {}))
    return form


def with_numbers(text: str, numbers: Mapping[str, str]) -> str:
    """A text with numbers in the places of their names."""
    if "{" in text:
        for name, number in numbers.items():
            text = text.replace(f"{{{name}}}", number)
    return text


def _filled(rules: tuple[FiredRule, ...], numbers: Mapping[str, str]) -> tuple[FiredRule, ...]:
    return tuple(
        [
            FiredRule(with_numbers(one.says, numbers), one.source, one.mark)
            if "{" in one.says
            else one
            for one in rules
        ]
    )
