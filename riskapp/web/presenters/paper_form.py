"""The form's questions for paper: the same fields, units and ranges, so that none is forgotten."""

from dataclasses import dataclass

from riskapp.exchange.wording import CHOICES, FIELDS
from riskapp.risk.limits import RANGES, shown
from riskapp.web.presenters.fields import EVERYDAY, MORE, kind_of, label_of


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the sheet; ``boxes`` are ticked, else ``unit`` follows a gap."""

    label: str
    boxes: tuple[str, ...]
    unit: str
    expected: str
    definition: str


@dataclass(frozen=True, slots=True)
class Group:
    heading: str
    questions: tuple[Question, ...]


def paper_form() -> tuple[Group, ...]:
    """Every question of the form but the population, which a site prints on its own sheets."""
    return tuple(
        Group(heading, tuple(_question(name) for name in names if name != "population"))
        for heading, names in (*EVERYDAY, *MORE)
    )


def _question(name: str) -> Question:
    limit = RANGES.get(name)
    return Question(
        label=label_of(name),
        boxes=_boxes(name),
        unit=FIELDS[name].unit,
        expected=f"{shown(limit.low)} to {shown(limit.high)}" if limit else "",
        definition=FIELDS[name].definition,
    )


def _boxes(name: str) -> tuple[str, ...]:
    if kind_of(name) == "yes_no":
        return ("Yes", "No", "Not known")
    return (*CHOICES[name].values(), "Not known") if kind_of(name) == "choice" else ()
