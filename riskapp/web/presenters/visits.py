"""Two visits side by side: their pictures on one scale, what was found, and what changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from imaging.result import Kind, ScanMeasurement
from riskapp.models import MeasurementVersion
from riskapp.web.presenters.marks import Mark, by_region, marks_of
from riskapp.web.presenters.overlay import Overlay, overlay


@dataclass(frozen=True, slots=True)
class Visit:
    """One measured scan, as far as a page shows it beside another."""

    version: MeasurementVersion
    measurement: ScanMeasurement
    marks: tuple[Mark, ...]
    prefix: str  # ids on a page are there once
    left_out: tuple[()] = ()

    @property
    def kind(self) -> Kind:
        return self.measurement.kind

    @property
    def on(self) -> date | None:
        acquired = self.measurement.acquired
        return date.fromisoformat(acquired.on) if acquired and acquired.on else None


@dataclass(frozen=True, slots=True)
class PicturePair:
    """The same picture of both visits; None where one has it not."""

    name: str
    first: Overlay | None
    second: Overlay | None
    is_on_one_scale: bool

    @property
    def is_slice(self) -> bool:
        return any(one is not None and one.slice_index is not None for one in self.sides)

    @property
    def sides(self) -> tuple[Overlay | None, Overlay | None]:
        return self.first, self.second

    @property
    def both(self) -> bool:
        return self.first is not None and self.second is not None


@dataclass(frozen=True, slots=True)
class SideBySide:
    first: Visit
    second: Visit
    pictures: tuple[PicturePair, ...]

    @property
    def paired(self) -> tuple[PicturePair, ...]:
        return tuple(one for one in self.pictures if one.both)

    @property
    def whole(self) -> tuple[PicturePair, ...]:
        """Pairs that show everything at once: they come first."""
        return tuple(one for one in self.paired if not one.is_slice)

    @property
    def slices(self) -> tuple[PicturePair, ...]:
        return tuple(one for one in self.paired if one.is_slice)

    @property
    def alone(self) -> int:
        """Pictures that one visit has and the other has not."""
        return len(self.pictures) - len(self.paired)

    @property
    def is_on_one_scale(self) -> bool:
        return all(one.is_on_one_scale for one in self.paired)


def visit(version: MeasurementVersion, prefix: str) -> Visit:
    measurement = version.measurement
    return Visit(version, measurement, marks_of(measurement.quality), prefix)


def side_by_side(first: Visit, second: Visit) -> SideBySide:
    """Pair pictures by what they show: the same cut, or the slice through the same vertebra."""
    return SideBySide(first, second, _pairs(_overlays(first), _overlays(second)))


def beside(shown: Sequence[Overlay], earlier: MeasurementVersion) -> tuple[PicturePair, ...]:
    """Put what an earlier visit showed beside each picture of this one, which come second."""
    measurement = earlier.measurement
    before = [overlay(picture, measurement) for picture in earlier.pictures.all()]
    pairs = {one.name: one for one in _pairs(before, shown)}
    return tuple(pairs[_shows(one)] for one in shown)


def _pairs(first: Sequence[Overlay], second: Sequence[Overlay]) -> tuple[PicturePair, ...]:
    one, other = ({_shows(each): each for each in overlays} for overlays in (first, second))
    names = [*one, *(name for name in other if name not in one)]
    return tuple(_pair(name, one.get(name), other.get(name)) for name in names)


def _overlays(visit: Visit) -> list[Overlay]:
    marks = by_region(visit.marks)
    return [
        overlay(picture, visit.measurement, (), marks) for picture in visit.version.pictures.all()
    ]


def _shows(picture: Overlay) -> str:
    if picture.slice_index is None:
        return picture.name
    areas = [one.id for one in picture.outlines if one.kind == "area"]
    return areas[0] if areas else picture.name


def _pair(name: str, first: Overlay | None, second: Overlay | None) -> PicturePair:
    if first is None or second is None:
        return PicturePair(name, first, second, is_on_one_scale=False)
    if first.units_per_mm is None or second.units_per_mm is None:
        return PicturePair(name, first, second, is_on_one_scale=False)
    boxes = [_box(one) for one in (first, second)]
    scales = first.units_per_mm, second.units_per_mm
    # Both show as many mm, so that they are as large on the screen as in the body.
    wide, high = (
        max(box[axis] / scale for box, scale in zip(boxes, scales, strict=True)) for axis in (2, 3)
    )
    shown = [
        _around(box, wide * scale, high * scale) for box, scale in zip(boxes, scales, strict=True)
    ]
    return PicturePair(
        name, replace(first, shown=shown[0]), replace(second, shown=shown[1]), is_on_one_scale=True
    )


def _box(picture: Overlay) -> tuple[float, float, float, float]:
    left, top, width, height = (float(one) for one in picture.shown.split())
    return left, top, width, height


def _around(box: Sequence[float], width: float, height: float) -> str:
    left = box[0] - (width - box[2]) / 2
    top = box[1] - (height - box[3]) / 2
    return f"{left:.2f} {top:.2f} {width:.2f} {height:.2f}"
