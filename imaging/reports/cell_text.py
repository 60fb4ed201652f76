"""What stands in a cell of a table: a number as its quantity is printed, or none."""

import re

from imaging.reports.printed import POSSIBLE, Printed, Quantity

DECIMALS: dict[Quantity, tuple[int, ...]] = {
    Quantity.BMD: (3, 4, 2),
    Quantity.BMC: (2, 1, 3),
    Quantity.AREA: (2, 1, 3),
    Quantity.T: (1, 2),
    Quantity.Z: (1, 2),
}
NUMBER = re.compile(r"^[-–−+]?\d{1,4}[.,]\d{1,4}%?[*#]{0,2}$")
# Whole numbers, percentages and dashes: cells without a number that is read.
NO_NUMBER = re.compile(r"^(?:[-–−]{1,2}|n/?a|[-–−+]?\d{1,6}%?[*#]{0,2})$", re.I)


def is_cell(text: str) -> bool:
    """Say whether a word is a cell of a table of numbers."""
    return NUMBER.match(text) is not None or NO_NUMBER.match(text) is not None


def number_of(text: str, quantity: Quantity, factor: float = 1.0) -> Printed | None:
    """Read one number as this quantity is printed; None where it cannot be one.

    Parameters
    ----------
    factor : float
        Takes the printed unit to ours: 0.001 for mg/cm2.
    """
    plain = text.strip("*#+ ").replace("–", "-").replace("−", "-").replace(",", ".")
    if not re.fullmatch(r"-?\d{1,6}(?:\.\d{1,4})?", plain):
        return None
    decimals = len(plain.partition(".")[2])
    if factor == 1.0 and decimals not in DECIMALS[quantity]:
        return None
    decimals += {0.001: 3, 0.01: 2}.get(factor, 0)
    value = round(float(plain) * factor, decimals)
    low, high = POSSIBLE[quantity]
    return Printed(value, decimals) if low <= value <= high else None
