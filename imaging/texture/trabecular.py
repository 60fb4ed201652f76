"""Trabeculae where they can be seen: bone volume, thickness, spacing and direction."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.result import Measurement, TriedOn
from imaging.texture import kernels
from imaging.texture.aggregation import directions

Mask = npt.NDArray[np.bool_]
# Trabeculae are 0.1 to 0.3 mm thick; of voxels larger than this they have no edge.
COARSEST_MM = 0.1
# Voxels as wide as high: more than this apart, and a ball of voxels is no ball.
UNEQUAL = 0.02
FEWEST_VOXELS = 30_000
BINS = 256
# Voxels whose thickness is looked up: their mean is right to about half a per cent.
SAMPLED = 5000
SEED = 1
OTSU = "Otsu 1979, IEEE Trans Syst Man Cybern 9:62-66, doi:10.1109/TSMC.1979.4310076"
THICKNESS = (
    "Hildebrand and Ruegsegger 1997, J Microsc 185:67-75, doi:10.1046/j.1365-2818.1997.1340694.x "
    "(recalled, to be confirmed)"
)
INTERCEPT = "Harrigan and Mann 1984, J Mater Sci 19:761-767, doi:10.1007/BF00540446 (recalled)"
GUIDELINE = "Bouxsein 2010, J Bone Miner Res 25:1468-1486, doi:10.1002/jbmr.141"


class Trabeculae(NamedTuple):
    """Ratio of bone to all, thickness and spacing in mm, degree of anisotropy from 0 to 1."""

    bone_volume_fraction: float
    thickness_mm: float
    spacing_mm: float
    anisotropy: float


def trabeculae(image: npt.NDArray[Any], mask: Mask, voxel_mm: float) -> Trabeculae:
    """Measure the trabeculae of a region in a micro-CT or the like, bone bright.

    Parameters
    ----------
    image, mask : ndarray, shape (slices, rows, columns)
    voxel_mm : float
        Edge of a cubic voxel.

    Raises
    ------
    UnsuitableScan
        If trabeculae cannot be told apart in it.
    """
    if voxel_mm > COARSEST_MM:
        raise UnsuitableScan(
            f"Trabeculae cannot be seen in voxels of {voxel_mm:g} mm: {COARSEST_MM:g} mm or less "
            "are needed."
        )
    if mask.sum() < FEWEST_VOXELS:
        raise UnsuitableScan("The region is too small to measure trabeculae in.")
    bone = mask & (image > otsu(np.asarray(image)[mask]))
    marrow = mask & ~bone
    if not bone.any() or not marrow.any():
        raise UnsuitableScan("The region does not hold both bone and marrow.")
    return Trabeculae(
        bone_volume_fraction=float(bone.sum() / mask.sum()),
        thickness_mm=local_thickness(bone, mask) * voxel_mm,
        spacing_mm=local_thickness(marrow, mask) * voxel_mm,
        anisotropy=intercept_anisotropy(bone, mask),
    )


def trabecular_measurements(
    image: npt.NDArray[Any],
    mask: Mask,
    spacing_mm: tuple[float, float, float],
    region: str,
    tried_on: TriedOn = "real scans",
) -> list[Measurement]:
    """Measure trabeculae as numbers to show; see ``trabeculae`` for what is refused."""
    if max(spacing_mm) > (1 + UNEQUAL) * min(spacing_mm):
        raise UnsuitableScan("Trabeculae are measured in cubic voxels only: resample the volume.")
    found = trabeculae(image, mask, spacing_mm[0])
    threshold = "bone above Otsu's threshold inside the region"
    told = {
        "bone_volume_fraction": ("1", threshold, f"{GUIDELINE}; {OTSU}"),
        "thickness_mm": ("mm", f"mean of the largest balls within bone; {threshold}", THICKNESS),
        "spacing_mm": ("mm", f"mean of the largest balls within marrow; {threshold}", THICKNESS),
        "anisotropy": (
            "1",
            "1 - (shortest / longest mean intercept length) squared, ellipsoid through 13 "
            f"directions; {threshold}",
            INTERCEPT,
        ),
    }  # fmt: skip
    return [
        Measurement(
            name=f"trabecular_{name}",
            region=region,
            value=getattr(found, name),
            unit=unit,
            method=method,
            source=source,
            precision="lengths within one voxel on drawn plates; between visits not established",
            tried_on=tried_on,
        )
        for name, (unit, method, source) in told.items()
    ]


def otsu(values: npt.NDArray[Any]) -> float:
    """Find the threshold that parts two kinds of values best (Otsu 1979)."""
    counts, edges = np.histogram(values, BINS)
    middle = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    sums = np.cumsum(counts * middle)
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = sums / below - (sums[-1] - sums) / above
        between = np.where((below > 0) & (above > 0), below * above * apart**2, 0.0)
    return float(edges[1:][between.argmax()])


def local_thickness(inside: Mask, region: Mask) -> float:
    """Average, over a sample of voxels, the diameter of the largest ball that holds each.

    Parameters
    ----------
    inside : ndarray of bool, shape (slices, rows, columns)
        What is measured. A ball may reach beyond the region, so that the region's edge does not
        look like the end of a trabecula.

    Returns
    -------
    float
        In voxels.
    """
    far = np.asarray(ndimage.distance_transform_edt(inside | ~region), dtype=np.float64)
    if np.isinf(far).any() or far.max() <= 0:
        raise UnsuitableScan("The region does not hold both bone and marrow.")
    far[~inside] = 0.0
    padded = np.pad(far, 1)
    # A ball that lies within a neighbour's ball adds nothing.
    needed = inside.copy()
    inner = (slice(1, -1),) * 3
    for step in directions(3):
        length = float(np.sqrt(np.dot(step, step)))
        for way in (step, tuple(-s for s in step)):
            beside = np.roll(padded, way, axis=(0, 1, 2))[inner]
            needed &= beside < far + length - 1e-9
    order = np.argsort(-far[needed])
    balls, radii = np.argwhere(needed)[order], far[needed][order]
    points = np.argwhere(inside)
    if len(points) > SAMPLED:
        points = np.random.default_rng(SEED).choice(points, SAMPLED, replace=False)
    # Distances run to the middle of the first voxel outside, half a voxel beyond the edge.
    return float(2 * kernels.largest_balls(points, balls, radii).mean() - 1)


def intercept_anisotropy(bone: Mask, region: Mask) -> float:
    """Compare mean intercept lengths by direction, through an ellipsoid (Harrigan and Mann)."""
    rows, inverse_squares = [], []
    for step in directions(3):
        here = tuple(
            slice(max(0, -s), n + min(0, -s)) for s, n in zip(step, bone.shape, strict=True)
        )
        there = tuple(
            slice(max(0, s), n + min(0, s)) for s, n in zip(step, bone.shape, strict=True)
        )
        both = region[here] & region[there]
        crossed = (bone[here] != bone[there])[both].mean()
        length = float(np.sqrt(np.dot(step, step)))
        z, y, x = np.array(step) / length
        rows.append([z * z, y * y, x * x, 2 * z * y, 2 * z * x, 2 * y * x])
        inverse_squares.append((crossed / length) ** 2)
    a, b, c, d, e, f = np.linalg.lstsq(np.array(rows), np.array(inverse_squares), rcond=None)[0]
    strength = np.linalg.eigvalsh([[a, d, e], [d, b, f], [e, f, c]])
    return float(np.clip(1 - strength[0] / strength[-1], 0, 1))
