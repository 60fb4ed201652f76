"""How much a number of one picture moves when its region or grid does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from imaging.texture.grid import Grid, Mask, Millimetres, Sampled, sample

Numbers = Mapping[str, float]
# What a reader's hand and a spacing tag are good for: 1 mm and 5 %.
SHIFT_MM = 1.0
SCALES = (0.95, 1.05)
# Noise that is added, as a share of the standard deviation within the region.
NOISE = 0.05
SEED = 20260801
# Pixels beside the region that noise is added to, more than any blur reaches.
BESIDE = 24
# Below this share of its own scatter a mean is nought, and a ratio to it says nothing.
SMALLEST_MEAN = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """Coefficients of variation of one number; None where its mean is nought."""

    shift: float | None
    scale: float | None
    noise: float | None
    together: float | None

    def in_words(self) -> str:
        """Say the parts, for the place that shows the number."""
        parts = [
            f"{name} {_percent(value)} %"
            for name, value in (
                (f"region shifted {SHIFT_MM:g} mm", self.shift),
                ("scale changed 5 %", self.scale),
                (f"noise of {100 * NOISE:g} % of the spread", self.noise),
            )
            if value is not None
        ]
        return "in this picture, " + ", ".join(parts) if parts else "varies about nought"


def _percent(value: float) -> str:
    return f"{100 * value:.2g}" if value < 0.1 else f"{100 * value:.0f}"


def stabilities(
    image: npt.NDArray[Any],
    mask: Mask,
    spacing_mm: Millimetres,
    grid: Grid,
    base: Sampled,
    measure: Callable[[Sampled], Numbers],
) -> dict[str, Stability]:
    """Measure again with the region shifted, the scale changed and noise added.

    Parameters
    ----------
    image, mask : ndarray, shape (slices, rows, columns)
    base : Sampled
        The picture on its grid as it is.
    measure : callable
        Gives numbers by name.
    """
    first = measure(base)
    shifted = [measure(other) for other in _shifted(base, grid)]
    axes = base.resampled
    scaled = [
        measure(sample(image, mask, _scaled(spacing_mm, axes, by), grid, axes)) for by in SCALES
    ]
    spread = float(image[mask].std())
    noisy = [measure(sample(_noisy(image, mask, NOISE * spread), mask, spacing_mm, grid, axes))]
    return {
        name: Stability(
            shift=_variation(name, [first, *shifted]),
            scale=_variation(name, [first, *scaled]),
            noise=_variation(name, [first, *noisy]),
            together=_variation(name, [first, *shifted, *scaled, *noisy]),
        )
        for name in first
    }


def _noisy(image: npt.NDArray[Any], mask: Mask, spread: float) -> npt.NDArray[np.float64]:
    """Add noise around the region; the rest of the picture is not looked at."""
    held = np.argwhere(mask)
    first, last = np.maximum(held.min(axis=0) - BESIDE, 0), held.max(axis=0) + BESIDE + 1
    around = tuple(slice(int(a), int(b)) for a, b in zip(first, last, strict=True))
    noisy = image.astype(np.float64)
    noisy[around] += np.random.default_rng(SEED).normal(0.0, spread, noisy[around].shape)
    return noisy


def _shifted(base: Sampled, grid: Grid) -> Iterator[Sampled]:
    # A very fine grid is of a very small sample: two points there stand for the millimetre.
    points = min(max(1, round(SHIFT_MM / grid.step_mm)), 2)
    for axis in base.resampled:
        yield base.shifted(axis, points)
        yield base.shifted(axis, -points)


def _scaled(spacing_mm: Millimetres, axes: Sequence[int], by: float) -> Millimetres:
    slices, rows, columns = (mm * by if axis in axes else mm for axis, mm in enumerate(spacing_mm))
    return slices, rows, columns


def _variation(name: str, found: Sequence[Numbers]) -> float | None:
    """Give the standard deviation over the mean's size."""
    values = [numbers[name] for numbers in found if name in numbers]
    if len(values) < 2:
        return None
    mean, spread = abs(float(np.mean(values))), float(np.std(values, ddof=1))
    return spread / mean if mean > SMALLEST_MEAN * max(spread, 1e-300) and mean > 0 else None
