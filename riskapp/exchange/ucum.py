"""UCUM codes and what they measure: the one table of units, converted exactly."""

from fractions import Fraction
from typing import NamedTuple

DAYS_PER_YEAR = 365.25  # UCUM's "a" is the mean Julian year; "mo" is its twelfth
_YEAR = Fraction(str(DAYS_PER_YEAR))


class NotConvertible(ValueError):
    """Why one unit cannot be turned into the other, as a sentence without its full stop."""


class Unit(NamedTuple):
    """What a unit measures and how many of the base unit it is."""

    dimension: str
    in_base: Fraction
    words: str


def _unit(dimension: str, in_base: str | Fraction, words: str) -> Unit:
    return Unit(dimension, Fraction(in_base), words)


# UCUM codes (https://ucum.org/ucum), with their definitions there; the international pound and
# inch are exact.
UNITS: dict[str, Unit] = {
    "kg": _unit("mass", "1", "kilograms"),
    "g": _unit("mass", "0.001", "grams"),
    "mg": _unit("mass", "0.000001", "milligrams"),
    "ug": _unit("mass", "0.000000001", "micrograms"),
    "[lb_av]": _unit("mass", "0.45359237", "pounds"),
    "[stone_av]": _unit("mass", "6.35029318", "stones"),
    "[oz_av]": _unit("mass", Fraction("0.45359237") / 16, "ounces"),
    "m": _unit("length", "1", "metres"),
    "cm": _unit("length", "0.01", "centimetres"),
    "mm": _unit("length", "0.001", "millimetres"),
    "[in_i]": _unit("length", "0.0254", "inches"),
    "[ft_i]": _unit("length", "0.3048", "feet"),
    "mL": _unit("volume", "1", "millilitres"),
    "L": _unit("volume", "1000", "litres"),
    "kg/m2": _unit("mass by area", "1", "kg/m2"),
    "g/cm2": _unit("mass by area", "10", "g/cm2"),
    "mg/cm2": _unit("mass by area", "0.01", "mg/cm2"),
    "mg/cm3": _unit("mass by volume", "1", "mg/cm3"),
    "g/cm3": _unit("mass by volume", "1000", "g/cm3"),
    "kg/m3": _unit("mass by volume", "1", "kg/m3"),
    "g/L": _unit("mass by volume", "1", "g/L"),
    "mg/mL": _unit("mass by volume", "1", "mg/mL"),
    "mg/dL": _unit("mass by volume", "0.01", "mg/dL"),
    "mg/L": _unit("mass by volume", "0.001", "mg/L"),
    "ug/L": _unit("mass by volume", "0.000001", "ug/L"),
    "ng/mL": _unit("mass by volume", "0.000001", "ng/mL"),
    "mol/L": _unit("amount by volume", "1", "mol/L"),
    "mmol/L": _unit("amount by volume", "0.001", "mmol/L"),
    "umol/L": _unit("amount by volume", "0.000001", "umol/L"),
    "nmol/L": _unit("amount by volume", "0.000000001", "nmol/L"),
    "pmol/L": _unit("amount by volume", "0.000000000001", "pmol/L"),
    "a": _unit("time", _YEAR, "years"),
    "mo": _unit("time", _YEAR / 12, "months"),
    "wk": _unit("time", "7", "weeks"),
    "d": _unit("time", "1", "days"),
    "h": _unit("time", Fraction(1, 24), "hours"),
    "min": _unit("time", Fraction(1, 1440), "minutes"),
    "s": _unit("time", Fraction(1, 86400), "seconds"),
    "mg/d": _unit("mass by time", "1", "mg/day"),
    "g/d": _unit("mass by time", "1000", "g/day"),
    "ug/d": _unit("mass by time", "0.001", "ug/day"),
    "g/wk": _unit("mass by time", Fraction(1000, 7), "g/week"),
    "1": _unit("number", "1", "plain numbers"),
    "%": _unit("number", "0.01", "per cent"),
    "{count}": _unit("number", "1", "counts"),
    "[hnsf'U]": _unit("attenuation", "1", "Hounsfield units"),
}


def ratio(given: str, wanted: str) -> Fraction:
    """What to multiply a number in the one unit with to have it in the other, exactly.

    Raises
    ------
    NotConvertible
        If a unit is not in the table or the two measure different things.
    """
    if given == wanted:
        return Fraction(1)
    for unit in (given, wanted):
        if unit not in UNITS:
            raise NotConvertible(f"the unit {unit[:40]!r} is not one that is converted here")
    if UNITS[given].dimension != UNITS[wanted].dimension:
        raise NotConvertible(
            f"the unit {given} measures {UNITS[given].dimension}, "
            f"and {wanted} {UNITS[wanted].dimension}"
        )
    return UNITS[given].in_base / UNITS[wanted].in_base


def converted(value: float | int, given: str, wanted: str) -> float:
    """A number as it was written, in another unit.

    Raises
    ------
    NotConvertible
        See ``ratio``.
    """
    by = ratio(given, wanted)
    # As it was written: 61.5 is 615 tenths, not the binary fraction next to it.
    return float(value) if by == 1 else float(Fraction(repr(value)) * by)
