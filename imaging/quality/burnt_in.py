"""Text that was drawn into a picture: found by the shape of a line of letters, never read.

A line of print is a row of small marks of one height and one brightness with sharp edges, close to
one another and of differing shapes. Bone, ribs and noise make such marks too, but not in a row of
one height; scales and grids make rows, but of equal marks. What the letters say plays no part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.projection import Projection
from imaging.result import Finding, Severity
from imaging.sliding import highest, lowest
from imaging.volume import Volume

Array = npt.NDArray[np.float32]
# All lengths in pixels of the picture at the scale that is looked at.
STROKE = 7  # wider than any stroke of a letter of these heights
HEIGHTS = (6, 34)
WIDEST = 1.7  # of the height: W and M with neighbours that touch them
SCALES = (1, 2, 4)
SMALLEST_SIDE = 64
CONTRAST = 0.22  # of the picture's range, against what lies around
FILLED = (0.12, 0.95)  # of the box around a mark
SAME_HEIGHT = 1.45
APART = 1.1  # gap between letters, as a share of their height: a space between words too
ALIGNED = 0.22  # by how much feet or middles may differ, as a share of the height
EVEN_BRIGHTNESS = 0.1  # standard deviation over a line, of the picture's range
LETTERS = 5
SHAPES = 3  # of the marks of a line that differ: scales repeat one
# So many marks are no picture with print on it but a texture; sorting them out costs minutes.
MOST_MARKS = 20_000
VOLUME_PLANES = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One line of print: where it lies in the picture, and how many marks it has."""

    top: int
    left: int
    bottom: int
    right: int
    letters: int


@dataclass(frozen=True, slots=True)
class _Mark:
    top: int
    left: int
    bottom: int
    right: int
    brightness: float
    filled: float

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def find_print(pixels: Array) -> list[Line]:
    """Find lines of print in a picture, whether bright on dark or dark on bright.

    Parameters
    ----------
    pixels : ndarray of float32, shape (rows, columns)
        Grey values on any scale.

    Returns
    -------
    list of Line
        In pixels of the picture; empty where there is none.
    """
    low, high = (float(value) for value in np.percentile(pixels, [0.2, 99.8]))
    if high <= low:
        low, high = float(pixels.min()), float(pixels.max())
    if high <= low:
        return []
    grey = np.clip((pixels - low) / (high - low), 0, 1).astype(np.float32)
    lines: list[Line] = []
    for scale in SCALES:
        small = _reduced(grey, scale)
        if min(small.shape) < SMALLEST_SIDE:
            break
        for shown in (small, 1 - small):
            lines += [
                Line(line.top * scale, line.left * scale, line.bottom * scale, line.right * scale,
                     line.letters)
                for line in _lines(_marks(shown))
            ]  # fmt: skip
    return lines


def print_findings(scan: Projection | Volume) -> tuple[Finding, ...]:
    """Warn of text in the picture, whether its tags admit it or only its pixels show it."""
    said = str(scan.tags.get("BurnedInAnnotation", "")).upper() == "YES"
    count = sum(len(find_print(plane)) for plane in _planes(scan))
    if not said and not count:
        return ()
    how = "its tags say so" if not count else f"{count} line(s) of print were found in it"
    return (
        Finding(
            code="burnt_in_text",
            severity=Severity.WARNING,
            advice=f"The picture carries printed text ({how}), which may name the patient: look at "
            "it before you show or send it to anybody.",
        ),
    )


def _planes(scan: Projection | Volume) -> Sequence[Array]:
    """The picture, or a few slices from end to end: print stands on every slice or on the first."""
    if isinstance(scan, Projection):
        return [scan.pixels]
    places = np.linspace(0, len(scan.voxels) - 1, min(VOLUME_PLANES, len(scan.voxels)))
    return [scan.voxels[round(float(place))] for place in places]


def _reduced(grey: Array, scale: int) -> Array:
    rows, columns = (side // scale * scale for side in grey.shape)
    blocks = grey[:rows, :columns].reshape(rows // scale, scale, columns // scale, scale)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)


def _marks(grey: Array) -> list[_Mark]:
    """Small bright things on something darker (white top-hat), with the size of letters."""
    around = highest(lowest(grey, STROKE), STROKE)
    labels, count = ndimage.label(grey - around > CONTRAST, np.ones((3, 3)))
    if not 0 < count <= MOST_MARKS:
        return []
    marks = []
    boxes = ndimage.find_objects(labels)
    for number, (rows, columns) in enumerate(boxes, start=1):
        height, width = rows.stop - rows.start, columns.stop - columns.start
        if not HEIGHTS[0] <= height <= HEIGHTS[1] or width > WIDEST * height:
            continue
        inside = labels[rows, columns] == number
        filled = float(inside.mean())
        if not FILLED[0] <= filled <= FILLED[1] and width > 3:
            continue
        bright = grey[rows, columns][inside]
        marks.append(
            _Mark(
                rows.start, columns.start, rows.stop, columns.stop,
                brightness=float(np.percentile(bright, 75)), filled=filled,
            )
        )  # fmt: skip
    return marks


def _lines(marks: Iterable[_Mark]) -> list[Line]:
    """Chain marks from left to right, each to the nearest that can be its neighbour."""
    by_left = sorted(marks, key=lambda mark: mark.left)
    free = dict.fromkeys(range(len(by_left)))
    lefts = [mark.left for mark in by_left]
    lines = []
    while free:
        at = next(iter(free))
        del free[at]
        chain = [by_left[at]]
        while (found := _neighbour(chain[-1], by_left, lefts, free)) is not None:
            del free[found]
            chain.append(by_left[found])
        if _is_print(chain):
            lines.append(
                Line(
                    min(mark.top for mark in chain),
                    chain[0].left,
                    max(mark.bottom for mark in chain),
                    max(mark.right for mark in chain),
                    len(chain),
                )
            )
    return lines


def _neighbour(
    mark: _Mark, marks: Sequence[_Mark], lefts: Sequence[int], free: dict[int, None]
) -> int | None:
    reach = mark.right + APART * mark.height
    first = int(np.searchsorted(lefts, mark.right - 1))
    for at in range(first, len(marks)):
        other = marks[at]
        if other.left > reach:
            return None
        if at in free and _goes_with(mark, other):
            return at
    return None


def _goes_with(mark: _Mark, other: _Mark) -> bool:
    short, tall = sorted((mark.height, other.height))
    feet = abs(mark.bottom - other.bottom)
    return tall <= SAME_HEIGHT * short and feet <= max(1, ALIGNED * tall)


def _is_print(chain: Sequence[_Mark]) -> bool:
    if len(chain) < LETTERS:
        return False
    brightness = np.array([mark.brightness for mark in chain])
    shapes = {(mark.width, round(mark.filled, 1)) for mark in chain}
    return bool(brightness.std() < EVEN_BRIGHTNESS) and len(shapes) >= SHAPES
