"""Two visits of one drawn spine, from files to changes."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from scipy import ndimage

from imaging.densitometry.precision import Precision
from imaging.measure import measure
from imaging.over_time.change import compare
from imaging.over_time.registration import align
from imaging.over_time.visits import ALL, _picture_of, misplaced
from imaging.result import Measured, Region
from tests.drawn import spine_file


def results(bmd: float) -> str:
    """What GE Lunar writes into the comments of a picture."""
    rows = "".join(
        f'<ROI region="{region}"><BMD>{value:.3f}</BMD></ROI>'
        for region, value in (("L1", bmd - 0.06), ("L2", bmd - 0.02), ("L3", bmd + 0.02),
                              ("L4", bmd + 0.05), ("L1-L4", bmd))
    )  # fmt: skip
    return f'<DXA_RESULTS><SCAN type="AP Spine">{rows}</SCAN></DXA_RESULTS>'


def visit(folder: Path, on: str, degrees: float, rows: float, bmd: float | None = None) -> Measured:
    dataset = pydicom.dcmread(BytesIO(spine_file(1)))
    pixels = dataset.pixel_array.astype(float)
    turned = ndimage.rotate(pixels, degrees, reshape=False, order=1, mode="nearest")
    shifted = ndimage.shift(turned, (rows, 0), order=1, mode="nearest")
    dataset.PixelData = np.clip(shifted, 0, 255).astype(np.uint8).tobytes()
    dataset.StudyDate, dataset.Manufacturer = on, "GE Healthcare"
    dataset.ManufacturerModelName = "Lunar iDXA"
    if bmd is not None:
        dataset.ImageComments = results(bmd)
    dataset.save_as(folder / on)
    return measure([folder / on])


@pytest.fixture
def visits(tmp_path: Path) -> tuple[Measured, Measured]:
    return visit(tmp_path, "20200101", 0, 0), visit(tmp_path, "20220101", 3, 12)


def lifted(region: Region, by: float) -> Region:
    return replace(region, polygon=tuple((x, y - by) for x, y in region.polygon))


def test_texture_of_the_same_bone_is_compared_and_of_other_bone_is_not(
    visits: tuple[Measured, Measured],
) -> None:
    before, after = visits
    assert misplaced(before, after) == ()
    found = compare(before.measurement, after.measurement)
    assert found.changes
    assert all(change.tried_on == "generated images" for change in found.changes)
    # The same bone was drawn: what differs is how it lay.
    spread = [change for change in found.changes if change.name == "glcm_correlation"]
    assert spread
    assert all(abs(change.percent) < 10 for change in spread)

    # Every outline one vertebra higher, with the names kept: another bone under each name.
    regions = after.measurement.regions[1:]  # above L1 the picture ends
    height = np.ptp([y for _, y in regions[0].polygon])
    wrong = replace(
        after,
        measurement=replace(
            after.measurement, regions=tuple(lifted(region, 1.1 * height) for region in regions)
        ),
    )
    elsewhere = misplaced(before, wrong)
    assert {"L2", "L3", "L4"} <= set(elsewhere) or elsewhere == (ALL,)
    kept = compare(before.measurement, after.measurement, misplaced=["L2"])
    assert not any(change.region in {"L2", "L1-L4"} for change in kept.changes)
    assert any("not on the same bone" in sentence for sentence in kept.not_compared)


def test_a_ct_or_a_report_has_nothing_to_lay_upon_each_other(
    visits: tuple[Measured, Measured],
) -> None:
    bare = replace(visits[0], pictures=())
    assert misplaced(bare, visits[1]) == ()


def test_a_known_change_is_seen_and_the_pictures_lie_upon_each_other(tmp_path: Path) -> None:
    before = visit(tmp_path, "20200101", 0, 0, bmd=0.900)
    after = visit(tmp_path, "20220101", 3, 12, bmd=0.846)
    one, other = _picture_of(before), _picture_of(after)
    assert one is not None
    assert other is not None
    rigid = align(one, other)
    assert rigid is not None
    assert abs(rigid.degrees) == pytest.approx(3, abs=0.3)
    assert one.spacing is not None
    assert rigid.shift_mm == (pytest.approx(12 * one.spacing.mm[0], abs=1), pytest.approx(0, abs=1))
    found = compare(
        before.measurement,
        after.measurement,
        {"L1-L4": Precision("own study", sd=0.010)},
        misplaced=misplaced(before, after),
    )
    (spine,) = [c for c in found.changes if (c.name, c.region) == ("areal_bmd", "L1-L4")]
    assert spine.percent == pytest.approx(-6.0, abs=0.01)
    assert spine.percent / found.years == pytest.approx(-3.0, abs=0.02)
    assert spine.least_significant == pytest.approx(0.0277)
    assert (spine.verdict, spine.repeatability) == ("larger", "own study")
