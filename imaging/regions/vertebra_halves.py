"""Whether the lines of a chain lie in discs, told by what lies between them, not by the discs."""

import numpy as np

from imaging.regions.disc_chain import Chain
from imaging.regions.spine_column import STEP_MM, Column
from imaging.result import Finding, Severity

# Seen from the front the pedicles lie over the upper half of a body, the spinous process over its
# lower half (anatomy). Parts of the way from disc to disc that are compared:
UPPER, LOWER = (0.18, 0.45), (0.55, 0.82)
PEDICLES = (0.4, 0.85)  # across, in halves of the column's width
PROCESS_MM = 4.0
# Figures of our own. Differences summed: 0.28 and more on three real spines of two vendors, their
# changed copies and drawn ones; -0.04 and less with every line half a vertebra off, or on its head.
LEAST_DIFFERENCE = 0.1
DOUBT = 0.5  # factor on confidence


def halves_differ(column: Column, chain: Chain) -> float:
    """Compare the halves of each vertebra; its middle over the levels.

    Returns
    -------
    float
        How much lighter the pedicles' half is beside the mid-line, and the other half on it, as
        shares; negative where the lines lie in bodies.
    """
    strip = column.strip
    aside = np.abs(np.arange(strip.shape[1]) - strip.shape[1] // 2)
    process = aside < PROCESS_MM / STEP_MM
    differences = []
    for top, bottom in zip(chain.rows, chain.rows[1:], strict=False):
        upper, lower = (
            strip[slice(*(round(top + part * (bottom - top)) for part in half))]
            for half in (UPPER, LOWER)
        )
        wide = (column.left + column.right)[round(top) : round(bottom)].mean() / 2
        pedicles = (aside > PEDICLES[0] * wide) & (aside < PEDICLES[1] * wide)
        beside = [float(half[:, pedicles].mean()) for half in (upper, lower)]
        on_it = [float(half[:, process].mean()) for half in (upper, lower)]
        differences.append(
            2 * (beside[0] - beside[1]) / max(sum(beside), 1e-6)
            + 2 * (on_it[1] - on_it[0]) / max(sum(on_it), 1e-6)
        )
    return float(np.median(differences))


def shifted(difference: float) -> list[Finding]:
    """Tell of lines that may lie half a vertebra off."""
    if difference >= LEAST_DIFFERENCE:
        return []
    return [
        Finding(
            code="discs_doubtful",
            severity=Severity.WARNING,
            advice="Pedicles and spinous processes do not lie between the lines as they do between "
            "discs: the lines may lie half a vertebra off. Check each line before a value is used.",
        )
    ]
