"""Drawn projections as any densitometer, detector or export shows them."""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from imaging.segmentation import flat_femur, flat_lateral, flat_spine
from imaging.segmentation.flat_frame import Sheet
from imaging.segmentation.labels import Flat
from imaging.segmentation.synthesis import (
    Array,
    Example,
    Labels,
    Random,
    clouds,
    coarser,
    grain,
)

# What is drawn, and how often.
DRAWERS: tuple[tuple[float, Callable[[Random, tuple[int, int]], Sheet]], ...] = (
    (0.4, flat_spine.draw),
    (0.32, flat_lateral.draw),
    (0.28, flat_femur.draw),
)
# Grey values at these percentiles become 0 and 1.
RANGE_PERCENT = (2.0, 98.0)
BORDER_SHARE = 0.3
IMPLANT_SHARE = 0.05


def normalised(pixels: Array) -> Array:
    """Bring any grey scale to what the network reads; bone is bright."""
    low, high = np.percentile(pixels, RANGE_PERCENT)
    scaled = (pixels - low) / max(float(high - low), 1e-6)
    return np.asarray(2 * np.clip(scaled, -0.2, 1.5) - 1, dtype=np.float32)


def example(rng: Random, shape: tuple[int, int]) -> Example:
    """Draw one flat picture of a kind that chance decides."""
    shares = [share for share, _ in DRAWERS]
    draw = DRAWERS[int(rng.choice(len(DRAWERS), p=shares))][1]
    drawn = draw(rng, shape)
    return Example(_shown(rng, drawn.density), drawn.labels)


def example_of(rng: Random, labels: Labels) -> Example:
    """Paint a label map from elsewhere: one density per class, and the edges of classes."""
    density = rng.uniform(0, 20) + rng.uniform(0, 12) * clouds(rng, labels.shape, 12)
    for kind in Flat:
        if kind is not Flat.OTHER:
            density = density + (labels == kind) * rng.uniform(15, 110)
    edges = ndimage.maximum_filter(labels, 3) > ndimage.minimum_filter(labels, 3)
    density = density + rng.uniform(0, 60) * ndimage.gaussian_filter(edges.astype(np.float32), 0.7)
    return Example(_shown(rng, np.asarray(density, dtype=np.float32)), labels)


def _shown(rng: Random, density: Array) -> Array:
    """Blur, grain, bend the grey scale, clip both ends, add borders and metal."""
    shape = density.shape
    if rng.random() < IMPLANT_SHARE:
        density = _implant(rng, density)
    density = density * (1 + rng.uniform(0, 0.15) * clouds(rng, shape, 60))
    density = ndimage.gaussian_filter(density, rng.uniform(0, 1.0))
    density = coarser(density, rng.uniform(1.0, 2.0) if rng.random() < 0.4 else 1.0)
    spread = float(np.percentile(density, 98) - np.percentile(density, 2))
    density = density + rng.uniform(0, 0.12) * spread * grain(rng, shape, rng.uniform(0, 0.8))
    low, high = np.percentile(density, [rng.uniform(0, 25), rng.uniform(92, 100)])
    share = np.clip((density - low) / max(float(high - low), 1e-6), 0, 1)
    grey = np.asarray(share ** np.exp(rng.normal(0, 0.35)), dtype=np.float32)
    if rng.random() < BORDER_SHARE:
        _borders(rng, grey)
    return normalised(grey) * np.float32(rng.uniform(0.8, 1.25)) + np.float32(rng.normal(0, 0.1))


def _borders(rng: Random, grey: Array) -> None:
    """Fill stripes at the sides as a densitometer leaves what it did not scan, in place."""
    value = rng.choice([0.0, 1.0], p=[0.7, 0.3])
    rows = grey.shape[0]
    step = int(rng.integers(20, 60))
    for top in range(0, rows, step):
        left, right = rng.integers(0, 18, 2)
        grey[top : top + step, :left] = value
        grey[top : top + step, grey.shape[1] - right :] = value


def _implant(rng: Random, density: Array) -> Array:
    """Draw a plate, a screw or a button: metal saturates."""
    rows, columns = np.indices(density.shape)
    turn = rng.uniform(0, np.pi)
    y, x = rows - rng.uniform(0, density.shape[0]), columns - rng.uniform(0, density.shape[1])
    u, v = y * np.cos(turn) - x * np.sin(turn), y * np.sin(turn) + x * np.cos(turn)
    metal = (np.abs(u) < rng.uniform(3, 35)) & (np.abs(v) < rng.uniform(1.5, 5))
    return np.asarray(np.where(metal, density.max() * rng.uniform(1.0, 1.8), density))
