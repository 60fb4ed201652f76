"""How much alcohol is drunk, as the one question that is asked: three units a day, or more."""

import re

from riskapp.exchange.fhir.limits import (
    GRAMS_OF_A_DRINK,
    GRAMS_OF_A_GLASS,
    GRAMS_OF_A_UNIT,
    UNITS_DAILY,
)
from riskapp.exchange.fhir.quantities import Unusable, unit_of, value_of
from riskapp.exchange.fhir.shapes import Resource

_PER = {"d": 1.0, "day": 1.0, "wk": 7.0, "week": 7.0, "mo": 365.25 / 12, "month": 365.25 / 12}
# "{drinks}/d" of UCUM, "units/week" of people, "g/d".
_RATE = re.compile(r"(?P<what>1|\{[^{}]*\}|[a-z .]*)(?:/| per )(?P<per>[a-z]+)", re.IGNORECASE)
# What the code itself says, where the unit does not: of what, and for how many days.
ASKED = {
    "alcohol_intake": ("", None),
    "alcohol_drinking_day": ("", 1.0),
    "alcohol_units_daily": ("units", 1.0),
    "alcohol_units_weekly": ("units", 7.0),
}


def three_units(asked: str, quantity: Resource) -> tuple[bool, str]:
    """Whether a quantity is three units a day or more, and the words for it.

    How much a unit, a drink or a glass holds differs by country: what lies between is not answered.

    Parameters
    ----------
    asked : str
        A key of ``ASKED``; ``alcohol_drinking_day`` is of days on which anything is drunk.

    Raises
    ------
    Unusable
        If the amount or its unit is missing, or three units lie within what it may mean.
    """
    if not quantity:
        raise Unusable("there is no quantity")
    amount, unit = value_of(quantity), unit_of(quantity)
    if amount < 0:
        raise Unusable("an amount below zero")
    if amount == 0:
        return False, "none"
    of_what, by_code = ASKED[asked]
    rate = _RATE.fullmatch(unit)
    days = by_code if rate is None else _PER.get(rate["per"].lower())
    if days is None:
        raise Unusable(f"{unit or 'a number without a unit'} is no amount by day or week")
    what = (unit if rate is None else rate["what"]).strip("{} ").lower()
    least, most = _grams(of_what if what in ("", "1") else what)
    low, high = amount / days * least, amount / days * most
    words = f"{amount:g} {unit}"
    if high < UNITS_DAILY * GRAMS_OF_A_UNIT[0]:
        return False, words
    if asked == "alcohol_drinking_day":
        raise Unusable(f"{words} on days of drinking say nothing of a usual day")
    if low >= UNITS_DAILY * GRAMS_OF_A_UNIT[0]:
        return True, words
    raise Unusable(f"{words} may be under or over {UNITS_DAILY} units a day")


def _grams(plain: str) -> tuple[float, float]:
    """The least and most grams of one of these."""
    if plain in ("g", "gram", "grams"):
        return 1.0, 1.0
    if "unit" in plain:
        return float(GRAMS_OF_A_UNIT[0]), float(GRAMS_OF_A_UNIT[0])
    if "drink" in plain or plain in ("", "beverages", "standard"):
        return float(GRAMS_OF_A_DRINK[0]), float(GRAMS_OF_A_DRINK[1])
    if "glass" in plain:
        return float(GRAMS_OF_A_GLASS[0]), float(GRAMS_OF_A_GLASS[1])
    raise Unusable(f"{plain[:40]!r} is no amount of alcohol that is known here")
