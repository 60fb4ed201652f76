"""A scan's picture on the page: its proportions, what part is shown, and regions over it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from imaging.presenting.framing import around
from imaging.presenting.labels import Box, Label, Point, place_labels
from imaging.presenting.shown import Shown, shown_in
from imaging.result import Region, ScanMeasurement
from riskapp.models import ScanPicture
from riskapp.web.presenters.marks import Mark, Marks
from riskapp.web.presenters.measured_table import region_name

# Largest drawing, in its own units; letters of 13 units are read well at its usual size.
WIDEST, HIGHEST = 360.0, 480.0
LETTERS = 13.0
PIXELS_OF_A_CUT = re.compile(r"(\d+\.\d+) mm pixels")
SIDE_BY_SIDE = 2.0  # slices of a volume, which are shown around what is measured


@dataclass(frozen=True, slots=True)
class Outline:
    """One region over the picture; ``points`` are in its pixels."""

    id: str
    label: str
    kind: str  # area, line or points
    points: str
    text: Label
    left_out: bool
    standing: str  # blank, uncertain or not measured

    @property
    def name(self) -> str:
        return _name(self.id, self.standing)

    @property
    def spoken(self) -> str:
        """The name with all that the drawing says."""
        return region_name(self.id) + (f", {self.standing}" if self.standing else "")

    @property
    def dots(self) -> str:
        return dots(self.points)


@dataclass(frozen=True, slots=True)
class TraceName:
    """The name of a region that only shows in a picture."""

    id: str
    standing: str
    text: Label

    @property
    def name(self) -> str:
        return _name(self.id, self.standing)

    @property
    def spoken(self) -> str:
        """The name with all that the drawing says."""
        return region_name(self.id) + (f", {self.standing}" if self.standing else "")


@dataclass(frozen=True, slots=True)
class TraceLine:
    """How a region or the bone about it shows in a picture of another plane; not to be moved."""

    part: str  # bone, region or points
    kind: str
    points: str
    unsure: bool

    @property
    def dots(self) -> str:
        return dots(self.points)


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """The number of a finding, in drawing units, beside the region that it is about."""

    mark: Mark
    region: str  # in words
    id: str
    x: float
    y: float
    size: float


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
    traces: tuple[TraceLine, ...]
    names: tuple[TraceName, ...]
    is_cut: bool
    marks: tuple[PlacedMark, ...] = ()
    units_per_mm: float | None = None  # where the size of a pixel is known

    @property
    def has_unsure(self) -> bool:
        unsure = ("uncertain", "not measured")
        return any(one.standing in unsure for one in (*self.outlines, *self.names))

    @property
    def lines(self) -> tuple[Outline, ...]:
        """Lines that stand back behind areas: named below the picture, and in it to edit them."""
        if all(one.kind == "line" for one in self.outlines):
            return ()
        return tuple(one for one in self.outlines if one.kind == "line")


def overlay(
    picture: ScanPicture,
    measurement: ScanMeasurement,
    left_out: Sequence[Region] = (),
    marks: Marks = MappingProxyType({}),
) -> Overlay:
    """Shape one picture with the regions that lie in it, those left out as well.

    Parameters
    ----------
    marks : mapping of region to Marks
        Findings to number beside their regions.
    """
    row_mm, column_mm = measurement.spacing.mm[-2:] if measurement.spacing else (1.0, 1.0)
    is_cut = picture.slice_index is None and len(measurement.size or ()) == 3
    if is_cut:
        row_mm = column_mm = 1.0  # the cut along the spine is made with square pixels
    # Pixels need not be square: the picture is drawn in the patient's proportions.
    slenderness = (picture.height * row_mm) / (picture.width * column_mm)
    width = min(WIDEST, HIGHEST / slenderness)
    height = width * slenderness
    found = shown_in(picture.name, picture.slice_index, measurement, measurement.regions)
    # Cuts of another version may run elsewhere: what was left out shows where it lies only.
    gone = [replace(region, traces=()) for region in left_out]
    found += [
        replace(one, standing="left out")
        for one in shown_in(picture.name, picture.slice_index, measurement, gone)
    ]
    lines = [_line(one, picture, width, height) for one in found]
    shown = Box(0.0, 0.0, width, height)
    letters = LETTERS
    if picture.slice_index is not None and lines:
        shown = around(lines, width, height)
        letters = LETTERS * SIDE_BY_SIDE * (shown.right - shown.left) / WIDEST
    named = [(one, line) for one, line in zip(found, lines, strict=True) if one.named]
    # Areas are named first: lines between and across them take what place is left.
    named.sort(key=lambda both: both[0].outline == "line")
    unnamed = [line for one, line in zip(found, lines, strict=True) if not one.named]
    texts = place_labels(
        [(_name(one.region.id, one.standing), line) for one, line in named], shown, letters, unnamed
    )
    labels = {one.region.id: text for (one, _), text in zip(named, texts, strict=True)}
    own = [one for one in found if one.part == "own"]
    here = {one.region.id for one in own}
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
        outlines=tuple(_outline(one, labels[one.region.id]) for one in own),
        traces=tuple(
            TraceLine(one.part, one.outline, _points(one), bool(one.standing))
            for one in found
            if one.part != "own"
        ),
        names=tuple(
            TraceName(one.region.id, one.standing, labels[one.region.id])
            for one, _ in named
            if one.region.id not in here
        ),
        is_cut=is_cut,
        marks=_placed(named, labels, marks, shown, letters),
        units_per_mm=_units_per_mm(picture, width, measurement, is_cut=is_cut),
    )


def _units_per_mm(
    picture: ScanPicture, width: float, measurement: ScanMeasurement, *, is_cut: bool
) -> float | None:
    if is_cut:
        # A cut has pixels of its own, whose size is kept in its title alone.
        said = PIXELS_OF_A_CUT.search(picture.title)
        return width / (picture.width * float(said[1])) if said else None
    if measurement.spacing is None:
        return None
    return width / (picture.width * measurement.spacing.mm[-1])


def _placed(
    named: Sequence[tuple[Shown, Sequence[Point]]],
    labels: Mapping[str, Label],
    marks: Marks,
    shown: Box,
    letters: float,
) -> tuple[PlacedMark, ...]:
    """Put numbers on the side of a region where its name does not stand."""
    placed: list[PlacedMark] = []
    for one, line in named:
        x = [point[0] for point in line]
        y = [point[1] for point in line]
        is_left = labels[one.region.id].anchor == "start"
        middle = min(max((min(y) + max(y)) / 2, shown.top + letters), shown.bottom - letters)
        own = marks.get(one.region.id, ())
        # The row of numbers starts beside the bone; at the edge it moves in as a whole.
        step, room = 2.3 * letters, 2.3 * letters * len(own)
        left = min(x) - 0.3 * letters - room if is_left else max(x) + 0.3 * letters
        left = min(max(left, shown.left + 0.2 * letters), shown.right - room)
        for at, mark in enumerate(own):
            across = left + step * (at + 0.5)
            placed.append(
                PlacedMark(
                    mark=mark,
                    region=region_name(one.region.id),
                    id=one.region.id,
                    x=round(across, 1),
                    y=round(middle, 1),
                    size=round(letters, 2),
                )
            )
    return tuple(placed)


def dots(points: str) -> str:
    """Landmarks as a path of strokes without length, which round ends make dots."""
    return "".join(f"M{point.replace(',', ' ')}h0" for point in points.split())


def _line(one: Shown, picture: ScanPicture, width: float, height: float) -> list[Point]:
    """The outline in drawing units, closed if it is one of an area."""
    # (0, 0) is the centre of the first pixel, so edges lie half a pixel further out.
    points = [
        ((column + 0.5) / picture.width * width, (row + 0.5) / picture.height * height)
        for column, row in one.points
    ]
    return [*points, *(points[:1] if one.outline == "area" else ())]


def _name(id: str, standing: str) -> str:
    """A region's name; that it is not measured is drawn, and said below the picture."""
    return region_name(id) + (f", {standing}" if standing not in ("", "not measured") else "")


def _points(one: Shown) -> str:
    return " ".join(f"{column:.2f},{row:.2f}" for column, row in one.points)


def _outline(one: Shown, label: Label) -> Outline:
    return Outline(
        id=one.region.id,
        label=one.region.label,
        kind=one.outline,
        points=_points(one),
        text=label,
        left_out=one.standing == "left out",
        standing=one.standing,
    )
