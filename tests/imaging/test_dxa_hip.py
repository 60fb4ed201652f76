"""Hips on densitometer images: drawn ones with known truth, and a real one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.intake.dicom import read_dicom
from imaging.intake.flat import projection_from_dicom
from imaging.measure import measure
from imaging.morphometry.hip import hip_geometry
from imaging.phantoms import FemurTruth, dxa_femur, dxa_femur_dicom
from imaging.polygons import area, check_regions, inside
from imaging.projection import Projection
from imaging.regions.dxa_hip import HipRegions, find_regions
from imaging.regions.dxa_hip_head import round_through
from imaging.result import Region, Spacing, Status

Picture = npt.NDArray[np.float32]
Points = npt.NDArray[np.float64]
# Read by eye on the real image, in mm: the circle (column, row) through the top, the inner and the
# outer side of the head, and its radius.
REAL_HEAD_MM, REAL_RADIUS_MM = (79.3, 43.8), 23.8


def projected(pixels: npt.NDArray[np.generic], mm: float = 0.5) -> Projection:
    spacing = Spacing(mm=(mm, mm), source="PixelSpacing")
    return Projection(np.ascontiguousarray(pixels, dtype=np.float32), spacing)


@cache
def drawn(seed: int, **given: object) -> tuple[npt.NDArray[np.uint8], FemurTruth]:
    return dxa_femur(seed, pixel_mm=0.5, **given)  # type: ignore[arg-type]


@cache
def found_in_drawn(seed: int) -> tuple[HipRegions, npt.NDArray[np.uint8], FemurTruth]:
    """Read a drawn hip once for all tests: even seeds show a left one."""
    pixels, truth = drawn(seed, side="left" if seed % 2 == 0 else "right")
    return find_regions(projected(pixels)), pixels, truth


def places(found: HipRegions, mm: float) -> dict[str, Points]:
    """Corners of every region as (column, row) in mm."""
    return {r.id: (np.array(r.polygon) + 0.5) * mm for r in found.regions}


def numbers(found: HipRegions, mm: float) -> dict[str, float]:
    return {m.name: m.value for m in hip_geometry(found.regions, (mm, mm))}


def middle(points: Points) -> Points:
    """Give the centre of area of a polygon."""
    after = np.roll(points, -1, axis=0)
    twice = points[:, 0] * after[:, 1] - after[:, 0] * points[:, 1]
    return np.asarray(((points + after) * twice[:, None]).sum(axis=0) / (3 * twice.sum()))


def in_head(found: Sequence[Region], name: str, shape: tuple[int, int]) -> float:
    """Give the share of a region that lies in the circle of the head."""
    masks = {r.id: inside(r.polygon, shape) for r in found if r.outline == "area"}
    return float((masks[name] & masks["femoral_head"]).sum() / masks[name].sum())


@pytest.mark.parametrize("seed", range(4))
def test_a_drawn_hip_is_found_where_it_was_drawn(seed: int) -> None:
    found, pixels, truth = found_in_drawn(seed)
    assert found.medial_left == (seed % 2 == 0)
    at = places(found, 0.5)
    head = at["neck_axis"][1]
    np.testing.assert_allclose(head[::-1], truth.head_mm, atol=1.0)
    crossing = at["neck_width"].mean(axis=0)
    assert np.hypot(*(crossing[::-1] - truth.neck_mm)) < 6.0
    # Across the neck, where a wrong place would change the width, it is right within 1 mm.
    axis = (head - crossing) / np.hypot(*(head - crossing))
    off = crossing - np.array(truth.neck_mm)[::-1]
    assert abs(off[0] * axis[1] - off[1] * axis[0]) < 1.0
    measured = numbers(found, 0.5)
    assert measured["femoral_neck_width"] == pytest.approx(truth.neck_width_mm, abs=1.5)
    assert measured["neck_shaft_angle"] == pytest.approx(truth.neck_shaft_angle_deg, abs=3.0)
    assert measured["hip_axis_length"] == pytest.approx(truth.hip_axis_length_mm, abs=3.0)
    check_regions(found.regions, pixels.shape, None)
    for name in ("femoral_neck", "total_hip"):
        assert in_head(found.regions, name, pixels.shape) < 0.05


def turned(degrees: float) -> tuple[Callable[[Picture], Picture], Callable[..., Points]]:
    """Turn a picture, and places on it back."""

    def back(points: Points, shape: tuple[int, int]) -> Points:
        centre = (np.array(shape[::-1]) - 1) / 2
        x, y = (points - centre).T
        cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        return np.column_stack([cosine * x - sine * y, sine * x + cosine * y]) + centre

    def turn(pixels: Picture) -> Picture:
        return ndimage.rotate(pixels, degrees, reshape=False, order=1, mode="nearest")

    return turn, back


def same(points: Points, shape: tuple[int, int]) -> Points:
    return points


def halved(pixels: Picture) -> Picture:
    rows, columns = (n // 2 for n in pixels.shape)
    return pixels[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).mean(axis=(1, 3))


CHANGES: dict[str, tuple[Callable[[Picture], Picture], Callable[..., Points], int]] = {
    "mirrored": (
        lambda p: p[:, ::-1],
        lambda points, shape: np.column_stack([shape[1] - 1 - points[:, 0], points[:, 1]]),
        1,
    ),
    "lighter mid-tones": (lambda p: 252 * (p / 252) ** 0.7, same, 1),
    "darker mid-tones": (lambda p: 252 * (p / 252) ** 1.4, same, 1),
    "noise": (
        lambda p: np.clip(p + np.random.default_rng(0).normal(0, 15, p.shape), 0, 252),
        same,
        1,
    ),
    "leaning 5 degrees": (*turned(5), 1),
    "leaning 5 degrees the other way": (*turned(-5), 1),
    "half the resolution": (halved, lambda points, shape: 2 * points + 0.5, 2),
    "cropped": (lambda p: p[20:-20, 20:-20], lambda points, shape: points + 20, 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_real_neck_stays_in_place_when_the_picture_is_changed(
    change: str, shared: Callable[[str], Path]
) -> None:
    data = shared("scans/dxa_ge_lunar/femur_a.dcm").read_bytes()
    pixels = projection_from_dicom(read_dicom(data)).pixels
    apply, back, coarser = CHANGES[change]
    found = find_regions(projected(apply(pixels), 0.25 * coarser))
    assert found.medial_left == (change != "mirrored")
    at = {
        region.id: (back(np.array(region.polygon), pixels.shape) + 0.5) * 0.25
        for region in found.regions
    }
    # Middle of the neck region, as the picture without a change has it.
    assert np.hypot(*(middle(at["femoral_neck"]) - (103.9, 65.5))) < 1.0
    assert np.hypot(*(at["neck_axis"][1] - REAL_HEAD_MM)) < 2.0
    measured = numbers(found, 0.25 * coarser)
    assert measured["neck_shaft_angle"] == pytest.approx(131.5, abs=2.0)
    assert measured["femoral_neck_width"] == pytest.approx(36.5, abs=1.0)
    assert measured.get("hip_axis_length", 127.5) == pytest.approx(127.5, abs=2.0)


def test_the_real_hip_is_measured(shared: Callable[[str], Path]) -> None:
    result = measure([shared("scans/dxa_ge_lunar/femur_a.dcm")]).measurement
    assert result.status is Status.MEASURED
    assert (result.kind.body_part, result.kind.laterality) == ("hip", "left")
    regions = {region.id: region for region in result.regions}
    head = np.array(regions["femoral_head"].polygon) * 0.25
    np.testing.assert_allclose(head.mean(axis=0), REAL_HEAD_MM, atol=2.0)
    assert np.ptp(head[:, 0]) / 2 == pytest.approx(REAL_RADIUS_MM, abs=1.5)
    # The parts lie apart and fill the total hip; neck and trochanter are bone.
    assert result.size is not None
    shape = (result.size[0], result.size[1])
    masks = {name: inside(region.polygon, shape) for name, region in regions.items()}
    parts = [masks[n] for n in ("femoral_neck", "trochanter", "intertrochanteric")]
    assert in_head(result.regions, "femoral_neck", shape) < 0.05
    assert in_head(result.regions, "total_hip", shape) < 0.05
    total = masks["total_hip"].sum()
    assert sum(part.sum() for part in parts) == pytest.approx(total, rel=0.02)
    assert np.sum(np.sum(parts, axis=0) > 1) < 0.01 * total
    names = {number.name for number in result.measurements}
    assert {"hip_axis_length", "neck_shaft_angle", "femoral_neck_width"} <= names
    assert ("glcm_correlation", "femoral_neck") in {(m.name, m.region) for m in result.measurements}
    assert not any("t_score" in name or "bmd" in name for name in names)


ODD: dict[str, Callable[[Picture], Picture]] = {
    "on its head": lambda p: p[::-1],
    "on its side": lambda p: np.rot90(p),
    "with the shaft cut off": lambda p: p[:210],
    "of noise": lambda p: np.random.default_rng(0).normal(100, 10, p.shape).astype(np.float32),
}


@pytest.mark.parametrize("what", ODD)
def test_a_hip_picture_that_cannot_be_trusted_is_refused(what: str) -> None:
    pixels, _ = drawn(2)
    with pytest.raises(UnsuitableScan):
        find_regions(projected(ODD[what](pixels.astype(np.float32))))


@pytest.mark.parametrize("implant", ["stem", "screws"])
def test_metal_is_refused_by_its_name(implant: str) -> None:
    with pytest.raises(UnsuitableScan, match="metal") as refused:
        find_regions(projected(drawn(1, implant=implant)[0]))
    assert refused.value.code == "metal_or_implant"


def test_a_hip_without_its_head_keeps_its_neck_and_says_so() -> None:
    pixels, _ = drawn(2)
    found = find_regions(projected(pixels[70:]))
    assert "head_not_seen" in {finding.code for finding in found.findings}
    assert {"femoral_neck", "total_hip"} <= {region.id for region in found.regions}
    assert "hip_axis" not in {region.id for region in found.regions}


@pytest.mark.parametrize(("stands_out", "told"), [(2.0, False), (9.0, True)])
def test_a_leg_turned_out_is_told(stands_out: float, told: bool) -> None:
    pixels, _ = drawn(3, lesser_trochanter_mm=stands_out)
    found = find_regions(projected(pixels))
    assert ("rotation" in {finding.code for finding in found.findings}) == told


def test_a_mirrored_picture_contradicts_its_side(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(BytesIO(dxa_femur_dicom(0, side="left")))
    dataset.PixelData = np.ascontiguousarray(dataset.pixel_array[:, ::-1]).tobytes()
    dataset.save_as(tmp_path / "scan")
    result = measure([tmp_path / "scan"]).measurement
    assert result.kind.laterality == "left"
    assert "laterality_contradicts" in {finding.code for finding in result.quality}
    # A person's lines are measured as they are.
    again = measure([tmp_path / "scan"], result.regions).measurement
    told = {m.name: m.value for m in result.measurements}
    assert {m.name: m.value for m in again.measurements} == pytest.approx(told)


@given(
    angle=st.floats(100, 160),
    size=st.floats(20, 200),
    spacing=st.tuples(st.floats(0.1, 1.5), st.floats(0.1, 1.5)),
)
def test_geometry_is_in_millimetres_whatever_the_pixels(
    angle: float, size: float, spacing: tuple[float, float]
) -> None:
    turn = np.radians(180 - angle)
    places_mm = {
        "femoral_axis": [(100.0, 90.0), (100.0, 40.0)],
        "neck_axis": [(100.0, 40.0), (100 - size * np.sin(turn), 40 - size * np.cos(turn))],
        "hip_axis": [(10.0, 10.0), (10.0 + size, 10.0)],
    }
    lines = [
        Region(
            id=name,
            label=name,
            method="test",
            confidence=None,
            outline="line",
            polygon=tuple((x / spacing[1], y / spacing[0]) for x, y in points),
        )
        for name, points in places_mm.items()
    ]
    measured = {m.name: m.value for m in hip_geometry(lines, spacing)}
    assert measured["neck_shaft_angle"] == pytest.approx(angle, abs=1e-6)
    assert measured["hip_axis_length"] == pytest.approx(size)
    assert "femoral_neck_width" not in measured
    assert hip_geometry(lines, None) == []


def test_the_neck_of_a_hologic_picture_lies_against_the_trochanter() -> None:
    untagged, pixels, truth = found_in_drawn(0)
    tagged = replace(projected(pixels), tags={"Manufacturer": "HOLOGIC, Inc."})
    usual, against = (
        next(r for r in found.regions if r.id == "femoral_neck")
        for found in (untagged, find_regions(tagged))
    )
    assert "Hologic" in against.method
    assert "Hologic" not in usual.method
    head = np.array(truth.head_mm)[::-1] / 0.5
    near, far = (np.hypot(*(middle(np.array(r.polygon)) - head)) for r in (usual, against))
    assert far >= near - 0.5


@pytest.mark.parametrize("outside", [0, 9])
def test_a_circle_is_laid_through_most_places(outside: int) -> None:
    turn = np.radians(np.arange(0, 220, 4.0))
    rays = np.column_stack([np.sin(turn), np.cos(turn)])
    places = np.array([40.0, 60.0]) + 45 * rays
    places[10 : 10 + outside] += 9.0 * rays[10 : 10 + outside]  # of the socket
    centre, radius = round_through(places, np.ones(len(places)))
    np.testing.assert_allclose(centre, (40.0, 60.0), atol=0.5)
    assert radius == pytest.approx(45.0, abs=0.5)


def test_regions_are_whole_areas_in_the_picture() -> None:
    found, _, _ = found_in_drawn(3)
    by_name = {region.id: region for region in found.regions}
    # 15 mm of a neck some 30 mm wide.
    mm2 = area(by_name["femoral_neck"].polygon) * 0.25
    assert 15 * 24 < mm2 < 15 * 42
    assert all(region.confidence is not None for region in found.regions)
