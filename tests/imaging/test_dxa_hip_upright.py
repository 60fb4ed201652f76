"""Hips that stand on their head or side: refused, never measured on the wrong bones."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.measure import measure
from imaging.phantoms import FemurTruth, dxa_femur
from imaging.projection import Projection
from imaging.regions.dxa_hip import find_regions
from imaging.regions.dxa_hip_head import Head
from imaging.regions.dxa_hip_neck import Neck
from imaging.regions.dxa_hip_outline import Outline
from imaging.regions.dxa_hip_shaft import Shaft
from imaging.regions.dxa_hip_upright import is_in_order
from imaging.result import Spacing, Status

Picture = npt.NDArray[np.float32]
HALF_MM = Spacing(mm=(0.5, 0.5), source="PixelSpacing")
TURNS: dict[str, Callable[[Picture], Picture]] = {
    "turned by 180 degrees": lambda p: p[::-1, ::-1],
    "upside down in a mirror": lambda p: p[::-1],
    "turned by 90 degrees": np.rot90,
    "turned by 270 degrees": lambda p: np.rot90(p, 3),
    "turned by 90 degrees in a mirror": lambda p: p.T,
}


@cache
def drawn(seed: int) -> tuple[npt.NDArray[np.uint8], FemurTruth]:
    return dxa_femur(seed, pixel_mm=0.5)


@cache
def leaning_drawn(seed: int, degrees: float) -> Picture:
    return leaning(drawn(seed)[0].astype(np.float32), degrees)


def leaning(pixels: Picture, degrees: float) -> Picture:
    return np.asarray(ndimage.rotate(pixels, degrees, reshape=False, order=1, mode="nearest"))


def shown(pixels: npt.NDArray[np.generic]) -> Projection:
    return Projection(np.ascontiguousarray(pixels, dtype=np.float32), HALF_MM)


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize(("seed", "degrees"), [(1, 0), (2, 5)])
def test_a_drawn_hip_that_does_not_stand_upright_is_refused(
    seed: int, degrees: float, turn: str
) -> None:
    with pytest.raises(UnsuitableScan):
        find_regions(shown(TURNS[turn](leaning_drawn(seed, degrees))))


@pytest.mark.parametrize("seed", [1, 3])
def test_an_ilium_like_a_shaft_is_told_by_what_lies_around_it(seed: int) -> None:
    # On their heads these have edges, canal, neck and head: only the surroundings speak against.
    pixels, _ = drawn(seed)
    with pytest.raises(UnsuitableScan, match="stand on its head") as refused:
        find_regions(shown(pixels[::-1]))
    assert refused.value.code == "not_upright"


@pytest.mark.parametrize("turn", TURNS)
def test_the_real_hip_that_does_not_stand_upright_is_refused(
    turn: str, shared: Callable[[str], Path], tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(BytesIO(shared("scans/dxa_ge_lunar/femur_a.dcm").read_bytes()))
    pixels = np.ascontiguousarray(TURNS[turn](dataset.pixel_array))
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.PixelData = pixels.tobytes()
    dataset.save_as(tmp_path / "turned.dcm")
    result = measure([tmp_path / "turned.dcm"]).measurement
    assert result.status is Status.REFUSED
    assert result.reason is not None
    assert "head" in result.reason or "upright" in result.reason
    assert not result.measurements


@pytest.mark.parametrize(("wide_mm", "refused"), [(5, False), (9, True)])
def test_bone_on_the_outer_side_is_refused(wide_mm: int, refused: bool) -> None:
    # A hand at the thigh, or the pelvis of a hip on its head.
    drawing, truth = drawn(4)
    pixels = drawing.copy()
    across = round((truth.head_mm[1] + 78) / truth.pixel_mm)
    pixels[60 : 60 + 2 * wide_mm, across : across + 2 * wide_mm] = 200
    if not refused:
        find_regions(shown(pixels))
        return
    with pytest.raises(UnsuitableScan) as told:
        find_regions(shown(pixels))
    assert told.value.code == "not_upright"


SHAFT = Shaft(np.array([200.0, 150.0]), np.array([-1.0, 0.0]), 28.0, 60.0, 0.1)
AHEAD = np.array([-np.sin(np.radians(40)), -np.cos(np.radians(40))])
NECK = Neck(np.array([100.0, 110.0]), AHEAD, 33.0, 33.0, 0.1)
HEAD = Head(np.array([66.0, 70.0]), 44.0, 1.0)
OUTLINE = Outline(
    corner=np.array([134.0, 150.0]),
    box=NECK.centre,
    ceiling=40.0,
    points=np.array([[110.0, 190.0], [180.0, 178.0], [180.0, 122.0], [120.0, 90.0]]),
    lateral_end=np.array([150.0, 190.0]),
    lower=20.0,
    whole=True,
    bump_mm=0.0,
)


def test_parts_lie_in_the_order_of_a_body() -> None:
    assert is_in_order(SHAFT, NECK, HEAD, OUTLINE)
    under = replace(HEAD, centre=np.array([110.0, 70.0]))
    beyond = replace(HEAD, centre=np.array([66.0, 160.0]))
    assert not is_in_order(SHAFT, NECK, under, OUTLINE)
    assert not is_in_order(SHAFT, NECK, beyond, OUTLINE)
    assert not is_in_order(SHAFT, NECK, HEAD, replace(OUTLINE, lower=80.0))


@pytest.mark.parametrize(
    ("angle_deg", "possible"), [(102, False), (106, True), (153, True), (157, False)]
)
def test_a_neck_leaves_the_shaft_at_an_angle_that_hips_have(
    angle_deg: float, possible: bool
) -> None:
    turn = np.radians(180 - angle_deg)
    neck = replace(NECK, ahead=np.array([-np.cos(turn), -np.sin(turn)]))
    assert is_in_order(SHAFT, neck, HEAD, OUTLINE) == possible


@pytest.mark.parametrize(("radius", "possible"), [(33, False), (36, True), (55, True), (58, False)])
def test_a_head_is_wider_than_its_neck(radius: float, possible: bool) -> None:
    assert is_in_order(SHAFT, NECK, replace(HEAD, radius=radius), OUTLINE) == possible
