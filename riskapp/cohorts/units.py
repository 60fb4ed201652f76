"""Units of a site's columns, converted where UCUM says how and never guessed."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.limits import HEAVIEST_MEDIAN_KG
from riskapp.risk.limits import RANGES

Floats = npt.NDArray[np.float64]
DAYS_PER_YEAR = 365.25  # UCUM's "a" is the mean Julian year; "mo" is its twelfth


class Unit(NamedTuple):
    """What a unit measures and how many of the base unit it is."""

    dimension: str
    in_base: float
    words: str


# UCUM codes (https://ucum.org/ucum), with their definitions there; the international pound and
# inch are exact.
UNITS: dict[str, Unit] = {
    "kg": Unit("mass", 1.0, "kilograms"),
    "g": Unit("mass", 1e-3, "grams"),
    "[lb_av]": Unit("mass", 0.45359237, "pounds"),
    "[stone_av]": Unit("mass", 6.35029318, "stones"),
    "m": Unit("length", 1.0, "metres"),
    "cm": Unit("length", 1e-2, "centimetres"),
    "mm": Unit("length", 1e-3, "millimetres"),
    "[in_i]": Unit("length", 0.0254, "inches"),
    "[ft_i]": Unit("length", 0.3048, "feet"),
    "kg/m2": Unit("mass by area", 1.0, "kg/m2"),
    "g/cm2": Unit("mass by area", 10.0, "g/cm2"),
    "mg/cm2": Unit("mass by area", 0.01, "mg/cm2"),
    "mg/cm3": Unit("mass by volume", 1.0, "mg/cm3"),
    "g/cm3": Unit("mass by volume", 1000.0, "g/cm3"),
    "kg/m3": Unit("mass by volume", 1.0, "kg/m3"),
    "g/L": Unit("mass by volume", 1.0, "g/L"),
    "mg/mL": Unit("mass by volume", 1.0, "mg/mL"),
    "mg/dL": Unit("mass by volume", 0.01, "mg/dL"),
    "mg/L": Unit("mass by volume", 1e-3, "mg/L"),
    "ug/L": Unit("mass by volume", 1e-6, "ug/L"),
    "ng/mL": Unit("mass by volume", 1e-6, "ng/mL"),
    "mol/L": Unit("amount by volume", 1.0, "mol/L"),
    "mmol/L": Unit("amount by volume", 1e-3, "mmol/L"),
    "umol/L": Unit("amount by volume", 1e-6, "umol/L"),
    "nmol/L": Unit("amount by volume", 1e-9, "nmol/L"),
    "pmol/L": Unit("amount by volume", 1e-12, "pmol/L"),
    "a": Unit("time", DAYS_PER_YEAR, "years"),
    "mo": Unit("time", DAYS_PER_YEAR / 12, "months"),
    "wk": Unit("time", 7.0, "weeks"),
    "d": Unit("time", 1.0, "days"),
    "mg/d": Unit("mass by time", 1.0, "mg/day"),
    "g/d": Unit("mass by time", 1000.0, "g/day"),
    "ug/d": Unit("mass by time", 1e-3, "ug/day"),
    "1": Unit("number", 1.0, "plain numbers"),
    "%": Unit("number", 0.01, "per cent"),
    "{count}": Unit("number", 1.0, "counts"),
    "[hnsf'U]": Unit("attenuation", 1.0, "Hounsfield units"),
}


def factor(given: str, wanted: str, what: str) -> float:
    """Say what to multiply a number in the one unit with to have it in the other.

    Parameters
    ----------
    given, wanted : str
        UCUM codes.
    what : str
        The column, for the sentence.

    Raises
    ------
    UnusableCohort
        If a unit is not in the table or the two measure different things.
    """
    if given == wanted:
        return 1.0
    for unit in (given, wanted):
        if unit not in UNITS:
            raise UnusableCohort(
                f"The unit {unit[:40]!r} of {what} is not one that is converted here; give the "
                f"column in {wanted if unit == given else given}."
            )
    if UNITS[given].dimension != UNITS[wanted].dimension:
        raise UnusableCohort(
            f"{what} cannot be turned from {given} into {wanted}: "
            f"the one measures {UNITS[given].dimension}, the other {UNITS[wanted].dimension}."
        )
    return UNITS[given].in_base / UNITS[wanted].in_base


def likely_unit(name: str, values: Floats, share: float) -> str | None:
    """Name the unit that a column seems to be in, where it is not the contract's.

    Parameters
    ----------
    name : str
        A field of the contract.
    values : ndarray, shape (n,)
        As given; NaN where not known.
    share : float
        The share of known values that must lie in the plausible range in that unit, while
        less than half do in the contract's.
    """
    limit = RANGES[name]
    known = values[np.isfinite(values)]
    if known.size == 0 or limit.ucum not in UNITS:
        return None

    # Pounds lie inside the range of kilograms.
    if name == "weight_kg" and float(np.median(known)) > HEAVIEST_MEDIAN_KG:
        return "[lb_av]"

    def inside(by: float) -> float:
        return float(np.mean((known * by >= limit.low) & (known * by <= limit.high)))

    if inside(1.0) >= 0.5:
        return None
    for unit, held in UNITS.items():
        by = held.in_base / UNITS[limit.ucum].in_base
        if held.dimension == UNITS[limit.ucum].dimension and inside(by) >= share:
            return unit
    return None
