"""Where the names of regions stand in a drawing: beside them, or on them, and on nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, dist, hypot

import numpy as np
import numpy.typing as npt

from imaging.polygons import area, inside

Point = tuple[float, float]
# All in heights of a letter. Widths of bold sans-serif letters, taken on the wide side.
LETTER_WIDTH, CAPITAL_WIDTH, ABOVE_LINE, BELOW_LINE = 0.69, 0.78, 0.8, 0.25
WIDTHS = {**dict.fromkeys("fijl ,.'", 0.37), **dict.fromkeys("rt-", 0.5), "m": 1.05, "w": 0.95}
# A slanting side lies a little further away at half height, where its name is looked for.
SLANT = 0.8
GAP, FURTHER = 0.45, (0.0, 0.9, 2.2, 4.0, 6.5, 10.0)
LEADS_FROM = 1.3  # a name further away than this is joined to its region by a line
SAMPLES_APART = 0.6
BESIDE = 0.9  # an outline that runs within this of the middle of a name lies beside it
# What a place costs: a hidden name, out of the picture, a point of a line, a letter of distance.
COST_OF_NAME, COST_OF_EDGE, COST_OF_LINE, COST_OF_DISTANCE = 200.0, 400.0, 1.0, 1.5
# All of a name on another's area, where it would be read as that one's; on its own, over the bone.
COST_OF_STRANGER, COST_OF_COVERING = 14.0, 3.0
CELL = 0.5  # of the chart that tells whose area is where
HEIGHTS = (0.5, 0.35, 0.65, 0.2, 0.8)  # of an area at which its name may stand on it


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in drawing units."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, point: Point) -> bool:
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

    def contains(self, other: "Box") -> bool:
        return self.holds((other.left, other.top)) and self.holds((other.right, other.bottom))

    def shared_with(self, other: "Box") -> float:
        """Area that both cover."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0.0) * max(high, 0.0)

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Label:
    """A name: where its baseline starts, ends or is centred, and a line to its region if far."""

    x: float
    y: float
    anchor: str  # start, middle or end, as in SVG
    box: Box
    leader: tuple[Point, Point] | None = None


@dataclass(frozen=True, slots=True)
class _Ground:
    """Whose area is where: of areas within each other the smallest, -1 for none."""

    owners: npt.NDArray[np.int32]
    frame: Box
    cell: float

    @classmethod
    def of(cls, outlines: Sequence[Sequence[Point]], frame: Box, cell: float) -> "_Ground":
        shape = (
            max(1, ceil((frame.bottom - frame.top) / cell)),
            max(1, ceil((frame.right - frame.left) / cell)),
        )
        owners = np.full(shape, -1, dtype=np.int32)
        closed = [at for at, line in enumerate(outlines) if len(line) > 3 and line[0] == line[-1]]
        for at in sorted(closed, key=lambda at: -area(outlines[at])):
            ring = [
                ((x - frame.left) / cell - 0.5, (y - frame.top) / cell - 0.5)
                for x, y in outlines[at]
            ]
            owners[inside(ring, shape)] = at
        return cls(owners, frame, cell)

    def strange(self, box: Box, own: int) -> float:
        """Give the share of a box that lies on areas of others."""
        rows = self._cells(box.top - self.frame.top, box.bottom - self.frame.top)
        columns = self._cells(box.left - self.frame.left, box.right - self.frame.left)
        cells = self.owners[rows, columns]
        return float(((cells >= 0) & (cells != own)).mean()) if cells.size else 0.0

    def _cells(self, low: float, high: float) -> slice:
        return slice(max(0, int(low / self.cell)), max(0, ceil(high / self.cell)))

    def middles(self, own: int) -> Iterator[Point]:
        """Give the middles of the widest parts of an area at some heights."""
        rows = np.flatnonzero((self.owners == own).any(axis=1))
        for part in HEIGHTS if rows.size else ():
            row = rows[int(part * (len(rows) - 1))]
            columns = np.flatnonzero(self.owners[row] == own)
            runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
            widest = max(runs, key=len)
            middle = (widest[0] + widest[-1] + 1) / 2 * self.cell + self.frame.left
            yield float(middle), float((row + 0.5) * self.cell + self.frame.top)


def box_of(points: Sequence[Point]) -> Box:
    across, down = [x for x, _ in points], [y for _, y in points]
    return Box(min(across), min(down), max(across), max(down))


