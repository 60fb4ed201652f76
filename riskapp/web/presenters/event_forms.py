"""The small forms by which a fracture, a treatment or a discussion is written down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from riskapp.exchange.wording import FIELDS
from riskapp.models import Discussion, Fracture, Treatment
from riskapp.models.fracture import SITES
from riskapp.models.treatment import AGENTS
from riskapp.web.presenters.fields import Choice, Field, yes_no

PARTS = ("day", "month", "year")


@dataclass(frozen=True, slots=True)
class DateInThree:
    """A date of which the day, or the day and the month, may be left blank."""

    name: str
    label: str
    day: str
    month: str
    year: str
    problem: str
    kind: str = "three"


Question = Field | DateInThree
Given = Mapping[str, str]


def written_date(sent: Given, name: str) -> str:
    """What the three boxes say, as ISO 8601 writes it; nonsense stays nonsense."""
    day, month, year = (sent.get(f"{name}_{part}", "").strip() for part in PARTS)
    if not (day or month or year):
        return ""
    known = [year.zfill(4), month.zfill(2) if month else "", day.zfill(2) if day else ""]
    while known and not known[-1]:
        known.pop()
    return "-".join(known)


def fracture_questions(given: Given, problems: Given) -> tuple[Question, ...]:
    prior = FIELDS["prior_fragility_fracture"]
    return (
        _choice("site", "Which bone", SITES.items(), given, problems),
        _date("happened_on", "When", given, problems),
        _choice(
            "circumstance",
            "How it happened",
            Fracture.Circumstance.choices,
            given,
            problems,
            picked=Fracture.Circumstance.NOT_KNOWN,
        ),
        Field(
            name="is_fragility",
            kind="yes_no",
            label="Fragility fracture",
            unit="",
            definition=prior.definition,
            value=given.get("is_fragility", ""),
            choices=yes_no(given.get("is_fragility", "")),
        ),
    )


def treatment_questions(given: Given, problems: Given) -> tuple[Question, ...]:
    return (
        _choice("agent", "Which medicine", AGENTS.items(), given, problems),
        _date("started_on", "Started", given, problems),
        *end_questions(given, problems),
    )


def end_questions(given: Given, problems: Given) -> tuple[Question, ...]:
    return (
        _date("ended_on", "Ended", given, problems),
        _choice("why_ended", "Why it ended", Treatment.WhyEnded.choices, given, problems),
    )


def discussion_questions(given: Given, problems: Given) -> tuple[Question, ...]:
    return (
        _choice("decided", "What was decided", Discussion.Decided.choices, given, problems),
        Field(
            name="review_on",
            kind="date",
            label="Look again on",
            unit="",
            definition="",
            value=given.get("review_on", ""),
            problem=problems.get("review_on", ""),
        ),
    )


def _choice(
    name: str,
    label: str,
    options: Iterable[tuple[str, str]],
    given: Given,
    problems: Given,
    picked: str = "",
) -> Field:
    value = given.get(name, picked)
    offered = options if picked else (("", "Please choose"), *options)
    return Field(
        name=name,
        kind="choice",
        label=label,
        unit="",
        definition="",
        value=value,
        choices=tuple(Choice(code, text, code == value) for code, text in offered),
        problem=problems.get(name, ""),
    )


def _date(name: str, label: str, given: Given, problems: Given) -> DateInThree:
    day, month, year = (given.get(f"{name}_{part}", "") for part in PARTS)
    return DateInThree(name, label, day, month, year, problems.get(name, ""))
