"""A scan's picture on the page: its proportions, what part is shown, and regions over it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from imaging.labels import Box, Label, Point, box_of, place_labels
from imaging.result import Region, ScanMeasurement
from imaging.wording import in_words
from riskapp.models import ScanPicture

# Largest drawing, in its own units; letters of 13 units are read well at its usual size.
WIDEST, HIGHEST = 360.0, 480.0
LETTERS = 13.0
# A vertebra fills little of a CT slice: the slice is shown around it, two slices side by side.
AROUND_REGION, LEAST_SHARE, SIDE_BY_SIDE = 3.0, 0.25, 2.0


@dataclass(frozen=True, slots=True)
class Outline:
    """One region over the picture; ``points`` are in its pixels."""

    id: str
    label: str
    kind: str  # area, line or points
    points: str
    text: Label
    left_out: bool

    @property
    def name(self) -> str:
        return _name(self.id, self.left_out)

    @property
    def dots(self) -> str:
        """Landmarks as a path of strokes without length, which round ends make dots."""
        return "".join(f"M{point.replace(',', ' ')}h0" for point in self.points.split())


@dataclass(frozen=True, slots=True)
class Tick:
    """Where a region of a volume lies on the cut along the spine, in drawing units."""

    id: str
    x: float
    top: float
    bottom: float
    text: Label
    left_out: bool

    @property
    def name(self) -> str:
        return _name(self.id, self.left_out)


@dataclass(frozen=True, slots=True)
class Overlay:
    """One picture, its size in drawing units, the part of it shown, and its regions."""

    name: str
    title: str
    width: float
    height: float
    shown: str  # view box
    letters: float
    pixels_wide: int
    pixels_high: int
    slice_index: int | None
    outlines: tuple[Outline, ...]
    ticks: tuple[Tick, ...]


def overlay(
    picture: ScanPicture, measurement: ScanMeasurement, left_out: Sequence[Region] = ()
) -> Overlay:
    """Shape one picture with the regions that lie in it, those left out as well."""
    row_mm, column_mm = measurement.spacing.mm[-2:] if measurement.spacing else (1.0, 1.0)
    is_cut = picture.slice_index is None and len(measurement.size or ()) == 3
    if is_cut:
        row_mm = column_mm = 1.0  # the cut along the spine is made with square pixels
    # Pixels need not be square: the picture is drawn in the patient's proportions.
    slenderness = (picture.height * row_mm) / (picture.width * column_mm)
    width = min(WIDEST, HIGHEST / slenderness)
    height = width * slenderness
    drawn = [*measurement.regions, *left_out]
    here = [region for region in drawn if region.slice_index == picture.slice_index]
    lines = [_line(region, picture, width, height) for region in here]
    shown = Box(0.0, 0.0, width, height)
    letters = LETTERS
    if picture.slice_index is not None and lines:
        shown = _around([box_of(line) for line in lines], width, height)
        letters = LETTERS * SIDE_BY_SIDE * (shown.right - shown.left) / WIDEST
    names = [_name(region.id, region in left_out) for region in here]
    labels = place_labels(list(zip(names, lines, strict=True)), shown, letters)
    return Overlay(
        name=picture.name,
        title=picture.title.removesuffix(", unknown"),
        width=round(width, 2),
        height=round(height, 2),
        shown=f"{shown.left:.2f} {shown.top:.2f} "
        f"{shown.right - shown.left:.2f} {shown.bottom - shown.top:.2f}",
        letters=round(letters, 2),
        pixels_wide=picture.width,
        pixels_high=picture.height,
        slice_index=picture.slice_index,
        outlines=tuple(
            _outline(region, label, region in left_out)
            for region, label in zip(here, labels, strict=True)
        ),
        ticks=tuple(_ticks(drawn, left_out, measurement, width, height)) if is_cut else (),
    )


def _ticks(
    drawn: Sequence[Region],
    left_out: Sequence[Region],
    measurement: ScanMeasurement,
    width: float,
    height: float,
) -> Iterator[Tick]:
    """The names of the vertebrae beside the spine, so that a person can count them there."""
    slices, rows, _ = measurement.size or (1, 1, 1)
    bars = []
    for region in drawn:
        if region.slice_index is None:
            continue
        first, last = region.depth_slices or (region.slice_index, region.slice_index)
        x = (max(row for _, row in region.polygon) + 0.5) / rows * width
        # Head up: the last slice is on top.
        top, bottom = ((slices - 1 - at + 0.5) / slices * height for at in (last, first))
        bars.append((region, x, top, max(bottom, top + 1.0)))
    labels = place_labels(
        [
            (_name(region.id, region in left_out), [(x, top), (x, bottom)])
            for region, x, top, bottom in bars
        ],
        Box(0.0, 0.0, width, height),
        LETTERS,
    )
    for (region, x, top, bottom), label in zip(bars, labels, strict=True):
        yield Tick(
            region.id, round(x, 1), round(top, 1), round(bottom, 1), label, region in left_out
        )


def _line(region: Region, picture: ScanPicture, width: float, height: float) -> list[Point]:
    """The outline in drawing units, closed if it is one of an area."""
    # (0, 0) is the centre of the first pixel, so edges lie half a pixel further out.
    points = [
        ((column + 0.5) / picture.width * width, (row + 0.5) / picture.height * height)
        for column, row in region.polygon
    ]
    return [*points, *(points[:1] if region.outline == "area" else ())]


def _name(id: str, left_out: bool) -> str:
    return in_words(id) + (", left out" if left_out else "")


def _around(boxes: Sequence[Box], width: float, height: float) -> Box:
    """A square around the regions, as far as the picture goes."""
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    side = max(AROUND_REGION * max(right - left, bottom - top), LEAST_SHARE * width)
    side = min(side, width, height)
    x = min(max((left + right - side) / 2, 0.0), width - side)
    y = min(max((top + bottom - side) / 2, 0.0), height - side)
    return Box(x, y, x + side, y + side)


def _outline(region: Region, label: Label, left_out: bool) -> Outline:
    return Outline(
        id=region.id,
        label=region.label,
        kind=region.outline,
        points=" ".join(f"{column:.2f},{row:.2f}" for column, row in region.polygon),
        text=label,
        left_out=left_out,
    )
