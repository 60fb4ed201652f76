"""The interval of a region's attenuation holds what it should, however noisy the scan."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from imaging.densitometry.ct_precision import (
    CONSTANT_HU,
    Z95,
    going_together,
    half_width,
    standard_error,
    together,
)
from imaging.kinds.recognising import Recognised
from imaging.result import Kind, Region
from imaging.volume import Volume
from imaging.ways import ct_spine

TRUE_HU = 120.0
SQUARE = ((8.0, 8.0), (19.0, 8.0), (19.0, 19.0), (8.0, 19.0))


def region(name: str = "L3", confidence: float | None = 0.95) -> Region:
    return Region(
        id=name,
        label=name,
        method="drawn",
        confidence=confidence,
        polygon=SQUARE,
        slice_index=5,
        depth_slices=(3, 8),
    )


def field(
    seed: int, noise_hu: float, reach: float, shape: tuple[int, ...] = (12, 28, 28)
) -> Volume:
    """Draw even marrow with noise that is alike over ``reach`` voxels."""
    noise = np.random.default_rng(seed).normal(0, 1, (12, 28, 28))
    if reach:
        noise = ndimage.gaussian_filter(noise, reach, mode="wrap")
    voxels = TRUE_HU + noise_hu / noise.std() * noise
    return Volume(voxels.astype(np.float32), (3.0, 1.0, 1.0), np.eye(4), "drawn")


def mean_in(volume: Volume) -> float:
    return float(volume.voxels[3:9, 8:20, 8:20].mean())


@pytest.mark.parametrize("reach", [0.0, 0.7, 1.2])
@pytest.mark.parametrize("noise_hu", [20.0, 100.0])
def test_the_interval_holds_the_true_mean_in_noise_of_any_size(
    noise_hu: float, reach: float
) -> None:
    held = [
        abs(mean_in(volume) - TRUE_HU) <= half_width(volume, region())
        for volume in (field(seed, noise_hu, reach) for seed in range(60))
    ]
    assert np.mean(held) >= 0.95


@pytest.mark.parametrize("reach", [0.0, 0.7, 1.2])
def test_the_standard_error_is_that_of_repeated_scans(reach: float) -> None:
    boxes = [field(seed, 50.0, reach).voxels[3:9, 8:20, 8:20] for seed in range(150)]
    within = np.ones(boxes[0].shape, dtype=bool)
    errors = [standard_error(box.astype(np.float64), within) for box in boxes]
    seen = np.std([box.mean() for box in boxes])
    assert np.median(errors) == pytest.approx(seen, rel=0.3)


@given(st.floats(-1, 1), st.integers(2, 60))
def test_a_row_counts_as_one_voxel_at_least_and_as_all_at_most(alike: float, size: int) -> None:
    assert 1.0 <= going_together(alike, size) <= size + 1e-9


@settings(max_examples=20, deadline=None)
@given(st.floats(5, 60), st.floats(1.5, 4))
def test_more_noise_and_less_confidence_widen_the_interval(noise_hu: float, more: float) -> None:
    quiet, loud = field(1, noise_hu, 0.7), field(1, noise_hu * more, 0.7)
    assert half_width(loud, region()) > half_width(quiet, region())
    unsure = half_width(quiet, region(confidence=0.5))
    assert unsure > half_width(quiet, region(confidence=0.95))
    assert half_width(quiet, region(confidence=None)) <= half_width(quiet, region())
    assert half_width(quiet, region("S1")) > unsure


def test_an_endplate_near_the_region_widens_it_by_what_a_small_shift_lets_in() -> None:
    even = replace(field(0, 1e-6, 0.0))
    assert half_width(even, region()) == pytest.approx(Z95 * CONSTANT_HU, abs=1e-3)
    plate = even.voxels.copy()
    plate[9:] = 400
    # 0.75 mm of 3 mm of the next slice, over six slices: (400 - 120) / 24 up, nothing down.
    moved = 0.75 / 3.0 * (400 - TRUE_HU) / 6 / np.sqrt(2)
    near = half_width(replace(even, voxels=plate), region(confidence=1.0))
    assert near == pytest.approx(Z95 * np.hypot(moved, CONSTANT_HU), rel=1e-3)


def test_a_mean_of_levels_is_surer_than_one_but_not_without_end() -> None:
    assert together([10.0] * 4) == pytest.approx(5.0)
    assert together([6.0]) == pytest.approx(6.0)
    assert together([4.0] * 100) == pytest.approx(Z95 * CONSTANT_HU)


@pytest.mark.parametrize(("noise_hu", "given_numbers"), [(15.0, True), (400.0, False)])
def test_no_attenuation_is_given_where_its_interval_is_too_wide(
    noise_hu: float, given_numbers: bool
) -> None:
    volume = field(0, noise_hu, 1.2)
    volume.voxels[0] = -1000  # air, as in every CT
    seen = Recognised(Kind(modality="ct"))
    answer = ct_spine.measure(volume, seen, (), [region(confidence=None)]).measurement
    told = {finding.code for finding in answer.quality}
    assert bool(answer.measurements) is given_numbers
    assert ("attenuation_too_uncertain" in told) is not given_numbers
