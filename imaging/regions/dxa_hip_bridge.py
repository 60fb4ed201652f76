"""A second way to the neck: the narrowest bridge of bone between the dark on either side of it.

The first way pairs edges by their gradient; this one knows no edges, only what is darker than bone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.dxa_hip_neck import Neck, below
from imaging.regions.dxa_hip_outline import Outline
from imaging.regions.dxa_hip_quality import clear_of_shaft
from imaging.regions.dxa_hip_shaft import Shaft
from imaging.regions.edge_field import EdgeField
from imaging.regions.spine_column import STEP_MM
from imaging.result import Finding, Severity

# Lighter than soft tissue by this share of what the trochanter is: bone, for this purpose.
BONE_SHARE = 0.35
# Beside the foot of the shaft, out from its cortex and up from its end, where the dark begins.
OUT_MM, UP_MM = (4.0, 6.0, 8.0, 10.0, 14.0), (2.0, 5.0, 8.0, 12.0)
# How far apart the two ways may be. Necks that were right, drawn and on real hips of two vendors,
# with their turned, noisy, lighter and darker copies: 0.3 mm off the middle, 7 degrees, 0.99 to
# 1.10 times as wide. Necks that were wrong: 4.8 mm off, 13 degrees or 1.14 times (our own figures).
MOST_OFF_MM, MOST_TURN_DEG, WIDTHS = 2.5, 12.0, (0.9, 1.13)
DOUBT = 0.5  # factor on confidence


@dataclass(frozen=True, slots=True)
class Bridge:
    """How the narrowest bridge lies to a neck.

    Attributes
    ----------
    off_mm : float
        Its middle off the axis of the neck.
    turn_deg : float
        Its line to the line across the neck.
    width_ratio : float
        Its width over the neck's.
    """

    off_mm: float
    turn_deg: float
    width_ratio: float

    @property
    def agrees(self) -> bool:
        return (
            abs(self.off_mm) <= MOST_OFF_MM
            and self.turn_deg <= MOST_TURN_DEG
            and WIDTHS[0] <= self.width_ratio <= WIDTHS[1]
        )


def find_bridge(
    field: EdgeField, shaft: Shaft, neck: Neck, outline: Outline, soft: float
) -> Bridge | None:
    """Join the dark above the neck with the dark below it by the shortest line.

    Both are followed from beside the foot of the shaft, on its outer and its inner side, so that
    the neck that was found has no say in where they are.

    Returns
    -------
    Bridge or None
        None where one of the two is not in the picture, or they are one.
    """
    bone = soft + BONE_SHARE * (float(np.median(clear_of_shaft(field, outline))) - soft)
    parts, _ = ndimage.label(ndimage.binary_opening(field.grey < bone, iterations=2))
    dark = np.asarray(parts, dtype=np.int_)
    outer, inner = (_beside_shaft(dark, shaft, side) for side in (1.0, -1.0))
    if 0 in (outer, inner) or outer == inner:
        return None
    # Above where the axes cross: further down the shaft is the narrowest bridge.
    places = np.argwhere(dark == outer).astype(np.float64)
    over = (shaft.height(places) > shaft.height(outline.corner)) & (
        shaft.lateral(places) < shaft.half_width
    )
    places = places[over]
    if not len(places):
        return None
    away, nearest = ndimage.distance_transform_edt(dark != inner, return_indices=True)
    rows, columns = places.astype(int).T
    at = int(away[rows, columns].argmin())
    start = places[at]
    end = nearest[:, rows[at], columns[at]].astype(np.float64)
    across = below(neck.ahead)
    along = (end - start) / np.hypot(*(end - start))
    return Bridge(
        off_mm=float(((start + end) / 2 - neck.centre) @ across) * STEP_MM,
        turn_deg=float(np.degrees(np.arccos(np.clip(along @ across, -1.0, 1.0)))),
        width_ratio=float(away[rows[at], columns[at]] / neck.width),
    )


def _beside_shaft(dark: npt.NDArray[np.int_], shaft: Shaft, side: float) -> int:
    """Name the dark that lies beside the foot of the shaft; 0 where there is none."""
    found = []
    for out in OUT_MM:
        for up in UP_MM:
            row, column = shaft.at(up / STEP_MM, side * (shaft.half_width + out / STEP_MM))
            if 0 <= row < dark.shape[0] and 0 <= column < dark.shape[1]:
                found.append(int(dark[int(row), int(column)]))
    counts = np.bincount(found) if found else np.zeros(1, dtype=int)
    counts[0] = 0
    return int(counts.argmax())


def doubtful() -> Finding:
    """Say that the two ways to the neck do not meet."""
    return Finding(
        code="neck_doubtful",
        severity=Severity.WARNING,
        advice="Two ways of finding the neck, by its edges and by the narrowest bridge of bone, do "
        "not agree in this picture: check the neck, its width and its axis before they are used.",
    )
