"""What another window does to a picture is no change of bone; a grade changes in grades."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian

from imaging.measure import measure
from imaging.over_time.change import compare
from imaging.over_time.uncalibrated import BY_GREY_SCALE
from imaging.result import ScanMeasurement
from tests.imaging.test_longitudinal import SPINE, number, visit


def pictured(on: str, factor: float) -> ScanMeasurement:
    """A picture whose texture is told with its stability, each number times a factor."""
    names = ("grey_mean", "grey_coefficient_of_variation", "texture_anisotropy", *BY_GREY_SCALE)
    numbers = [number(name, "L1-L4", factor, stability=0.001) for name in names]
    return visit(on, *numbers, number("hip_axis_length", "hip", 100.0), kind=SPINE)


def test_what_another_window_changes_is_not_compared_on_a_picture_without_calibration() -> None:
    found = compare(pictured("2020-01-01", 1.0), pictured("2022-01-01", 0.9))
    assert {change.name for change in found.changes} == {*BY_GREY_SCALE, "hip_axis_length"}
    (told,) = found.not_compared
    assert "grey mean" in told
    assert "texture anisotropy" in told
    # Beyond the limit is no verdict either: nobody studied how people lie the second time.
    assert {change.verdict for change in found.changes} == {"not judged"}
    in_limits = compare(pictured("2020-01-01", 1.0), pictured("2022-01-01", 1.001)).changes
    textures = [change for change in in_limits if change.name in BY_GREY_SCALE]
    assert {change.verdict for change in textures} == {"within"}
    assert all("window" in change.repeatability for change in textures)


def test_another_window_of_a_real_picture_makes_no_change(
    shared: Callable[[str], Path], tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(shared("scans/dxa_ge_lunar/ap_spine.dcm"))
    grey = dataset.pixel_array.astype(float)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found: list[ScanMeasurement] = []
    for year, curve in ((2020, grey), (2021, 0.9 * grey), (2022, 255 * (grey / 255) ** 1.08)):
        dataset.PixelData = np.rint(curve).astype(np.uint8).tobytes()
        dataset.StudyDate = dataset.AcquisitionDate = f"{year}0101"
        dataset.save_as(tmp_path / "scan.dcm")
        regions = found[0].regions if found else None
        found.append(measure([tmp_path / "scan.dcm"], regions).measurement)
    for later in found[1:]:
        changes = compare(found[0], later).changes
        assert len(changes) >= 20
        assert {change.verdict for change in changes} == {"within"}


@pytest.mark.parametrize(
    ("name", "before", "after", "words"),
    [
        ("vertebral_deformity_grade", 0.0, 2.0, "rose from 0 to 2 in 2.0 years"),
        ("vertebral_deformity_grade", 1.0, 1.0, "stayed the same"),
        ("aortic_calcification_24", 6.0, 4.0, "fell from 6 to 4"),
        ("spinal_deformity_index", 3.0, 4.0, "rose from 3 to 4"),
    ],
)
def test_grades_change_in_grades_and_not_in_per_cent(
    name: str, before: float, after: float, words: str
) -> None:
    lateral = replace(SPINE, view="lateral")
    one, other = (
        visit(f"{year}-01-01", number(name, "L1", value), kind=lateral)
        for year, value in ((2020, before), (2022, after))
    )
    (change,) = compare(one, other).changes
    assert change.percent is None
    assert change.per_year == (pytest.approx((after - before) / 2, abs=1e-3), None)
    assert words in change.words
    assert "%" not in change.words
