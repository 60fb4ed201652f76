"""Which vertebra is L4 on a lateral spine: the last one above the iliac crests."""

import numpy as np

from imaging.regions.lateral_column import HALF_MM, STEP_MM, Straight
from imaging.regions.lateral_discs import Numbers

# The line between the crests crosses the body of L4 or the disc below it in 87 % of 75 people
# (Chakraverty et al. 2007, J Anat 210:232-236, doi 10.1111/j.1469-7580.2006.00686.x), so that L5
# is the first body that lies wholly under them. They brighten it and what is before it against the
# three bodies above: by 1.47 to 1.9 and more than 5 on the real spine (gamma 0.7 to 1.4), and what
# is behind it, often white already, never darkens. Limits of our own, far below that.
BODY, BEHIND, BEFORE = 1.3, 1.0, 1.2
# Behind and before the bodies, mm from their edges.
NEAR_MM, FAR_MM = 4.0, 20.0
# A body is judged by its upper part, from disc to disc; below the last disc the column may bend.
PART = (0.15, 0.65)
MOST_UNDER_CREST = 2  # L5 and S1; what brightens more of the column is no crest
SHORTEST_GAP_MM = 24.0  # L4 with its disc


def l4_from_crest(column: Straight) -> int | None:
    """Give the place of L4 among the bodies; None where the crests are not in view."""
    discs = [round(at / STEP_MM) for at in column.line.at_discs]
    last = discs[-1] - discs[-2]
    if discs[-1] + PART[1] * last > len(column.values):
        return None
    brightness = _brightness(column)
    segments = np.array(
        [
            np.median(
                brightness[round(start + PART[0] * gap) : round(start + PART[1] * gap)], axis=0
            )
            for start, gap in zip(discs, [*np.diff(discs), last], strict=True)
        ]
    )
    limits = np.array([BODY, BEHIND, BEFORE])
    first = max(3, len(segments) - MOST_UNDER_CREST)
    for at in range(first, len(segments)):
        above = np.median(segments[at - 3 : at], axis=0)
        tall = (discs[at] - discs[at - 1]) * STEP_MM >= SHORTEST_GAP_MM
        if tall and (segments[at:] >= limits * np.maximum(above, 1.0)).all():
            return at - 1
    return None


def _brightness(column: Straight) -> Numbers:
    """Give the mean grey value within, behind and before the bodies, row by row."""
    aside = np.arange(column.values.shape[1]) * STEP_MM - HALF_MM
    back, front = column.back[:, None], column.front[:, None]
    bands = (
        (aside > back + 3) & (aside < front - 3),
        (aside < back - NEAR_MM) & (aside > back - FAR_MM),
        (aside > front + NEAR_MM) & (aside < front + FAR_MM),
    )
    return np.stack(
        [(column.values * band).sum(axis=1) / np.maximum(band.sum(axis=1), 1) for band in bands],
        axis=1,
    )
