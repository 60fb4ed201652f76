"""What drawn flat pictures share: a turned and mirrored frame, distances, a chain of discs."""

from dataclasses import dataclass

import numpy as np

from imaging.segmentation.labels import Flat
from imaging.segmentation.synthesis import Array, Labels, Random, Real, clouds, soft

TURN_DEG = 7.0  # beyond the 5 degrees by which a patient may lie askew
EDGE_MM = 0.6


@dataclass(frozen=True, slots=True)
class Frame:
    """Where each cell lies in the anatomy's own coordinates, mm.

    Attributes
    ----------
    down, across : ndarray, shape (rows, columns)
        From the middle of the picture.
    """

    down: Array
    across: Array


@dataclass(slots=True)
class Sheet:
    """A projection in the making: what lies behind each other adds up."""

    density: Array
    labels: Labels

    def add(self, inside: Real, amount: float | Real, edge_mm: float = EDGE_MM) -> None:
        self.density += soft(inside, edge_mm) * amount

    def line(self, off: Real, width_mm: float, amount: float | Real) -> None:
        """Add a thin bright line where ``off`` is 0."""
        self.density += np.exp(-((off / width_mm) ** 2)).astype(np.float32) * amount

    def mark(self, inside: Real, kind: Flat) -> None:
        self.labels[inside > 0] = kind


def frame(rng: Random, shape: tuple[int, int], cell_mm: float) -> Frame:
    """Draw a frame: turned a little, shifted, of another size, mirrored or not."""
    turn = np.deg2rad(rng.normal(0, TURN_DEG / 2))
    rows, columns = (
        (np.arange(n, dtype=np.float32) - (n - 1) / 2) * np.float32(cell_mm) for n in shape
    )
    y, x = rows[:, None], columns[None, :] * rng.choice([-1, 1])
    return Frame(
        np.asarray(np.cos(turn) * y - np.sin(turn) * x, dtype=np.float32),
        np.asarray(np.sin(turn) * y + np.cos(turn) * x, dtype=np.float32),
    )


def sheet(rng: Random, shape: tuple[int, int]) -> Sheet:
    """Start with soft tissue: even, or in clouds."""
    density = rng.uniform(0, 25) + rng.uniform(0, 10) * clouds(rng, shape, rng.uniform(8, 40))
    return Sheet(np.asarray(density, dtype=np.float32), np.zeros(shape, np.uint8))


@dataclass(frozen=True, slots=True)
class Disc:
    """One disc on the centre line: its place, lean and half its height in mm."""

    at: float
    lean: float
    half: float

    def off(self, down: Array, across: Array) -> Array:
        return np.asarray(down - self.at - self.lean * across, dtype=np.float32)


def chain(
    rng: Random, first: float, last: float, height: float, growth: float, thin: float
) -> list[Disc]:
    """Draw discs from ``first`` to ``last``; ``thin`` is a disc's share of a body's height."""
    discs: list[Disc] = []
    at, lean, bend = first, rng.normal(0, 0.06), rng.normal(0, 0.02)
    while at < last:
        half = height * thin / 2 * rng.uniform(0.6, 1.3)
        discs.append(Disc(at, float(np.clip(lean + rng.normal(0, 0.03), -0.4, 0.4)), half))
        crushed = rng.uniform(0.6, 0.9) if rng.random() < 0.08 else 1.0
        at += height * (crushed + thin) * rng.normal(1, 0.025)
        height *= growth
        lean += bend
    return discs


def meander(rng: Random, down: Array, spread_mm: float) -> Array:
    """Give a smooth curve along the picture, as a spine that is not quite straight."""
    share = down / 100
    a, b, c = rng.normal(0, spread_mm, 3)
    return np.asarray(a * share + b * share**2 + c * share**3, dtype=np.float32)
