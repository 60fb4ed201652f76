"""The texture score moves little when nothing but the picture's making changes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from imaging.intake.gathering import gather
from imaging.intake.opening import open_scan
from imaging.measure import measure
from imaging.projection import Projection
from imaging.regions.dxa_spine import find_regions
from imaging.result import Region, Spacing
from imaging.texture.spine_texture import spine_texture
from tests.imaging.conftest import DrawnSpine

MM = 2  # pixels of the drawn spine


def score(image: Projection, regions: tuple[Region, ...]) -> float:
    numbers = spine_texture(image, regions)
    return next(m.value for m in numbers if m.name == "lumbar_texture_score")


def shifted(regions: tuple[Region, ...], columns: float, rows: float) -> tuple[Region, ...]:
    return tuple(
        replace(region, polygon=tuple((x + columns, y + rows) for x, y in region.polygon))
        for region in regions
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_score_is_repeatable_within_one_and_a_half_percent(
    seed: int, drawn_spine: DrawnSpine
) -> None:
    pixels = drawn_spine(seed)[0].astype(np.float32)
    spacing = Spacing(mm=(0.5, 0.5), source="PixelSpacing")
    image = Projection(pixels, spacing)
    regions = find_regions(image).regions
    noise = np.random.default_rng(5).normal(0, 5, pixels.shape)
    noisy = np.clip(pixels + noise, 0, 252).astype(np.float32)
    gamma = (252 * (pixels / 252) ** 1.2).astype(np.float32)
    scaled = [replace(image, spacing=Spacing(mm=(s, s), source="x")) for s in (0.475, 0.525)]
    changed = [
        *(score(image, shifted(regions, *by)) for by in ((MM, 0), (-MM, 0), (0, MM), (0, -MM))),
        *(score(other, regions) for other in scaled),
        score(replace(image, pixels=noisy), regions),
        score(replace(image, pixels=gamma), regions),
    ]
    np.testing.assert_allclose(changed, score(image, regions), rtol=0.015)


def test_without_spacing_no_texture_on_a_grid_is_given(drawn_spine: DrawnSpine) -> None:
    image = Projection(drawn_spine(0)[0].astype(np.float32))
    numbers = spine_texture(image, find_regions(image).regions)
    assert numbers
    assert all(number.name.startswith("grey_") for number in numbers)


# A region shifted by 1 mm, a scale wrong by 5 %, a little noise: all of it together.
STABLE = (
    "lumbar_texture_score",
    "glcm_correlation",
    "glcm_joint_entropy",
    "glcm_inverse_difference_moment",
    "variogram_slope",
    "fractal_dimension",
)


def test_texture_of_a_drawn_spine_is_stable(drawn_spine: DrawnSpine) -> None:
    spacing = Spacing(mm=(0.5, 0.5), source="PixelSpacing")
    image = Projection(drawn_spine(0)[0].astype(np.float32), spacing)
    numbers = {
        n.name: n for n in spine_texture(image, find_regions(image).regions) if n.region == "L1-L4"
    }
    for name in STABLE:
        assert numbers[name].stability is not None
        assert numbers[name].stability < 0.015, name


def test_texture_of_a_real_spine_is_stable_in_every_level(shared: Callable[[str], Path]) -> None:
    found = measure([shared("scans/dxa_ge_lunar/ap_spine.dcm")]).measurement.measurements
    shown = [number for number in found if number.name in STABLE]
    assert len(shown) >= 5 * (len(STABLE) - 1)
    unstable = [(n.region, n.name) for n in shown if n.stability is None or n.stability > 0.012]
    assert unstable == []


def test_levels_of_a_real_spine_keep_their_order_whatever_changes(
    shared: Callable[[str], Path],
) -> None:
    image, _ = open_scan(gather([shared("scans/dxa_ge_lunar/ap_spine.dcm")]))
    assert isinstance(image, Projection)
    regions = tuple(r for r in find_regions(image).regions if r.outline == "area")
    assert image.spacing is not None
    one, other = image.spacing.mm
    noise = np.random.default_rng(6).normal(0, 3, image.pixels.shape)
    noisy = np.clip(image.pixels + noise, 0, None).astype(np.float32)

    def order(image: Projection, regions: tuple[Region, ...]) -> list[str]:
        values = {
            number.region: number.value
            for number in spine_texture(image, regions)
            if number.name == "glcm_correlation" and number.region != "L1-L4"
        }
        return sorted(values, key=values.__getitem__)

    expected = order(image, regions)
    assert set(expected) == {"L1", "L2", "L3", "L4"}
    for rows, columns in ((1 / one, 0), (-1 / one, 0), (0, 1 / other), (0, -1 / other)):
        assert order(image, shifted(regions, columns, rows)) == expected
    for by in (0.95, 1.05):
        scaled = Spacing(mm=(one * by, other * by), source="x")
        assert order(replace(image, spacing=scaled), regions) == expected
    assert order(replace(image, pixels=noisy), regions) == expected
