"""Where the names of regions stand in a drawing: beside them, on no other name, on few lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, dist, hypot

Point = tuple[float, float]
# All in heights of a letter. Width of a bold sans-serif letter, taken on the wide side.
LETTER_WIDTH, ABOVE_LINE, BELOW_LINE = 0.68, 0.8, 0.25
# A slanting side lies a little further away at half height, where its name is looked for.
SLANT = 0.8
GAP, FURTHER = 0.45, (0.0, 0.9, 2.2, 4.0, 6.5, 10.0)
LEADS_FROM = 1.3  # a name further away than this is joined to its region by a line
SAMPLES_APART = 0.6
# What a place costs: a hidden name, out of the picture, a point of a line, a letter of distance.
COST_OF_NAME, COST_OF_EDGE, COST_OF_LINE, COST_OF_DISTANCE = 200.0, 400.0, 1.0, 1.5


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in drawing units."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, point: Point) -> bool:
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom

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
    placed: list[Label] = []
    for (name, points), line in zip(named, lines, strict=True):
        best = min(
            enumerate(_places(name, points, letters)),
            key=lambda at: _cost(at[1], at[0], placed, all_points, line, frame, letters),
        )[1]
        placed.append(_led(best, line, letters))
    return placed


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


def _label(name: str, x: float, y: float, anchor: str, letters: float) -> Label:
    wide = LETTER_WIDTH * letters * len(name)
    left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    box = Box(left, y - ABOVE_LINE * letters, left + wide, y + BELOW_LINE * letters)
    return Label(x, y, anchor, box)


def _cost(
    label: Label,
    order: int,
    placed: Sequence[Label],
    all_points: Sequence[Point],
    own: Sequence[Point],
    frame: Box,
    letters: float,
) -> float:
    box = label.box
    hidden = sum(box.shared_with(one.box) for one in placed) / box.area
    outside = 1.0 - box.shared_with(frame) / box.area
    crossed = sum(box.holds(point) for point in all_points)
    away = min(_distance(box, point) for point in own) / letters
    return (
        (COST_OF_NAME * (1.0 + hidden) if hidden else 0.0)
        + COST_OF_EDGE * outside
        + COST_OF_LINE * crossed
        + COST_OF_DISTANCE * max(away - GAP - SLANT, 0.0)
        + order / 1000  # of places that cost the same, the usual one
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
