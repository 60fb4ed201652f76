"""A drawn sagittal T1 series of the lumbar spine with known signals."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.uid import MRImageStorage
from scipy import ndimage

from imaging.phantoms.writing import MARK, header, with_pixels

Array = npt.NDArray[np.float64]
LEVELS = ("T11", "T12", "L1", "L2", "L3", "L4", "L5")
SLICES, SLICE_MM = 9, 4.5
HEIGHT_MM, WIDTH_MM = 280.0, 200.0
DISC, MUSCLE, FAT, DARK = 190.0, 150.0, 560.0, 20.0  # signals on T1
SAC_HALF_MM = 8.0  # of the sac of fluid, to the right and to the left


@dataclass(frozen=True, slots=True)
class MriTruth:
    """What is known of the drawn spine.

    Attributes
    ----------
    marrow : dict of str to float
        Signal of each body.
    csf : float
    middles_mm : dict of tuple
        (row, column) of the middle of each body on the middle slice, mm from its corner.
    middle : int
        Index of the middle slice, from the patient's right.
    """

    marrow: dict[str, float]
    csf: float
    middles_mm: dict[str, tuple[float, float]]
    middle: int
    pixel_mm: float

    @property
    def score(self) -> float:
        """Median marrow of L1 to L4 over fluid."""
        four = [self.marrow[level] for level in ("L1", "L2", "L3", "L4")]
        return float(np.median(four)) / self.csf


def mri_lumbar(
    seed: int, *, marrow: float = 330.0, pixel_mm: float = 0.9
) -> tuple[npt.NDArray[np.uint16], MriTruth]:
    """Draw slices from the patient's right to left, each head up and front to the left.

    Returns
    -------
    planes : ndarray of uint16, shape (slices, rows, columns)
    truth : MriTruth
    """
    rng = np.random.default_rng(seed)
    rows, columns = np.meshgrid(
        np.arange(0, HEIGHT_MM, pixel_mm) + pixel_mm / 2,
        np.arange(0, WIDTH_MM, pixel_mm) + pixel_mm / 2,
        indexing="ij",
    )
    signals = {level: marrow * rng.normal(1, 0.04) for level in LEVELS}
    csf = rng.uniform(95, 125)
    # The spine bends forward: the front lies to the left.
    bend, depth = rng.uniform(6, 12), rng.uniform(32, 36)
    middle_column = 95 - bend * np.cos((rows - 170) / 90)
    forward = middle_column - columns
    planes = []
    for index in range(SLICES):
        aside = abs(index - SLICES // 2) * SLICE_MM
        plane = np.full(rows.shape, MUSCLE)
        plane[(columns < 25) | (columns > 165)] = FAT
        behind = -forward - depth / 2
        plane[(behind > 18) & (behind < 24)] = FAT
        if aside <= SAC_HALF_MM:
            plane[(behind > 1) & (behind < 16)] = csf
        top = 8.0
        places = {}
        for at, level in enumerate(LEVELS):
            tall, disc = 24.0 + 0.9 * at, 6.0 + 0.9 * at
            column = float(95 - bend * np.cos((top + tall / 2 - 170) / 90))
            places[level] = (top + tall / 2, column)
            body = (rows >= top) & (rows < top + tall) & (np.abs(forward) < depth / 2)
            between = (rows >= top + tall) & (rows < top + tall + disc)
            plane[body] = signals[level]
            plane[between & (np.abs(forward) < depth / 2)] = DISC
            for plate in (top, top + tall):
                plane[(np.abs(rows - plate) < 0.8) & (np.abs(forward) < depth / 2)] = DARK
            if aside > SAC_HALF_MM:
                pedicle = (rows >= top + 2) & (rows < top + 14) & (behind > 0) & (behind < 18)
                plane[pedicle] = signals[level]
            top += tall + disc
        plane[columns < 4] = 0
        plane = ndimage.gaussian_filter(plane, 0.5 / pixel_mm)
        planes.append(np.abs(plane + rng.normal(0, 8, plane.shape)))
    truth = MriTruth(signals, csf, places, SLICES // 2, pixel_mm)
    return np.asarray(np.rint(planes), dtype=np.uint16), truth


def mri_lumbar_dicoms(seed: int, **tags: object) -> list[bytes]:
    """Wrap the series as T1 spin echo at 1.5 T; ``tags`` replaces attributes by name."""
    planes, truth = mri_lumbar(seed)
    files = []
    for index, plane in enumerate(planes):
        dataset = header(f"mri-{seed}", MRImageStorage, "MR", number=index + 1)
        dataset.StudyDescription = f"{MARK} lumbar spine"
        dataset.SeriesDescription = "sag T1"
        dataset.BodyPartExamined = "LSPINE"
        dataset.ScanningSequence, dataset.SequenceVariant = "SE", "SK"
        dataset.RepetitionTime, dataset.EchoTime = 550, 11
        dataset.MagneticFieldStrength = 1.5
        dataset.SliceThickness = SLICE_MM
        dataset.PixelSpacing = [truth.pixel_mm, truth.pixel_mm]
        dataset.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        dataset.ImagePositionPatient = [SLICE_MM * (index - SLICES // 2), -95, 140]
        for name, value in tags.items():
            setattr(dataset, name, value)
        files.append(with_pixels(dataset, plane, bits=16, signed=False))
    return files
