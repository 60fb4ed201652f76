"""Vertebral bodies and cerebrospinal fluid on a mid-sagittal T1 picture, for a person to name."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.regions.lateral_bodies import Body, find_bodies
from imaging.regions.lateral_column import HALF_MM, Straight, straighten
from imaging.regions.lateral_column import STEP_MM as COLUMN_MM
from imaging.regions.lateral_discs import (
    STEP_MM,
    Array,
    LateralChain,
    Numbers,
    find_chain,
)
from imaging.result import Region
from imaging.sagittal import Sagittal
from imaging.sheet import resampled

METHOD = "disc chain on T1, to be named and confirmed"
# The spine lies within this of the middle of the series.
OFF_MIDDLE_MM = 25.0
MOST_SLICES = 11  # that are searched; of thinner ones every second, third ...
FEWEST_DISCS = 4
FAINTEST_CHAIN = 0.5  # score per disc; generated T1 spines 1.2 and more, noise 0.2
# Behind the bodies: the sac of fluid lies here; beside the middle, pedicles cross it.
SAC_MM = (2.0, 15.0)
DARK = 0.75  # fluid has less than this share of the marrow's signal on T1
AS_DARK = 0.05
AS_FLUID = 0.25  # of the way from the darkest to the brightest place in the sac
LEAST_DARK = 0.7  # of the rows beside a body, on the middle slice
FLUID_HALF_MM = (7.0, 2.5)  # half height and half width of a proposed area of fluid
SHRUNK = 0.75  # a body's outline less endplates and cortex


@dataclass(frozen=True, slots=True)
class _View:
    index: int
    chain: LateralChain
    column: Straight
    dark: float


def find_regions(stack: Sagittal) -> tuple[Region, ...]:
    """Propose bodies, head to foot, and fluid behind each, on the slice nearest to the middle.

    Raises
    ------
    UnsuitableScan
        If no row of discs is found on any slice, or no dark sac behind the bodies.
    """
    views = [view for index in _middle(stack) if (view := _view(stack, index)) is not None]
    if not views:
        raise UnsuitableScan(
            "No row of lumbar discs can be followed on the middle slices: "
            "outline L1 to L4 and the fluid beside L3 by hand, or send a sagittal T1 series."
        )
    darkest = max(view.dark for view in views)
    if darkest < LEAST_DARK:
        raise UnsuitableScan(
            "No cerebrospinal fluid is in view behind the bodies: outline L1 to L4 and the fluid "
            "beside L3 by hand on the middle slice."
        )
    # Several slices run through the sac: the one in their middle is nearest to the spine's.
    alike = [view for view in views if view.dark >= darkest - AS_DARK]
    view = alike[len(alike) // 2]
    bodies = find_bodies(stack.planes[view.index], stack.pixel_mm, view.column)
    regions: list[Region] = []
    for number, body in enumerate(bodies, 1):
        regions.append(_body(stack, view, body, f"V{number}"))
        regions.append(_fluid(stack, view, number))
    return tuple(regions)


def _middle(stack: Sagittal) -> list[int]:
    count = len(stack.planes)
    off = np.abs(np.arange(count) - (count - 1) / 2) * stack.spacing_mm[0]
    near = np.flatnonzero(off <= OFF_MIDDLE_MM)
    apart = max(1, -(-len(near) // MOST_SLICES))
    return [int(index) for index in near[(len(near) // 2) % apart :: apart]]


def _view(stack: Sagittal, index: int) -> _View | None:
    plane: Array = stack.planes[index]
    if not float(np.ptp(plane)):
        return None
    chain = find_chain(resampled(plane, stack.pixel_mm, STEP_MM))
    if chain is None or len(chain.tilts) < FEWEST_DISCS:
        return None
    if chain.score < FAINTEST_CHAIN * len(chain.tilts):
        return None
    column = straighten(plane, stack.pixel_mm, chain, front_right=False)
    return _View(index, chain, column, _dark_share(column))


def _dark_share(column: Straight) -> float:
    """Give the share of rows beside the bodies in which the sac is dark against the marrow."""
    aside = np.arange(column.values.shape[1]) * COLUMN_MM - HALF_MM
    back, front = column.back[:, None], column.front[:, None]
    marrow = (aside > back + 4) & (aside < front - 4)
    sac = (aside < back - SAC_MM[0]) & (aside > back - SAC_MM[1])
    first, last = (round(column.line.at_discs[k] / COLUMN_MM) for k in (0, -1))
    inside, behind = (
        (column.values * band).sum(axis=1)[first:last] / np.maximum(band.sum(axis=1), 1)[first:last]
        for band in (marrow, sac)
    )
    return float((behind < DARK * np.median(inside)).mean())


def _polygon(stack: Sagittal, points: Numbers) -> tuple[tuple[float, float], ...]:
    row_mm, column_mm = stack.pixel_mm
    return tuple(
        (float(column / column_mm - 0.5), float(row / row_mm - 0.5)) for row, column in points
    )


def _body(stack: Sagittal, view: _View, body: Body, name: str) -> Region:
    middle = body.points.mean(axis=0)
    return Region(
        id=name,
        label="level unknown",
        method=METHOD,
        confidence=None,
        polygon=_polygon(stack, middle + SHRUNK * (body.points - middle)),
        slice_index=view.index,
        depth_slices=(view.index, view.index),
    )


def _fluid(stack: Sagittal, view: _View, number: int) -> Region:
    """Place a small area where the sac behind a body is darkest."""
    column = view.column
    above, below = column.line.at_discs[number - 1], column.line.at_discs[number]
    along = (above + below) / 2
    row = round(along / COLUMN_MM)
    high, wide = (round(half / COLUMN_MM) for half in FLUID_HALF_MM)
    smooth = ndimage.uniform_filter(column.values, (2 * high + 1, 2 * wide + 1), mode="nearest")
    aside = np.arange(column.values.shape[1]) * COLUMN_MM - HALF_MM
    back = column.back[min(row, len(column.back) - 1)]
    near = SAC_MM[0] + FLUID_HALF_MM[1]
    allowed = (aside <= back - near) & (aside >= back - SAC_MM[1] + FLUID_HALF_MM[1])
    place = _middle_of_dark(aside[allowed], smooth[min(row, len(smooth) - 1), allowed])
    up, side = FLUID_HALF_MM
    corners = [(-up, -side), (-up, side), (up, side), (up, -side)]
    points = column.line.place(
        np.array([along + a for a, _ in corners]),
        column.sign * np.array([place + b for _, b in corners]),
    )
    return Region(
        id=f"csf_{number}",
        label=f"cerebrospinal fluid beside V{number}",
        method=METHOD,
        confidence=None,
        polygon=_polygon(stack, points),
        slice_index=view.index,
        depth_slices=(view.index, view.index),
    )


def _middle_of_dark(places: Array, signal: Array) -> float:
    """Give the middle of what is dark: the darkest point itself is dark by noise as well."""
    darkest, brightest = float(signal.min()), float(signal.max())
    dark = signal <= darkest + AS_FLUID * (brightest - darkest)
    return float(np.median(places[dark]))