def place_labels(
    named: Sequence[tuple[str, Sequence[Point]]],
    frame: Box,
    letters: float,
    unnamed: Sequence[Sequence[Point]] = (),
) -> list[Label]:
    """Find a place for each name, one after the other, the cheapest that is left.

    Parameters
    ----------
    named : sequence of (name, points)
        What is written and the outline that it names, in drawing units; at least one point.
    frame : Box
        The part of the drawing that is seen.
    letters : float
        Size of the letters in drawing units.
    unnamed : sequence of points
        Further outlines that names stay off.

    Returns
    -------
    list of Label
        In the order of ``named``. To the right, at half height, wherever nothing is in the way.
    """
    lines = [_along(points, SAMPLES_APART * letters) for _, points in named]
    others = [_along(points, SAMPLES_APART * letters) for points in unnamed]
    all_points = [point for line in (*lines, *others) for point in line]
    ground = _Ground.of([points for _, points in named], frame, CELL * letters)
    boxes = [box_of(points) for _, points in named]
    # What lies around others has more places left than they have, so it comes last.
    order = sorted(range(len(named)), key=lambda at: sum(map(boxes[at].contains, boxes)))
    placed: dict[int, Label] = {}
    for own in order:
        (name, points), line = named[own], lines[own]
        places = [
            *((one, False) for one in _places(name, points, letters)),
            *((one, False) for one in _at_the_sides(name, line, letters)),
            *(
                (_label(name, x, y + letters / 3, "middle", letters), True)
                for x, y in ground.middles(own)
            ),
        ]
        best, covers = min(
            enumerate(places),
            key=lambda at: (
                _cost(at[1][0], list(placed.values()), all_points, frame)
                + _cost_of_ground(at[1][0], ground, own, line, letters, covers=at[1][1])
                + at[0] / 1000  # of places that cost the same, the usual one
            ),
        )[1]
        placed[own] = best if covers else _led(best, line, letters)
    return [placed[own] for own in range(len(named))]


def _cost_of_ground(
    label: Label,
    ground: _Ground,
    own: int,
    line: Sequence[Point],
    letters: float,
    *,
    covers: bool,
) -> float:
    """Price where a name stands: far from its own outline, on its own area, on another's."""
    strange = ground.strange(label.box, own)
    if covers:
        return COST_OF_STRANGER * strange + COST_OF_COVERING
    away = min(_distance(label.box, point) for point in line) / letters
    return COST_OF_STRANGER * strange + COST_OF_DISTANCE * max(away - GAP - SLANT, 0.0)


def _places(name: str, points: Sequence[Point], letters: float) -> Iterator[Label]:
    """Beside the whole, then beside its ends, then further out."""
    whole = box_of(points)
    ends = [Box(x, y, x, y) for x, y in dict.fromkeys((points[0], points[-1]))]
    for further in FURTHER:
        gap = (GAP + further) * letters
        for box in (whole, *ends):
            middle = (box.left + box.right) / 2
            for y in ((box.top + box.bottom) / 2, box.top, box.bottom):
                base = y + letters / 3
                yield _label(name, box.right + gap, base, "start", letters)
                yield _label(name, box.left - gap, base, "end", letters)
            above = box.top - gap - BELOW_LINE * letters
            yield _label(name, middle, above, "middle", letters)
            yield _label(name, middle, box.bottom + gap + ABOVE_LINE * letters, "middle", letters)


def _at_the_sides(name: str, line: Sequence[Point], letters: float) -> Iterator[Label]:
    """Beside an outline itself where it is narrower than its box, such as a shaft below a hip."""
    whole = box_of(line)
    for part in HEIGHTS:
        middle = whole.top + part * (whole.bottom - whole.top)
        across = [x for x, y in line if abs(y - middle) <= BESIDE * letters]
        if across:
            base = middle + letters / 3
            yield _label(name, max(across) + GAP * letters, base, "start", letters)
            yield _label(name, min(across) - GAP * letters, base, "end", letters)


def _label(name: str, x: float, y: float, anchor: str, letters: float) -> Label:
    wide = _width(name) * letters
    left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    box = Box(left, y - ABOVE_LINE * letters, left + wide, y + BELOW_LINE * letters)
    return Label(x, y, anchor, box)


def _width(name: str) -> float:
    return sum(WIDTHS.get(one, CAPITAL_WIDTH if one.isupper() else LETTER_WIDTH) for one in name)


def _cost(
    label: Label,
    placed: Sequence[Label],
    all_points: Sequence[Point],
    frame: Box,
) -> float:
    box = label.box
    hidden = sum(box.shared_with(one.box) for one in placed) / box.area
    outside = 1.0 - box.shared_with(frame) / box.area
    crossed = sum(box.holds(point) for point in all_points)
    return (
        (COST_OF_NAME * (1.0 + hidden) if hidden else 0.0)
        + COST_OF_EDGE * outside
        + COST_OF_LINE * crossed
    )


def _distance(box: Box, point: Point) -> float:
    across = max(box.left - point[0], 0.0, point[0] - box.right)
    down = max(box.top - point[1], 0.0, point[1] - box.bottom)
    return hypot(across, down)


def _led(label: Label, line: Sequence[Point], letters: float) -> Label:
    nearest = min(line, key=lambda point: _distance(label.box, point))
    if _distance(label.box, nearest) <= LEADS_FROM * letters:
        return label
    box = label.box
    edge = (
        min(max(nearest[0], box.left), box.right),
        min(max(nearest[1], box.top), box.bottom),
    )
    return Label(label.x, label.y, label.anchor, box, (edge, nearest))


def _along(points: Sequence[Point], apart: float) -> list[Point]:
    """Points along an outline, so that a name over any part of it is noticed."""
    sampled = [points[0]]
    for start, end in zip(points, points[1:], strict=False):
        steps = max(ceil(dist(start, end) / apart), 1)
        sampled += [
            (start[0] + (end[0] - start[0]) * i / steps, start[1] + (end[1] - start[1]) * i / steps)
            for i in range(1, steps + 1)
        ]
    return sampled
