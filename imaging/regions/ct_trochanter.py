"""The spongy bone between the trochanters on CT, where the axes of neck and shaft cross."""

import numpy as np

from imaging.regions.ct_femur import Neck, Shaft
from imaging.regions.hip_plane import HipPlane
from imaging.regions.straightened import Vector
from imaging.result import Region, Trace
from imaging.volume import Volume
from imaging.voxels import packed

INTERTROCHANTERIC = "intertrochanteric"  # how the names of these regions begin
METHOD = "ball where the axes of neck and shaft cross"
# The bone about the crossing is 35 mm wide and more: a ball of this radius stays off its cortex.
BALL_MM = 10.0
# Axes that pass further apart are not those of one femur; what is half cortex is no spongy bone.
FARTHEST_MM = 12.0
CORTEX_HU, LARGEST_CORTEX, EMPTIEST_HU = 450.0, 0.03, -120.0
CORNERS = 24


def trochanteric_region(volume: Volume, neck: Neck, shaft: Shaft, plane: HipPlane) -> Region | None:
    """Place a ball between the trochanters; None where it does not lie in spongy bone."""
    at = _crossing(neck, shaft)
    spacing = np.array(volume.spacing_mm)
    if at is None or (at < BALL_MM).any():
        return None
    low = np.floor((at - BALL_MM) / spacing).astype(int)
    high = np.ceil((at + BALL_MM) / spacing).astype(int) + 1
    if (high > volume.voxels.shape).any():
        return None
    axes = [np.arange(a, b) * mm for a, b, mm in zip(low, high, spacing, strict=True)]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    ball = np.linalg.norm(places - at, axis=-1) < BALL_MM
    values = volume.voxels[tuple(slice(a, b) for a, b in zip(low, high, strict=True))][ball]
    if (values > CORTEX_HU).mean() > LARGEST_CORTEX or np.median(values) < EMPTIEST_HU:
        return None
    name = f"{INTERTROCHANTERIC}_{neck.head.side}"
    held = np.flatnonzero(ball.any(axis=(1, 2)))
    turn = 2 * np.pi * np.arange(CORNERS) / CORNERS
    row, column = at[1] / spacing[1], at[2] / spacing[2]
    polygon = tuple(
        (
            round(float(column + BALL_MM / spacing[2] * np.cos(a)), 1),
            round(float(row + BALL_MM / spacing[1] * np.sin(a)), 1),
        )
        for a in turn
    )
    circle = plane.circle(at, BALL_MM)
    trace = Trace(picture=f"hip-{neck.head.side}", part="region", polygon=circle)
    return Region(
        id=name,
        label=name.replace("_", " "),
        method=METHOD,
        confidence=round(0.8 * neck.clear, 2),
        polygon=polygon,
        slice_index=round(float(at[0] / spacing[0])),
        depth_slices=(int(low[0] + held[0]), int(low[0] + held[-1])),
        voxels=packed((int(low[0]), int(low[1]), int(low[2])), ball),
        traces=(trace,) if circle else (),
    )


def _crossing(neck: Neck, shaft: Shaft) -> Vector | None:
    """Give the middle between the two axes where they are nearest to each other."""
    # Places head + s axis and at + t down, whose difference is across both.
    ways = np.column_stack([neck.axis, -shaft.down])
    s, t = np.linalg.lstsq(ways, shaft.at - neck.head.at, rcond=None)[0]
    on_neck, on_shaft = neck.head.at + s * neck.axis, shaft.at + t * shaft.down
    if np.linalg.norm(on_neck - on_shaft) > FARTHEST_MM or s < neck.along_mm[neck.narrowest]:
        return None
    return np.asarray((on_neck + on_shaft) / 2)
