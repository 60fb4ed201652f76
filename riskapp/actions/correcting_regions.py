"""A person moves the regions; the scan is measured again and both versions stay."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from riskapp.actions import auditing, queueing
from riskapp.actions.errors import Refused
from riskapp.actions.finding import scan as find_scan
from riskapp.models import Scan

METHOD = "corrected by hand"
# A spine has 24 movable vertebrae, a hip a handful of regions; more is not a correction.
MOST_REGIONS = 40
MOST_CORNERS = 400
LONGEST_TEXT = 80
# No detector or reconstruction is wider; anything beyond is a slip of units.
FARTHEST_PIXEL = 20_000


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
        If a region cannot be read, or the scan is still being measured.
    """
    find_scan(by=by, id=scan.id)
    with transaction.atomic():
        scan = Scan.objects.select_for_update().get(id=scan.id)
        newest = scan.newest_version
        if scan.is_pending or newest is None:
            raise Refused({"regions": "The scan is still being measured; try again in a moment."})
        labels = {region["id"]: region["label"] for region in newest.result["regions"]}
        queueing.ask_for_measurement(by=by, scan=scan, regions=_read(regions, labels))
        auditing.record(by=by, action="scan.correct", target=scan.id)
    return scan


def measure_again(*, by: User, scan: Scan) -> Scan:
    """Queue a fresh automatic measurement, for a scan whose measuring failed."""
    find_scan(by=by, id=scan.id)
    with transaction.atomic():
        scan = Scan.objects.select_for_update().get(id=scan.id)
        if scan.is_pending:
            raise Refused({"scan": "The scan is already being measured."})
        queueing.ask_for_measurement(by=by, scan=scan, regions=None)
        auditing.record(by=by, action="scan.measure_again", target=scan.id)
    return scan


def _read(regions: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    if not isinstance(regions, Sequence) or isinstance(regions, str) or not regions:
        raise Refused({"regions": "Regions are a list with at least one region."})
    if len(regions) > MOST_REGIONS:
        raise Refused({"regions": f"{len(regions)} regions; at most {MOST_REGIONS} are measured."})
    read = [_region(each, labels) for each in regions]
    if len({region["id"] for region in read}) < len(read):
        raise Refused({"regions": "Two regions have the same id."})
    return read


def _region(given: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise Refused({"regions": "Each region is an object with an id and a polygon."})
    id = given.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_TEXT or not id.isprintable():
        raise Refused({"regions": "Each region needs an id, such as L1."})
    label = given.get("label") or labels.get(id, id)
    if not isinstance(label, str) or len(label) > LONGEST_TEXT or not label.isprintable():
        raise Refused({"regions": f"The label of region {id} cannot be used."})
    return {
        "id": id,
        "label": label,
        "method": METHOD,
        "confidence": None,
        "polygon": _polygon(id, given.get("polygon")),
        "slice_index": _slice(id, given.get("slice_index")),
        "depth_slices": _depth(id, given.get("depth_slices")),
    }


def _polygon(id: str, given: Any) -> list[list[float]]:
    corners = given if isinstance(given, list | tuple) else ()
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise Refused({"regions": f"Region {id} needs 3 to {MOST_CORNERS} corners."})
    return [[_pixel(id, value) for value in _pair(id, corner)] for corner in corners]


def _pair(id: str, given: Any) -> Sequence[Any]:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise Refused({"regions": f"Each corner of region {id} is a column and a row."})
    return given


def _pixel(id: str, given: Any) -> float:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    # Written as "not inside" so that NaN, which fails every comparison, is refused.
    if not number or not -1 <= given <= FARTHEST_PIXEL:
        raise Refused({"regions": f"A corner of region {id} lies outside the picture."})
    return float(given)


def _slice(id: str, given: Any) -> int | None:
    if given is None:
        return None
    if type(given) is not int or not 0 <= given <= FARTHEST_PIXEL:
        raise Refused({"regions": f"The slice of region {id} is a whole number from 0."})
    return given


def _depth(id: str, given: Any) -> list[int] | None:
    if given is None:
        return None
    first, last = (_slice(id, value) for value in _pair(id, given))
    if first is None or last is None or first > last:
        raise Refused({"regions": f"The slices of region {id} run from the first to the last."})
    return [first, last]
