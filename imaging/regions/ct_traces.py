"""Vertebral bodies and their trabecular regions as lines in cuts along the spine and in slices."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from imaging.drawing.cuts import Cut, cut_along
from imaging.drawing.display import slice_name
from imaging.regions.ct_bodies import Body
from imaging.regions.straightened import Vector
from imaging.result import Region, Trace
from imaging.volume import Volume
from imaging.voxels import packed

RAYS, STEP_MM, FARTHEST_MM = 72, 0.25, 60.0
# What the cut from the side shows around the bodies: vessels before them, the arches behind, and
# the next discs; what the cut from the front shows of ribs and wings, by which levels are counted.
BEFORE_MM, BEHIND_MM, BEYOND_MM = 35.0, 60.0, 22.0
ASIDE_MM = 120.0
SACRAL, HEADS = "S1", "femoral_head_"  # names of regions without a body that cuts lead through
Corners = tuple[tuple[float, float], ...]


def cuts(
    volume: Volume, regions: Sequence[Region], bodies: Mapping[str, Body], columns: Vector
) -> tuple[Cut, Cut]:
    """Lay a sagittal and a coronal cut through the middle of the bodies.

    Parameters
    ----------
    columns : ndarray, shape (slices,)
        Column of the spine in each slice, which is followed where no body was found.
    """
    slice_mm, row_mm, column_mm = volume.spacing_mm
    up = np.arange(len(volume.voxels)) * slice_mm
    spinal = [one for one in regions if one.id in bodies or one.id == SACRAL] or list(regions)
    places = _middles(volume, spinal, bodies)
    heads = [one for one in regions if one.id.startswith(HEADS)]
    canal = np.asarray(columns) * column_mm
    beside = places[:, 2] - np.interp(places[:, 0], up, canal)
    sagittal_off = canal + np.interp(up, places[:, 0], beside)
    through = places
    if heads:  # from the spine the cut from side to side leads to both of them
        through = np.vstack([_middles(volume, heads, bodies).mean(axis=0), places])
        through = through[np.argsort(through[:, 0])]
    coronal_off = np.interp(up, through[:, 0], through[:, 1])
    points = [places, *(bodies[one.id].six_points_mm for one in spinal if one.id in bodies)]
    low, high = (edge(np.concatenate(points), axis=0) for edge in (np.min, np.max))
    middle = float(places[:, 2].mean())
    return (
        cut_along(
            volume,
            "sagittal",
            sagittal_off,
            (low[0] - BEYOND_MM, high[0] + BEYOND_MM),
            (low[1] - BEFORE_MM, high[1] + BEHIND_MM),
        ),
        cut_along(volume, "coronal", coronal_off, across_mm=(middle - ASIDE_MM, middle + ASIDE_MM)),
    )


def traced(
    volume: Volume, regions: Sequence[Region], bodies: Mapping[str, Body], both: Sequence[Cut]
) -> tuple[Region, ...]:
    """Say of each region how it and its body show in the cuts and in its own slice."""
    return tuple(_traced(volume, region, bodies.get(region.id), both) for region in regions)


def holds(body: Body, region: Region) -> bool:
    """Whether the middle of a drawn region lies inside a body."""
    if region.slice_index is None:
        return False
    column, row = np.mean(region.polygon, axis=0)
    at = np.rint([region.slice_index, row, column]).astype(int) - body.corner
    inside = (at >= 0).all() and (at < body.body.shape).all()
    return bool(inside and body.body[tuple(at)])


def with_points_of(regions: Sequence[Region], measured: Collection[str]) -> tuple[Region, ...]:
    """Keep the six points of those bodies only whose heights were measured."""
    return tuple(
        replace(
            region,
            traces=tuple(
                one for one in region.traces if one.part != "points" or region.id in measured
            ),
        )
        for region in regions
    )


def _traced(volume: Volume, region: Region, body: Body | None, both: Sequence[Cut]) -> Region:
    traces = []
    for cut in both:
        if body is not None:
            outline = _body_in_cut(volume, body, cut)
            traces += [Trace(picture=cut.name, part="bone", polygon=outline)] if outline else []
        inner = _region_in_cut(volume, region, cut)
        traces += [Trace(picture=cut.name, part="region", polygon=inner)] if inner else []
    if body is None:
        return replace(region, traces=tuple(traces))
    sagittal = both[0]
    points = tuple(sagittal.pixels(body.six_points_mm[:, 0], body.six_points_mm[:, 1]))
    traces.append(Trace(picture=sagittal.name, part="points", polygon=points, outline="points"))
    if region.slice_index is not None:
        outline = _body_in_slice(volume, body, region.slice_index)
        name = slice_name(region.slice_index)
        traces += [Trace(picture=name, part="bone", polygon=outline)] if outline else []
    return replace(region, traces=tuple(traces), bone=packed(body.corner, body.body))


def _middles(volume: Volume, regions: Sequence[Region], bodies: Mapping[str, Body]) -> Vector:
    """Give the middle of each region or its body from foot to head; mm, shape (k, 3)."""
    places = np.array([_middle(volume, region, bodies.get(region.id)) for region in regions])
    return np.asarray(places[np.argsort(places[:, 0])])


def _middle(volume: Volume, region: Region, body: Body | None) -> Vector:
    """Give the middle of a body, or of a region without one; mm along slices, rows, columns."""
    if body is not None:
        return np.asarray(body.six_points_mm.mean(axis=0))
    column, row = np.mean(region.polygon, axis=0)
    at = np.array([float(region.slice_index or 0), row, column])
    return np.asarray(at * np.array(volume.spacing_mm))


def _body_in_cut(volume: Volume, body: Body, cut: Cut) -> Corners:
    middle = body.six_points_mm.mean(axis=0)
    across = middle[1] if cut.name == "sagittal" else middle[2]

    def place(right: Vector, up: Vector) -> Vector:
        return cut.place(middle[0] + up, across + right)

    reach = _reach(volume, body, place)
    if reach is None:
        return ()
    right, up = reach
    return tuple(cut.pixels(middle[0] + up, across + right))


def _body_in_slice(volume: Volume, body: Body, index: int) -> Corners:
    slice_mm, row_mm, column_mm = volume.spacing_mm
    middle = body.six_points_mm.mean(axis=0)

    def place(right: Vector, down: Vector) -> Vector:
        level = np.full(len(right), index * slice_mm)
        return np.column_stack([level, middle[1] + down, middle[2] + right])

    reach = _reach(volume, body, place)
    if reach is None:
        return ()
    columns, rows = (middle[2] + reach[0]) / column_mm, (middle[1] + reach[1]) / row_mm
    return tuple(
        (round(float(x), 2), round(float(y), 2)) for x, y in zip(columns, rows, strict=True)
    )


def _reach(
    volume: Volume, body: Body, place: Callable[[Vector, Vector], Vector]
) -> tuple[Vector, Vector] | None:
    """Go out from the middle in all directions of a plane to the surface; None if outside."""
    turn = 2 * np.pi * np.arange(RAYS) / RAYS
    along = np.arange(0.0, FARTHEST_MM, STEP_MM)
    right, up = (np.outer(part, along).ravel() for part in (np.cos(turn), np.sin(turn)))
    at = place(right, up) / np.array(volume.spacing_mm) - np.array(body.corner)
    depth = ndimage.map_coordinates(body.depth_mm, at.T, order=1, mode="nearest")
    outside = depth.reshape(RAYS, len(along)) <= 0
    if outside[:, 0].any():
        return None
    far = along[outside.argmax(axis=1)] - STEP_MM / 2
    return far * np.cos(turn), far * np.sin(turn)


def _region_in_cut(volume: Volume, region: Region, cut: Cut) -> Corners:
    """Cut a drawn outline and its slices: a step for each slice, as it is measured."""
    if region.slice_index is None or region.outline != "area":
        return ()
    slice_mm, *in_plane = volume.spacing_mm
    first, last = region.depth_slices or (region.slice_index, region.slice_index)
    ring = np.array([*region.polygon, region.polygon[0]])[:, ::-1] * np.array(in_plane)
    if cut.name == "coronal":
        ring = ring[:, ::-1]
    up, near, far = [], [], []
    for index in range(first, last + 1):
        ends = _crossings(ring, float(cut.off_mm[index]))
        if ends is None:
            continue
        up += [(index - 0.5) * slice_mm, (index + 0.5) * slice_mm]
        near += [ends[0]] * 2
        far += [ends[1]] * 2
    if not up:
        return ()
    return tuple(cut.pixels(np.array(up + up[::-1]), np.array(near + far[::-1])))


def _crossings(ring: Vector, at: float) -> tuple[float, float] | None:
    """Give the first and last place where a ring of (along, off) crosses a line off = at."""
    start, end = ring[:-1], ring[1:]
    crossed = (start[:, 1] <= at) != (end[:, 1] <= at)
    if not crossed.any():
        return None
    start, end = start[crossed], end[crossed]
    part = (at - start[:, 1]) / (end[:, 1] - start[:, 1])
    places = start[:, 0] + part * (end[:, 0] - start[:, 0])
    return float(places.min()), float(places.max())
