"""Synthetic scans drawn once, and where real scans lie; absent ones are named and skipped."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from pydicom.data import get_testdata_file

from imaging.phantoms import CtTruth, DxaTruth, ct_lumbar, dxa_spine
from imaging.volume import Volume

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
DrawnSpine = Callable[[int], tuple[npt.NDArray[np.uint8], DxaTruth]]
DrawnCt = Callable[..., tuple[Volume, CtTruth]]


@pytest.fixture
def shared() -> Callable[[str], Path]:
    def find(relative: str) -> Path:
        path = SHARED / relative
        if not path.exists():
            pytest.skip(f"needs the shared data {relative}, which is not here")
        return path

    return find


@cache
def _spine(seed: int) -> tuple[npt.NDArray[np.uint8], DxaTruth]:
    # Half the resolution of a densitometer: a quarter of the time.
    return dxa_spine(seed, pixel_mm=0.5)


@pytest.fixture
def drawn_spine() -> DrawnSpine:
    return _spine


@cache
def _ct(seed: int, slice_mm: float, vessel_hu: float) -> tuple[Volume, CtTruth]:
    voxels, truth = ct_lumbar(seed, slice_mm=slice_mm, vessel_hu=vessel_hu)
    affine = np.diag([*truth.spacing_mm, 1.0])
    return Volume(voxels.astype(np.float32), truth.spacing_mm, affine, "drawn"), truth


@pytest.fixture
def drawn_ct() -> DrawnCt:
    def draw(seed: int, slice_mm: float = 5.0, vessel_hu: float = 45.0) -> tuple[Volume, CtTruth]:
        return _ct(seed, slice_mm, vessel_hu)

    return draw


@pytest.fixture
def odd() -> Callable[[str], Path]:
    """Find one of the DICOM reader's own test files."""

    def find(name: str) -> Path:
        file = get_testdata_file(name, download=False)
        if file is None:
            pytest.skip(f"{name} is not among the installed test files")
        return Path(str(file))

    return find
