"""The column of a lateral spine made straight: facing, front and back of the bodies."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Polynomial
from scipy import ndimage

from imaging.regions.lateral_discs import Array, LateralChain, Numbers, evened
from imaging.regions.paths import best_path
from imaging.sheet import Sheet

STEP_MM = 0.75  # of the straightened column, along it and across it
HALF_MM = 62.0  # it reaches this far to both sides
# Behind the bodies lie pedicles, facets and spinous processes, before them lungs and belly.
FLANK_MM = (22.0, 40.0)
# The middle of a disc's dark band lies at most this far from the front of the bodies.
FRONT_MM = (4.0, 36.0)
EDGE_MM = 4.0
# Depth of a body from front to back over the distance from disc to disc, and its spread: about
# 24 over 25 mm at T6 and 34 over 37 at L3. Our own reading of one spine; a wide prior only.
DEPTH_OVER_GAP, DEPTH_SPREAD = 0.95, 0.13
PRIOR_COST = 0.35


@dataclass(frozen=True, slots=True)
class Straight:
    """The column on a grid of ``STEP_MM``, head up and front to the right.

    Attributes
    ----------
    line : Line
        Through the discs.
    values : ndarray, shape (rows, columns)
        Grey values; the line runs down the middle column.
    front, back : ndarray, shape (rows,)
        Places of the front and the back of the bodies, mm from the line, forward positive.
    sign : float
        1 where the person looks to the right of the picture, else -1.
    agree : float
        Share of the bodies by which front and back are told alike.
    behind_over_before : float
        Grey value behind the bodies over that before them.
    """

    line: "Line"
    values: Array
    front: Numbers
    back: Numbers
    sign: float
    agree: float
    behind_over_before: float


class Line:
    """A smooth line through the discs, and places beside it."""

    def __init__(self, chain: LateralChain, beyond_mm: float) -> None:
        rows, columns = chain.centres.T
        degree = min(5, len(rows) - 2)
        self._curve = Polynomial.fit(rows, columns, max(1, degree))
        self._ends = (float(rows[0]), float(rows[-1]))
        fine = np.arange(rows[0] - beyond_mm, rows[-1] + beyond_mm, 0.1)
        path = self._column(fine)
        length = np.concatenate([[0], np.cumsum(np.hypot(0.1, np.diff(path)))])
        self.length = np.arange(0, length[-1], STEP_MM)
        self.rows = np.interp(self.length, length, fine)
        self.columns = self._column(self.rows)
        slope = np.gradient(self.columns, self.rows)
        self.across = np.column_stack([-slope, np.ones_like(slope)]) / np.hypot(slope, 1)[:, None]
        self.at_discs = np.interp(rows, fine, length)

    def _column(self, rows: Numbers) -> Numbers:
        """Follow the fitted curve between the outer discs and go straight on beyond them."""
        inner = np.clip(rows, *self._ends)
        return np.asarray(self._curve(inner) + (rows - inner) * self._curve.deriv()(inner))

    def place(self, along: Numbers, aside: Numbers) -> Numbers:
        """Give (row, column) in mm of places ``along`` the line and ``aside`` to its right."""
        base = [np.interp(along, self.length, each) for each in (self.rows, self.columns)]
        side = [np.interp(along, self.length, self.across[:, k]) for k in (0, 1)]
        return np.stack([base[k] + aside * side[k] for k in (0, 1)], axis=-1)


def straighten(
    image: Array,
    spacing_mm: tuple[float, float],
    chain: LateralChain,
    front_right: bool | None = None,
) -> Straight:
    """Make the column straight and find the front and the back of its bodies.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
        Grey values, bone bright.
    spacing_mm : tuple of float
        (row, column) size of a pixel of ``image``.
    front_right : bool, optional
        Where the front lies, where that is known; otherwise the brighter flank is the back.
    """
    gaps = np.hypot(*np.diff(chain.centres, axis=0).T)
    line = Line(chain, 0.9 * float(gaps[-1]))
    aside = np.arange(-HALF_MM, HALF_MM + STEP_MM / 2, STEP_MM)
    along = np.repeat(line.length[:, None], len(aside), axis=1)
    values = sampled(
        Sheet(image), spacing_mm, line.place(along, np.broadcast_to(aside, along.shape))
    )
    to_right, agree, ratio = _facing(values, aside, line.at_discs)
    if front_right is not None:
        to_right = front_right
    if not to_right:
        values = values[:, ::-1]
    even = evened(values, STEP_MM)
    front = _front(even, aside, line.at_discs)
    back = _back(even, aside, front, _smooth_gaps(line, gaps))
    return Straight(line, values, front, back, 1.0 if to_right else -1.0, agree, ratio)


def sampled(sheet: Sheet, spacing_mm: tuple[float, float], places: Numbers) -> Array:
    """Read grey values at (row, column) places in mm from the picture's corner."""
    return sheet.read(*(places[..., k] / spacing_mm[k] - 0.5 for k in (0, 1)))


