"""What guidelines say, as the page shows it: the reader's own first, the others in a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from riskapp.exchange.guideline_wording import KNOWING, MOST_NAMED, help_wording
from riskapp.exchange.naming import in_words
from riskapp.exchange.sentences import listed_in_words, small
from riskapp.risk.guideline_data import listed
from riskapp.web.presenters.fields import ASKED, Choice, label_of
from riskapp.web.presenters.shown import Shown

# By level: low, to be looked at, high, very high.
TONES = ("", "", "is-caution", "is-stop")
RECALLED = "recalled, to be confirmed"
# Below one person in twenty a test is not worth naming for the decision's sake.
WORTH_NAMING = 0.05


@dataclass(frozen=True, slots=True)
class Missing:
    """An answer that would decide; ``anchor`` leads to its question, if it is asked."""

    label: str
    anchor: str

    @property
    def small(self) -> str:
        return small(self.label)


@dataclass(frozen=True, slots=True)
class Told(Shown):
    """A rule or a remark with its source."""

    says: str
    source: str
    is_recalled: bool


@dataclass(frozen=True, slots=True)
class Guideline(Shown):
    """One verdict."""

    name: str
    title: str
    tone: str
    category: str  # empty where it does not apply, or where that cannot be decided
    is_applying: bool | None
    is_decided: bool
    also_possible: str
    means: str
    rules: tuple[Told, ...]
    remarks: tuple[Told, ...]
    missing: tuple[Missing, ...]
    missing_more: int
    why_not: str
    notes: tuple[str, ...]
    would_help: str  # a question that would change the verdict of many like this person
    within_interval: str
    either_way: str = ""  # what each answer to the first open question would bring
    next_tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guidelines(Shown):
    """The reader's own, and the others."""

    own: Guideline
    others: tuple[Guideline, ...]

    @property
    def apply(self) -> int:
        return sum(bool(one.category) for one in self.others)

    @property
    def undecided(self) -> int:
        return sum(not one.category and one.is_applying is None for one in self.others)


def guidelines_view(
    estimate: Mapping[str, Any], either_way: str = "", image: str = ""
) -> Guidelines | None:
    """None for an estimate that was stored before guidelines were asked.

    ``either_way`` and ``image`` are told of the record as it is filled in, and are not stored.
    """
    told: Sequence[Mapping[str, Any]] = estimate.get("guidelines") or ()
    if not told:
        return None
    own, *others = (_shaped(one) for one in told)
    own = replace(_with_next_test(own, estimate), either_way=either_way)
    asked = told[0].get("asks_for")
    asks = f"This guideline asks for {asked} before it decides." if asked else ""
    tests = tuple(one for one in (*own.next_tests, asks, image) if one)
    return Guidelines(replace(own, next_tests=tests), tuple(others))


def guideline_choices(picked: str) -> tuple[Choice, ...]:
    """The guidelines that can be read first; blank is the usual one of the population."""
    names = {one.code: one.name for one in listed()}
    return tuple(
        Choice(code, text, picked == code)
        for code, text in {"": "Usual for the population", **names}.items()
    )


def is_held(code: str) -> bool:
    return any(one.code == code for one in listed())


def _shaped(one: Mapping[str, Any]) -> Guideline:
    category = one["at_least"] or ""
    named = [Missing(label_of(name), name if name in ASKED else "") for name in one["missing"]]
    named += [Missing(words[:1].upper() + words[1:], "") for words in one["missing_words"]]
    # One more by name is as short as "and 1 more".
    shown = named if len(named) <= MOST_NAMED + 1 else named[:MOST_NAMED]
    return Guideline(
        name=one["name"],
        title=one["title"],
        tone=TONES[one["level"] or 0],
        category=category[:1].upper() + category[1:],
        is_applying=one["applies"],
        is_decided=one["category"] is not None,
        also_possible=listed_in_words(tuple(one["possible"][:-1]), "or"),
        means=one["means"],
        rules=tuple(_told(rule) for rule in one["rules"]),
        remarks=tuple(_told(rule) for rule in one["remarks"]),
        missing=tuple(shown),
        missing_more=len(named) - len(shown),
        why_not=_why_not(one),
        notes=tuple(in_words(note) for note in one["notes"]),
        would_help="",
        within_interval=listed_in_words(tuple(one.get("within_interval", ())), "or"),
    )


def _why_not(one: Mapping[str, Any]) -> str:
    if one["applies"] is None:
        return "Whether it applies cannot be decided."
    return str(one["why_not"])


def _told(rule: Mapping[str, Any]) -> Told:
    return Told(rule["says"], rule["source"], rule["mark"] == RECALLED)


def _with_next_test(own: Guideline, estimate: Mapping[str, Any]) -> Guideline:
    helps = estimate["would_help_most"]
    chance = helps[0].get("chance_decision_changes") if helps else None
    if not chance or chance < WORTH_NAMING:
        return own
    best = helps[0]
    # Estimates that were stored earlier say only whether it is certain.
    settles = best.get("chance_settles", float(best["would_settle"]))
    told = help_wording(best["field"], chance, settles, best["categories"])
    if best["field"] in KNOWING:
        return replace(own, next_tests=(told,))
    return replace(own, would_help=told)
