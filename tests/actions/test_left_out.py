"""Which regions of earlier versions are gone, told by where they lie and not by their names."""

from dataclasses import replace

from imaging.phantoms.mri_lumbar import LEVELS
from imaging.result import Kind, Region, ScanMeasurement, Status
from riskapp.actions.correcting_regions import left_out
from riskapp.models import MeasurementVersion


def body(name: str, top: float, left: float = 20, slices: tuple[int, int] = (4, 4)) -> Region:
    corners = ((left, top), (left + 30, top), (left + 30, top + 20), (left, top + 20))
    return Region(
        id=name, label=name, method="-", confidence=None, polygon=corners,
        slice_index=slices[0], depth_slices=slices,
    )  # fmt: skip


def version(*regions: Region, status: Status = Status.MEASURED) -> MeasurementVersion:
    reason = None if status is Status.MEASURED else "name the levels"
    result = ScanMeasurement(
        status=status, reason=reason, kind=Kind(modality="mri"), regions=regions
    )
    return MeasurementVersion(result=result.to_store())


PROPOSED = tuple(body(f"V{at + 1}", 26.0 * at) for at in range(len(LEVELS)))
FLUID = tuple(body(f"csf_{at + 1}", 26.0 * at, left=60) for at in range(len(LEVELS)))


def names(*versions: MeasurementVersion) -> list[str]:
    return [region.id for region in left_out(versions)]


def test_bodies_of_one_sagittal_slice_are_told_apart_by_where_they_lie() -> None:
    named = [replace(PROPOSED[at], id=LEVELS[at]) for at in (2, 3, 4, 5)]
    first = version(*PROPOSED, *FLUID, status=Status.REFUSED)
    second = version(*named, replace(FLUID[4], id="csf"))
    # T11, T12 and L5 as they were proposed, and the fluid beside all but L3.
    gone = ["V1", "V2", "V7", "csf_1", "csf_2", "csf_3", "csf_4", "csf_6", "csf_7"]
    assert names(first, second) == gone


def test_what_a_later_version_left_out_is_offered_once() -> None:
    first, second = version(*PROPOSED), version(*PROPOSED[:5])
    third = version(*PROPOSED[:4])
    assert names(first, second, third) == ["V5", "V6", "V7"]


def test_bodies_of_axial_slices_are_one_where_slices_and_place_agree() -> None:
    upper, lower = body("V1", 0, slices=(30, 40)), body("V2", 0, slices=(18, 28))
    other_side = body("femoral_head_left", 200, slices=(30, 40))
    first = version(upper, lower, other_side)
    assert names(first, version(replace(upper, id="L1", depth_slices=(31, 41)))) == [
        "V2",
        "femoral_head_left",
    ]


def test_nothing_is_gone_before_anything_was_measured() -> None:
    assert names(version(*PROPOSED, status=Status.REFUSED)) == []
