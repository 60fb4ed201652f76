"""Pictures with a spine's tags that show something else: refused in one sentence."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from imaging.errors import UnsuitableScan
from imaging.intake.dicom import read_dicom
from imaging.intake.flat import projection_from_dicom
from imaging.projection import Projection
from imaging.regions.dxa_spine import find_regions
from imaging.result import Spacing
from tests.imaging.conftest import DrawnSpine

SHAPE = (390, 358)
ROWS, COLUMNS = np.mgrid[: SHAPE[0], : SHAPE[1]]


def shown(pixels: npt.NDArray[np.generic]) -> Projection:
    return Projection(np.asarray(pixels, dtype=np.float32), Spacing(mm=(0.5, 0.5), source="test"))


def stripes(count: int) -> npt.NDArray[np.generic]:
    return 200 * (ROWS // (SHAPE[0] // count) % 2)


def ladder(count: int) -> npt.NDArray[np.generic]:
    rungs = 120 + 100 * (ROWS // (SHAPE[0] // count) % 2)
    return np.where(np.abs(COLUMNS - SHAPE[1] / 2) < SHAPE[1] / 8, rungs, 20)


@pytest.mark.parametrize("count", [8, 10, 12, 14])
def test_stripes_and_ladders_are_no_spine(count: int) -> None:
    noise = np.random.default_rng(count).normal(0, 8, SHAPE)
    for drawn in (stripes(count), ladder(count), ladder(count) + noise):
        for picture in (shown(drawn), shown(drawn).inverted()):
            with pytest.raises(UnsuitableScan):
                find_regions(picture)


@pytest.mark.parametrize(("name", "turns"), [("femur_a", 0), ("ap_spine", 1), ("ap_spine", 3)])
def test_real_hips_and_spines_on_their_side_are_refused(
    name: str, turns: int, shared: Callable[[str], Path]
) -> None:
    data = shared(f"scans/dxa_ge_lunar/{name}.dcm").read_bytes()
    image = projection_from_dicom(read_dicom(data))
    with pytest.raises(UnsuitableScan, match="not like a lumbar spine|No row of lumbar discs"):
        find_regions(replace(image, pixels=np.rot90(image.pixels, turns)))


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_a_spine_stays_one_when_mirrored_noisy_or_shown_otherwise(
    gamma: float, drawn_spine: DrawnSpine
) -> None:
    pixels, _ = drawn_spine(2)
    grey = 252 * (pixels / 252.0) ** gamma
    noisy = np.clip(grey + np.random.default_rng(0).normal(0, 15, grey.shape), 0, 252)
    for variant in (grey, grey[:, ::-1], noisy):
        assert [r.id for r in find_regions(shown(variant)).regions][:4] == ["L1", "L2", "L3", "L4"]
