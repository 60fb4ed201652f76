"""A drawn left or right hip, as a densitometer shows and stores it."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydicom.uid import ComputedRadiographyImageStorage
from scipy import ndimage

from imaging.phantoms.dxa_femur_shape import Anatomy, femur_depth, pelvis_grey, truth_along_axis
from imaging.phantoms.writing import MARK, header, with_pixels

Array = npt.NDArray[np.float64]
Implant = Literal["none", "stem", "screws"]
TOP_GREY = 252  # densitometers show 127 levels, 0 to 252
WIDTH_MM, HEIGHT_MM = 170.0, 150.0
METAL = 900.0


@dataclass(frozen=True, slots=True)
class FemurTruth:
    """Where things are in a drawn hip, in mm (row, column) from the top left corner.

    Attributes
    ----------
    side : str
        ``left`` shows the pelvis at the picture's left, as densitometers show a left hip.
    head_mm, radius_mm
        Centre and radius of the head.
    neck_mm, neck_width_mm
        Middle of the narrowest crossing perpendicular to the neck axis, and its length.
    neck_shaft_angle_deg, hip_axis_length_mm : float
    """

    side: str
    pixel_mm: float
    head_mm: tuple[float, float]
    radius_mm: float
    neck_mm: tuple[float, float]
    neck_width_mm: float
    neck_shaft_angle_deg: float
    hip_axis_length_mm: float


def dxa_femur(
    seed: int,
    *,
    side: Literal["left", "right"] = "left",
    pixel_mm: float = 0.25,
    density: float = 1.0,
    lesser_trochanter_mm: float = 2.0,
    implant: Implant = "none",
) -> tuple[npt.NDArray[np.uint8], FemurTruth]:
    """Draw a hip from round bodies with a cortex, projected through their depth.

    Parameters
    ----------
    seed : int
        Anatomy and noise; the same seed gives the same picture.
    density : float
        Factor on the brightness of bone.
    lesser_trochanter_mm : float
        How far it stands out: more, the less the leg is turned in.
    implant : str
        ``stem`` in the shaft, or ``screws`` through the neck.

    Returns
    -------
    pixels : ndarray of uint8, shape (rows, columns)
    truth : FemurTruth
    """
    rng = np.random.default_rng(seed)
    shape = Anatomy.random(rng, lesser_trochanter_mm)
    y, x = np.meshgrid(
        np.arange(0, HEIGHT_MM, pixel_mm) + pixel_mm / 2,
        np.arange(0, WIDTH_MM, pixel_mm) + pixel_mm / 2,
        indexing="ij",
    )
    depth = femur_depth(shape, y, x)
    bone = density * _projected(depth, shape)
    image = 14 + 4 * _clouds(rng, y.shape, 12 / pixel_mm)
    image += bone + density * pelvis_grey(shape, y, x)
    image += density * 9 * _clouds(rng, y.shape, 0.5 / pixel_mm) * np.clip(bone / 80, 0, 1)
    image += _metal(shape, y, x, implant)
    image += rng.normal(0, 6, y.shape)
    image = ndimage.gaussian_filter(image, 0.35 / pixel_mm)
    grey = (np.clip(np.rint(image / 2), 0, TOP_GREY // 2) * 2).astype(np.uint8)
    centre, width, length = truth_along_axis(shape)
    truth = FemurTruth(
        side="left",
        pixel_mm=pixel_mm,
        head_mm=shape.head,
        radius_mm=shape.head_radius,
        neck_mm=centre,
        neck_width_mm=width,
        neck_shaft_angle_deg=shape.angle_deg,
        hip_axis_length_mm=length,
    )
    if side == "left":
        return grey, truth
    return np.ascontiguousarray(grey[:, ::-1]), replace(
        truth,
        side="right",
        head_mm=(truth.head_mm[0], WIDTH_MM - truth.head_mm[1]),
        neck_mm=(centre[0], WIDTH_MM - centre[1]),
    )


def _clouds(rng: np.random.Generator, shape: tuple[int, ...], size: float) -> Array:
    noise = ndimage.gaussian_filter(rng.normal(0, 1, shape), size)
    return np.asarray(noise / noise.std(), dtype=np.float64)


def _projected(depth: Array, shape: Anatomy) -> Array:
    """Turn depth under the surface into brightness: a round body with a dense shell."""
    body = np.clip(depth, 0, shape.shaft_half)
    chord = np.sqrt(np.clip(shape.shaft_half**2 - (shape.shaft_half - body) ** 2, 0, None))
    inner_half = shape.shaft_half - shape.cortex
    inner = np.clip(depth - shape.cortex, 0, inner_half)
    hollow = np.sqrt(np.clip(inner_half**2 - (inner_half - inner) ** 2, 0, None))
    return np.asarray(15.0 * (chord - hollow) + 3.4 * hollow + 14 * np.clip(depth, 0, 1))


def _metal(shape: Anatomy, y: Array, x: Array, implant: Implant) -> Array:
    if implant == "none":
        return np.zeros_like(y)
    down, right = y - shape.corner[0], x - shape.corner[1]
    if implant == "stem":
        across = right * shape.up[0] - down * shape.up[1]
        along = down * shape.up[0] + right * shape.up[1]
        return np.asarray(METAL * ((np.abs(across) < 6.5) & (along < 25)))
    across = -down * shape.ahead[1] + right * shape.ahead[0]
    along = down * shape.ahead[0] + right * shape.ahead[1]
    lines = [np.abs(across - place) < 3.2 for place in (-8.0, 0.0, 8.0)]
    return np.asarray(METAL * (np.any(lines, axis=0) & (np.abs(along - 15) < 45)))


def dxa_femur_dicom(seed: int, *, side: Literal["left", "right"] = "left") -> bytes:
    """Wrap ``dxa_femur`` as a densitometer stores it: CR, 8 bit, Exposed Area, no spacing."""
    pixels, _ = dxa_femur(seed, side=side)
    dataset = header(f"dxa-femur-{seed}-{side}", ComputedRadiographyImageStorage, "CR")
    dataset.StudyDescription = f"{MARK} DXA Exam"
    dataset.SeriesDescription = f"{MARK} DXA Images"
    dataset.ProtocolName = f"{side.capitalize()} Femur"
    dataset.ExposedArea = [round(WIDTH_MM), round(HEIGHT_MM)]
    return with_pixels(dataset, pixels, bits=8, signed=False)
