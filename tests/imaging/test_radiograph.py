"""Cortical indices on radiographs: lines, proposed landmarks, confirmed landmarks."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from imaging.densitometry.cortical import CALCAR, FEMUR, METACARPAL, NAMES, cortical_indices
from imaging.errors import UnsuitableScan
from imaging.measure import measure
from imaging.phantoms import TubeTruth, femur_radiograph, metacarpal_radiograph, radiograph_dicom
from imaging.regions.radiograph import find_crossing
from imaging.result import Outline, Region, ScanMeasurement, Status

Picture = npt.NDArray[np.float32]


def region(name: str, polygon: tuple[tuple[float, float], ...], outline: Outline) -> Region:
    return Region(id=name, label=name, method="", confidence=None, polygon=polygon, outline=outline)


def points(name: str, *columns: float) -> Region:
    return region(name, tuple((column, 5.0) for column in columns), "points")


def values(*landmarks: Region, mm: tuple[float, float] | None = (1.0, 1.0)) -> dict[str, float]:
    return {m.name: m.value for m in cortical_indices({r.id: r for r in landmarks}, mm)}


def test_indices_follow_their_published_definitions() -> None:
    value = values(points(FEMUR.points, 0, 7, 23, 30), points(CALCAR.points, 0, 32))
    assert value["femoral_cortical_index"] == pytest.approx(14 / 30)
    assert value["canal_to_calcar_ratio"] == pytest.approx(16 / 32)
    value = values(points(METACARPAL.points, 0, 2, 6, 8), mm=(0.1, 0.1))
    assert value["metacarpal_cortical_index"] == pytest.approx(0.5)
    assert value["metacarpal_combined_cortical_thickness_mm"] == pytest.approx(0.4)


def test_without_spacing_there_are_ratios_only() -> None:
    value = values(points(FEMUR.points, 0, 7, 23, 30), points(CALCAR.points, 0, 32), mm=None)
    assert set(value) == {"femoral_cortical_index", "canal_to_calcar_ratio"}


@given(
    steps=st.tuples(*[st.floats(2, 40)] * 3),
    scale=st.floats(0.05, 20),
    angle=st.floats(0, 6.28),
)
def test_an_index_depends_neither_on_size_nor_on_direction(
    steps: tuple[float, float, float], scale: float, angle: float
) -> None:
    along = np.cumsum([0, *steps])
    turned = tuple(
        (float(scale * t * np.cos(angle)), float(scale * t * np.sin(angle))) for t in along
    )
    index = values(region(FEMUR.points, turned, "points"))["femoral_cortical_index"]
    assert index == pytest.approx((steps[0] + steps[2]) / sum(steps))
    assert 0 < index < 1


@pytest.mark.parametrize(
    "polygon",
    [
        ((0.0, 0.0), (7.0, 0.0), (30.0, 0.0)),
        ((0.0, 0.0), (23.0, 0.0), (7.0, 0.0), (30.0, 0.0)),
        ((0.0, 0.0), (7.0, 9.0), (23.0, 0.0), (30.0, 0.0)),
        ((0.0, 0.0), (15.0, 0.0), (15.1, 0.0), (30.0, 0.0)),
        ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)),
    ],
)
def test_landmarks_out_of_order_are_refused(polygon: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(UnsuitableScan):
        values(region(FEMUR.points, polygon, "points"))


def proposed(pixels: Picture, truth: TubeTruth) -> float:
    crossing = find_crossing(np.ascontiguousarray(pixels, dtype=np.float32), truth.shaft)
    assert crossing is not None
    along = np.hypot(*(crossing.points - crossing.points[0]).T)
    return float((along[3] - (along[2] - along[1])) / along[3])


@pytest.mark.parametrize("inner", [8.0, 14.0, 20.0])
def test_proposed_edges_give_the_known_index_of_a_femur(inner: float) -> None:
    pixels, truth = femur_radiograph(1, inner_mm=inner)
    known = 1 - truth.inner_mm / truth.outer_mm
    assert proposed(pixels.astype(np.float32), truth) == pytest.approx(known, abs=0.02)


@pytest.mark.parametrize("inner", [4.0, 5.5])
def test_proposed_edges_give_the_known_index_of_a_metacarpal(inner: float) -> None:
    pixels, truth = metacarpal_radiograph(2, inner_mm=inner)
    known = 1 - truth.inner_mm / truth.outer_mm
    assert proposed(pixels.astype(np.float32), truth) == pytest.approx(known, abs=0.02)


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "bone dark": lambda p: p.max() - p,
    "darker mid-tones": lambda p: 4000 * (p / 4000) ** 1.4,
    "lighter mid-tones": lambda p: 4000 * (p / 4000) ** 0.7,
    "noise": lambda p: p + np.random.default_rng(3).normal(0, 60, p.shape),
    "blurred": lambda p: ndimage.gaussian_filter(p, 1.0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_proposed_edges_survive_a_change_of_the_picture(change: str) -> None:
    pixels, truth = femur_radiograph(2)
    known = 1 - truth.inner_mm / truth.outer_mm
    assert proposed(CHANGES[change](pixels.astype(np.float32)), truth) == pytest.approx(
        known, abs=0.03
    )


@pytest.mark.parametrize("draw", [femur_radiograph, metacarpal_radiograph])
def test_confidence_falls_with_noise_and_no_wrong_edges_are_called_sure(
    draw: Callable[[int], tuple[npt.NDArray[np.uint16], TubeTruth]],
) -> None:
    sure: dict[float, list[float]] = {}
    for seed in range(6):
        pixels, truth = draw(seed)
        known = 1 - truth.inner_mm / truth.outer_mm
        for noise in (0.0, 150.0, 1200.0):
            grey = pixels + np.random.default_rng(seed).normal(0, noise, pixels.shape)
            crossing = find_crossing(grey.astype(np.float32), truth.shaft)
            sure.setdefault(noise, []).append(0.0 if crossing is None else crossing.confidence)
            if crossing is not None and crossing.confidence >= 0.5:
                along = np.hypot(*(crossing.points - crossing.points[0]).T)
                index = 1 - (along[2] - along[1]) / along[3]
                assert index == pytest.approx(known, abs=0.03)
    assert min(sure[0.0]) > 0.9
    assert np.mean(sure[150.0]) < np.mean(sure[0.0])
    assert max(sure[1200.0]) < 0.5
    assert np.median(sure[1200.0]) == 0


def test_where_no_cortex_is_none_is_proposed() -> None:
    noise = np.random.default_rng(0).normal(100, 10, (200, 200)).astype(np.float32)
    assert find_crossing(noise, ((20.0, 100.0), (180.0, 100.0))) is None
    pixels, truth = femur_radiograph(0)
    assert find_crossing(pixels.astype(np.float32), (truth.shaft[0], truth.shaft[0])) is None


@pytest.fixture
def femur(tmp_path: Path) -> tuple[Path, TubeTruth]:
    pixels, truth = femur_radiograph(4)
    file = tmp_path / "scan"
    file.write_bytes(radiograph_dicom(pixels, truth.pixel_mm, "FEMUR"))
    return file, truth


def answer(file: Path, *regions: Region) -> ScanMeasurement:
    return measure([file], regions or None).measurement


def test_a_line_is_answered_by_landmarks_and_confirmed_landmarks_by_numbers(
    femur: tuple[Path, TubeTruth],
) -> None:
    file, truth = femur
    nothing = answer(file)
    assert nothing.status is Status.REFUSED
    assert all(name in (nothing.reason or "") for name in NAMES if name.endswith("_line"))
    assert not nothing.regions

    lines = (region(FEMUR.line, truth.shaft, "line"), region(CALCAR.line, truth.calcar, "line"))
    asked = answer(file, *lines)
    assert asked.status is Status.REFUSED
    assert not asked.measurements
    assert [r.id for r in asked.regions] == [
        FEMUR.line, CALCAR.line, FEMUR.points, CALCAR.points,
    ]  # fmt: skip
    assert asked.size is not None

    confirmed = answer(file, *asked.regions)
    assert confirmed.status is Status.MEASURED
    value = {m.name: m.value for m in confirmed.measurements}
    known = 1 - truth.inner_mm / truth.outer_mm
    assert value["femoral_cortical_index"] == pytest.approx(known, abs=0.02)
    ratio = truth.inner_mm / truth.calcar_mm
    assert value["canal_to_calcar_ratio"] == pytest.approx(ratio, abs=0.03)
    assert value["femoral_shaft_width_mm"] == pytest.approx(truth.outer_mm, abs=0.8)
    assert {m.tried_on for m in confirmed.measurements} == {"generated images"}
    assert "magnification_unknown" in {finding.code for finding in confirmed.quality}
    assert {r.method for r in confirmed.regions} == {"corrected by hand"}


def test_a_name_that_means_nothing_is_refused(femur: tuple[Path, TubeTruth]) -> None:
    result = answer(femur[0], region("tibia_line", femur[1].shaft, "line"))
    assert result.status is Status.REFUSED
    assert "tibia_line" in (result.reason or "")


def test_a_line_beside_the_bone_asks_for_another(femur: tuple[Path, TubeTruth]) -> None:
    result = answer(femur[0], region(FEMUR.line, ((2.0, 40.0), (40.0, 40.0)), "line"))
    assert result.status is Status.REFUSED
    assert "No two cortices" in (result.reason or "")


def test_on_a_plain_picture_the_names_of_the_regions_settle_what_is_measured(
    tmp_path: Path,
) -> None:
    pixels, truth = metacarpal_radiograph(1)
    file = tmp_path / "hand.png"
    sink = BytesIO()
    Image.fromarray((pixels / 16).astype(np.uint8)).save(sink, format="PNG")
    file.write_bytes(sink.getvalue())
    assert answer(file).status is Status.REFUSED
    line = region(METACARPAL.line, truth.shaft, "line")
    asked = answer(file, line)
    confirmed = answer(file, *asked.regions)
    assert confirmed.status is Status.MEASURED
    assert (confirmed.kind.modality, confirmed.kind.body_part) == ("radiograph", "hand")
    assert [m.name for m in confirmed.measurements] == ["metacarpal_cortical_index"]
    assert "no_physical_spacing" in {finding.code for finding in confirmed.quality}
    moved = [
        replace(r, polygon=r.polygon[::-1]) if r.id == METACARPAL.points else r
        for r in confirmed.regions
    ]
    # From which side of the bone the landmarks are placed does not matter.
    assert answer(file, *moved).measurements[0].value == pytest.approx(
        confirmed.measurements[0].value
    )


def test_femoral_landmarks_on_a_hand_are_doubted(tmp_path: Path) -> None:
    pixels, truth = metacarpal_radiograph(1)
    file = tmp_path / "scan"
    file.write_bytes(radiograph_dicom(pixels, truth.pixel_mm, "HAND"))
    result = answer(file, region(FEMUR.line, truth.shaft, "line"))
    assert "landmarks_of_another_part" in {finding.code for finding in result.quality}


def test_knee_pictures_are_refused_with_a_sentence(shared: Callable[[str], Path]) -> None:
    folder = shared("scans/knee_radiographs_jpeg")
    for file in sorted(folder.glob("*.jpg"))[:3]:
        result = answer(file)
        assert result.status is Status.REFUSED
        assert not result.measurements
