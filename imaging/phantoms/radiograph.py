"""Drawn radiographs of long bones: hollow tubes of known width in soft tissue."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.uid import DigitalXRayImageStorageForPresentation
from scipy import ndimage

from imaging.phantoms.writing import MARK, header, with_pixels

Array = npt.NDArray[np.float64]
BLUR_PIXELS = 0.8  # of focal spot and detector
Line = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class TubeTruth:
    """Known widths, and lines across the bone where a person would draw them.

    Attributes
    ----------
    outer_mm, inner_mm : float
        At ``shaft``.
    calcar_mm : float
        Inner width at ``calcar``.
    shaft, calcar : two of (column, row)
        In pixels, square across the bone.
    """

    outer_mm: float
    inner_mm: float
    calcar_mm: float
    shaft: Line
    calcar: Line
    pixel_mm: float


def femur_radiograph(
    seed: int, *, inner_mm: float = 14.0, pixel_mm: float = 0.3
) -> tuple[npt.NDArray[np.uint16], TubeTruth]:
    """Draw the upper femoral shaft: the canal widens upward to the lesser trochanter.

    Returns
    -------
    pixels : ndarray of uint16, shape (rows, columns)
        12 bit, bone bright.
    truth : TubeTruth
    """
    rng = np.random.default_rng(seed)
    outer, flare = rng.uniform(27, 31), rng.uniform(1.7, 2.2)
    return _tube(rng, (150.0, 110.0), pixel_mm, (outer, inner_mm, flare), rng.uniform(-8, 8))


def metacarpal_radiograph(
    seed: int, *, inner_mm: float = 4.0, pixel_mm: float = 0.1
) -> tuple[npt.NDArray[np.uint16], TubeTruth]:
    """Draw the shaft of a second metacarpal; ``calcar`` means nothing here."""
    rng = np.random.default_rng(seed)
    return _tube(
        rng, (45.0, 24.0), pixel_mm, (rng.uniform(7.5, 9), inner_mm, 1.15), rng.uniform(-8, 8)
    )


def _tube(
    rng: np.random.Generator,
    size_mm: tuple[float, float],
    pixel_mm: float,
    widths_mm: tuple[float, float, float],
    lean_deg: float,
) -> tuple[npt.NDArray[np.uint16], TubeTruth]:
    """Add up what rays meet: soft tissue, and the wall of a tube that widens upward."""
    outer, inner, flare = widths_mm
    high, wide = size_mm
    down, right = np.meshgrid(
        np.arange(0, high, pixel_mm) + pixel_mm / 2 - high / 2,
        np.arange(0, wide, pixel_mm) + pixel_mm / 2 - wide / 2,
        indexing="ij",
    )
    lean = np.deg2rad(lean_deg)
    across = right * np.cos(lean) - down * np.sin(lean)
    along = down * np.cos(lean) + right * np.sin(lean)
    shaft_at, calcar_at = 0.25 * high, -0.3 * high
    wider = np.clip((shaft_at - along) / (shaft_at - calcar_at), 0, 1.3) ** 1.5
    inner_half = inner / 2 * (1 + (flare - 1) * wider)
    outer_half = outer / 2 + 0.85 * (inner_half - inner / 2)
    bone = _chord(outer_half, across) - _chord(inner_half, across)
    flesh = _chord(np.full_like(across, 0.9 * wide / 2), across)
    # Cortex against soft tissue only roughly in proportion; below the top of 12 bits.
    image = 1200 * bone / (outer / 2) + 700 * flesh / wide
    image = ndimage.gaussian_filter(image, BLUR_PIXELS) + rng.normal(0, 15, image.shape)
    pixels = np.clip(np.rint(image), 0, 4095).astype(np.uint16)

    def line(at: float, half: float) -> Line:
        ends = []
        for aside in (-half, half):
            x = aside * np.cos(lean) + at * np.sin(lean)
            y = at * np.cos(lean) - aside * np.sin(lean)
            ends.append(((x + wide / 2) / pixel_mm - 0.5, (y + high / 2) / pixel_mm - 0.5))
        return (ends[0], ends[1])

    truth = TubeTruth(
        outer,
        inner,
        inner * flare,
        line(shaft_at, 0.75 * outer),
        line(calcar_at, 0.6 * outer * flare),
        pixel_mm,
    )
    return pixels, truth


def _chord(half: Array, across: Array) -> Array:
    """Give how far a ray runs within a round tube that it passes ``across`` from the middle."""
    return np.asarray(2 * np.sqrt(np.clip(half**2 - across**2, 0, None)))


def radiograph_dicom(pixels: npt.NDArray[np.uint16], pixel_mm: float, part: str) -> bytes:
    """Wrap a drawn bone as a digital radiograph of a part such as ``FEMUR`` or ``HAND``."""
    dataset = header(f"dx-{part}", DigitalXRayImageStorageForPresentation, "DX")
    dataset.StudyDescription = f"{MARK} radiograph"
    dataset.BodyPartExamined = part
    dataset.ImagerPixelSpacing = [pixel_mm, pixel_mm]
    return with_pixels(dataset, pixels, bits=16, signed=False)
