"""How much alcohol is drunk, as the one question that is asked: three units a day, or more."""

import re

from riskapp.exchange.fhir.limits import GRAMS_OF_A_DRINK, GRAMS_OF_A_UNIT, UNITS_DAILY
from riskapp.exchange.fhir.quantities import Unusable, unit_of, value_of
from riskapp.exchange.fhir.shapes import Resource

_PER = {"d": 1.0, "day": 1.0, "wk": 7.0, "week": 7.0, "mo": 365.25 / 12, "month": 365.25 / 12}
# "{drinks}/d" of UCUM, "units/week" of people, "g/d".
_RATE = re.compile(r"(?P<what>\{[^{}]*\}|[a-z .]*)(?:/| per )(?P<per>[a-z]+)", re.IGNORECASE)


def three_units(asked: str, quantity: Resource) -> tuple[bool, str]:
    """Whether a quantity is three units a day or more, and the words for it.

    A unit holds 8 to 10 g and a drink 8 to 14 g, by country: what lies between is not answered.

    Parameters
    ----------
    asked : str
        ``alcohol_intake``, or ``alcohol_drinking_day``: on days on which anything is drunk.

    Raises
    ------
    Unusable
        If the amount or its unit is missing, or three units lie within what it may mean.
    """
    if not quantity:
        raise Unusable("there is no quantity")
    amount, unit = value_of(quantity), unit_of(quantity)
    rate = _RATE.fullmatch(unit)
    if rate is None and asked == "alcohol_drinking_day":
        what, days = unit or "{drinks}", 1.0
    elif rate is None or rate["per"].lower() not in _PER:
        raise Unusable(f"{unit or 'a number without a unit'} is no amount by day or week")
    else:
        what, days = rate["what"], _PER[rate["per"].lower()]
    if amount < 0:
        raise Unusable("an amount below zero")
    least, most = _grams(what)
    low, high = amount / days * least, amount / days * most
    words = f"{amount:g} {unit}"
    if high < UNITS_DAILY * GRAMS_OF_A_UNIT[0]:
        return False, words
    if asked == "alcohol_drinking_day":
        raise Unusable(f"{words} on days of drinking say nothing of a usual day")
    if low >= UNITS_DAILY * GRAMS_OF_A_UNIT[0]:
        return True, words
    raise Unusable(f"{words} may be under or over {UNITS_DAILY} units a day")


def _grams(what: str) -> tuple[float, float]:
    """The least and most grams of one of these."""
    plain = what.strip("{} ").lower()
    if plain in ("g", "gram", "grams"):
        return 1.0, 1.0
    if "unit" in plain:
        return float(GRAMS_OF_A_UNIT[0]), float(GRAMS_OF_A_UNIT[0])
    if "drink" in plain or plain in ("", "1", "beverages", "standard"):
        return float(GRAMS_OF_A_DRINK[0]), float(GRAMS_OF_A_DRINK[1])
    raise Unusable(f"{what[:40]!r} is no amount of alcohol that is known here")
