"""How far a spine bends to the side, from the mid-line of its column."""

import numpy as np

from imaging.regions.spine_column import STEP_MM, Column
from imaging.result import Finding, Severity

# From 10 degrees between the most tilted parts a bend is a scoliosis (Scoliosis Research Society,
# after Cobb 1948; recalled, to be confirmed). The mid-line of a picture is not a Cobb angle between
# endplates: it is named as a bend, and told from a little further on.
TOLD_BEND_DEG = 15.0
STRONG_BEND_DEG = 35.0
# The ends of the mid-line are pulled by ribs and sacrum.
END_MM = 12.0


def bend_degrees(column: Column) -> float:
    """Give the angle between the two most tilted parts of the mid-line."""
    end = round(END_MM / STEP_MM)
    slope = np.gradient(column.centre[:, 1])[end:-end]
    if not slope.size:
        return 0.0
    tilt = np.degrees(np.arctan(slope))
    return float(tilt.max() - tilt.min())


def sureness(bend: float) -> float:
    """Lower the confidence where the bend goes past what straight discs and edges describe."""
    return float(np.clip(1.5 - bend / 50, 0.4, 1.0))


def bent(bend: float) -> list[Finding]:
    """Say that a spine bends, so that levels and outlines are looked at."""
    if bend < TOLD_BEND_DEG:
        return []
    return [
        Finding(
            code="scoliosis",
            severity=Severity.WARNING,
            advice=f"The mid-line of the spine bends by about {bend:.0f} degrees: vertebrae turn "
            "and overlap, so check every outline, and do not compare with a straight spine.",
        )
    ]
