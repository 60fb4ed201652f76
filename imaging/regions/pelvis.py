"""The iliac wings at the foot of a frontal spine image: they tell which vertebra is which."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.spine_column import BORDER, STEP_MM, Array, Column

# Wings lie outside transverse processes.
OUTSIDE_MM = (44.0, 95.0)
# Bone begins this far from soft tissue to the bright wing at the foot of the picture, and the
# wing must outshine soft tissue by this much of the brightest bone; relative, so that the grey
# scale of the display does not matter.
BONE_PART = 0.35
LEAST_CONTRAST = 0.07
LEAST_HEIGHT_MM = 6.0
END_MM = 15.0
# A crest whose upper edge climbs by this much per step over the outermost mm goes on outside.
EDGE_MM, CLIMB = 12.0, 0.7
WING_MM = 60.0


@dataclass(frozen=True, slots=True)
class Wings:
    """Where the crests begin, and whether the picture stands on its head.

    Attributes
    ----------
    crest_row : float or None
        Mean row of the tops of both crests (or of the one in view) on the working grid.
    upside_down : bool
    cut_off : bool
        Whether every crest in view still rises where the picture ends, so that it is higher than
        ``crest_row``.
    """

    crest_row: float | None
    upside_down: bool
    cut_off: bool = False


def find_wings(image: Array, column: Column) -> Wings:
    """Look for broad bone beside the column that reaches the lower end of the picture."""
    scale = float(np.percentile(image, 98)) or 1.0
    smooth = ndimage.gaussian_filter(image / scale, 2 / STEP_MM)
    rows, columns = image.shape
    offset = np.arange(columns)[None, :] - column.centre[:, 1][:, None]
    near, far = (mm / STEP_MM for mm in OUTSIDE_MM)
    beside = (np.abs(offset) >= near) & (np.abs(offset) <= far)
    # A leaning border is no wing: it is as light as the picture gets, and a little around it.
    border = ndimage.maximum_filter(image, round(5 / STEP_MM)) > BORDER * image.max()
    beside &= ~border
    end = round(END_MM / STEP_MM)
    middle = smooth[rows // 4 : rows * 3 // 5]
    soft = float(np.median(middle[beside[rows // 4 : rows * 3 // 5]])) if beside.any() else 0.0
    foot = _end(smooth[rows - end :], beside[rows - end :], soft)
    head = _end(smooth[:end], beside[:end], soft)
    bright = np.asarray(smooth > soft + BONE_PART * max(foot, LEAST_CONTRAST))
    tops = [_crest(bright & beside & side, beside & side) for side in (offset < 0, offset > 0)]
    seen = [top for top in tops if top is not None]
    rising = [
        _rises_outward(bright & beside & side, -1 if left else 1)
        for side, top, left in zip((offset < 0, offset > 0), tops, (True, False), strict=True)
        if top is not None
    ]
    return Wings(
        crest_row=float(np.mean(seen)) if seen and foot > LEAST_CONTRAST else None,
        upside_down=head > 2 * LEAST_CONTRAST and head > 2 * foot,
        cut_off=bool(rising) and all(rising),
    )


def _end(smooth: Array, beside: npt.NDArray[np.bool_], soft: float) -> float:
    """Measure how far the brighter half of one end of the picture outshines soft tissue."""
    return float(np.percentile(smooth[beside], 70)) - soft if beside.any() else 0.0


def _crest(bright: npt.NDArray[np.bool_], side: npt.NDArray[np.bool_]) -> float | None:
    """Climb from the lower end of one side as long as a broad piece stays bright."""
    width = bright.sum(axis=1)
    room = np.maximum(side.sum(axis=1), 1)
    broad = (width >= 8 / STEP_MM) & (width >= 0.12 * room)
    seen = np.flatnonzero(broad)
    # A leaning picture has an empty corner under the wing.
    if not seen.size or len(broad) - seen[-1] > END_MM / STEP_MM:
        return None
    dark = np.flatnonzero(~broad[: seen[-1]])
    top = int(dark[-1]) + 1 if dark.size else 0
    high = int(seen[-1]) + 1 - top
    return float(top) if high >= LEAST_HEIGHT_MM / STEP_MM and top > 0 else None


def _rises_outward(bright: npt.NDArray[np.bool_], outward: int) -> bool:
    """Tell whether the upper edge of a wing still climbs where the picture ends."""
    # Ribs lie far above.
    bright = bright[-round(WING_MM / STEP_MM) :]
    columns = np.flatnonzero(bright[-round(END_MM / STEP_MM) :].any(axis=0))[::-outward]
    outermost = columns[: round(EDGE_MM / STEP_MM)]
    if len(outermost) < EDGE_MM / STEP_MM / 2:
        return False
    tops = np.array([int(bright[:, column].argmax()) for column in outermost])
    slope = np.polyfit(np.arange(len(tops)), tops, 1)[0]
    return bool(slope > CLIMB)
