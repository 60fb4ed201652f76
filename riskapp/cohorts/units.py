"""Units of a site's columns, converted where UCUM says how and never guessed."""

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.limits import HEAVIEST_MEDIAN_KG
from riskapp.exchange.ucum import UNITS, ratio
from riskapp.risk.limits import RANGES

Floats = npt.NDArray[np.float64]


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
    return float(ratio(given, wanted))


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
        if held.dimension != UNITS[limit.ucum].dimension:
            continue
        if inside(float(ratio(unit, limit.ucum))) >= share:
            return unit
    return None
