"""Noise on a hip picture: told from the bone, and taken from the confidence in its regions."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from imaging.intake.dicom import read_dicom
from imaging.intake.flat import projection_from_dicom
from imaging.projection import Projection
from imaging.regions.dxa_hip import find_regions
from imaging.regions.dxa_hip_noise import noise_per_mm
from imaging.result import Spacing


def projected(pixels: npt.NDArray[np.generic], mm: float) -> Projection:
    spacing = Spacing(mm=(mm, mm), source="PixelSpacing")
    return Projection(np.ascontiguousarray(pixels, dtype=np.float32), spacing)


@pytest.mark.parametrize("mm", [0.25, 1.0])
@pytest.mark.parametrize("spread", [4.0, 15.0])
def test_noise_is_told_from_a_slope_and_an_edge(mm: float, spread: float) -> None:
    rows, columns = np.meshgrid(np.arange(160.0), np.arange(120.0), indexing="ij")
    plain = 40 + 0.5 * rows + 80 * (columns > 60)
    assert noise_per_mm(projected(plain, mm), (mm, mm)) < 0.05
    noisy = plain + np.random.default_rng(0).normal(0, spread, plain.shape)
    assert noise_per_mm(projected(noisy, mm), (mm, mm)) == pytest.approx(spread * mm, rel=0.1)


def test_a_noisy_coarse_picture_is_not_called_sure(shared: Callable[[str], Path]) -> None:
    data = shared("scans/dxa_ge_lunar/femur_a.dcm").read_bytes()
    pixels = projection_from_dicom(read_dicom(data)).pixels
    rows, columns = (n // 4 for n in pixels.shape)
    coarse = pixels[: 4 * rows, : 4 * columns].reshape(rows, 4, columns, 4).mean(axis=(1, 3))
    sure = []
    for spread in (0, 15):  # the box stays within 0.5 mm, and moves by up to 1.3 mm
        grey = np.clip(coarse + np.random.default_rng(2).normal(0, spread, coarse.shape), 0, 252)
        picture = replace(projected(grey, 1.0), tags={"Manufacturer": "HOLOGIC, Inc."})
        neck = next(r for r in find_regions(picture).regions if r.id == "femoral_neck")
        sure.append(neck.confidence or 0.0)
    assert sure[0] > 0.7
    assert sure[1] < 0.5
