"""Units that people write in: exact to and from the contract's own, which alone are stored.

What was typed is kept beside what it was turned into, so that turning it back loses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from riskapp.exchange.reading import number
from riskapp.exchange.ucum import ratio
from riskapp.risk.limits import RANGES, shown

# No quantity of a person comes near it, and every unit of it is still a number that can be kept.
BEYOND_ALL = 10**12


@dataclass(frozen=True, slots=True)
class Part:
    """One box of a unit: ``size`` is how much of the contract's unit it holds."""

    ucum: str
    written: str
    name: str
    size: Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that is written in one box, or in two of which the second is a part of the first."""

    parts: tuple[Part, ...]
    decimals: int  # of what is turned into it; what was typed keeps its own

    @property
    def code(self) -> str:
        """UCUM; two parts joined by a plus, which UCUM leaves free."""
        return "+".join(part.ucum for part in self.parts)

    @property
    def written(self) -> str:
        return " ".join(part.written for part in self.parts)


class Unwritable(ValueError):
    """What is wrong with the boxes of one quantity, as a sentence."""


_KG = Part("kg", "kg", "kilograms", Fraction(1))
_POUND = Part("[lb_av]", "lb", "pounds", ratio("[lb_av]", "kg"))
_STONE = Part("[stone_av]", "st", "stones", ratio("[stone_av]", "kg"))
_CM = Part("cm", "cm", "centimetres", Fraction(1))
_INCH = Part("[in_i]", "in", "inches", ratio("[in_i]", "cm"))
_FOOT = Part("[ft_i]", "ft", "feet", ratio("[ft_i]", "cm"))
_GRAM = Part("g/cm2", "g/cm²", "grams", Fraction(1))
_MILLIGRAM = Part("mg/cm2", "mg/cm²", "milligrams", ratio("mg/cm2", "g/cm2"))

# Quantities with more than one unit; the contract's comes first.
UNITS: dict[str, tuple[Unit, ...]] = {
    "weight": (Unit((_KG,), 1), Unit((_POUND,), 1), Unit((_STONE, _POUND), 1)),
    "height": (Unit((_CM,), 1), Unit((_FOOT, _INCH), 1), Unit((_INCH,), 1)),
    "density": (Unit((_GRAM,), 3), Unit((_MILLIGRAM,), 0)),
}
QUANTITY_OF: dict[str, str] = {
    "weight_kg": "weight",
    "height_cm": "height",
    "femoral_neck_bmd_g_cm2": "density",
    "total_hip_bmd_g_cm2": "density",
    "lumbar_spine_bmd_g_cm2": "density",
}


def unit_of(field: str, code: str) -> Unit:
    """The unit of this code; the contract's own where the field has none of it."""
    units = UNITS[QUANTITY_OF[field]]
    return next((unit for unit in units if unit.code == code), units[0])


def is_contract(field: str, unit: Unit) -> bool:
    return unit == UNITS[QUANTITY_OF[field]][0]


def read(unit: Unit, texts: Sequence[str]) -> Fraction | None:
    """What the boxes hold, in the contract's unit, exactly; None where all are blank.

    Raises
    ------
    Unwritable
        With what to write instead.
    """
    told = [text.strip() for text in texts]
    if not any(told):
        return None
    if not told[0]:
        first, *rest = unit.parts
        raise Unwritable(f"needs the {first.name} too, beside the {rest[0].name}.")
    try:
        # As it was written: 61.5 is 615 tenths, not the binary fraction next to it.
        counts = [Fraction(repr(number(text))) if text else Fraction(0) for text in told]
    except ValueError as reason:
        raise Unwritable(f"{reason}.") from None
    for larger, smaller, text, count in zip(
        unit.parts, unit.parts[1:], told[1:], counts[1:], strict=False
    ):
        most = larger.size / smaller.size
        if not 0 <= count < most:
            raise Unwritable(
                f"has {shown(float(count))} {smaller.name}; expected 0 to under {most}."
            )
        if text and counts[0].denominator != 1:
            raise Unwritable(f"has {larger.name} that are not whole beside {smaller.name}.")
    value = sum(
        (count * part.size for count, part in zip(counts, unit.parts, strict=True)), Fraction(0)
    )
    if abs(value) > BEYOND_ALL:
        raise Unwritable("is far too large." if value > 0 else "is far below zero.")
    return value


def write(unit: Unit, value: Fraction) -> tuple[str, ...]:
    """A value in the contract's unit as the boxes show it, rounded to the unit's decimals."""
    smallest = unit.parts[-1].size
    step = Fraction(1, 10**unit.decimals)
    left = round(value / smallest / step) * step
    texts = []
    for part in unit.parts[:-1]:
        whole = left * smallest // part.size
        texts.append(str(whole))
        left -= whole * part.size / smallest
    text = f"{float(left):.{unit.decimals}f}"
    return (*texts, text.rstrip("0").rstrip(".") if "." in text else text)


def in_words(unit: Unit, value: Fraction) -> str:
    """``9 st 9.6 lb``, as a sentence has it."""
    texts = write(unit, value)
    return " ".join(f"{text} {part.written}" for text, part in zip(texts, unit.parts, strict=True))


def outside(field: str, unit: Unit, value: Fraction) -> str:
    """What is wrong with a value outside its range, in the unit in use; blank inside it.

    The ends are rounded inwards, so that what the sentence allows is accepted.
    """
    limit = RANGES[field]
    low, high = Fraction(repr(float(limit.low))), Fraction(repr(float(limit.high)))
    if low <= value <= high:
        return ""
    step = unit.parts[-1].size / 10**unit.decimals
    ends = (-(-low // step) * step, high // step * step)
    told = [in_words(unit, end) for end in ends]
    return f"{limit.label} is {in_words(unit, value)}; expected {told[0]} to {told[1]}."
