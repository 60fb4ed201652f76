"""Answers that a reader may write in a unit of their own: what was sent, and how it is shown.

Each has one or two boxes under its own name (the second ends in ``-and``), a choice of unit
(``-unit``), the unit that the boxes were made with (``-was``), and, where they hold what was
typed in another unit, that as it was typed (``-typed``): so switching there and back loses nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from riskapp.exchange import units
from riskapp.exchange.units import QUANTITY_OF, UNITS, Unit, Unwritable
from riskapp.exchange.wording import FIELDS
from riskapp.web.presenters.fields import Choice

AND, UNIT, WAS, AS_TYPED = "-and", "-unit", "-was", "-typed"
BETWEEN = "|"


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the boxes of a unit."""

    unit: Unit
    texts: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(self.texts)

    @property
    def packed(self) -> str:
        return BETWEEN.join((self.unit.code, *self.texts))

    def value(self) -> Fraction | None:
        """In the contract's unit; ``Unwritable`` where it cannot be read."""
        return units.read(self.unit, self.texts)


@dataclass(frozen=True, slots=True)
class Box:
    """One box, with its own name for those who do not see the unit beside it."""

    name: str
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One answer in the unit in use; ``typed`` is what it was before it was turned."""

    field: str
    shown: Written
    typed: Written

    @property
    def answer(self) -> str:
        """In the contract's unit; what cannot be read stays text that nobody reads as a number."""
        if self.typed.is_blank:
            return ""
        if units.is_contract(self.field, self.typed.unit):
            return self.typed.texts[0]
        try:
            value = self.typed.value()
        except Unwritable:
            parts = zip(self.typed.texts, self.typed.unit.parts, strict=True)
            return " ".join(f"{text} {part.written}" for text, part in parts)
        return "" if value is None else repr(float(value))

    @property
    def problem(self) -> str:
        """What is wrong with it, in the unit in use; blank where only the contract's can tell."""
        unit = self.shown.unit
        if units.is_contract(self.field, unit):
            return ""
        try:
            value = self.typed.value()
        except Unwritable as reason:
            return f"{FIELDS[self.field].label} {reason}"
        return "" if value is None else units.outside(self.field, unit, value)

    @property
    def boxes(self) -> tuple[Box, ...]:
        names = (self.field, self.field + AND)
        label = FIELDS[self.field].label
        return tuple(
            Box(name, text, f"{label}, {part.name}")
            for name, text, part in zip(
                names, self.shown.texts, self.shown.unit.parts, strict=False
            )
        )

    @property
    def is_in_two(self) -> bool:
        return len(self.shown.unit.parts) > 1

    @property
    def choices(self) -> tuple[Choice, ...]:
        return tuple(
            Choice(unit.code, unit.written, unit == self.shown.unit)
            for unit in UNITS[QUANTITY_OF[self.field]]
        )

    @property
    def label(self) -> str:
        return f"Unit of {FIELDS[self.field].label}"

    @property
    def packed(self) -> str:
        """What was typed, where the boxes do not say it themselves."""
        return "" if self.typed == self.shown else self.typed.packed


def sent(post: Mapping[str, str], preferred: Mapping[str, str]) -> dict[str, Measure]:
    """Every such answer of a form that was sent, in the units that it now asks for."""
    wanted = wanted_units(post, preferred)
    return {
        field: _turned(field, _typed(field, post), unit_for(field, wanted), _boxes(field, post))
        for field in QUANTITY_OF
        if field in post
    }


def shown(
    answers: Mapping[str, str], there: Mapping[str, Measure], wanted: Mapping[str, str]
) -> dict[str, Measure]:
    """Every such answer of a form that is made; what was sent stands as it was typed."""
    found = {}
    for field in QUANTITY_OF:
        answer = answers.get(field, "")
        if field in there and there[field].answer == answer:
            found[field] = there[field]
        else:
            typed = Written(UNITS[QUANTITY_OF[field]][0], (answer,))
            found[field] = _turned(field, typed, unit_for(field, wanted), typed)
    return found


def switched(measures: Mapping[str, Measure], post: Mapping[str, str]) -> tuple[Measure, ...]:
    """Those that no longer stand in the unit that the page shows them in."""
    return tuple(
        one
        for field, one in measures.items()
        if one.shown.unit.code != post.get(field + WAS, one.shown.unit.code)
    )


def wanted_units(post: Mapping[str, str], preferred: Mapping[str, str]) -> dict[str, str]:
    """The unit of each quantity: as one of its answers was switched, else as the form has it."""
    there = {
        quantity: post[field + WAS]
        for field, quantity in QUANTITY_OF.items()
        if _is_unit(field, post.get(field + WAS, ""))
    }
    found = {**preferred, **there}
    for field, quantity in QUANTITY_OF.items():
        code = post.get(field + UNIT, "")
        if code != post.get(field + WAS, "") and _is_unit(field, code):
            found[quantity] = code
    return found


def _is_unit(field: str, code: str) -> bool:
    """Whether a quantity has it: what a reader is remembered by is never just what was sent."""
    return units.unit_of(field, code).code == code


def said(problems: Mapping[str, str], measures: Mapping[str, Measure]) -> dict[str, str]:
    """Sentences about answers, in the units that they are written in."""
    return {
        name: (measures[name].problem if name in measures else "") or told
        for name, told in problems.items()
    }


def unit_for(field: str, wanted: Mapping[str, str]) -> Unit:
    return units.unit_of(field, wanted.get(QUANTITY_OF[field], ""))


def _boxes(field: str, post: Mapping[str, str]) -> Written:
    unit = units.unit_of(field, post.get(field + WAS, ""))
    names = (field, field + AND)[: len(unit.parts)]
    return Written(unit, tuple(post.get(name, "").strip() for name in names))


def _typed(field: str, post: Mapping[str, str]) -> Written:
    """What the boxes were turned from, unless somebody has written in them since."""
    boxes = _boxes(field, post)
    code, *texts = post.get(field + AS_TYPED, "").split(BETWEEN)
    unit = units.unit_of(field, code)
    before = Written(unit, tuple(texts))
    if len(texts) != len(unit.parts) or before.is_blank:
        return boxes
    try:
        value = before.value()
    except Unwritable:
        return boxes
    assert value is not None  # it is not blank
    return before if units.write(boxes.unit, value) == boxes.texts else boxes


def _turned(field: str, typed: Written, wanted: Unit, there: Written) -> Measure:
    """An answer in the wanted unit; where it cannot be read it stays as it is."""
    if wanted == typed.unit:
        return Measure(field, typed, typed)
    try:
        value = typed.value()
    except Unwritable:
        return Measure(field, there, typed)
    texts = ("",) * len(wanted.parts) if value is None else units.write(wanted, value)
    turned = Written(wanted, texts)
    return Measure(field, turned, turned if value is None else typed)
