"""Quantities of a record in the contract's units: converted by UCUM, and never guessed."""

import re

from riskapp.exchange.fhir.shapes import Resource, number, text
from riskapp.exchange.ucum import UNITS, NotConvertible, converted
from riskapp.risk.limits import RANGES, shown

UCUM_SYSTEMS = {"http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8", ""}
# UCUM codes that say the same, and HL7's own example of a femur's density ("g/cm-2", which taken
# at its word would multiply by the area).
SAME_CODES = {
    "g.cm-2": "g/cm2", "g/cm-2": "g/cm2", "mg.cm-2": "mg/cm2", "mg/cm-2": "mg/cm2",
    "kg.m-2": "kg/m2", "mg.cm-3": "mg/cm3", "[hnsf'u]": "[hnsf'U]", "{HU}": "[hnsf'U]",
    "/d": "1/d", "/wk": "1/wk", "mcg": "ug",
}  # fmt: skip
# Words that people and programs write beside a number where no UCUM code is given.
WRITTEN = {
    "kg": "kg", "cm": "cm", "mm": "mm", "kg/m2": "kg/m2", "g/cm2": "g/cm2", "mg/cm2": "mg/cm2",
    "kilogram": "kg", "kilograms": "kg", "kgs": "kg", "gram": "g", "grams": "g",
    "lb": "[lb_av]", "lbs": "[lb_av]", "pound": "[lb_av]", "pounds": "[lb_av]",
    "st": "[stone_av]", "stone": "[stone_av]", "oz": "[oz_av]",
    "centimeter": "cm", "centimeters": "cm", "centimetre": "cm", "centimetres": "cm", "cms": "cm",
    "meter": "m", "meters": "m", "metre": "m", "metres": "m",
    "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]", "ft": "[ft_i]", "feet": "[ft_i]",
    "kg/m²": "kg/m2", "kg/m^2": "kg/m2", "kg/sq m": "kg/m2",
    "ml": "mL", "millilitre": "mL", "millilitres": "mL", "milliliter": "mL", "milliliters": "mL",
    "g/cm²": "g/cm2", "g/cm^2": "g/cm2", "g/sq cm": "g/cm2", "mg/cm²": "mg/cm2",
    "mg/cm³": "mg/cm3", "mg/cm^3": "mg/cm3", "mg/cc": "mg/cm3",
    "hu": "[hnsf'U]", "hounsfield units": "[hnsf'U]",
    "year": "a", "years": "a", "yr": "a", "month": "mo", "months": "mo", "week": "wk",
    "weeks": "wk", "day": "d", "days": "d", "mg/day": "mg/d", "mcg": "ug", "µg": "ug", "μg": "ug",
}  # fmt: skip
# What may stand beside a number that has no unit.
_ANNOTATION = re.compile(r"\{[^{}]*\}")
PLAIN = {"1", "t-score", "t score", "score", "sd", "s.d.", "falls", "fall", "count", "[score]"}


class Unusable(ValueError):
    """Why a quantity tells nothing, as the end of a sentence."""


def unit_of(quantity: Resource) -> str:
    """The UCUM code of a quantity; blank where it has none, and as written where not known.

    The code counts; what is shown to people is read only where there is none.

    Raises
    ------
    Unusable
        If people are shown another unit than programs: one of the two numbers is wrong.
    """
    code, shown_unit = text(quantity.get("code")), text(quantity.get("unit"))
    if code and text(quantity.get("system")).rstrip("/") in UCUM_SYSTEMS:
        coded, people_see = SAME_CODES.get(code, code), _as_written(shown_unit)
        if coded in UNITS and people_see in UNITS and UNITS[coded][:2] != UNITS[people_see][:2]:
            raise Unusable(f"its unit is {shown_unit!r} by its words and {code!r} by its code")
        return coded
    return _as_written(shown_unit or code)


def _as_written(unit: str) -> str:
    if unit in UNITS:
        return unit
    return WRITTEN.get(unit.lower().rstrip("."), SAME_CODES.get(unit, unit))


def value_of(quantity: Resource) -> float:
    """The number of a quantity.

    Raises
    ------
    Unusable
        If there is none, or only a bound.
    """
    if quantity.get("comparator"):
        bound = number(quantity.get("value"))
        told = "" if bound is None else f" ({text(quantity.get('comparator'))} {bound:g})"
        raise Unusable(f"only a bound is told{told}")
    value = number(quantity.get("value"))
    if value is None:
        written = quantity.get("value")
        told = "there is no number" if written is None else "its value is no JSON number"
        raise Unusable(told)
    return value


def in_unit(quantity: Resource, wanted: str) -> float:
    """The number of a quantity in a unit of the contract.

    Raises
    ------
    Unusable
        If there is no number, its unit is missing, or it measures something else.
    """
    value, unit = value_of(quantity), unit_of(quantity)
    if UNITS[wanted].dimension == "number":
        if not unit or _ANNOTATION.fullmatch(unit) or unit.lower() in PLAIN:
            return value
        raise Unusable(f"it has the unit {unit!r}, and a plain number was expected")
    if not unit:
        raise Unusable(f"it has no unit, and {wanted} is not guessed")
    try:
        return float(f"{converted(value, unit, wanted):.12g}")
    except NotConvertible as reason:
        raise Unusable(str(reason)) from None
    except OverflowError:
        raise Unusable("its number is far too large") from None


def plausible(field: str, value: float) -> None:
    """Check a value against the contract's range.

    Raises
    ------
    Unusable
        If it lies outside, or is a fraction where the field counts.
    """
    limit = RANGES[field]
    if not limit.low <= value <= limit.high:
        told = limit.expected(value)
        raise Unusable(f"{told[0].lower()}{told[1:]}")
    if limit.whole and value != int(value):
        raise Unusable(f"{shown(value)} is no whole number")
