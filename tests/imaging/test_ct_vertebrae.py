"""Vertebrae on CT: drawn ones with known truth, a labelled one and one with contrast."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from imaging.densitometry.ct import region_values
from imaging.errors import UnsuitableScan
from imaging.identity.deidentify import Value
from imaging.intake.gathering import gather
from imaging.intake.other_formats import read_nifti
from imaging.measure import measure
from imaging.phantoms import ct_lumbar
from imaging.quality.ct import vessel_attenuation, volume_findings
from imaging.regions.ct_vertebrae import find_regions
from imaging.result import Region, Status
from imaging.volume import Volume
from tests.imaging import ct_cases
from tests.imaging.conftest import DrawnCt, FoundCt
from tests.imaging.ct_cases import LUMBAR, Bodies, dice, whole


@pytest.mark.parametrize(("seed", "slice_mm"), [(0, 5.0), (3, 2.5)])
def test_drawn_vertebrae_are_named_and_measured(
    seed: int, slice_mm: float, drawn_ct: DrawnCt, found_ct: FoundCt
) -> None:
    volume, truth = drawn_ct(seed, slice_mm)
    found = found_ct(seed, slice_mm)
    assert {region.id for region in found.regions} >= set(LUMBAR)
    assert found.findings == ()
    for region in found.regions:
        values = region_values(volume, region)
        assert values.mean() == pytest.approx(truth.trabecular_hu[region.id], abs=8)
        drawn = truth.labels == truth.names.index(region.id) + 1
        assert dice(whole(found.bodies[region.id], drawn.shape), drawn) > 0.83


def test_a_faint_line_in_the_sacrum_is_no_lowest_disc() -> None:
    # Here the first sacral bodies seem to be a vertebra with a faint disc below it.
    voxels, truth = ct_lumbar(7, slice_mm=5.0, pixel_mm=1.4)
    volume = Volume(voxels.astype(np.float32), truth.spacing_mm, np.eye(4), "drawn")
    found = find_regions(volume)
    assert {region.id for region in found.regions} >= set(LUMBAR)
    for name in LUMBAR:
        drawn = truth.labels == truth.names.index(name) + 1
        assert dice(whole(found.bodies[name], drawn.shape), drawn) > 0.75


def test_levels_are_not_guessed_without_a_sacrum(drawn_ct: DrawnCt) -> None:
    volume, truth = drawn_ct(1)
    l4 = truth.names.index("L4") + 1
    first = int(np.flatnonzero((truth.labels == l4).any(axis=(1, 2)))[0])
    found = find_regions(replace(volume, voxels=volume.voxels[first:]))
    assert [region.id for region in found.regions][:2] == ["V1", "V2"]
    assert {region.label for region in found.regions} == {"level unknown"}
    assert [finding.code for finding in found.findings] == ["level_unknown"]


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v[:, :, ::-1],
        lambda v: v + np.random.default_rng(3).normal(0, 30, v.shape),
        lambda v: np.where(v > 100, v - 60, v),
    ],
    ids=["mirrored", "noise of 30 HU", "low density"],
)
def test_levels_survive_a_change_of_the_volume(
    change: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]], drawn_ct: DrawnCt
) -> None:
    volume, _ = drawn_ct(0)
    changed = np.ascontiguousarray(change(volume.voxels), dtype=np.float32)
    found = find_regions(replace(volume, voxels=changed))
    assert {region.id for region in found.regions} >= set(LUMBAR)


def test_enhanced_vessels_are_noticed_without_a_tag(drawn_ct: DrawnCt, found_ct: FoundCt) -> None:
    regions = found_ct(0, 5.0).regions
    for vessel_hu, noticed in ((45.0, False), (160.0, True)):
        volume, _ = drawn_ct(0, 5.0, vessel_hu)
        measured = vessel_attenuation(volume, regions)
        assert measured is not None
        assert measured == pytest.approx(vessel_hu, abs=25)
        codes = {finding.code for finding in volume_findings(volume, regions)}
        assert ("contrast_medium" in codes) == noticed
        assert "thick_slices" in codes


LEFT_UNSAID = {"contrast_unknown", "tube_voltage_unknown"}


@pytest.mark.parametrize(
    ("tags", "vessel_hu", "expected"),
    [
        ({}, None, LEFT_UNSAID),
        ({"KVP": 0.0, "ContrastBolusAgent": " "}, None, LEFT_UNSAID),
        ({"KVP": 120.0}, None, {"contrast_unknown"}),
        ({"KVP": 120.0, "ContrastBolusAgent": "NONE"}, None, set()),
        ({"KVP": 120.0}, 45.0, set()),
        ({"KVP": 120.0, "BodyPartExamined": "ABDOMEN"}, 45.0, set()),
        ({"KVP": 120.0, "BodyPartExamined": "HEAD"}, 45.0, {"tags_and_pixels_disagree"}),
        ({"KVP": 100.0}, 45.0, {"tube_voltage"}),
        ({"KVP": 120.0, "ContrastBolusAgent": "NONE"}, 150.0, {"contrast_medium"}),
        ({"KVP": 120.0, "ContrastBolusAgent": "APPLIED"}, None, {"contrast_medium"}),
    ],
)
def test_what_is_not_known_of_the_technique_is_a_finding(
    tags: dict[str, Value], vessel_hu: float | None, expected: set[str]
) -> None:
    # A body of 20 mm behind an even round, which is a vessel only if it is neither air nor bone.
    voxels = np.full((3, 80, 80), -500.0, dtype=np.float32)
    if vessel_hu is not None:
        voxels[:, 22:46, 28:52] = vessel_hu
    voxels[:, 50:70, 30:50] = 150
    # Air and dense bone somewhere: nothing was cut off before the file was written.
    voxels[0, 0, :2] = -1000, 1500
    square = ((30.0, 50.0), (49.0, 50.0), (49.0, 69.0), (30.0, 69.0))
    body = Region(
        id="L1",
        label="L1",
        method="drawn",
        confidence=None,
        polygon=square,
        slice_index=1,
        depth_slices=(0, 2),
    )
    volume = Volume(voxels, (2.0, 1.0, 1.0), np.eye(4), "drawn", tags)
    assert {finding.code for finding in volume_findings(volume, [body])} == expected


@pytest.mark.parametrize(("width", "told"), [(24, 150.0), (70, None)])
def test_what_is_too_large_for_a_vessel_tells_nothing_of_contrast(
    width: int, told: float | None
) -> None:
    voxels = np.full((3, 80, 80), 40.0, dtype=np.float32)
    voxels[:, 22:46, 40 - width // 2 : 40 + width // 2] = 150
    square = ((30.0, 50.0), (49.0, 50.0), (49.0, 69.0), (30.0, 69.0))
    body = Region(
        id="L1", label="L1", method="drawn", confidence=None, polygon=square, slice_index=1
    )
    volume = Volume(voxels, (2.0, 1.0, 1.0), np.eye(4), "drawn")
    assert vessel_attenuation(volume, [body]) == told


def test_a_volume_without_a_spine_is_refused() -> None:
    voxels = np.random.default_rng(0).normal(40, 10, (60, 120, 120)).astype(np.float32)
    with pytest.raises(UnsuitableScan, match="vertebrae"):
        find_regions(Volume(voxels, (3.0, 3.0, 3.0), np.eye(4), "drawn"))


@pytest.fixture
def labelled(shared: Callable[[str], Path]) -> tuple[Volume, Bodies]:
    ct = ct_cases.labelled(shared)
    return ct.volume, ct.bodies


def marrow_hu(volume: Volume, body: npt.NDArray[np.bool_]) -> float:
    """Give the reference: the mean two voxels (6 mm) inside a labelled body."""
    return float(volume.voxels[ndimage.binary_erosion(body, iterations=2)].mean())


@pytest.mark.parametrize("emptier_hu", [80, 110])
def test_a_very_porous_spine_keeps_its_levels_and_tells_where_it_is_unsure(
    emptier_hu: float, labelled: tuple[Volume, Bodies]
) -> None:
    # Marrow of 0 to 30 HU: emptier than the discs between.
    volume, bodies = labelled
    bone = np.logical_or.reduce(list(bodies.values()))
    voxels = np.where(bone, volume.voxels - emptier_hu, volume.voxels).astype(np.float32)
    porous = replace(volume, voxels=voxels)
    found = find_regions(porous)
    assert {region.id for region in found.regions} >= set(LUMBAR)
    unsure = {region.id for region in found.regions if (region.confidence or 0) < 0.5}
    advice = next(
        (f.advice for f in volume_findings(porous, found.regions) if f.code == "low_confidence"), ""
    )
    assert all(name in advice for name in unsure)
    sure = [region for region in found.regions if region.id in set(bodies) - unsure]
    assert len(sure) >= 3
    for region in sure:
        # The median: a bone island of L1 keeps its 300 HU, in the region or beside it.
        marrow = voxels[ndimage.binary_erosion(bodies[region.id], iterations=2)]
        value = np.median(region_values(porous, region))
        assert value == pytest.approx(np.median(marrow), abs=15)


def test_a_body_turned_on_its_side_is_refused(shared: Callable[[str], Path]) -> None:
    small = shared("scans/ct_lumbar_labelled/example_ct_sm.nii.gz")
    volume = read_nifti(gather([small])[0].data)
    assert find_regions(volume).regions
    for turns in (1, 3):
        turned = replace(volume, voxels=np.rot90(volume.voxels, turns, axes=(1, 2)).copy())
        with pytest.raises(UnsuitableScan, match="turned"):
            find_regions(turned)


def test_contrast_series_is_measured_without_level_names(shared: Callable[[str], Path]) -> None:
    answer = measure([shared("scans/ct_abdomen_contrast")])
    result = answer.measurement
    assert result.status is Status.MEASURED
    assert result.kind.modality == "ct"
    assert len(result.regions) >= 5
    assert {region.label for region in result.regions} == {"level unknown"}
    codes = {finding.code for finding in result.quality}
    assert codes >= {"level_unknown", "contrast_medium", "thick_slices"}
    assert {picture.slice_index for picture in answer.pictures} == {
        None,
        *(region.slice_index for region in result.regions),
    }


def test_a_field_cropped_to_half_the_chest_still_shows_its_spine(
    shared: Callable[[str], Path],
) -> None:
    result = measure([shared("texture/ibsi_1_ct_phantom/dicom/image")]).measurement
    assert result.status is Status.MEASURED
    assert len(result.regions) >= 4
    assert "level_unknown" in {finding.code for finding in result.quality}
