"""Cement, lesions and bone islands are told apart from bone that is only noisy."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from imaging.densitometry.ct_precision import half_widths
from imaging.densitometry.ct_unusual import (
    DENSE_HU,
    DENSE_SHARE,
    LEVELS_APART_HU,
    Unusual,
    dense_findings,
    too_dense,
    unusual_bone,
)
from imaging.kinds.recognising import Recognised
from imaging.measure import measure
from imaging.result import Kind, Region
from imaging.volume import Volume
from imaging.ways import ct_spine
from tests.imaging.conftest import DrawnCt

LEVELS = ("L5", "L4", "L3", "L2", "L1")
MARROW = 110.0
TALL, DEEP, WIDE = 7, 12, 18  # voxels of one region
GAP = 10  # slices from one level to the next
Voxels = npt.NDArray[np.float32]


def region(at: int, name: str = "") -> Region:
    left, right, front, back = 8.0, 8.0 + WIDE, 8.0, 8.0 + DEEP
    first = GAP * at
    return Region(
        id=name or LEVELS[at],
        label=name or LEVELS[at],
        method="drawn",
        confidence=0.95,
        polygon=((left, front), (right, front), (right, back), (left, back)),
        slice_index=first + TALL // 2,
        depth_slices=(first, first + TALL - 1),
    )


def spine(noise: float = 30.0, seed: int = 0, slice_mm: float = 3.0) -> Volume:
    grain = np.random.default_rng(seed).normal(0, 1, (GAP * len(LEVELS), 30, 36))
    grain = ndimage.gaussian_filter(grain, 0.5)
    voxels = MARROW + noise / grain.std() * grain
    return Volume(voxels.astype(np.float32), (slice_mm, 2.0, 2.0), np.eye(4), "drawn")


def inside(volume: Volume, level: str) -> Voxels:
    """Give a view on one level's voxels."""
    first = GAP * LEVELS.index(level)
    return volume.voxels[first : first + TALL, 8 : 8 + DEEP, 8 : 8 + WIDE]


def ball(radius_mm: float, spacing: tuple[float, float, float]) -> npt.NDArray[np.bool_]:
    axes = np.ogrid[:TALL, :DEEP, :WIDE]
    middles = ((TALL - 1) / 2, (DEEP - 1) / 2, (WIDE - 1) / 2)
    square = sum(
        ((axis - middle) * mm) ** 2 for axis, middle, mm in zip(axes, middles, spacing, strict=True)
    )
    return np.asarray(square < radius_mm**2)


def judged(volume: Volume) -> Unusual:
    regions = [region(at) for at in range(len(LEVELS))]
    return unusual_bone(volume, regions, half_widths(volume, regions))


def codes(unusual: Unusual) -> set[str]:
    return {finding.code for finding in unusual.findings}


@given(st.sampled_from([0.0, 40.0, 100.0, 150.0]), st.integers(0, 50), st.sampled_from([1.5, 3.0]))
@settings(max_examples=60, deadline=None)
def test_even_bone_is_not_unusual_in_any_noise(noise: float, seed: int, slice_mm: float) -> None:
    assert judged(spine(noise, seed, slice_mm)) == Unusual(frozenset(), ())


@pytest.mark.parametrize(("share", "dense"), [(0.0, False), (0.07, False), (0.13, True)])
def test_bone_filled_beyond_what_marrow_reaches_is_dense(share: float, dense: bool) -> None:
    assert 0.07 < DENSE_SHARE < 0.13
    volume = spine()
    inside(volume, "L3")[:, :, : round(share * WIDE * 19 / 18)] = 1500
    assert too_dense(volume, region(2)) is dense
    findings = dense_findings(volume, [region(at) for at in range(5)])
    assert [finding.code for finding in findings] == (["dense_bone"] if dense else [])
    assert all("L3" in finding.advice for finding in findings)


@pytest.mark.parametrize("noise", [30.0, 150.0, 400.0])
def test_noise_alone_is_never_dense(noise: float) -> None:
    volume = spine(noise)
    volume.voxels[...] += 100  # dense bone of a young adult
    assert not any(too_dense(volume, region(at)) for at in range(5))
    volume.voxels[...] += 2 * DENSE_HU
    assert all(too_dense(volume, region(at)) for at in range(5))


