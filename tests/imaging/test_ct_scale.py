"""Numbers that are no Hounsfield units and sizes that are no person's: refused by their cause."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import nibabel
import numpy as np
import numpy.typing as npt
import pytest

from imaging.acquisition.hounsfield_scale import SCALE, check_scale, check_width, scale_findings
from imaging.errors import UnsuitableScan
from imaging.intake.other_formats import read_nifti
from imaging.regions.ct_vertebrae import find_regions
from tests.imaging.conftest import DrawnCt

Change = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.generic]]


def windowed(voxels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray(np.rint(np.clip((voxels + 160) / 400, 0, 1) * 255), dtype=np.float32)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: v + 1024, "about 1024"),
        (lambda v: np.clip(v + 1000, 0, None), "about 1000"),
        (windowed, "256 grey values"),
        (lambda v: np.abs(v) * 0.3 + 5, "another modality"),
    ],
    ids=["shifted", "clipped", "window", "other"],
)
def test_what_is_not_in_hounsfield_units_is_refused_by_its_cause(
    change: Change, words: str, drawn_ct: DrawnCt
) -> None:
    volume, _ = drawn_ct(0)
    check_scale(volume.voxels)
    with pytest.raises(UnsuitableScan, match=words):
        check_scale(np.asarray(change(volume.voxels), dtype=np.float32))


def test_a_label_map_is_named(drawn_ct: DrawnCt) -> None:
    _, truth = drawn_ct(0)
    with pytest.raises(UnsuitableScan, match="label map"):
        check_scale(truth.labels.astype(np.float32))


def test_a_ct_cropped_to_the_inside_of_the_body_is_one(drawn_ct: DrawnCt) -> None:
    volume, _ = drawn_ct(0)
    inside = volume.voxels[:, 60:, 90:160]
    check_scale(inside)


@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        (lambda v: v, False),
        (lambda v: v + 15, False),
        (lambda v: v + 40, True),
        (lambda v: v * 1.3, True),
    ],
    ids=["as it is", "15 HU off", "40 HU off", "stretched"],
)
def test_air_and_fat_tell_of_a_scale_that_is_off(
    change: Change, noticed: bool, drawn_ct: DrawnCt
) -> None:
    volume, _ = drawn_ct(0)
    changed = replace(volume, voxels=np.asarray(change(volume.voxels), dtype=np.float32))
    assert [finding.code for finding in scale_findings(changed)] == [SCALE] * noticed


@pytest.mark.parametrize(("times", "refused"), [(1.0, False), (0.1, True), (1 / 2.5, True)])
def test_a_body_too_narrow_for_a_person_names_the_spacing(
    times: float, refused: bool, drawn_ct: DrawnCt
) -> None:
    volume, _ = drawn_ct(0)
    spacing = tuple(mm * times for mm in volume.spacing_mm)
    changed = replace(volume, spacing_mm=(spacing[0], spacing[1], spacing[2]))
    if not refused:
        check_width(changed)
        return
    with pytest.raises(UnsuitableScan, match="size of a voxel"):
        check_width(changed)


def test_several_volumes_in_one_file_are_sent_back_with_what_to_do() -> None:
    image = nibabel.Nifti1Image(np.zeros((8, 8, 8, 3), dtype=np.int16), np.diag([2, 2, 2, 1]))
    sink = BytesIO(image.to_bytes())
    with pytest.raises(UnsuitableScan, match="3 volumes in one"):
        read_nifti(sink.getvalue())


def test_slices_stored_foot_for_head_are_refused(drawn_ct: DrawnCt) -> None:
    volume, _ = drawn_ct(0)
    turned = replace(volume, voxels=np.ascontiguousarray(volume.voxels[::-1]))
    with pytest.raises(UnsuitableScan, match="foot for head"):
        find_regions(turned)
