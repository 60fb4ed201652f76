"""A person moves the regions; the scan is measured again and both versions stay."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from statistics import mean
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from imaging.errors import UnsuitableScan
from imaging.limits import LIMITS
from imaging.polygons import BY_HAND, FEWEST_CORNERS, check_regions
from imaging.quality.common import uncertain
from imaging.result import Region, ScanMeasurement, region_from_json
from riskapp.actions import auditing, queueing
from riskapp.actions.errors import Refused
from riskapp.actions.finding import scan as find_scan
from riskapp.actions.level_names import check_levels
from riskapp.actions.permitting import Ability, needs
from riskapp.models import MeasurementVersion, Scan

HUNDREDTH = 0.011
# What lies the wrong way round is turned and sent again: regions on it would be read by its sides.
WRONG_WAY_ROUND = "not_upright"


@needs(Ability.WORK_ON_SCANS)
def correct_regions(*, by: User, scan: Scan, regions: Sequence[Mapping[str, Any]]) -> Scan:
    """Queue a new measurement with regions that a person placed.

    Parameters
    ----------
    regions : sequence of mapping
        ``id`` and ``polygon`` ((column, row) in pixels of the picture shown), on CT also
        ``slice_index`` and ``depth_slices``; ``label`` and ``outline`` are taken from the region
        it corrects unless they are said. On a flat picture that was refused, regions can be placed
        where there are none: a person's lines and landmarks may be what it waits for.

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
        drawn_in = can_be_drawn_in(scan)
        if drawn_in is None:
            raise Refused({"regions": "Bone was not measured on this scan: nothing to correct."})
        versions = list(scan.versions.order_by("number"))
        places = (*drawn_in.measurement.regions, *left_out(versions))
        read = _read(regions, drawn_in, places)
        queueing.ask_for_measurement(by=by, scan=scan, regions=read)
        auditing.record(by=by, action="scan.correct", target=scan.id, patient=scan.patient_id)
    return scan


def can_be_drawn_in(scan: Scan) -> MeasurementVersion | None:
    """The version whose pictures a person may draw regions in; None where there is none.

    The newest measured one; else a refused one that shows one flat picture, or that proposes
    regions in its slices. None of a picture that lies the wrong way round.
    """
    measured = scan.newest_measured
    if measured is not None:
        return measured
    newest = scan.newest_version
    if newest is None or newest.result["status"] != "refused":
        return None
    if any(one.code == WRONG_WAY_ROUND for one in newest.measurement.quality):
        return None
    pictures = list(newest.pictures.all())
    is_flat = len(pictures) == 1 and len(newest.measurement.size or (0, 0)) == 2
    # A volume that was refused shows a cut, in which nothing can be outlined.
    flat_name = is_flat and pictures[0].name == "projection"
    proposed = any(region.slice_index is not None for region in newest.measurement.regions)
    return newest if flat_name or proposed else None


def left_out(versions: Sequence[MeasurementVersion]) -> tuple[Region, ...]:
    """Regions of earlier versions that the newest measured one has no more.

    Proposals of a version that was refused count as well: of a scan whose levels a person must
    name, they are what was found. A bone of a volume is the same one, whatever its name, where it
    lies in the same place.
    """
    measured = [at for at, one in enumerate(versions) if one.result["status"] == "measured"]
    if not measured:
        return ()
    there = list(versions[measured[-1]].measurement.regions)
    missing: list[Region] = []
    for earlier in reversed(versions[: measured[-1]]):
        regions = earlier.measurement.regions
        gone = [one for one in regions if not any(_same(one, other) for other in there)]
        missing += gone
        there += gone
    return tuple(missing)


def _same(one: Region, other: Region) -> bool:
    if one.depth_slices is None or other.depth_slices is None:
        return one.id == other.id
    first = max(one.depth_slices[0], other.depth_slices[0])
    if first > min(one.depth_slices[1], other.depth_slices[1]):
        return False
    # Slices that vertebrae share, as in a cut from the side, do not make them one.
    return _middle_within(one, other) or _middle_within(other, one)


def _middle_within(one: Region, other: Region) -> bool:
    """Whether the middle of a region lies in the box around another."""
    for at in (0, 1):
        places = [corner[at] for corner in other.polygon]
        if not places or not min(places) <= mean(corner[at] for corner in one.polygon) <= max(
            places
        ):
            return False
    return True


@needs(Ability.WORK_ON_SCANS)
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
        auditing.record(by=by, action="scan.measure_again", target=scan.id, patient=scan.patient_id)
    return scan


