"""The labelled CT and what may be done to it, and how regions are judged: a row for each level."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import nibabel
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.densitometry.ct import region_values
from imaging.intake.gathering import gather
from imaging.intake.other_formats import read_nifti
from imaging.polygons import inside
from imaging.regions.ct_bodies import Body
from imaging.regions.ct_vertebrae import CtRegions
from imaging.result import Region
from imaging.volume import Volume

LUMBAR = ("L1", "L2", "L3", "L4", "L5")
FOLDER = "scans/ct_lumbar_labelled"
Mask = npt.NDArray[np.bool_]
Bodies = dict[str, Mask]
# Numbers of the model that drew the labels.
SACRUM, S1, FIRST_BONE, LAST_BONE = 25, 26, 25, 33
FEMUR_LEFT, FEMUR_RIGHT = 75, 76
VESSELS = (52, 53, 63, 64, 65, 66, 67, 68)


@dataclass(frozen=True)
class Labelled:
    """A CT, its lumbar bodies, and every structure that another model drew on it."""

    volume: Volume
    bodies: Bodies
    structures: npt.NDArray[np.int_]


@dataclass(frozen=True)
class Row:
    """How one level was measured."""

    level: str
    dice: float
    hu_error: float
    share_inside: float


def labelled(shared: Callable[[str], Path]) -> Labelled:
    volume = read_nifti(gather([shared(f"{FOLDER}/example_ct.nii.gz")])[0].data)
    folder = shared(f"{FOLDER}/spine_report/example_ct_report")
    # 31 is L1 and 27 is L5; 1 marks bodies.
    level = labels(folder / "totalseg.nii.gz")
    body = labels(folder / "totalseg_vertebrae_body.nii.gz") == 1
    bodies = {name: body & (level == 32 - int(name[1])) for name in LUMBAR}
    structures = labels(shared(f"{FOLDER}/example_seg_fast_force_split.nii.gz"))
    return Labelled(volume, bodies, structures)


def labels(path: Path) -> npt.NDArray[np.int_]:
    image = nibabel.as_closest_canonical(nibabel.load(path))
    return np.asarray(image.dataobj).astype(int).transpose(2, 1, 0)[:, ::-1, ::-1]


def changed(ct: Labelled, voxels: npt.NDArray[np.floating]) -> Labelled:
    volume = replace(ct.volume, voxels=np.ascontiguousarray(voxels, dtype=np.float32))
    return replace(ct, volume=volume)


def thick(ct: Labelled, times: int) -> Labelled:
    """Average neighbouring slices into thick ones."""
    whole = len(ct.volume.voxels) // times * times

    def averaged(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        return np.asarray(values[:whole].reshape(-1, times, *values.shape[1:]).mean(axis=1))

    slice_mm, row_mm, column_mm = ct.volume.spacing_mm
    volume = replace(
        ct.volume,
        voxels=averaged(ct.volume.voxels).astype(np.float32),
        spacing_mm=(slice_mm * times, row_mm, column_mm),
    )
    bodies = {name: averaged(body) >= 0.5 for name, body in ct.bodies.items()}
    return Labelled(volume, bodies, ct.structures[:whole:times])


def noisy(ct: Labelled) -> Labelled:
    rng = np.random.default_rng(1)
    return changed(ct, ct.volume.voxels + rng.normal(0, 50, ct.volume.voxels.shape))


def enhanced(ct: Labelled) -> Labelled:
    return changed(ct, ct.volume.voxels + 200 * np.isin(ct.structures, VESSELS))


def porous(ct: Labelled) -> Labelled:
    """Take 100 HU from all bone of the spine and pelvis, marrow and cortex."""
    bone = np.isin(ct.structures, [*range(FIRST_BONE, LAST_BONE + 1), 75, 76, 77, 78])
    bone |= np.logical_or.reduce(list(ct.bodies.values()))
    return changed(ct, np.where(bone, ct.volume.voxels - 100, ct.volume.voxels))


def screwed(ct: Labelled) -> Labelled:
    """Drive two pedicle screws into each of L4 and L5."""
    voxels = ct.volume.voxels.copy()
    for name in ("L4", "L5"):
        middle = np.argwhere(ct.bodies[name]).mean(axis=0)
        for side in (-1, 1):
            for part in np.linspace(0, 1, 60):
                z, y, x = np.rint(middle + (1.5, 12 * part, side * (2 + 3.5 * part))).astype(int)
                voxels[z : z + 2, y : y + 2, x : x + 2] = 3000
    return changed(ct, voxels)


def leaning(ct: Labelled) -> Labelled:
    """Turn the patient by 6 degrees to the side."""

    def turned(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        return np.asarray(
            ndimage.rotate(values, 6, axes=(0, 2), reshape=False, order=1, mode="nearest")
        )

    bodies = {n: turned(body.astype(np.float32)) > 0.5 for n, body in ct.bodies.items()}
    return replace(changed(ct, turned(ct.volume.voxels)), bodies=bodies)


def sideways(ct: Labelled, degrees: float) -> Labelled:
    """Turn the patient to the side, with air where nothing was scanned."""
    voxels = ct.volume.voxels
    turned = ndimage.rotate(voxels, -degrees, (0, 2), reshape=False, order=1, cval=-1000)
    return changed(ct, turned)


def judged(ct: Labelled, found: CtRegions, depth: int = 2) -> list[Row]:
    """Compare bodies and regions with the labels, ``depth`` voxels inside for attenuation."""
    rows = []
    for region in found.regions:
        truth = ct.bodies.get(region.id)
        if truth is None:
            continue
        core = ndimage.binary_erosion(truth, iterations=depth)
        drawn = region_mask(ct.volume, region)
        rows.append(
            Row(
                region.id,
                dice(whole(found.bodies[region.id], truth.shape), truth),
                float(region_values(ct.volume, region).mean() - ct.volume.voxels[core].mean()),
                float((drawn & truth).sum() / drawn.sum()),
            )
        )
    return rows


def whole(body: Body, shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, dtype=bool)
    box = tuple(slice(at, at + n) for at, n in zip(body.corner, body.body.shape, strict=True))
    mask[box] = body.body
    return mask


def region_mask(volume: Volume, region: Region) -> Mask:
    mask = np.zeros(volume.voxels.shape, dtype=bool)
    first, last = region.depth_slices or (0, -1)
    mask[first : last + 1] = inside(region.polygon, volume.voxels.shape[1:])  # type: ignore[arg-type]
    return mask


def dice(a: Mask, b: Mask) -> float:
    return float(2 * (a & b).sum() / (a.sum() + b.sum()))
