"""A person moves the regions; the scan is measured again and both versions stay."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from imaging.errors import UnsuitableScan
from imaging.limits import LIMITS
from imaging.polygons import BY_HAND, check_regions
from imaging.result import Region, ScanMeasurement, region_from_json
from riskapp.actions import auditing, queueing
from riskapp.actions.errors import Refused
from riskapp.actions.finding import scan as find_scan
from riskapp.actions.level_names import check_levels
from riskapp.models import MeasurementVersion, Scan


def correct_regions(*, by: User, scan: Scan, regions: Sequence[Mapping[str, Any]]) -> Scan:
    """Queue a new measurement with regions that a person placed.

    Parameters
    ----------
    regions : sequence of mapping
        ``id`` and ``polygon`` ((column, row) in pixels of the picture shown), on CT also
        ``slice_index`` and ``depth_slices``; ``label`` is taken from the region it corrects.

    Raises
    ------
    Refused
        If a region cannot be measured, or the scan never was or still is being measured.
    """
    find_scan(by=by, id=scan.id)
    with transaction.atomic():
        scan = Scan.objects.select_for_update().get(id=scan.id)
        if scan.is_pending:
            raise Refused({"regions": "The scan is still being measured; try again in a moment."})
        drawn_in = scan.newest_measured
        if drawn_in is None:
            raise Refused({"regions": "Bone was not measured on this scan: nothing to correct."})
        versions = list(scan.versions.order_by("number"))
        places = (*drawn_in.measurement.regions, *left_out(versions))
        read = _read(regions, drawn_in.measurement, places)
        queueing.ask_for_measurement(by=by, scan=scan, regions=read)
        auditing.record(by=by, action="scan.correct", target=scan.id)
    return scan


def left_out(versions: Sequence[MeasurementVersion]) -> tuple[Region, ...]:
    """Regions of earlier versions that the newest measured one has no more.

    A vertebra of a volume is the same one, whatever its name, where its slices are the same.
    """
    measured = [one.measurement for one in versions if one.result["status"] == "measured"]
    if not measured:
        return ()
    there = list(measured[-1].regions)
    missing: list[Region] = []
    for earlier in reversed(measured[:-1]):
        gone = [one for one in earlier.regions if not any(_same(one, other) for other in there)]
        missing += gone
        there += gone
    return tuple(missing)


def _same(one: Region, other: Region) -> bool:
    if one.depth_slices is None or other.depth_slices is None:
        return one.id == other.id
    first = max(one.depth_slices[0], other.depth_slices[0])
    return first <= min(one.depth_slices[1], other.depth_slices[1])


def measure_again(*, by: User, scan: Scan) -> Scan:
    """Queue a fresh automatic measurement, for a scan whose measuring failed."""
    find_scan(by=by, id=scan.id)
    with transaction.atomic():
        scan = Scan.objects.select_for_update().get(id=scan.id)
        if scan.is_pending:
            raise Refused({"scan": "The scan is already being measured."})
        if scan.status == Scan.Status.MISMATCH:
            raise Refused({"scan": "The scan names another person: confirm first whose it is."})
        if not _has_bytes(scan):
            raise Refused(
                {
                    "scan": "Its files were not kept, because nothing else could be "
                    "measured on them: send them again."
                }
            )
        queueing.ask_for_measurement(by=by, scan=scan, regions=None)
        auditing.record(by=by, action="scan.measure_again", target=scan.id)
    return scan


def _has_bytes(scan: Scan) -> bool:
    """Whether anything is there to be measured; documents and broken files are not kept."""
    if scan.received_files.exists() or scan.files.filter(size_bytes__gt=0).exists():
        return True
    return not scan.files.exists() and scan.newest_version is None


def _read(
    given: Sequence[Mapping[str, Any]], drawn_in: ScanMeasurement, places: Sequence[Region]
) -> list[dict[str, Any]]:
    """Regions as they are queued, refused now where measuring would refuse them later."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise Refused({"regions": "Regions are a list."})
    labels = {region.id: region.label for region in drawn_in.regions}
    read = [_region(each, labels) for each in given[: LIMITS.regions + 1]]
    # A version stored before sizes were is bounded by what can be opened at all.
    size = drawn_in.size or (LIMITS.side_pixels, LIMITS.side_pixels)
    slices = size[0] if len(size) == 3 else None
    placed = [region_from_json(each) for each in read]
    try:
        check_regions(placed, (size[-2], size[-1]), slices)
    except UnsuitableScan as problem:
        raise Refused({"regions": str(problem)}) from problem
    check_levels(placed, places)
    return read


def _region(given: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise Refused({"regions": "Each region is an object with an id and a polygon."})
    id = given.get("id")
    if not isinstance(id, str):
        raise Refused({"regions": "Each region needs an id, such as L1."})
    label = given.get("label") or labels.get(id, id)
    if not isinstance(label, str):
        raise Refused({"regions": f"The label of region {_short(id)} is text."})
    return {
        "id": id,
        "label": label,
        "method": BY_HAND,
        "confidence": None,
        "polygon": _polygon(id, given.get("polygon")),
        "slice_index": _slice(id, given.get("slice_index")),
        "depth_slices": _depth(id, given.get("depth_slices")),
    }


def _polygon(id: str, given: Any) -> list[list[float]]:
    corners = given if isinstance(given, list | tuple) else ()
    most = LIMITS.corners + 1  # one more than allowed is enough to be refused
    return [[_pixel(id, value) for value in _pair(id, corner)] for corner in corners[:most]]


def _pair(id: str, given: Any) -> Sequence[Any]:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise Refused({"regions": f"Each corner of region {_short(id)} is a column and a row."})
    return given


def _pixel(id: str, given: Any) -> float:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    # Written as "not inside" so that NaN, which fails every comparison, is refused.
    if not number or not -1 <= given <= LIMITS.side_pixels:
        raise Refused({"regions": f"A corner of region {_short(id)} lies outside the picture."})
    return float(given)


def _slice(id: str, given: Any) -> int | None:
    if given is None:
        return None
    if type(given) is not int or not 0 <= given <= LIMITS.frames:
        raise Refused({"regions": f"The slice of region {_short(id)} is a whole number from 0."})
    return given


def _depth(id: str, given: Any) -> list[int] | None:
    if given is None:
        return None
    first, last = (_slice(id, value) for value in _pair(id, given))
    if first is None or last is None or first > last:
        sentence = f"The slices of region {_short(id)} run from the first to the last."
        raise Refused({"regions": sentence})
    return [first, last]


def _short(id: str) -> str:
    """A name that came in, made fit for a sentence."""
    return "".join(letter for letter in id if letter.isprintable())[: LIMITS.region_id_letters]
