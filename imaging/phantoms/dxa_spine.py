"""A drawn AP lumbar spine, as a densitometer shows and stores it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.uid import ComputedRadiographyImageStorage
from scipy import ndimage

from imaging.phantoms.writing import MARK, header, with_pixels

Array = npt.NDArray[np.float64]
TOP_GREY = 252  # densitometers show 127 levels, 0 to 252


@dataclass(frozen=True, slots=True)
class DxaTruth:
    """Where things are in a synthetic AP spine, in mm from the top and left of the picture.

    Attributes
    ----------
    discs_mm : tuple of float
        Rows of the discs T12/L1 to L4/L5 on the mid-line.
    """

    discs_mm: tuple[float, ...]
    height_mm: float
    width_mm: float
    pixel_mm: float


def dxa_spine(
    seed: int, *, pixel_mm: float = 0.25, grain: float = 14.0
) -> tuple[npt.NDArray[np.uint8], DxaTruth]:
    """Draw an AP lumbar spine as a densitometer shows it.

    Parameters
    ----------
    seed : int
        Anatomy and noise; the same seed gives the same picture.
    grain : float
        Strength of the trabecular texture in grey levels.

    Returns
    -------
    pixels : ndarray of uint8, shape (rows, columns)
    truth : DxaTruth
    """
    rng = np.random.default_rng(seed)
    width, height = 180.0, 197.0
    y, x = np.meshgrid(
        np.arange(0, height, pixel_mm) + pixel_mm / 2,
        np.arange(0, width, pixel_mm) + pixel_mm / 2,
        indexing="ij",
    )
    # Gaps from disc to disc grow downward, as in people.
    first = rng.uniform(13, 20)
    gaps = rng.uniform(33.5, 36) * 1.055 ** np.arange(4) * rng.normal(1, 0.015, 4)
    discs = np.concatenate([[first], first + np.cumsum(gaps)])
    bend, lean = rng.normal(0, 3), rng.normal(0, 2)
    middle = width / 2 + lean * (y / height - 0.5) * 2 + bend * ((y / height - 0.5) * 2) ** 2
    across = x - middle
    edges = np.concatenate([[discs[0] - gaps[0] * 0.97], discs, [discs[-1] + gaps[-1] * 1.04]])
    image = 8 + 5 * _clouds(rng, y.shape, 12 / pixel_mm)
    image += _pelvis(x, y, discs[-1] - rng.uniform(4, 11), width)
    image += _ribs(across, y)
    for level, (above, below) in enumerate(zip(edges, edges[1:], strict=False)):
        image += _vertebra(across, y, above, below, 19.0 + 1.1 * level, rng)
    image += grain * _clouds(rng, y.shape, 0.5 / pixel_mm) * np.clip(image / 80 - 0.5, 0, 1)
    image += rng.normal(0, 5, y.shape)
    image = ndimage.gaussian_filter(image, 0.35 / pixel_mm)
    grey = (np.clip(np.rint(image / 2), 0, TOP_GREY // 2) * 2).astype(np.uint8)
    for top in range(0, y.shape[0] * 3 // 4, y.shape[0] // 6):
        step = slice(top, top + y.shape[0] // 6)
        left, right = rng.integers(10, 45, 2)
        grey[step, :left] = TOP_GREY
        grey[step, grey.shape[1] - right :] = TOP_GREY
    return grey, DxaTruth(tuple(float(disc) for disc in discs), height, width, pixel_mm)


def _clouds(rng: np.random.Generator, shape: tuple[int, ...], size: float) -> Array:
    noise = ndimage.gaussian_filter(rng.normal(0, 1, shape), size)
    return np.asarray(noise / noise.std(), dtype=np.float64)


def _soft(inside: Array, blur: float) -> Array:
    """Turn a signed distance in mm into a smooth edge."""
    return np.asarray(1 / (1 + np.exp(-np.clip(inside / blur, -40, 40))), dtype=np.float64)


def _vertebra(
    across: Array, y: Array, above: float, below: float, half_width: float, rng: np.random.Generator
) -> Array:
    """Add one body with endplates, pedicles, processes; disc space is a fifth of the gap."""
    gap = below - above
    top, bottom = above + 0.12 * gap, below - 0.12 * gap
    at = np.clip((y - top) / (bottom - top), 0, 1)
    waist = half_width - 2.5 * np.sin(np.pi * at)
    body = _soft(waist - np.abs(across), 0.5) * _soft(np.minimum(y - top, bottom - y), 0.4)
    bright = rng.uniform(85, 105)
    drawn = bright * body
    sides = _soft(waist - np.abs(across), 0.6)
    for plate, strength in ((top, 45), (bottom, 55)):
        drawn += strength * np.exp(-(((y - plate) / 0.9) ** 2)) * sides
    # Cortex at the sides.
    drawn += 35 * np.exp(-(((np.abs(across) - waist) / 0.9) ** 2)) * body
    # Pedicles in the upper half: rings.
    ring = np.hypot((np.abs(across) - 0.62 * half_width) / 0.75, y - (top + 0.3 * (bottom - top)))
    drawn += 70 * np.exp(-(((ring - 4.0) / 1.3) ** 2))
    # Laminae and facets overlie the disc space more faintly than bone.
    facet = np.hypot((np.abs(across) - 12) / 0.8, (y - below) / 1.6)
    drawn += 30 * np.exp(-((facet / 4.5) ** 2))
    drawn += (
        52
        * _soft(half_width - 3 - np.abs(across), 1.5)
        * _soft(np.minimum(y - bottom, below + 0.12 * gap - y), 0.6)
    )
    # Spinous process: from mid-body over the disc below.
    start, end = above + 0.55 * gap, below + 0.12 * gap
    drawn += 85 * np.exp(-((across / 2.4) ** 2)) * _soft(np.minimum(y - start, end - y), 1.0)
    # Transverse processes.
    wing = _soft(half_width + 16 - np.abs(across), 1.5) * np.exp(
        -(((y - (above + 0.42 * gap)) / 4.5) ** 2)
    )
    return np.asarray(drawn + 18 * wing, dtype=np.float64)


def _pelvis(x: Array, y: Array, crest: float, width: float) -> Array:
    wings = np.zeros_like(x)
    for centre in (-0.02 * width, 1.02 * width):
        inside = 1 - np.hypot((x - centre) / 46, (y - crest - 52) / 52)
        wings = np.maximum(wings, 75 * _soft(inside * 30, 1.2))
    return wings


def _ribs(across: Array, y: Array) -> Array:
    line = np.abs(np.abs(across) - 30 - 0.95 * y)
    return np.asarray(42 * np.exp(-((line / 4) ** 2)) * (y < 48), dtype=np.float64)


def dxa_spine_dicom(seed: int, *, grain: float = 14.0) -> bytes:
    """Wrap ``dxa_spine`` as a densitometer stores it: CR, 8 bit, Exposed Area, no spacing."""
    pixels, truth = dxa_spine(seed, grain=grain)
    dataset = header(f"dxa-{seed}", ComputedRadiographyImageStorage, "CR")
    dataset.StudyDescription = f"{MARK} DXA Exam"
    dataset.SeriesDescription = f"{MARK} DXA Images"
    dataset.ProtocolName = "AP Spine"
    dataset.ExposedArea = [round(truth.width_mm), round(truth.height_mm)]
    return with_pixels(dataset, pixels, bits=8, signed=False)
