"""What a picture of a scan shows: regions that lie in it, traces of others, and how each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from imaging.result import Outline, Region, ScanMeasurement, Status
from imaging.wording import in_words

Points = tuple[tuple[float, float], ...]
# An outline less sure than this asks for a person.
SURE = 0.5
Standing = Literal["", "uncertain", "not measured", "left out"]


@dataclass(frozen=True, slots=True)
class Shown:
    """One line, area or set of landmarks to draw, in pixels of its picture.

    Attributes
    ----------
    part : str
        ``own`` where the region lies in the picture, so that it can be moved there; else that
        of the trace.
    named : bool
        Whether the name of the region stands beside this one of its shapes.
    """

    region: Region
    part: Literal["own", "bone", "region", "points"]
    outline: Outline
    points: Points
    standing: Standing
    named: bool

    @property
    def name(self) -> str:
        words = in_words(self.region.id)
        return f"{words}, {self.standing}" if self.standing else words


def shown_in(
    picture: str, slice_index: int | None, result: ScanMeasurement, regions: Sequence[Region]
) -> list[Shown]:
    """Give what of some regions a picture shows; each is named once, on its largest part.

    Parameters
    ----------
    picture : str
        Its name.
    slice_index : int or None
        As the picture has it.
    """
    measured = _measured(result)
    is_volume = len(result.size or ()) == 3
    found: list[Shown] = []
    for region in regions:
        standing = _standing(region, measured, result.status)
        is_own = region.slice_index == slice_index and not (is_volume and slice_index is None)
        traces = [one for one in region.traces if one.picture == picture]
        traces.sort(key=lambda one: ("bone", "region", "points").index(one.part))
        found += [
            Shown(region, one.part, one.outline, one.polygon, standing, at == 0)
            for at, one in enumerate(traces)
        ]
        if is_own:
            own = region.outline, region.polygon
            found.append(Shown(region, "own", *own, standing, not traces))
    return found


def _measured(result: ScanMeasurement) -> set[str]:
    """Name what numbers are of; one of L1-L4 is of every region between the two."""
    order = [region.id for region in result.regions if region.outline == "area"]
    names = {one.region for one in result.measurements}
    for name in tuple(names):
        first, _, last = name.partition("-")
        if first in order and last in order:
            names.update(order[order.index(first) : order.index(last) + 1])
    return names


def _standing(region: Region, measured: set[str], status: Status) -> Standing:
    """Say what a reader must know before an outline is taken for a measured one."""
    if status is Status.MEASURED and measured and region.outline == "area":
        if region.id not in measured:
            return "not measured"
    return "uncertain" if region.confidence is not None and region.confidence < SURE else ""
