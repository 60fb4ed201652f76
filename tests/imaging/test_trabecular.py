"""Trabecular bone drawn with known measures, and a real micro-CT within what anatomy allows."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from imaging.errors import UnsuitableScan
from imaging.texture.trabecular import (
    COARSEST_MM,
    intercept_anisotropy,
    local_thickness,
    otsu,
    trabeculae,
    trabecular_measurements,
)

Mask = npt.NDArray[np.bool_]


def plates(thick: int, period: int, first: int) -> Mask:
    """Draw plates across the rows of a cube, ``first`` voxels from its edge."""
    row = (np.arange(48) - first) % period < thick
    return np.broadcast_to(row[None, :, None], (48, 48, 48)).copy()


def everywhere(bone: Mask) -> Mask:
    return np.ones(bone.shape, dtype=bool)


@pytest.mark.parametrize("thick", [3, 4, 6, 7])
def test_plates_are_as_thick_as_drawn_to_one_voxel(thick: int) -> None:
    # No plate at the edge: one that is cut off could be thicker than what is seen.
    bone = plates(thick, 16, 5)
    assert local_thickness(bone, everywhere(bone)) == pytest.approx(thick, abs=1.0)


def test_rods_run_one_way_and_noise_none() -> None:
    across = np.hypot(*np.mgrid[-4:4, -4:4].astype(float) + 0.5) < 2.5
    rods = np.broadcast_to(np.tile(across, (6, 6))[None], (48, 48, 48)).copy()
    for axis in range(3):
        turned = np.moveaxis(rods, 0, axis)
        assert intercept_anisotropy(turned, everywhere(turned)) > 0.95
    noise = np.random.default_rng(1).random((48, 48, 48)) < 0.3
    assert intercept_anisotropy(noise, everywhere(noise)) < 0.3


def test_threshold_lies_between_bone_and_marrow() -> None:
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(10, 3, 8000), rng.normal(200, 20, 2000)])
    assert 20 < otsu(values) < 150


def test_a_shifted_scale_changes_nothing_but_the_lengths() -> None:
    bone = plates(4, 12, 5)
    image = 100.0 * bone + np.random.default_rng(3).normal(0, 5, bone.shape)
    one, other = (trabeculae(a * image + b, everywhere(bone), mm) for a, b, mm in (
        (1, 0, 0.02), (3, -50, 0.04)
    ))  # fmt: skip
    assert one.bone_volume_fraction == other.bone_volume_fraction == pytest.approx(bone.mean())
    assert other.thickness_mm == pytest.approx(2 * one.thickness_mm)
    assert other.anisotropy == pytest.approx(one.anisotropy)


def test_what_cannot_be_measured_is_refused() -> None:
    bone = plates(4, 12, 5)
    image = bone.astype(float)
    trabeculae(image, everywhere(bone), COARSEST_MM)
    with pytest.raises(UnsuitableScan, match="cannot be seen"):
        trabeculae(image, everywhere(bone), COARSEST_MM + 0.001)
    with pytest.raises(UnsuitableScan, match="both bone and marrow"):
        trabeculae(np.ones(bone.shape), everywhere(bone), 0.02)
    with pytest.raises(UnsuitableScan, match="too small"):
        trabeculae(image[:4], everywhere(bone)[:4], 0.02)
    with pytest.raises(UnsuitableScan, match="cubic"):
        trabecular_measurements(image, everywhere(bone), (0.05, 0.02, 0.02), "x")


def test_a_real_micro_ct_is_within_what_anatomy_allows(shared: Callable[[str], Path]) -> None:
    slices = sorted(shared("scans/microct_trabecular").glob("*.tif"))[50:130]
    image = np.stack([np.asarray(Image.open(path))[60:140, 60:140] for path in slices])
    numbers = trabecular_measurements(
        image, np.ones(image.shape, dtype=bool), (0.0195, 0.0195, 0.0195), "sample"
    )
    found = {number.name: number.value for number in numbers}
    # Human trabecular bone of all sites, as in vivo and ex vivo studies have it.
    assert 0.05 < found["trabecular_bone_volume_fraction"] < 0.45
    assert 0.10 < found["trabecular_thickness_mm"] < 0.35
    assert 0.3 < found["trabecular_spacing_mm"] < 1.3
    assert 0.1 < found["trabecular_anisotropy"] < 0.8