def _has_bytes(scan: Scan) -> bool:
    """Whether anything is there to be measured; documents and broken files are not kept."""
    if scan.received_files.exists() or scan.files.filter(size_bytes__gt=0).exists():
        return True
    return not scan.files.exists() and scan.newest_version is None


def _read(
    given: Sequence[Mapping[str, Any]], drawn_in: MeasurementVersion, places: Sequence[Region]
) -> list[dict[str, Any]]:
    """Regions as they are queued, refused now where measuring would refuse them later."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise Refused({"regions": "Regions are a list."})
    known = {region.id: region for region in places}
    read = [_region(each, known) for each in given[: LIMITS.regions + 1]]
    size = drawn_in.measurement.size or _size_shown(drawn_in)
    slices = size[0] if len(size) == 3 else None
    placed = [region_from_json(each) for each in read]
    try:
        check_regions(placed, (size[-2], size[-1]), slices)
    except UnsuitableScan as problem:
        raise Refused({"regions": str(problem)}) from problem
    check_levels(placed, places)
    return read


def _size_shown(version: MeasurementVersion) -> tuple[int, int]:
    """Rows and columns of the picture; without one, what can be opened at all."""
    picture = version.pictures.first()
    if picture is None or picture.name != "projection":
        return LIMITS.side_pixels, LIMITS.side_pixels
    return picture.height, picture.width


def _region(given: Mapping[str, Any], known: Mapping[str, Region]) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise Refused({"regions": "Each region is an object with an id and a polygon."})
    id = given.get("id")
    if not isinstance(id, str):
        raise Refused({"regions": "Each region needs an id, such as L1."})
    before = known.get(id)
    label = given.get("label") or (before.label if before else id)
    if not isinstance(label, str):
        raise Refused({"regions": f"The label of region {_short(id)} is text."})
    outline = given.get("outline") or (before.outline if before else "area")
    if outline not in FEWEST_CORNERS:
        kinds = ", ".join(FEWEST_CORNERS)
        raise Refused({"regions": f"The outline of region {_short(id)} is one of {kinds}."})
    read = {
        "id": id,
        "label": label,
        "method": BY_HAND,
        "confidence": None,
        "polygon": _polygon(id, given.get("polygon")),
        "outline": outline,
        "slice_index": _slice(id, given.get("slice_index")),
        "depth_slices": _depth(id, given.get("depth_slices")),
    }
    if before is not None and _is_unmoved(read, before):
        # Left alone, it is no more certain than it was: nobody placed it.
        read |= {"method": before.method, "confidence": before.confidence}
        if before.voxels is not None:
            # It stays more than its outline through slices, too.
            read["voxels"] = asdict(before.voxels)
    return read


def with_untouched(result: ScanMeasurement, asked: Sequence[Mapping[str, Any]]) -> ScanMeasurement:
    """Give regions that a person left where they were their method and confidence back.

    Parameters
    ----------
    asked : sequence of mapping
        Regions as they were queued.
    """
    alone = {each["id"]: each for each in asked if each["method"] != BY_HAND}
    regions = tuple(
        replace(one, method=alone[one.id]["method"], confidence=alone[one.id]["confidence"])
        if one.id in alone
        else one
        for one in result.regions
    )
    said = {finding.code for finding in result.quality}
    unsure = [one for one in uncertain(regions) if one.code not in said]
    return replace(result, regions=regions, quality=(*result.quality, *unsure))


def _is_unmoved(read: Mapping[str, Any], before: Region) -> bool:
    here = read["slice_index"], tuple(read["depth_slices"] or ())
    if here != (before.slice_index, before.depth_slices or ()):
        return False
    # The page writes corners with two decimals.
    return len(read["polygon"]) == len(before.polygon) and all(
        abs(now - then) < HUNDREDTH
        for corner, known in zip(read["polygon"], before.polygon, strict=True)
        for now, then in zip(corner, known, strict=True)
    )


def _polygon(id: str, given: Any) -> list[list[float]]:
    corners = given if isinstance(given, list | tuple) else ()
    most = LIMITS.corners + 1  # one more than allowed is enough to be refused
    return [[_pixel(id, value) for value in _pair(id, corner)] for corner in corners[:most]]


def _pair(id: str, given: Any) -> Sequence[Any]:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise Refused({"regions": f"Each corner of region {_short(id)} is a column and a row."})
    return given


def _pixel(id: str, given: Any) -> float:
    if not isinstance(given, int | float) or isinstance(given, bool):
        raise Refused({"regions": f"A corner of region {_short(id)} is not written as numbers."})
    # Written as "not inside" so that NaN, which fails every comparison, is refused.
    if not -1 <= given <= LIMITS.side_pixels:
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
