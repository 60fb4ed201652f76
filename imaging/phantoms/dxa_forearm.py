"""A drawn forearm, as a densitometer shows and stores it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.uid import ComputedRadiographyImageStorage
from scipy import ndimage

from imaging.phantoms.writing import MARK, header, with_pixels

Array = npt.NDArray[np.float64]
TOP_GREY = 252
WIDTH_MM, HEIGHT_MM = 100.0, 160.0


@dataclass(frozen=True, slots=True)
class ForearmTruth:
    """Where things are in a drawn forearm, in mm from the top left corner, wrist up.

    Attributes
    ----------
    tip_mm : float
        Row of the tip of the ulna.
    radius_right : bool
        Whether the radius is the right one of the two.
    radius_mm, ulna_mm : tuple of float
        (left, right) edge of each shaft in the row 90 mm below the tip.
    """

    tip_mm: float
    radius_right: bool
    radius_mm: tuple[float, float]
    ulna_mm: tuple[float, float]
    pixel_mm: float


def dxa_forearm(
    seed: int, *, pixel_mm: float = 0.5, density: float = 1.0
) -> tuple[npt.NDArray[np.uint8], ForearmTruth]:
    """Draw radius, ulna and carpal bones; the same seed gives the same picture."""
    rng = np.random.default_rng(seed)
    y, x = np.meshgrid(
        np.arange(0, HEIGHT_MM, pixel_mm) + pixel_mm / 2,
        np.arange(0, WIDTH_MM, pixel_mm) + pixel_mm / 2,
        indexing="ij",
    )
    right = bool(rng.integers(2))
    tip, half_u, half_r = rng.uniform(30, 38), rng.uniform(5.5, 7), rng.uniform(6, 7.5)
    apart, cortex = rng.uniform(11, 13), rng.uniform(2, 3.2)
    if not right:
        x = WIDTH_MM - x
    below = y - tip
    bow = 4.0 * np.sin(np.pi * np.clip(below / 130, 0, 1))
    ulna = 50 - apart - bow * 0.3
    radius = 50 + apart + bow - 3.5 * np.exp(-(((below - 5) / 14) ** 2))
    wide_u = half_u + 2.5 * np.exp(-(((below - 4) / 8) ** 2))
    wide_r = half_r + 8.5 * np.exp(-((np.clip(below + 2, 0, None) / 17) ** 2))
    depth_u = np.minimum(wide_u - np.abs(x - ulna), below)
    depth_r = np.minimum(wide_r - np.abs(x - radius), below + rng.uniform(3, 6))
    image = 16 + 3 * _clouds(rng, y.shape, 10 / pixel_mm)
    arm = 42 - np.abs(x - 50)
    image += 14 * np.clip(arm / 6, 0, 1)
    for depth, half in ((depth_u, wide_u), (depth_r, wide_r)):
        # The cortex thins out to a shell towards the wrist.
        shell = cortex * np.clip(below / 45, 0.25, 1)
        image += density * _tube(depth, half, shell)
        image += density * 6 * _clouds(rng, y.shape, 0.5 / pixel_mm) * (depth > 0)
    for across, up, size in ((-10, 9, 6.5), (2, 12, 7.5), (15, 13, 7), (-8, 22, 7), (6, 25, 8)):
        inside = size - np.hypot(x - 52 - across, y - (tip - 5 - up))
        image += density * 75 * np.clip(inside, 0, 1)
    image += rng.normal(0, 5, y.shape)
    image = ndimage.gaussian_filter(image, 0.35 / pixel_mm)
    grey = (np.clip(np.rint(image / 2), 0, TOP_GREY // 2) * 2).astype(np.uint8)
    row = int((tip + 90) / pixel_mm)
    edges = []
    for depth in (depth_r, depth_u):
        run = np.flatnonzero(depth[row] > 0)
        edges.append((float(run[0] * pixel_mm), float((run[-1] + 1) * pixel_mm)))
    truth = ForearmTruth(float(tip), right, edges[0], edges[1], pixel_mm)
    return grey, truth


def _clouds(rng: np.random.Generator, shape: tuple[int, ...], size: float) -> Array:
    noise = ndimage.gaussian_filter(rng.normal(0, 1, shape), size)
    return np.asarray(noise / noise.std(), dtype=np.float64)


def _tube(depth: Array, half: Array, shell: Array) -> Array:
    """Project a tube with a dense shell through its depth under the surface."""

    def chord(within: Array, radius: Array) -> Array:
        inside = np.clip(within, 0, radius)
        return np.asarray(np.sqrt(np.clip(radius**2 - (radius - inside) ** 2, 0, None)))

    outer, inner = chord(depth, half), chord(depth - shell, np.maximum(half - shell, 0.5))
    return np.asarray(24 * (outer - inner) + 8 * inner)


def dxa_forearm_dicom(seed: int) -> bytes:
    """Wrap ``dxa_forearm`` as a densitometer stores it: CR, 8 bit, Exposed Area, no spacing."""
    pixels, _ = dxa_forearm(seed)
    dataset = header(f"dxa-forearm-{seed}", ComputedRadiographyImageStorage, "CR")
    dataset.StudyDescription = f"{MARK} DXA Exam"
    dataset.SeriesDescription = f"{MARK} DXA Images"
    dataset.ProtocolName = "Forearm"
    dataset.ExposedArea = [round(WIDTH_MM), round(HEIGHT_MM)]
    return with_pixels(dataset, pixels, bits=8, signed=False)
