"""The plane of a hip on CT: a picture through head, neck and about the shaft."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from imaging.drawing.display import CT_WINDOW_HU, as_png
from imaging.regions.ct_femur import Neck
from imaging.regions.straightened import Vector
from imaging.result import Picture
from imaging.volume import Volume

# The plane of the hip, as far as it is shown about the head; mm.
UP_MM, DOWN_MM, MEDIAL_MM, LATERAL_MM, PIXEL_MM = 40.0, 100.0, 45.0, 90.0, 0.8
AIR_HU = -1000.0
CIRCLE = 48  # corners
Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class HipPlane:
    """The plane of a head, its neck and about the shaft; upright, patient's right to the left."""

    middle: Vector
    up: Vector
    right: Vector  # along the rows of the picture
    first: tuple[float, float]  # up and right of the first pixel, mm from the middle
    size: tuple[int, int]

    @classmethod
    def of(cls, neck: Neck) -> "HipPlane":
        normal = neck.rings.across[1]
        up = np.array([1.0, 0.0, 0.0]) - normal[0] * normal
        up /= np.linalg.norm(up)
        right = np.cross(normal, up)
        right *= np.sign(right[2])
        left = MEDIAL_MM if neck.head.side == "left" else LATERAL_MM
        size = tuple(int(mm / PIXEL_MM) + 1 for mm in (UP_MM + DOWN_MM, MEDIAL_MM + LATERAL_MM))
        return cls(neck.head.at, up, right, (UP_MM, -left), (size[0], size[1]))

    def pixels(self, points: Vector) -> Line:
        """Give (column, row) of places in mm along slices, rows and columns."""
        off = points - self.middle
        columns, rows = (
            (off @ self.right - self.first[1]) / PIXEL_MM,
            (self.first[0] - off @ self.up) / PIXEL_MM,
        )
        return tuple(
            (round(float(x), 2), round(float(y), 2)) for x, y in zip(columns, rows, strict=True)
        )

    def picture(self, volume: Volume, side: str) -> Picture:
        rows, columns = self.size
        up = self.first[0] - np.arange(rows)[:, None] * PIXEL_MM
        right = self.first[1] + np.arange(columns)[None, :] * PIXEL_MM
        at = self.middle + up[..., None] * self.up + right[..., None] * self.right
        index = np.moveaxis(at / np.array(volume.spacing_mm), -1, 0)
        plane = ndimage.map_coordinates(volume.voxels, index, order=1, mode="constant", cval=AIR_HU)
        return Picture(
            name=f"hip-{side}",
            png=as_png(np.asarray(plane, dtype=np.float32), *CT_WINDOW_HU),
            width=columns,
            height=rows,
            slice_index=None,
            title=f"Plane of the {side} femoral head and neck, {PIXEL_MM:.2f} mm pixels",
        )

    def circle(self, at: Vector, radius: float) -> Line:
        """Cut a ball; nothing where it lies beside the plane."""
        off = float((at - self.middle) @ np.cross(self.up, self.right))
        if abs(off) >= radius:
            return ()
        turn = 2 * np.pi * np.arange(CIRCLE) / CIRCLE
        ways = np.cos(turn)[:, None] * self.up + np.sin(turn)[:, None] * self.right
        return self.pixels(at + np.sqrt(radius**2 - off**2) * ways)
