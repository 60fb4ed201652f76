"""Synthetic scans drawn once, and where real scans lie; absent ones are named and skipped."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from pydicom.data import get_testdata_file

from imaging.kinds.recognising import recognise_volume
from imaging.phantoms import CtTruth, DxaTruth, ct_lumbar, dxa_spine
from imaging.regions.ct_vertebrae import CtRegions, find_regions
from imaging.result import Measured
from imaging.volume import Volume
from imaging.ways import ct_spine

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
DrawnSpine = Callable[[int], tuple[npt.NDArray[np.uint8], DxaTruth]]
DrawnCt = Callable[..., tuple[Volume, CtTruth]]
FoundCt = Callable[[int, float], CtRegions]
MeasuredCt = Callable[[int, float], Measured]


@pytest.fixture(scope="session")
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


@cache
def _found(seed: int, slice_mm: float) -> CtRegions:
    return find_regions(_ct(seed, slice_mm, 45.0)[0])


@pytest.fixture
def found_ct() -> FoundCt:
    """What is found in the volume of ``drawn_ct``, once for all who ask."""
    return _found


@cache
def _measured(seed: int, slice_mm: float) -> Measured:
    volume, _ = _ct(seed, slice_mm, 45.0)
    return ct_spine.measure(volume, recognise_volume({}, volume.voxels), (), None)


@pytest.fixture
def measured_ct() -> MeasuredCt:
    """What is measured in the volume of ``drawn_ct``, once for all who ask."""
    return _measured


@pytest.fixture
def odd() -> Callable[[str], Path]:
    """Find one of the DICOM reader's own test files."""

    def find(name: str) -> Path:
        file = get_testdata_file(name, download=False)
        if file is None:
            pytest.skip(f"{name} is not among the installed test files")
        return Path(str(file))

    return find
