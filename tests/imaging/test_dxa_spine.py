"""Vertebrae on AP spine images: synthetic ones with known truth, and a real one."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from PIL import Image
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.intake.dicom import read_dicom
from imaging.intake.flat import projection_from_dicom
from imaging.measure import measure
from imaging.polygons import inside
from imaging.projection import Projection
from imaging.quality.flat import metal_in, motion_in, odd_levels
from imaging.regions.disc_chain import Chain
from imaging.regions.dxa_spine import find_regions, name_discs
from imaging.result import Measurement, Region, Spacing, Status
from tests.drawn import spine_file
from tests.imaging.conftest import DrawnSpine

Picture = npt.NDArray[np.float32]
HALF_MM = Spacing(mm=(0.5, 0.5), source="PixelSpacing")
# Read by eye on the real image: middle of each disc space, mm from the top.
REAL_DISCS_MM = (15.0, 52.0, 91.0, 133.0, 177.0)


def projected(pixels: npt.NDArray[np.generic], spacing: Spacing | None = HALF_MM) -> Projection:
    return Projection(np.ascontiguousarray(pixels, dtype=np.float32), spacing)


def areas(regions: Sequence[Region]) -> list[str]:
    return [region.id for region in regions if region.outline == "area"]


@pytest.mark.parametrize("seed", range(4))
def test_discs_are_found_within_two_mm_of_the_truth(seed: int, drawn_spine: DrawnSpine) -> None:
    pixels, truth = drawn_spine(seed)
    found = find_regions(projected(pixels))
    np.testing.assert_allclose(found.disc_rows_mm, truth.discs_mm, atol=2.0)
    assert areas(found.regions) == ["L1", "L2", "L3", "L4"]


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "mirrored": lambda p: p[:, ::-1],
    "darker mid-tones": lambda p: (252 * (p / 252) ** 1.4).astype(np.float32),
    "lighter mid-tones": lambda p: (252 * (p / 252) ** 0.7).astype(np.float32),
    "noise": lambda p: np.clip(p + np.random.default_rng(1).normal(0, 15, p.shape), 0, 252).astype(
        np.float32
    ),
    "leaning 5 degrees": lambda p: ndimage.rotate(p, 5, reshape=False, order=1),
    "leaning 5 degrees the other way": lambda p: ndimage.rotate(p, -5, reshape=False, order=1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_levels_survive_a_change_of_the_picture(change: str, drawn_spine: DrawnSpine) -> None:
    pixels, truth = drawn_spine(3)
    found = find_regions(projected(CHANGES[change](pixels.astype(np.float32))))
    np.testing.assert_allclose(found.disc_rows_mm, truth.discs_mm, atol=3.5)
    assert areas(found.regions) == ["L1", "L2", "L3", "L4"]


def test_four_discs_leave_the_cut_vertebra_out_and_say_so(drawn_spine: DrawnSpine) -> None:
    pixels, truth = drawn_spine(2)
    cut = round((truth.discs_mm[0] + 8) / truth.pixel_mm)
    found = find_regions(projected(pixels[cut:]))
    assert areas(found.regions) == ["L2", "L3", "L4"]
    assert "incomplete_lumbar_spine" in {finding.code for finding in found.findings}


def test_without_pelvis_and_with_four_discs_no_level_is_guessed(drawn_spine: DrawnSpine) -> None:
    pixels, truth = drawn_spine(2)
    cut = round((truth.discs_mm[3] + 12) / truth.pixel_mm)
    found = find_regions(projected(pixels[:cut]))
    assert areas(found.regions) == ["V1", "V2", "V3"]
    assert "level_unknown" in {finding.code for finding in found.findings}


def test_a_picture_on_its_head_is_refused(drawn_spine: DrawnSpine) -> None:
    pixels, _ = drawn_spine(4)
    with pytest.raises(UnsuitableScan, match="head"):
        find_regions(projected(pixels[::-1]))


def test_a_picture_with_dark_bone_is_turned(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(BytesIO(spine_file(1)))
    dataset.PixelData = (252 - dataset.pixel_array).astype(np.uint8).tobytes()
    dataset.save_as(tmp_path / "scan")
    answer = measure([tmp_path / "scan"])
    result = answer.measurement
    assert areas(result.regions) == ["L1", "L2", "L3", "L4"]
    assert "inverted_display" in {finding.code for finding in result.quality}
    # A person's regions are measured and shown on the same grey values.
    by_hand = measure([tmp_path / "scan"], result.regions)
    assert by_hand.measurement.measurements == result.measurements
    assert "inverted_display" in {finding.code for finding in by_hand.measurement.quality}
    assert by_hand.pictures == answer.pictures
    shown = np.asarray(Image.open(BytesIO(answer.pictures[0].png)), dtype=float)
    bone = inside(result.regions[0].polygon, shown.shape)
    assert shown[bone].mean() > shown[~bone].mean()


def test_a_picture_without_a_spine_is_refused() -> None:
    noise = np.random.default_rng(0).normal(100, 10, (700, 700))
    with pytest.raises(UnsuitableScan):
        find_regions(projected(noise))


def test_synthetic_spine_is_measured_with_texture(tmp_path: Path) -> None:
    file = tmp_path / "anything"
    file.write_bytes(spine_file(1))
    answer = measure([file])
    result = answer.measurement
    assert result.status is Status.MEASURED
    assert (result.kind.modality, result.kind.body_part, result.kind.view) == (
        "dxa",
        "lumbar_spine",
        "ap",
    )
    assert result.spacing is not None
    assert result.spacing.source == "ExposedArea"
    scores = [m for m in result.measurements if m.name == "lumbar_texture_score"]
    assert [score.region for score in scores] == ["L1-L4"]
    assert -1 <= scores[0].value <= 1
    assert "not the trabecular bone score" in scores[0].method
    assert "no_bmd_calibration" in {finding.code for finding in result.quality}
    assert not any("t_score" in m.name or "bmd" in m.name for m in result.measurements)


def test_real_spine_has_its_four_vertebrae(shared: Callable[[str], Path]) -> None:
    result = measure([shared("scans/dxa_ge_lunar/ap_spine.dcm")]).measurement
    assert result.status is Status.MEASURED
    assert areas(result.regions) == ["L1", "L2", "L3", "L4"]
    assert result.spacing is not None
    assert result.spacing.mm == pytest.approx((0.25, 0.25), abs=0.005)
    for region, top, bottom in zip(result.regions, REAL_DISCS_MM, REAL_DISCS_MM[1:], strict=False):
        rows = np.array([row for _, row in region.polygon]) * result.spacing.mm[0]
        assert rows.min() == pytest.approx(top, abs=4)
        assert rows.max() == pytest.approx(bottom, abs=4)


REAL_KINDS = {
    "ap_spine": ("lumbar_spine", "ap"),
    "femur_a": ("hip", "ap"),
    "knee_a": ("knee", "ap"),
    "lateral_spine": ("spine", "lateral"),
    "total_body_a": ("whole_body", "ap"),
}


WORDS = ("ProtocolName", "PerformedProcedureStepDescription")


@pytest.mark.parametrize("without", [(), WORDS, (*WORDS, "ExposedArea")])
@pytest.mark.parametrize("name", REAL_KINDS)
def test_real_densitometer_images_are_told_apart(
    name: str, without: tuple[str, ...], shared: Callable[[str], Path], tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(shared(f"scans/dxa_ge_lunar/{name}.dcm"))
    for tag in without:
        delattr(dataset, tag)
    # Under another name, so that only tags and pixels can tell.
    disguised = tmp_path / "ap_spine.dcm"
    dataset.save_as(disguised)
    result = measure([disguised]).measurement
    assert (result.kind.body_part, result.kind.view) == REAL_KINDS[name]
    measured = {"ap_spine", "femur_a", "lateral_spine"}
    assert (result.status is Status.MEASURED) == (name in measured)


def bent(pixels: Picture, millimetres: float) -> Picture:
    """Push every row aside as a bend to one side does; half a millimetre a pixel."""
    rows, columns = pixels.shape
    aside = millimetres / 0.5 * np.sin(np.pi * np.linspace(0, 1, rows))
    x = np.arange(columns)
    return np.stack([np.interp(x - s, x, row) for s, row in zip(aside, pixels, strict=True)])


@pytest.mark.parametrize(("millimetres", "told"), [(0, False), (10, True), (25, True)])
def test_a_bent_spine_is_measured_and_told(
    millimetres: float, told: bool, drawn_spine: DrawnSpine
) -> None:
    pixels, _ = drawn_spine(3)
    found = find_regions(projected(bent(pixels.astype(np.float32), millimetres)))
    assert ("scoliosis" in {finding.code for finding in found.findings}) == told
    unsure = [region for region in found.regions if (region.confidence or 0) < 0.5]
    assert bool(unsure) == (millimetres == 25)


def test_discs_are_lines_across_the_column(drawn_spine: DrawnSpine) -> None:
    pixels, truth = drawn_spine(1)
    found = find_regions(projected(pixels))
    lines = {region.id: region for region in found.regions if region.outline == "line"}
    assert list(lines) == ["T12/L1", "L1/L2", "L2/L3", "L3/L4", "L4/L5"]
    for line, row in zip(lines.values(), truth.discs_mm, strict=True):
        (x0, y0), (x1, y1) = line.polygon
        assert (y0 + y1) / 4 == pytest.approx(row, abs=2)
        assert 30 < (x1 - x0) / 2 < 62


REAL_CHANGES = {
    **CHANGES,
    "half the resolution": lambda p: p[::2, ::2] / 2 + p[1::2, 1::2] / 2,
}


@pytest.mark.parametrize("change", REAL_CHANGES)
def test_real_discs_stay_within_two_millimetres(change: str, shared: Callable[[str], Path]) -> None:
    data = shared("scans/dxa_ge_lunar/ap_spine.dcm").read_bytes()
    image = projection_from_dicom(read_dicom(data))
    assert image.spacing is not None
    coarser = 2 if change == "half the resolution" else 1
    mm = image.spacing.mm[0] * coarser
    changed = REAL_CHANGES[change](image.pixels)
    found = find_regions(projected(changed, Spacing(mm=(mm, mm), source="PixelSpacing")))
    np.testing.assert_allclose(found.disc_rows_mm, REAL_DISCS_MM, atol=2.6)


def test_crests_that_go_on_outside_name_nothing_for_sure() -> None:
    chain = Chain((34.0, 104.0, 176.0, 252.0, 330.0), (0.0,) * 5, (0.3,) * 5, 2.0)
    names, findings = name_discs(chain, 322.0)
    assert names is not None
    assert names[-1] == "L4/L5"
    assert findings == []
    names, findings = name_discs(chain, 334.0, cut_off=True)
    assert names is not None
    assert "levels_assumed" in {finding.code for finding in findings}
    assert name_discs(chain, 396.0, cut_off=True)[0] is None


def grey(values: Sequence[float]) -> list[Measurement]:
    return [
        Measurement(
            name="grey_median",
            region=f"L{level}",
            value=value,
            unit="1",
            method="test",
            source="test",
            precision="test",
        )
        for level, value in enumerate(values, start=1)
    ]


@pytest.mark.parametrize(
    ("values", "odd"),
    [((100, 104, 110, 115), ""), ((100, 104, 150, 115), "L3"), ((100, 70, 105, 110), "L2")],
)
def test_a_level_unlike_its_neighbours_is_named(values: Sequence[float], odd: str) -> None:
    findings = odd_levels(grey(values))
    assert bool(findings) == bool(odd)
    assert all(odd in finding.advice for finding in findings)


@pytest.mark.parametrize("millimetres", [0, 3])
def test_a_person_who_moves_is_told(millimetres: float, shared: Callable[[str], Path]) -> None:
    data = shared("scans/dxa_ge_lunar/ap_spine.dcm").read_bytes()
    image = projection_from_dicom(read_dicom(data))
    moved = image.pixels.copy()
    moved[260:] = np.roll(moved[260:], round(millimetres / 0.2525), axis=1)
    told = motion_in(projected(moved, image.spacing))
    assert [finding.code for finding in told] == (["motion"] if millimetres else [])


@pytest.mark.parametrize(("millimetres", "told"), [(0, False), (4, False), (10, True)])
def test_a_patch_of_metal_is_told_and_thin_bright_bone_is_not(
    millimetres: float, told: bool, drawn_spine: DrawnSpine
) -> None:
    pixels, truth = drawn_spine(1)
    image = pixels.astype(np.float32)
    row, half = round((truth.discs_mm[2] + 18) / 0.5), round(millimetres)
    image[row - half : row + half, 190 : 190 + 2 * half] = 255
    picture = projected(image)
    found = find_regions(projected(pixels))
    assert bool(metal_in(picture, found.regions)) == told