def _facing(values: Array, aside: Numbers, discs: Numbers) -> tuple[bool, float, float]:
    """Tell front from back: body by body, the brighter flank is the back.

    Returns
    -------
    to_right : bool
        Whether the front lies to the right.
    agree : float
        Share of the bodies that say so.
    behind_over_before : float
    """
    right = (aside >= FLANK_MM[0]) & (aside <= FLANK_MM[1])
    left = (-aside >= FLANK_MM[0]) & (-aside <= FLANK_MM[1])
    flanks = np.array(
        [
            (values[rows, left].mean(), values[rows, right].mean())
            for start, end in zip(discs, discs[1:], strict=False)
            for rows in (slice(round(start / STEP_MM), round(end / STEP_MM) + 1),)
        ]
    )
    share = float((flanks[:, 0] > flanks[:, 1]).mean())
    to_right = share >= 0.5
    behind, before = flanks.mean(axis=0) if to_right else flanks.mean(axis=0)[::-1]
    return to_right, max(share, 1 - share), float(behind / max(before, 1e-3))


def _front(even: Array, aside: Numbers, discs: Numbers) -> Numbers:
    """Follow the front of the bodies: bone behind it, soft tissue or lung before it."""
    reach = round(EDGE_MM / STEP_MM)
    mean = ndimage.uniform_filter1d(even, reach, axis=1)
    drop = np.roll(mean, reach // 2 + 1, axis=1) - np.roll(mean, -(reach // 2 + 1), axis=1)
    # Discs are dark up to their front: the bodies alone say where it is.
    rows = np.arange(len(even)) * STEP_MM
    gap = float(np.median(np.diff(discs)))
    weight = np.clip(np.min(np.abs(rows[:, None] - discs), axis=1) / (0.25 * gap), 0, 1)
    allowed = (aside >= FRONT_MM[0]) & (aside <= FRONT_MM[1])
    score = ndimage.gaussian_filter1d(drop * weight[:, None], 2 / STEP_MM, axis=0)[:, allowed]
    path = best_path(np.asarray(score, dtype=np.float32), bend_cost=0.25)
    first = aside[allowed][0]
    return np.asarray(first + STEP_MM * ndimage.gaussian_filter1d(path.astype(float), 3 / STEP_MM))


def _smooth_gaps(line: Line, gaps: Numbers) -> Numbers:
    """Give the gap that is usual at each row: crushed bodies do not make it shorter."""
    middles = (line.at_discs[1:] + line.at_discs[:-1]) / 2
    if len(gaps) < 4:
        return np.full(len(line.length), float(np.median(gaps)))
    slopes = [
        (gaps[j] - gaps[i]) / (middles[j] - middles[i])
        for i in range(len(gaps))
        for j in range(i + 1, len(gaps))
    ]
    slope = float(np.median(slopes))
    level = float(np.median(gaps - slope * middles))
    ends = np.clip(line.length, middles[0], middles[-1])
    return np.asarray(level + slope * ends)


def _back(even: Array, aside: Numbers, front: Numbers, gaps: Numbers) -> Numbers:
    """Follow the back of the bodies: it shows beside the dark foramina, not at the pedicles."""
    reach = round(3.0 / STEP_MM)
    mean = ndimage.uniform_filter1d(even, reach, axis=1)
    rise = np.roll(mean, -(reach // 2 + 1), axis=1) - np.roll(mean, reach // 2 + 1, axis=1)
    depths = np.arange(12.0, 52.0, STEP_MM)
    rows = np.arange(len(even), dtype=float)
    columns = (front[:, None] - depths - aside[0]) / STEP_MM
    seen = np.clip(Sheet(rise).read(rows[:, None], columns), 0, 1.5)
    prior = ((depths / gaps[:, None] - DEPTH_OVER_GAP) / DEPTH_SPREAD) ** 2
    score = ndimage.gaussian_filter1d(seen, 4 / STEP_MM, axis=0) - PRIOR_COST * prior
    path = best_path(np.asarray(score, dtype=np.float32), bend_cost=0.6)
    depth = depths[0] + STEP_MM * ndimage.gaussian_filter1d(path.astype(float), 5 / STEP_MM)
    return np.asarray(front - depth)
