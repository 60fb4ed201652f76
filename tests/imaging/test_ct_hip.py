"""The femoral neck on CT: drawn hips with known truth, and a real one that leaves its scan."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from imaging.densitometry.ct import region_values
from imaging.kinds.recognising import recognise_volume
from imaging.measure import measure
from imaging.morphometry.ct_hip import hip_lengths, marked_untried
from imaging.phantoms import ct_lumbar
from imaging.phantoms.ct_hip import HipTruth, ct_hip
from imaging.regions.ct_femur import Head, find_neck
from imaging.regions.ct_femur_head import refined
from imaging.regions.ct_hips import Hips, find_hips
from imaging.result import Measurement
from imaging.volume import Volume
from imaging.ways import ct_spine

# (seed, how it is drawn)
CASES = {
    "as usual": (1, {"slice_mm": 2.0}),
    "5 mm slices": (2, {"slice_mm": 5.0}),
    "noise": (3, {"slice_mm": 3.0, "noise_hu": 40.0}),
    "empty marrow": (4, {"slice_mm": 3.0, "marrow_hu": 0.0}),
}


@cache
def drawn(case: str) -> tuple[Volume, HipTruth]:
    seed, how = CASES[case]
    return volume_of(seed, **how)


def volume_of(seed: int, **how: float) -> tuple[Volume, HipTruth]:
    voxels, truth = ct_hip(seed, pixel_mm=1.5, **how)  # type: ignore[arg-type]
    return Volume(voxels, truth.spacing_mm, np.eye(4), "drawn"), truth


def rough(truth: HipTruth) -> list[Head]:
    """Heads as the pelvis gives them: too large, and some mm towards the socket."""
    return [
        Head(side, femur.head + (1.0, -1.0, -5.0 if side == "left" else 5.0), femur.radius + 3)
        for side, femur in truth.femora.items()
    ]


@cache
def found(case: str) -> Hips:
    volume, truth = drawn(case)
    return find_hips(volume, rough(truth), ())


@pytest.mark.parametrize("case", CASES)
def test_head_neck_and_shaft_are_those_that_were_drawn(case: str) -> None:
    _, truth = drawn(case)
    assert {hip.neck.head.side for hip in found(case).hips} == {"left", "right"}
    numbers = {(one.region, one.name): one for one in hip_lengths(found(case).hips)}
    for hip in found(case).hips:
        side = hip.neck.head.side
        femur = truth.femora[side]
        assert np.linalg.norm(hip.neck.head.at - femur.head) < 5
        assert hip.neck.head.radius == pytest.approx(femur.radius, abs=2.5)
        assert np.rad2deg(np.arccos(hip.neck.axis @ femur.axis)) < 2
        width = numbers[f"femoral_neck_{side}", "femoral_neck_width"]
        assert 0 < width.value - 2 * femur.neck_radius < 3.5
        angle = numbers[f"femoral_neck_{side}", "neck_shaft_angle"]
        assert angle.value == pytest.approx(femur.angle_deg, abs=2)
        assert width.tried_on == angle.tried_on == "generated images"


@pytest.mark.parametrize("case", CASES)
def test_the_region_holds_the_marrow_of_the_neck_alone(case: str) -> None:
    volume, truth = drawn(case)
    necks = [one for one in found(case).regions if one.id.startswith("femoral_neck_")]
    assert len(necks) == 2
    for region in necks:
        side = region.id.removeprefix("femoral_neck_")
        femur = truth.femora[side]
        values = region_values(volume, region)
        assert values.mean() == pytest.approx(femur.marrow_hu, abs=5)
        assert region.voxels is not None
        assert region.bone is not None
        places = np.argwhere(region.voxels.mask) + region.voxels.corner
        off = places * np.array(volume.spacing_mm) - femur.head
        # Off the head, and nearer to the axis than the cortex.
        assert np.linalg.norm(off, axis=1).min() > femur.radius - 3
        away = np.linalg.norm(off - (off @ femur.axis)[:, None] * femur.axis, axis=1)
        # It widens to both sides of its narrowest place.
        assert away.max() < femur.neck_radius + 1
        assert region.bone.mask.sum() > 1.3 * region.voxels.mask.sum()
        (picture,) = {trace.picture for trace in region.traces}
        assert picture == f"hip-{side}"


@pytest.mark.parametrize("case", CASES)
def test_the_bone_between_the_trochanters_is_measured_where_the_axes_cross(case: str) -> None:
    volume, truth = drawn(case)
    balls = [one for one in found(case).regions if one.id.startswith("intertrochanteric_")]
    assert len(balls) == 2
    for region in balls:
        femur = truth.femora[region.id.removeprefix("intertrochanteric_")]
        assert region_values(volume, region).mean() == pytest.approx(femur.marrow_hu, abs=5)


def test_a_shaft_out_of_view_leaves_the_neck_but_no_angle() -> None:
    volume, truth = volume_of(5, slice_mm=3.0, below_mm=63.0)
    hips = find_hips(volume, rough(truth), ())
    assert len(hips.regions) == 2
    assert {one.name for one in hip_lengths(hips.hips)} == {"femoral_neck_width"}
    assert [finding.code for finding in hips.findings] == ["femoral_shaft_cut_off"] * 2


@pytest.mark.parametrize("below_mm", [21.0, 30.0])
def test_a_neck_that_leaves_the_scan_is_not_measured(below_mm: float) -> None:
    volume, truth = volume_of(1, slice_mm=3.0, below_mm=below_mm)
    hips = find_hips(volume, rough(truth), ())
    assert hips.regions == ()
    assert hips.hips == ()
    assert [finding.code for finding in hips.findings] == ["femoral_neck_cut_off"] * 2


def test_a_ball_that_is_no_head_has_no_neck() -> None:
    voxels = np.full((60, 80, 80), 50, dtype=np.float32)
    z, y, x = np.indices(voxels.shape) * 2.0
    voxels[(z - 60) ** 2 + (y - 80) ** 2 + (x - 80) ** 2 < 24**2] = 300
    volume = Volume(voxels, (2.0, 2.0, 2.0), np.eye(4), "drawn")
    ball = refined(volume, Head("left", np.array([62.0, 78.0, 83.0]), 27.0))
    assert ball is not None
    np.testing.assert_allclose(ball.at, (60, 80, 80), atol=1)
    assert ball.radius == pytest.approx(24, abs=1)
    assert find_neck(volume, ball) is None


def test_only_numbers_below_the_heads_are_marked_as_not_tried() -> None:
    number = Measurement(
        name="hu", region="L1", value=1.0, unit="1", method="m", source="s", precision="p"
    )
    names = ("L1", "femoral_head_left", "femoral_neck_left", "intertrochanteric_right")
    marked = marked_untried([replace(number, region=name) for name in names])
    tried = [one.tried_on for one in marked]
    assert tried == ["real scans"] * 2 + ["generated images"] * 2


def test_spine_and_hips_of_one_scan_are_measured_together() -> None:
    mm = 1.4
    lumbar, _ = ct_lumbar(1, slice_mm=3.0, pixel_mm=mm)
    hips, truth = ct_hip(1, slice_mm=3.0, pixel_mm=mm)
    below = np.full((56, *lumbar.shape[1:]), -1000, dtype=np.float32)
    aside = (hips.shape[2] - below.shape[2]) // 2
    # The middle of the drawn trunk lies further back.
    shown = hips[:56, : below.shape[1] - 44, aside : aside + below.shape[2]]
    below[:, 44 : 44 + shown.shape[1]] = shown
    voxels = np.concatenate([below, lumbar.astype(np.float32)])
    volume = Volume(voxels, (3.0, mm, mm), np.diag([3.0, mm, mm, 1.0]), "drawn")
    answer = ct_spine.measure(volume, recognise_volume({}, voxels), (), None)
    means = {
        one.region: one
        for one in answer.measurement.measurements
        if one.name == "trabecular_attenuation_hu"
    }
    assert {"L1", "L5", "S1", "sacral_ala_left", "femoral_head_right"} <= means.keys()
    for side, femur in truth.femora.items():
        for name in ("femoral_neck", "intertrochanteric"):
            number = means[f"{name}_{side}"]
            assert number.value == pytest.approx(femur.marrow_hu, abs=5)
            assert number.tried_on == "generated images"
    assert {"hip-left", "hip-right"} <= {picture.name for picture in answer.pictures}


def test_a_real_neck_that_leaves_its_scan_is_not_measured(shared: Callable[[str], Path]) -> None:
    answer = measure([shared("scans/ct_lumbar_labelled/example_ct.nii.gz")])
    result = answer.measurement
    codes = [finding.code for finding in result.quality]
    assert codes.count("femoral_neck_cut_off") == 1
    # The left hip holds metal.
    assert codes.count("metal_hip") == 1
    assert not [one for one in result.measurements if "femoral_neck" in one.region]
    assert {picture.name for picture in answer.pictures} >= {"sagittal", "coronal"}
