"""The form's questions for paper: the same fields, units and ranges, so that none is forgotten."""

from dataclasses import dataclass

from riskapp.exchange.reading import REQUIRED
from riskapp.exchange.wording import CHOICES, FIELDS
from riskapp.risk.limits import RANGES, shown
from riskapp.web.presenters.fields import EVERYDAY, MORE, kind_of, label_of


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the sheet: a gap with its unit, where there is one, and boxes to tick."""

    label: str
    has_gap: bool
    unit: str
    expected: str
    boxes: tuple[str, ...]


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
        has_gap=kind_of(name) not in ("yes_no", "choice"),
        unit=FIELDS[name].unit,
        expected=f"{shown(limit.low)} to {shown(limit.high)}" if limit else "",
        boxes=(*_choices(name), *(() if name in REQUIRED else ("Not known",))),
    )


def _choices(name: str) -> tuple[str, ...]:
    if kind_of(name) == "yes_no":
        return ("Yes", "No")
    return tuple(CHOICES[name].values()) if kind_of(name) == "choice" else ()
