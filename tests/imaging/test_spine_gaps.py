"""A vertebra that is much shorter or taller than its neighbours is named."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.intake.dicom import read_dicom
from imaging.intake.flat import projection_from_dicom
from imaging.phantoms import DxaTruth
from imaging.projection import Projection
from imaging.regions.disc_chain import Chain
from imaging.regions.dxa_spine import find_regions
from imaging.regions.spine_gaps import against_neighbours, odd_heights
from imaging.result import Spacing

DrawnSpine = Callable[[int], tuple[npt.NDArray[np.uint8], DxaTruth]]
IDS = ("L1", "L2", "L3", "L4")


def chain(gaps: Sequence[float]) -> Chain:
    rows = tuple(np.cumsum([30.0, *gaps]))
    return Chain(rows, (0.0,) * len(rows), (0.3,) * len(rows), 2.0)


@pytest.mark.parametrize(
    ("second", "code"),
    [(0.80, "short_vertebra"), (0.84, None), (1.28, None), (1.32, "disc_missed")],
)
def test_a_gap_is_judged_by_its_neighbours(second: float, code: str | None) -> None:
    gaps = 70 * 1.05 ** np.arange(4)
    gaps[1] *= second
    told = odd_heights(chain(gaps), IDS)
    assert [finding.code for finding in told] == ([code] if code else [])
    assert all("L2" in finding.advice for finding in told)


@given(st.floats(20, 200), st.integers(3, 6))
def test_an_even_spine_has_no_odd_vertebra(first: float, count: int) -> None:
    rows = np.cumsum([0.0, *(first * 1.05 ** np.arange(count))])
    assert against_neighbours(list(rows)) == pytest.approx([1.0] * count)


def test_three_discs_say_nothing() -> None:
    assert odd_heights(chain([40.0, 80.0]), IDS[:2]) == []


def crushed(pixels: npt.NDArray[np.uint8], truth: DxaTruth, kept: float) -> npt.NDArray[np.float32]:
    """Squeeze the body of L2 from above and below; its discs keep their height."""
    top, bottom = (
        (disc + off) / 0.5 for disc, off in zip(truth.discs_mm[1:3], (5, -5), strict=True)
    )
    row = np.arange(len(pixels), dtype=float)
    lost = (bottom - top) * (1 - kept)
    source = np.interp(row, [0, top, bottom - lost, len(row) - lost], [0, top, bottom, len(row)])
    whole = row < len(row) - lost
    return pixels[np.clip(np.rint(source[whole]), 0, len(row) - 1).astype(int)].astype(np.float32)


@pytest.mark.parametrize(("kept", "told"), [(0.95, False), (0.65, True)])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_crushed_vertebra_is_named_and_its_discs_are_right(
    seed: int, kept: float, told: bool, drawn_spine: DrawnSpine
) -> None:
    pixels, truth = drawn_spine(seed)
    spacing = Spacing(mm=(0.5, 0.5), source="PixelSpacing")
    found = find_regions(Projection(crushed(pixels, truth, kept), spacing))
    lost = (truth.discs_mm[2] - truth.discs_mm[1] - 10) * (1 - kept)
    right = [disc - (lost if at > 1 else 0) for at, disc in enumerate(truth.discs_mm)]
    np.testing.assert_allclose(found.disc_rows_mm, right, atol=2)
    advice = {finding.code: finding.advice for finding in found.findings}
    assert ("short_vertebra" in advice) == told
    assert "L2" in advice.get("short_vertebra", "L2")


def test_the_real_spine_has_no_odd_vertebra(shared: Callable[[str], Path]) -> None:
    data = shared("scans/dxa_ge_lunar/ap_spine.dcm").read_bytes()
    found = find_regions(projection_from_dicom(read_dicom(data)))
    assert not {"short_vertebra", "disc_missed"} & {finding.code for finding in found.findings}
