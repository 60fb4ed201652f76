"""Lines half a vertebra off are told by pedicles and spinous processes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from imaging.intake.dicom import read_dicom
from imaging.intake.flat import projection_from_dicom
from imaging.phantoms import DxaTruth
from imaging.projection import Projection
from imaging.regions import dxa_spine
from imaging.regions.disc_chain import Chain, find_chain
from imaging.regions.dxa_spine import find_regions
from imaging.regions.spine_column import (
    STEP_MM,
    Column,
    exposed_field,
    find_column,
    on_working_grid,
)
from imaging.regions.spine_likeness import on_usual_scale
from imaging.regions.vertebra_halves import LEAST_DIFFERENCE, halves_differ, shifted
from imaging.result import Spacing

DrawnSpine = Callable[[int], tuple[npt.NDArray[np.uint8], DxaTruth]]
Picture = npt.NDArray[np.float32]


def followed(pixels: npt.NDArray[np.generic], mm: float) -> tuple[Column, Chain]:
    shown = np.where(exposed_field(pixels), pixels, pixels.min()).astype(np.float32)
    grid = on_working_grid(shown - shown.min(), (mm, mm))
    column = on_usual_scale(find_column(grid))
    chain = find_chain(column.strip)
    assert chain is not None
    return column, chain


def half_off(chain: Chain) -> Chain:
    rows = np.array(chain.rows)
    return replace(
        chain,
        rows=tuple((rows[1:] + rows[:-1]) / 2),
        tilts=chain.tilts[1:],
        depths=chain.depths[1:],
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_shift_by_half_a_vertebra_is_noticed(seed: int, drawn_spine: DrawnSpine) -> None:
    pixels, truth = drawn_spine(seed)
    column, chain = followed(pixels, 0.5)
    placed = replace(chain, rows=tuple(row / STEP_MM for row in truth.discs_mm))
    assert halves_differ(column, placed) > 2 * LEAST_DIFFERENCE
    assert halves_differ(column, half_off(placed)) < 0


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "as it is": lambda p: p,
    "mirrored": lambda p: p[:, ::-1],
    "lighter mid-tones": lambda p: 252 * (p / 252) ** 0.7,
    "darker mid-tones": lambda p: 252 * (p / 252) ** 1.4,
    "noise": lambda p: np.clip(p + np.random.default_rng(0).normal(0, 15, p.shape), 0, 252),
    "leaning": lambda p: ndimage.rotate(p, 5, reshape=False, order=1, mode="nearest"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_noticed_on_a_real_spine(change: str, shared: Callable[[str], Path]) -> None:
    data = shared("scans/dxa_ge_lunar/ap_spine.dcm").read_bytes()
    image = projection_from_dicom(read_dicom(data))
    assert image.spacing is not None
    column, chain = followed(CHANGES[change](image.pixels), image.spacing.mm[0])
    assert halves_differ(column, chain) > 2 * LEAST_DIFFERENCE
    assert halves_differ(column, half_off(chain)) < 0


def test_a_chain_in_the_bodies_is_given_with_doubt(
    drawn_spine: DrawnSpine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, _ = drawn_spine(2)
    picture = Projection(pixels.astype(np.float32), Spacing(mm=(0.5, 0.5), source="PixelSpacing"))
    sound = find_regions(picture)
    assert "discs_doubtful" not in {finding.code for finding in sound.findings}

    def wrong(strip: npt.NDArray[np.float32]) -> Chain | None:
        chain = find_chain(strip)
        return None if chain is None else half_off(chain)

    monkeypatch.setattr(dxa_spine, "find_chain", wrong)
    doubted = find_regions(picture)
    assert "discs_doubtful" in {finding.code for finding in doubted.findings}
    assert all(region.confidence is not None for region in doubted.regions)
    assert max(region.confidence or 0.0 for region in doubted.regions) < 0.5


@pytest.mark.parametrize(("difference", "told"), [(0.099, True), (0.1, False)])
def test_the_limit_has_two_sides(difference: float, told: bool) -> None:
    assert bool(shifted(difference)) == told
