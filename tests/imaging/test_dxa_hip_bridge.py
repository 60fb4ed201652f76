"""The second way to the neck agrees with a right one and speaks against a wrong one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from imaging.intake.dicom import read_dicom
from imaging.intake.flat import projection_from_dicom
from imaging.phantoms import dxa_femur
from imaging.projection import Projection
from imaging.regions import dxa_hip
from imaging.regions.dxa_hip import HipRegions, find_regions
from imaging.regions.dxa_hip_bridge import Bridge
from imaging.regions.dxa_hip_neck import Circle, Crossing, Neck, below
from imaging.regions.dxa_hip_neck import refine as right_refine
from imaging.regions.edge_field import EdgeField
from imaging.result import Spacing


def shown(pixels: npt.NDArray[np.generic], mm: float = 0.5) -> Projection:
    spacing = Spacing(mm=(mm, mm), source="PixelSpacing")
    return Projection(np.ascontiguousarray(pixels, dtype=np.float32), spacing)


def codes(found: HipRegions) -> set[str]:
    return {finding.code for finding in found.findings}


@pytest.mark.parametrize("seed", range(3))
def test_a_right_neck_is_not_doubted(seed: int) -> None:
    pixels, _ = dxa_femur(seed, pixel_mm=0.5)
    assert "neck_doubtful" not in codes(find_regions(shown(pixels)))


@pytest.mark.parametrize("gamma", [0.7, 1.0, 1.4])
def test_the_real_neck_is_not_doubted(gamma: float, shared: Callable[[str], Path]) -> None:
    data = shared("scans/dxa_ge_lunar/femur_a.dcm").read_bytes()
    pixels = projection_from_dicom(read_dicom(data)).pixels
    halved = pixels[::2, ::2] / 2 + pixels[1::2, 1::2] / 2
    assert "neck_doubtful" not in codes(find_regions(shown(252 * (halved / 252) ** gamma)))


def test_a_neck_off_its_bridge_is_given_with_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels, _ = dxa_femur(1, pixel_mm=0.5)
    sound = find_regions(shown(pixels))

    def off(field: EdgeField, rough: Crossing, head: Circle | None = None) -> Neck:
        neck = right_refine(field, rough, head)
        return replace(neck, centre=neck.centre + 8.0 * below(neck.ahead))

    monkeypatch.setattr(dxa_hip, "refine", off)
    doubted = find_regions(shown(pixels))
    assert "neck_doubtful" in codes(doubted)
    before, after = (
        next(r.confidence or 0.0 for r in found.regions if r.id == "femoral_neck")
        for found in (sound, doubted)
    )
    assert after < 0.6 * before


@pytest.mark.parametrize(
    ("bridge", "agrees"),
    [
        (Bridge(2.4, 11.0, 1.1), True),
        (Bridge(-2.6, 0.0, 1.0), False),
        (Bridge(0.0, 12.5, 1.0), False),
        (Bridge(0.0, 0.0, 0.88), False),
        (Bridge(0.0, 0.0, 1.14), False),
    ],
)
def test_each_limit_has_two_sides(bridge: Bridge, agrees: bool) -> None:
    assert bridge.agrees == agrees