@pytest.mark.parametrize("noise", [15.0, 40.0])
@pytest.mark.parametrize("change", [-80.0, 150.0])
def test_half_a_level_that_is_another_is_uneven(change: float, noise: float) -> None:
    volume = spine(noise)
    inside(volume, "L3")[:, :, : WIDE // 2] += change
    unusual = judged(volume)
    assert unusual.left_out == {"L3"}
    assert "uneven_bone" in codes(unusual)
    assert "l1_unusual" not in codes(unusual)


@pytest.mark.parametrize("change", [-25.0, 25.0])
def test_halves_that_differ_as_those_of_sound_bone_do_stay(change: float) -> None:
    volume = spine()
    inside(volume, "L3")[:, :, : WIDE // 2] += change
    assert judged(volume).left_out == frozenset()


@pytest.mark.parametrize(
    ("radius_mm", "hu", "left_out", "code"),
    [
        (9.0, -20.0, True, "uneven_bone"),  # a lytic lesion of 3 mL
        (3.0, -20.0, False, ""),
        (4.5, 800.0, False, "patchy_bone"),  # a bone island
        (9.0, 450.0, True, "uneven_bone"),  # a sclerotic lesion
    ],
)
def test_a_lesion_leaves_the_mean_and_a_bone_island_does_not(
    radius_mm: float, hu: float, left_out: bool, code: str
) -> None:
    volume = spine()
    inside(volume, "L1")[ball(radius_mm, volume.spacing_mm)] = hu
    unusual = judged(volume)
    assert unusual.left_out == ({"L1"} if left_out else frozenset())
    assert codes(unusual) == ({code} - {""}) | ({"l1_unusual"} if left_out else set())


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(
    ("by", "out"), [(LEVELS_APART_HU - 5, False), (LEVELS_APART_HU + 25, True)]
)
def test_a_level_that_differs_from_its_neighbours_stands_out(
    sign: int, by: float, out: bool
) -> None:
    volume = spine()
    inside(volume, "L2")[...] += sign * by
    unusual = judged(volume)
    assert unusual.left_out == ({"L2"} if out else frozenset())
    assert codes(unusual) == ({"level_stands_out"} if out else set())


def test_levels_that_change_by_steps_do_not_stand_out() -> None:
    volume = spine()
    for at, level in enumerate(LEVELS):
        inside(volume, level)[...] += 15.0 * at
    assert judged(volume).left_out == frozenset()


def test_a_deformed_level_is_no_measure_for_others_and_two_are_too_few() -> None:
    volume = spine()
    regions = [region(at) for at in range(3)]
    inside(volume, "L5")[...] += 100
    half = half_widths(volume, regions)
    assert unusual_bone(volume, regions, half, {"L4", "L3"}).left_out == frozenset()
    assert unusual_bone(volume, regions, half).left_out == {"L5"}
    assert unusual_bone(volume, [], {}).left_out == frozenset()


def test_only_vertebrae_are_compared_with_each_other() -> None:
    volume = spine()
    inside(volume, "L1")[...] += 100
    regions = [*(region(at) for at in range(4)), region(4, "femoral_head_left")]
    assert unusual_bone(volume, regions, half_widths(volume, regions)).left_out == frozenset()


def test_cement_and_a_lesion_in_a_drawn_spine_are_in_no_mean(drawn_ct: DrawnCt) -> None:
    """Cement fills L3 and a lesion half of L1, both in regions that a person drew."""
    volume, truth = drawn_ct(0)
    voxels = volume.voxels.copy()
    regions = []
    for name in ("L1", "L2", "L3", "L4"):
        body = truth.labels == truth.names.index(name) + 1
        middle, row, column = (round(float(at)) for at in np.argwhere(body).mean(axis=0))
        corners = ((-8, -6), (8, -6), (8, 6), (-8, 6))
        regions.append(
            replace(
                region(0, name),
                polygon=tuple((float(column + x), float(row + y)) for x, y in corners),
                slice_index=middle,
                depth_slices=(middle - 1, middle + 1),
            )
        )
        if name == "L3":
            voxels[body] = 1800
        if name == "L1":
            voxels[:, :, column:][body[:, :, column:]] = 10
    tags = {**volume.tags, "KVP": 120.0, "ContrastBolusAgent": "NONE"}
    changed = replace(volume, voxels=voxels, tags=tags)
    seen = Recognised(Kind(modality="ct", body_part="lumbar_spine", view="axial"))
    result = ct_spine.measure(changed, seen, (), regions).measurement
    names = {finding.code: finding.advice for finding in result.quality}
    assert "L3" in names["dense_bone"]
    assert "L1" in names["uneven_bone"]
    assert "l1_unusual" in names
    assert "attenuation_category" not in names
    attenuation = {
        one.region: one.value
        for one in result.measurements
        if one.name == "trabecular_attenuation_hu"
    }
    assert "L3" not in attenuation
    assert attenuation["L2,L4"] == pytest.approx(
        (attenuation["L2"] + attenuation["L4"]) / 2, abs=0.1
    )
    assert not {"L1-L4", "L1-L2,L4"} & set(attenuation)


def test_a_real_bone_island_is_told_and_stays(shared: Callable[[str], Path]) -> None:
    result = measure([shared("scans/ct_lumbar_labelled") / "example_ct.nii.gz"]).measurement
    told = {finding.code: finding.advice for finding in result.quality}
    assert told["patchy_bone"].startswith("L1:")
    assert not {"dense_bone", "uneven_bone", "level_stands_out", "l1_unusual"} & set(told)
    by_region = {
        one.region: one.value
        for one in result.measurements
        if one.name == "trabecular_attenuation_hu"
    }
    assert by_region["L1-L4"] == pytest.approx(
        np.mean([by_region[name] for name in ("L1", "L2", "L3", "L4")]), abs=0.1
    )
