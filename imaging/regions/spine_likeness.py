"""Whether a row of dark bands is a spine seen from the front, before it is measured as one."""

from dataclasses import replace

import numpy as np

from imaging.regions.disc_chain import Chain, side_bands
from imaging.regions.spine_column import FLANK_MM, STEP_MM, Column

# Figures of our own, from one real AP spine with its noise, gamma and tilt variants, twelve drawn
# ones, and what is none: the same picture lying on its side, a hip, a spine from the side, stripes.
# Brightness of the soft tissue beside the column as a share of the bone: spines up to 0.29, a
# spine on its side 0.88 and more, stripes 1.
LIGHTEST_FLANK = 0.6
# Three discs and more of a spine score 0.8 and more on the usual scale (below; even on the dark,
# clipped pictures of a printed report), what can be threaded through a hip 0.4.
FAINTEST_CHAIN = 0.7
# A frontal column mirrors itself: 0.68 and more; 0.47 from the side, 0.37 for a hip.
LEAST_MIRRORED = 0.55
# Bodies have waists, so that the width changes along the column: by 1.0 mm (SD) and more.
STRAIGHTEST_MM = 0.4


# Displays differ by a power of the grey value, which deepens or flattens every disc: the power is
# undone that puts soft tissue at this share of bone, the middle of what was seen (0.12-0.17).
USUAL_FLANK = 0.15
POWERS = (0.5, 2.0)


def on_usual_scale(column: Column) -> Column:
    """Undo the display's curve, so that discs are as deep in one picture as in another."""
    share = float(np.clip(flank_share(column), 1e-3, 0.9))
    power = float(np.clip(np.log(USUAL_FLANK) / np.log(share), *POWERS))
    strip = np.clip(column.strip, 0, None) ** power
    return replace(column, strip=np.asarray(strip, dtype=np.float32))


def is_like_a_spine(column: Column, chain: Chain) -> bool:
    """Ask for dark flanks, distinct discs, a likeness of left and right, and waists."""
    return (
        flank_share(column) < LIGHTEST_FLANK
        and chain.score > FAINTEST_CHAIN
        and mirrored(column) > LEAST_MIRRORED
        and float(np.std(column.left + column.right)) * STEP_MM > STRAIGHTEST_MM
    )


def flank_share(column: Column) -> float:
    """Give the brightness beside the column as a share of the bone's."""
    half = column.strip.shape[1] // 2
    flank = round(FLANK_MM[0] / STEP_MM)
    beside = np.concatenate(
        [column.strip[:, : half - flank + 1], column.strip[:, half + flank :]], axis=1
    )
    left, right = side_bands(column.strip)
    bone = float(left.mean() + right.mean()) / 2
    return float(beside.mean()) / max(bone, 1e-6)


def mirrored(column: Column) -> float:
    """Correlate the left half of the straightened column with the right one."""
    half = column.strip.shape[1] // 2
    right = column.strip[:, half + 1 :].ravel()
    left = column.strip[:, half - 1 :: -1].ravel()
    if not left.std() or not right.std():
        return 0.0
    return float(np.corrcoef(left, right)[0, 1])
