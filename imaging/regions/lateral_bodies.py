"""Bodies between the discs of a lateral spine: endplates and six points of each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.lateral_column import STEP_MM, Straight, sampled
from imaging.regions.lateral_discs import Array, Numbers, evened
from imaging.regions.paths import best_path
from imaging.sheet import Sheet

FINE_MM = 0.25  # of the endplates, along the spine
ACROSS_MM = 0.3  # of the endplates, from front to back
INSET_MM = 2.0  # corners lie this far inside front and back, clear of rounding and osteophytes
REACH_MM = 2.0  # a point of an endplate is the median this far to both sides
SEEK_MM = 5.0  # a disc lies this near to the middle of its dark band
PLATES_MM = (2.0, 8.0)  # and its plates this far from it
STEEPEST, SLOPE_COST = 0.3, 0.15  # slope of a disc against the line's own cross
DEEPEST = 0.5  # an endplate lies within this share of the gap from the middle of its disc
# Where the line of an endplate and the marrow behind it lie, mm from its edge, and their widths.
LINE_MM, MARROW_MM = (0.8, 1.2), (3.5, 2.0)
# Weights of our own: they kept the heights of one real spine on twelve copies of it.
LINE_WEIGHT = 0.6
NEARNESS_COST = 0.035  # per mm: of two equal edges the one nearer to the disc counts
BEND_COST = 0.05


@dataclass(frozen=True, slots=True)
class Body:
    """One vertebral body.

    Attributes
    ----------
    points : ndarray, shape (6, 2)
        (row, column) in mm, in the order of ``morphometry.six_points.POINTS``.
    contrast : float
        How steeply grey values rise at the faintest of the six points, in standard deviations
        of their surroundings per mm.
    """

    points: Numbers
    contrast: float


def find_bodies(
    image: Array, spacing_mm: tuple[float, float], column: Straight
) -> tuple[Body, ...]:
    """Place six points on the body between each two neighbouring discs.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
        Grey values, bone bright; the picture that was straightened.
    """
    fine = Sheet(evened(image, float(np.mean(spacing_mm))))
    discs = _disc_lines(fine, spacing_mm, column)
    return tuple(
        _body(fine, spacing_mm, column, (above, below))
        for above, below in zip(discs, discs[1:], strict=False)
    )


def _disc_lines(
    fine: Sheet,
    spacing_mm: tuple[float, float],
    column: Straight,
) -> list[tuple[float, float]]:
    """Place each disc between front and back: where it crosses the line, and its slope there.

    The line that is darkest against the brightest lines on both sides of it is the disc.
    """
    found = []
    line = column.line
    slopes = np.linspace(-STEEPEST, STEEPEST, 23)
    for disc in line.at_discs:
        front, back = (
            float(np.interp(disc, line.length, edge)) for edge in (column.front, column.back)
        )
        aside = np.arange(back + INSET_MM, front - INSET_MM / 2, STEP_MM)
        near = np.arange(-SEEK_MM - PLATES_MM[1], SEEK_MM + PLATES_MM[1], FINE_MM)
        along = disc + near + slopes[:, None, None] * (aside - aside.mean())[:, None]
        places = line.place(along, np.broadcast_to(column.sign * aside[:, None], along.shape))
        at, score = _darkest(sampled(fine, spacing_mm, places).mean(axis=1))
        best = int((score - SLOPE_COST * (slopes / STEEPEST) ** 2).argmax())
        slope = float(slopes[best])
        found.append((float(disc + near[at[best]] - slope * aside.mean()), slope))
    return found


def _darkest(profiles: Array) -> tuple[npt.NDArray[np.intp], Numbers]:
    """Find the step that lies furthest below the brightest steps on both sides of it.

    Parameters
    ----------
    profiles : ndarray, shape (n, steps)

    Returns
    -------
    at : ndarray, shape (n,)
    score : ndarray, shape (n,)
        How far below.
    """
    first, last = (round(mm / FINE_MM) for mm in PLATES_MM)
    inner = ndimage.uniform_filter1d(profiles, round(1.5 / FINE_MM) | 1)
    highest = ndimage.maximum_filter1d(profiles, last - first + 1)
    middle = (first + last) // 2
    plates = np.minimum(np.roll(highest, middle, axis=1), np.roll(highest, -middle, axis=1))
    score = (plates - inner)[:, last:-last]
    return score.argmax(axis=1) + last, score.max(axis=1).astype(np.float64)


def _body(
    fine: Sheet,
    spacing_mm: tuple[float, float],
    column: Straight,
    discs: tuple[tuple[float, float], tuple[float, float]],
) -> Body:
    """Place the six points of one body between two discs, each (place, slope)."""
    ends = [place + slope * _middle(column, place) for place, slope in discs]
    gap = ends[1] - ends[0]
    # The front and the back of a body are those of its middle half.
    rows = slice(round((ends[0] + 0.3 * gap) / STEP_MM), round((ends[0] + 0.7 * gap) / STEP_MM) + 1)
    front, back = (float(np.median(edge[rows])) for edge in (column.front, column.back))
    aside = np.arange(back, front + ACROSS_MM / 2, ACROSS_MM)
    into = np.arange(-1.0, DEEPEST * gap, FINE_MM)
    plates, contrast = [], []
    wanted = np.array([front - INSET_MM, (front + back) / 2, back + INSET_MM])
    near = np.abs(aside - wanted[:, None]) <= REACH_MM
    for (disc, slope), down in zip(discs, (1.0, -1.0), strict=True):
        start = disc + slope * aside
        along = start[:, None] + down * into
        places = column.line.place(
            along, np.broadcast_to(column.sign * aside[:, None], along.shape)
        )
        depth, rise = _endplate(sampled(fine, spacing_mm, places), into)
        plates.append(start + down * depth)
        contrast += [float(np.median(rise[each])) for each in near]
    upper, lower = (np.array([np.median(plate[each]) for each in near]) for plate in plates)
    top, bottom = (column.line.place(plate, column.sign * wanted) for plate in (upper, lower))
    return Body(np.concatenate([top, bottom[::-1]]), min(contrast))


def _middle(column: Straight, along: float) -> float:
    """Give the middle between front and back at one place along the line."""
    edges = (column.front + column.back) / 2
    return float(np.interp(along, column.line.length, edges))


def _endplate(patch: Array, into: Numbers) -> tuple[Numbers, Numbers]:
    """Follow the rise from the dark disc to the bright plate across the body.

    Parameters
    ----------
    patch : ndarray, shape (places across, steps into the body)
    into : ndarray
        Distance of each step from the middle of the disc, mm.

    Returns
    -------
    depth : ndarray, shape (places across,)
        Distance of the edge from the middle of the disc, mm.
    rise : ndarray, shape (places across,)
        How steeply grey values rise there, standard deviations of the surroundings per mm.
    """
    smooth = ndimage.gaussian_filter(patch, (0.8 / ACROSS_MM, 0.0))
    rise = ndimage.gaussian_filter1d(smooth, 0.6 / FINE_MM, axis=1, order=1) / FINE_MM
    # An endplate is a bright line; the rim of a dished one, seen beside it, is but a step.
    line, marrow = (
        np.roll(
            ndimage.uniform_filter1d(smooth, round(wide / FINE_MM) | 1, axis=1),
            -round(at_mm / FINE_MM),
            axis=1,
        )
        for at_mm, wide in (LINE_MM, MARROW_MM)
    )
    score = rise + LINE_WEIGHT * (line - marrow) - NEARNESS_COST * np.maximum(into, 0)
    # What was rolled over from the other end of the patch is no bone.
    score[:, -round((MARROW_MM[0] + MARROW_MM[1] / 2) / FINE_MM) :] = -np.inf
    path = best_path(np.asarray(score, dtype=np.float32), bend_cost=BEND_COST)
    rows = np.arange(len(path))
    # The top of a parabola through three steps.
    inner = np.clip(path, 1, rise.shape[1] - 2)
    before, at, after = (rise[rows, inner + k] for k in (-1, 0, 1))
    bend = before - 2 * at + after
    shift = np.where(bend < -1e-6, (before - after) / np.where(bend < -1e-6, 2 * bend, 1), 0)
    depth = into[0] + FINE_MM * (inner + np.clip(shift, -1, 1))
    return np.asarray(depth), np.asarray(rise[rows, path], dtype=np.float64)
