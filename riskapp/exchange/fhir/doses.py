"""The daily dose that a dosage instruction says, in milligrams."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from riskapp.exchange.fhir.quantities import Unusable, in_unit, unit_of, value_of
from riskapp.exchange.fhir.shapes import Resource, codes_of, mapping, mappings, number, text

# Times in a day of HL7's abbreviations (v3 GTSAbbreviation).
TIMES_DAILY = {
    "QD": 1.0, "AM": 1.0, "PM": 1.0, "BED": 1.0, "BID": 2.0, "TID": 3.0, "QID": 4.0,
    "Q6H": 4.0, "Q8H": 3.0, "Q12H": 2.0, "QOD": 0.5, "WK": 1 / 7, "MO": 12 / 365.25,
}  # fmt: skip
# Prednisolone 5 mg is as strong as so many milligrams of these (BNF, Glucocorticoid therapy,
# equivalent anti-inflammatory doses; recalled, to be confirmed).
AS_STRONG_AS_5_MG = {
    "prednisolone": 5.0,
    "prednisone": 5.0,
    "methylprednisolone": 4.0,
    "triamcinolone": 4.0,
    "deflazacort": 6.0,
    "hydrocortisone": 20.0,
    "cortisone": 25.0,
    "dexamethasone": 0.75,
    "betamethasone": 0.75,
}
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_IN_NAME = re.compile(rf"{_NUMBER}\s*(mg|mcg|µg|ug|g)\b(?!\s*/)", re.IGNORECASE)
# "5 MG/ML" of RxNorm, "5mg/5ml" of the NHS.
_OF_LIQUID = re.compile(rf"{_NUMBER}\s*(mg|mcg|µg|ug|g)\s*/\s*{_NUMBER}?\s*ml\b", re.IGNORECASE)
_PIECES = re.compile(
    r"\{?(tbl|tablets?|tablet\(s\)|tab|tabs|tabletten?|capsules?|cap|caps|kapseln?|pill|1)s?\}?",
    re.IGNORECASE,
)


VOLUMES = ("mL", "L")
COUNTED = "a dose without a unit counted in tablets, as it is too small for milligrams"


class Dose(NamedTuple):
    """Milligrams a day, or why they are not known; and what was taken for granted."""

    mg_daily: float | None
    why_not: str = ""
    assumed: str = ""


def as_prednisolone(agent: str, mg_daily: float) -> float:
    """Prednisolone-equivalent dose, mg a day; KeyError for what is not in the table."""
    return float(f"{mg_daily * 5.0 / AS_STRONG_AS_5_MG[agent]:.6g}")


def daily_dose(
    dosages: Sequence[Resource], medication: Resource | None, names: Sequence[str]
) -> Dose:
    """The usual dose of a day, summed over instructions that go together.

    Parameters
    ----------
    names : sequence of str
        What the medicine is called, by any of which its strength may be told.
    """
    if not dosages:
        return Dose(None, "no dosage is told")
    if len({number(each.get("sequence")) for each in dosages}) > 1:
        return Dose(None, "its dosage changes over time")
    try:
        each_mg = [_one_dose(dosage, medication, names) for dosage in dosages]
    except Unusable as reason:
        return Dose(None, str(reason))
    bare = any(not unit_of(_quantity(each)) for each in dosages)
    return Dose(float(f"{sum(each_mg):.9g}"), assumed=COUNTED if bare else "")


def _one_dose(dosage: Resource, medication: Resource | None, names: Sequence[str]) -> float:
    if dosage.get("asNeededBoolean") is True or dosage.get("asNeededCodeableConcept"):
        raise Unusable("it is taken as needed")
    quantity = _quantity(dosage)
    if not quantity:
        raise Unusable("its dose is not told as one quantity")
    return _milligrams(quantity, medication, names) * _times_daily(mapping(dosage.get("timing")))


def _quantity(dosage: Resource) -> Resource:
    rates = mappings(dosage.get("doseAndRate"))
    quantity = mapping(rates[0].get("doseQuantity")) if rates else {}
    return quantity or mapping(dosage.get("doseQuantity")) or mapping(dosage.get("dose"))


def _milligrams(quantity: Resource, medication: Resource | None, names: Sequence[str]) -> float:
    unit = unit_of(quantity)
    if _PIECES.fullmatch(unit):
        return value_of(quantity) * _of_a_piece(medication, names)
    if unit == "mg":
        return value_of(quantity)
    if unit in VOLUMES:
        return in_unit(quantity, "mL") * _of_a_millilitre(medication, names)
    if not unit:
        return _without_unit(value_of(quantity), _of_a_piece(medication, names))
    return in_unit(quantity, "mg")


def _without_unit(value: float, piece: float) -> float:
    """Pieces, as Synthea counts them, where the number cannot be milligrams: less than half a
    piece would be taken. Raises Unusable where it can be either and the two differ."""
    if value < piece / 2 or piece == 1:
        return value * piece
    raise Unusable("its dose has no unit, and may be tablets or milligrams")


def _of_a_piece(medication: Resource | None, names: Sequence[str]) -> float:
    """Milligrams in one tablet: of the only ingredient, or as the names say."""
    told = _strength(medication, "1")
    if told is not None:
        return told
    found = {_in_mg(value, unit) for name in names for value, unit in _IN_NAME.findall(name)}
    if len(found) != 1:
        raise Unusable("how much one tablet holds is not told")
    return found.pop()


def _of_a_millilitre(medication: Resource | None, names: Sequence[str]) -> float:
    """Milligrams in a millilitre: of the only ingredient, or as the names say."""
    told = _strength(medication, "mL")
    if told is not None:
        return told
    found = {
        _in_mg(value, unit) / float((over or "1").replace(",", "."))
        for name in names
        for value, unit, over in _OF_LIQUID.findall(name)
    }
    if len(found) != 1:
        raise Unusable("how much a millilitre holds is not told")
    return found.pop()


def _strength(medication: Resource | None, unit: str) -> float | None:
    """Milligrams in one of the unit, as the only ingredient of a Medication tells it."""
    parts = mappings(mapping(medication).get("ingredient"))
    if len(parts) != 1 or not parts[0].get("strength"):
        return None
    strength = mapping(parts[0].get("strength"))
    below = mapping(strength.get("denominator"))
    over = in_unit(below, "mL") if unit == "mL" else number(below.get("value")) or 1.0
    if over <= 0:
        raise Unusable("its strength is told of nothing")
    return in_unit(mapping(strength.get("numerator")), "mg") / over


def _in_mg(value: str, unit: str) -> float:
    return in_unit({"value": float(value.replace(",", ".")), "unit": unit.lower()}, "mg")


def _times_daily(timing: Resource) -> float:
    repeat = mapping(timing.get("repeat"))
    if repeat.get("frequencyMax") or repeat.get("periodMax"):
        raise Unusable("how often it is taken is told as a range")
    period, unit = number(repeat.get("period")), text(repeat.get("periodUnit"))
    if period and unit and period > 0:
        days = in_unit({"value": period, "code": unit}, "d")
        often = number(repeat.get("frequency"))
        on_days = repeat.get("dayOfWeek")
        times = repeat.get("when")
        if often is None:
            often = float(len(times)) if isinstance(times, list) and times else 1.0
        if isinstance(on_days, list) and on_days:
            if days == 7:
                return len(on_days) / days
            if days != 1:
                raise Unusable("the days of the week on which it is taken do not fit its period")
            often *= len(on_days) / 7
        return often / days
    for code in codes_of(timing.get("code")):
        if code.upper() in TIMES_DAILY:
            return TIMES_DAILY[code.upper()]
    times = repeat.get("when") or repeat.get("timeOfDay")
    if isinstance(times, list) and times:
        return float(len(times))
    raise Unusable("how often it is taken is not told")
