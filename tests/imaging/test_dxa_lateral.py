"""Vertebrae on a lateral spine: drawn ones with known heights, and a real one."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.kinds import look
from imaging.measure import measure
from imaging.phantoms import LateralTruth, dxa_lateral, dxa_lateral_dicom, dxa_spine
from imaging.projection import Projection
from imaging.regions import lateral_spine, spine_column
from imaging.regions.lateral_spine import LateralRegions, find_regions
from imaging.regions.six_points import READ, heights_of
from imaging.result import Region, Spacing, Status

Picture = npt.NDArray[np.float32]
HALF_MM = Spacing(mm=(0.5, 0.5), source="PixelSpacing")
FRACTURES = {"T8": ("wedge", 0.30), "T12": ("biconcave", 0.33), "L2": ("crush", 0.45)}


@cache
def drawn(seed: int, broken: bool = False) -> tuple[Picture, LateralTruth]:
    pixels, truth = dxa_lateral(seed, FRACTURES if broken else None)
    return pixels.astype(np.float32), truth


def found_in(pixels: Picture, spacing: Spacing | None = HALF_MM) -> LateralRegions:
    return find_regions(Projection(np.ascontiguousarray(pixels, dtype=np.float32), spacing))


def errors(regions: tuple[Region, ...], truth: LateralTruth) -> npt.NDArray[np.float64]:
    rows = []
    for region in regions:
        own = heights_of(region, (0.5, 0.5))
        rows.append(
            np.array([own.anterior, own.middle, own.posterior]) - truth.heights_mm[region.id]
        )
    return np.array(rows)


def sure(found: LateralRegions) -> tuple[Region, ...]:
    return tuple(r for r in found.regions if r.confidence is not None and r.confidence >= 0.5)


@pytest.mark.parametrize("seed", [0, 2])
def test_thirteen_bodies_are_named_and_measured_within_a_millimetre(seed: int) -> None:
    pixels, truth = drawn(seed)
    found = found_in(pixels)
    assert [region.id for region in found.regions] == list(READ)
    assert len(sure(found)) >= 12
    off = errors(sure(found), truth)
    assert np.abs(off).max() < 1.0
    assert np.abs(off.mean()) < 0.3


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "mirrored": lambda p: p[:, ::-1],
    "darker mid-tones": lambda p: np.float32(252) * (p / np.float32(252)) ** np.float32(1.4),
    "lighter mid-tones": lambda p: np.float32(252) * (p / np.float32(252)) ** np.float32(0.7),
    "bone dark": lambda p: 252 - p,
    "noise": lambda p: np.clip(p + np.random.default_rng(1).normal(0, 15, p.shape), 0, 252),
    "leaning 5 degrees": lambda p: ndimage.rotate(p, 5, reshape=False, order=1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_heights_and_levels_survive_a_change_of_the_picture(change: str) -> None:
    pixels, truth = drawn(2)
    found = found_in(CHANGES[change](pixels))
    regions = sure(found)
    assert len(regions) >= 8
    assert {region.id for region in regions} <= set(READ)
    off = np.abs(errors(regions, truth))
    assert np.median(off) < 0.3
    assert np.quantile(off, 0.95) < 1.0


def test_known_deformities_are_graded_and_the_sound_bodies_are_not(tmp_path: Path) -> None:
    file = tmp_path / "scan"
    file.write_bytes(dxa_lateral_dicom(3, FRACTURES))
    result = measure([file]).measurement
    assert result.status is Status.MEASURED
    grades = {
        m.region: (m.value, m.method.rpartition(": ")[2])
        for m in result.measurements
        if m.name == "vertebral_deformity_grade"
    }
    assert grades["T8"] == (2, "wedge")
    assert grades["T12"] == (2, "biconcave")
    assert grades["L2"] == (3, "crush")
    assert all(grade == 0 for name, (grade, _) in grades.items() if name not in FRACTURES)
    codes = {finding.code for finding in result.quality}
    assert {"vertebral_deformity", "fracture_to_be_confirmed", "synthetic"} <= codes
    index = [m.value for m in result.measurements if m.name == "spinal_deformity_index"]
    assert index == [7]


def test_vertebrae_beyond_a_disc_that_is_not_seen_are_left_out() -> None:
    pixels, truth = drawn(2)
    above, below = (truth.points_mm[level] / truth.pixel_mm for level in ("T5", "T6"))
    top, bottom = above[3:, 0].min() - 6, below[:3, 0].max() + 6
    # As bright as the bodies from one to the other, endplates included.
    within = (slice(round(top), round(bottom)), slice(0, 150))
    painted = pixels.copy()
    marrow = pixels[round(above[1, 0]) + 8 : round(above[4, 0]) - 8, within[1]].mean(axis=0)
    painted[within] = marrow + np.random.default_rng(4).normal(0, 5, painted[within].shape)
    found = found_in(painted)
    assert len(found.regions) == 10
    first = min(row for _, row in found.regions[0].polygon) * truth.pixel_mm
    assert first == pytest.approx(truth.points_mm["T7"][:3, 0].min(), abs=1.5)


def test_a_spine_cut_above_the_pelvis_is_measured_without_names() -> None:
    pixels, truth = drawn(2)
    cut = round((truth.points_mm["L4"][3, 0] + 6) / truth.pixel_mm)
    found = found_in(pixels[:cut])
    assert {region.label for region in found.regions} == {"level unknown"}
    assert "level_unknown" in {finding.code for finding in found.findings}


def test_a_picture_on_its_head_is_refused() -> None:
    with pytest.raises(UnsuitableScan, match="head"):
        found_in(drawn(2)[0][::-1])


def test_without_spacing_there_are_ratios_only(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(_written(tmp_path))
    del dataset.ExposedArea
    dataset.save_as(tmp_path / "scan")
    result = measure([tmp_path / "scan"]).measurement
    assert result.status is Status.MEASURED
    names = {m.name for m in result.measurements}
    assert "vertebral_ratio_anterior" in names
    assert not any(name.endswith("_mm") for name in names)
    assert "no_physical_spacing" in {finding.code for finding in result.quality}


@pytest.mark.parametrize("what", ["noise", "spine from the front"])
def test_what_is_no_lateral_spine_is_refused(what: str) -> None:
    if what == "noise":
        pixels = np.random.default_rng(0).normal(100, 10, (700, 400))
    else:
        pixels = dxa_spine(1, pixel_mm=0.5)[0].astype(np.float64)
    with pytest.raises(UnsuitableScan):
        found_in(pixels.astype(np.float32))


def test_a_persons_six_points_are_measured_as_theirs(tmp_path: Path) -> None:
    corners = ((160.0, 100.0), (130.0, 100.0), (100.0, 100.0))
    lower = ((100.0, 160.0), (130.0, 154.0), (160.0, 142.0))
    placed = Region(id="T9", label="T9", method="", confidence=None, polygon=corners + lower)
    result = measure([_written(tmp_path)], [placed]).measurement
    value = {m.name: m.value for m in result.measurements}
    assert value["vertebral_height_posterior_mm"] == pytest.approx(30, rel=0.01)
    assert value["vertebral_height_anterior_mm"] == pytest.approx(21, rel=0.01)
    assert value["vertebral_deformity_grade"] == 2
    assert result.regions[0].method == "corrected by hand"


def test_a_lateral_radiograph_is_measured_and_says_what_it_was_tried_on(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(_written(tmp_path))
    dataset.StudyDescription, dataset.SeriesDescription = "Radiograph", "Spine"
    dataset.ProtocolName, dataset.ViewPosition = "Spine", "LL"
    del dataset.ExposedArea
    dataset.ImagerPixelSpacing = [0.5, 0.5]
    dataset.save_as(tmp_path / "scan")
    result = measure([tmp_path / "scan"]).measurement
    assert result.status is Status.MEASURED
    assert (result.kind.modality, result.kind.view) == ("radiograph", "lateral")
    assert {m.tried_on for m in result.measurements} == {"generated images"}
    assert "magnification_unknown" in {finding.code for finding in result.quality}


def test_the_column_is_followed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = Mock(wraps=spine_column.find_column)
    for where in (look, lateral_spine):
        monkeypatch.setattr(where, "find_column", followed)
    assert measure([_written(tmp_path)]).measurement.status is Status.MEASURED
    assert followed.call_count == 1


_file = cache(dxa_lateral_dicom)


def _written(folder: Path) -> Path:
    file = folder / "drawn"
    file.write_bytes(_file(2))
    return file


def test_real_spine_has_at_least_eight_bodies_apart(shared: Callable[[str], Path]) -> None:
    result = measure([shared("scans/dxa_ge_lunar/lateral_spine.dcm")]).measurement
    assert result.status is Status.MEASURED
    assert [region.id for region in result.regions][-5:] == ["T12", "L1", "L2", "L3", "L4"]
    clear = [r.id for r in result.regions if r.confidence is not None and r.confidence >= 0.5]
    assert len(clear) >= 8
    assert result.spacing is not None
    # Read by eye on the real image: the middles of T8, T11, L1 and L3, mm from the top and left.
    for name, row, column in (("T8", 120, 67), ("T11", 205, 77), ("L1", 272, 91), ("L3", 346, 105)):
        polygon = next(region.polygon for region in result.regions if region.id == name)
        middle = np.mean(polygon, axis=0) * result.spacing.mm[::-1]
        assert middle == pytest.approx((column, row), abs=5)
    # A man of 53 without known fracture; the reader of this project saw none.
    grades = [m.value for m in result.measurements if m.name == "vertebral_deformity_grade"]
    assert grades
    assert not any(grades)


def test_real_heights_are_repeatable_to_a_millimetre(shared: Callable[[str], Path]) -> None:
    dataset = pydicom.dcmread(shared("scans/dxa_ge_lunar/lateral_spine.dcm"))
    pixels = dataset.pixel_array.astype(np.float32)
    spacing = Spacing(mm=(438 / 1768, 200 / 808), source="ExposedArea")
    twice = Spacing(mm=(438 / 884, 200 / 404), source="ExposedArea")
    copies = [
        found_in(pixels, spacing),
        found_in(np.float32(252) * (pixels[:, ::-1] / np.float32(252)) ** np.float32(1.3), spacing),
        found_in(ndimage.rotate(pixels, 5, reshape=False, order=1), spacing),
        found_in(pixels[::2, ::2], twice),
    ]
    rows: dict[str, list[list[float]]] = {}
    for copy, mm in zip(copies, [spacing, spacing, spacing, twice], strict=True):
        for region in sure(copy):
            own = heights_of(region, (mm.mm[0], mm.mm[1]))
            rows.setdefault(region.id, []).append([own.anterior, own.middle, own.posterior])
    spread = np.array([np.std(values, axis=0) for values in rows.values() if len(values) >= 3])
    assert len(spread) >= 8
    assert np.median(spread) < 0.3
    assert np.mean(spread < 1.0) >= 0.9
