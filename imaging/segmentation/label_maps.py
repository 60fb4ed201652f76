"""Label maps that a user has at training time: shapes of real anatomy for drawn pictures."""

import hashlib
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image, UnidentifiedImageError

from imaging.errors import UnsuitableScan
from imaging.regions.canal import GRID_MM
from imaging.regions.straightened import straighten
from imaging.segmentation.evaluating import sampled
from imaging.segmentation.labels import Ct, Flat
from imaging.segmentation.recipe import Target
from imaging.segmentation.synthesis import Labels
from imaging.volume import Volume, body_ordered

SHORTEST_CANAL_MM = 60.0
# NIfTI's world axes point right, front and head; DICOM's point left, back and head.
TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
CT_CLASSES = ", ".join(f"{kind.value} {kind.name.lower()}" for kind in Ct)
FLAT_CLASSES = ", ".join(f"{kind.value} {kind.name.lower()}" for kind in Flat)


def read_label_map(path: Path, target: Target) -> Labels:
    """Read one label map onto the network's grid.

    Parameters
    ----------
    path : Path
        For ``ct`` a NIfTI volume with the classes of ``Ct``, the canal included, which is the
        rail; for ``flat`` a PNG of 1 mm pixels whose grey values are classes of ``Flat``.

    Raises
    ------
    UnsuitableScan
        If the file holds other classes, or no canal to follow.
    """
    return _volume_map(path) if target == "ct" else _flat_map(path)


def label_volume(path: Path) -> Volume:
    """Read a NIfTI of class numbers, in the order in which CTs are read.

    Raises
    ------
    UnsuitableScan
        If it is no volume of numbers.
    """
    try:
        image = nibabel.Nifti1Image.from_filename(path)
        values = image.get_fdata(dtype=np.float32)
        affine = np.asarray(image.affine, dtype=np.float64)
    except (nibabel.filebasedimages.ImageFileError, ValueError, EOFError) as error:
        raise UnsuitableScan(f"{path.name} is not a NIfTI volume.") from error
    if values.ndim != 3 or not np.isfinite(values).all():
        raise UnsuitableScan(f"{path.name} is not a volume of classes.")
    return body_ordered(values, TO_LPS @ affine, "NIfTI header", {})


def sha256_of(path: Path) -> str:
    """Give the hash by which a recipe names a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _volume_map(path: Path) -> Labels:
    volume = label_volume(path)
    labels = np.rint(volume.voxels).astype(np.int_)
    if labels.min() < 0 or labels.max() > max(Ct):
        raise UnsuitableScan(f"{path.name} holds other classes than {CT_CLASSES}.")
    slice_mm = volume.spacing_mm[0]
    held = np.flatnonzero((labels == Ct.CANAL).any(axis=(1, 2)))
    if len(held) * slice_mm < SHORTEST_CANAL_MM:
        raise UnsuitableScan(
            f"{path.name} shows less than {SHORTEST_CANAL_MM:.0f} mm of spinal canal (class "
            f"{Ct.CANAL.value}), along which it would be unrolled."
        )
    middles = np.array([np.argwhere(labels[at] == Ct.CANAL).mean(axis=0) for at in held])
    coarse = np.arange(held[0] * slice_mm / GRID_MM, held[-1] * slice_mm / GRID_MM).astype(int)
    canal = np.zeros((coarse[-1] + 1, 3))
    for axis in (0, 1):
        mm = (np.interp(coarse * GRID_MM, held * slice_mm, middles[:, axis]) + 0.5) * (
            volume.spacing_mm[axis + 1]
        )
        canal[coarse, axis] = mm / GRID_MM - 0.5
    spine = straighten(volume, canal, (int(coarse[0]), int(coarse[-1])))
    return sampled(spine, volume, labels).astype(np.uint8)


def _flat_map(path: Path) -> Labels:
    try:
        with Image.open(path) as picture:
            labels = np.array(picture.convert("L"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise UnsuitableScan(f"{path.name} is not a picture of classes.") from error
    if labels.max() > max(Flat):
        raise UnsuitableScan(f"{path.name} holds other grey values than {FLAT_CLASSES}.")
    return np.asarray(labels, dtype=np.uint8)
