"""Names of regions, lists of them and numbers as a person reads them."""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

# Regions whose names alone would not be understood.
SPOKEN = {
    "wards": "Ward's triangle",
    "whole_body_spine": "spine (whole body)",
    "whole_body_t_spine": "thoracic spine (whole body)",
    "whole_body_l_spine": "lumbar spine (whole body)",
    "csf": "cerebrospinal fluid",
}
FOREARM = re.compile(r"(radius|ulna|forearm)_(33|ud|mid|total)")
PARTS_OF_FOREARM = {"33": "one-third", "ud": "ultradistal", "mid": "mid", "total": "total"}
SIDE = re.compile(r"(.+)_(left|right|mean|diff)")
BOTH = {"mean": "mean of both sides", "diff": "difference of the sides"}
# Decimals that the precision of a method bears, whatever the size of the number.
DECIMALS_BY_NAME = {
    "t_score": 1,
    "z_score": 1,
    "vertebral_deformity_grade": 0,
    "spinal_deformity_index": 0,
}
DECIMALS_BY_UNIT = {"[hnsf'U]": 0, "mg/cm3": 0, "deg": 0, "g/cm2": 3, "kg/m2": 1}
FINE_BELOW_MM, WHOLE_FROM_MM = 10.0, 100.0
MINUS = "\u2212"  # as print has it: a hyphen reads badly before a number
AS_PEOPLE_ROUND = Context(rounding=ROUND_HALF_UP)


def in_words(region: str) -> str:
    """``femoral_neck_left`` as "left femoral neck", ``radius_33`` as "one-third radius"."""
    sided = SIDE.fullmatch(region)
    if sided:
        name, side = in_words(sided[1]), sided[2]
        return f"{name}, {BOTH[side]}" if side in BOTH else f"{side} {name}"
    forearm = FOREARM.fullmatch(region)
    if forearm:
        return f"{PARTS_OF_FOREARM[forearm[2]]} {forearm[1]}"
    return SPOKEN.get(region, region.replace("_", " "))


def listed(words: Iterable[str]) -> str:
    """``L1, L2 and L3``."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def decimals_of(name: str, unit: str, largest: float) -> int | None:
    """Decimals to write a kind of number with; None where its size alone settles that.

    Parameters
    ----------
    name, unit : str
        Of the measurement; the unit as UCUM writes it.
    largest : float
        The largest absolute value that is shown together, in ``unit``.
    """
    if name in DECIMALS_BY_NAME:
        return DECIMALS_BY_NAME[name]
    if unit == "mm":
        return 2 if largest < FINE_BELOW_MM else 0 if largest >= WHOLE_FROM_MM else 1
    return DECIMALS_BY_UNIT.get(unit)


def rounded(value: float, decimals: int) -> str:
    """Write with so many decimals: ``82.5`` as ``83``, a half away from nought.

    What is rounded is the number as it is written in full; nought has no sign.
    """
    number = abs(float(value))
    full = repr(number)
    _, _, behind = full.partition(".")
    # Only of a number that is written as exactly a half it matters how halves go.
    if behind.isdecimal() and not (len(behind) == decimals + 1 and behind.endswith("5")):
        text = f"{number:.{decimals}f}"
    else:
        with localcontext(AS_PEOPLE_ROUND):
            text = f"{Decimal(full):.{decimals}f}"
    return MINUS + text if value < 0 and float(text) != 0 else text


def about(regions: Sequence[str], one: str, several: str) -> str:
    """Begin a sentence about regions: ``L1 holds``, ``L1, L2 and L3 hold``.

    Parameters
    ----------
    regions : sequence of str
        Their ids; at least one.
    one, several : str
        The verb for one region, and for more.
    """
    names = listed(in_words(name) for name in regions)
    return f"{names[:1].upper()}{names[1:]} {one if len(regions) == 1 else several}"
