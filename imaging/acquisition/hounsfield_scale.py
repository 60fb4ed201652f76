"""Whether the numbers of a CT are Hounsfield units, and its sizes those of a person."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.acquisition.tissue_peaks import even_means, peak
from imaging.errors import UnsuitableScan
from imaging.result import Finding, Severity
from imaging.volume import Volume

Voxels = npt.NDArray[np.float32]

# Fat is the darkest tissue of a CT that was cropped to the inside of the body: this share of the
# voxels is as dark in every CT.
DARKEST_TISSUE_HU, DARKEST_PERCENT = -50.0, 1.0
SAMPLE = 2_000_000  # voxels that say what all would
BIN_HU = 10.0
# From air to the commonest tissue, fat (-100 HU) or muscle (50 HU), with room.
AIR_TO_TISSUE_HU = (850.0, 1130.0)
LEAST_TISSUE = 0.6  # of what is brighter than that half way from air to tissue
USUAL_SHIFTS, NEAR_HU = (1000.0, 1024.0), 12.0
# Neighbours in a label map are alike, in a picture they differ.
LEAST_ALIKE = 0.8
EIGHT_BITS = 255.0
# Accreditation of scanners asks for air of -1005 to -970 HU and for polyethylene, which is near
# fat, of -107 to -84 HU (ACR phantom: McCollough 2004, Med Phys 31:2423-2442,
# doi:10.1118/1.1769632; recalled, to be confirmed). Wider here: patients are no phantoms, and fat
# moves with tube voltage, age and what is mixed into it.
SOUND_AIR_HU = (-1030.0, -970.0)
SOUND_FAT_HU = (-140.0, -50.0)
SEARCHED_AIR_HU, SEARCHED_FAT_HU = (-1500.0, -900.0), (-220.0, -10.0)
# A trunk with air on both sides of it: the waists of thin and of very heavy adults (assumed).
TRUNK_MM = (190.0, 800.0)
TISSUE_HU, LEVELS_LOOKED_AT, COLUMNS = -300.0, 9, 200
SCALE = "hounsfield_scale"


def check_scale(voxels: Voxels) -> None:
    """Refuse numbers that are no Hounsfield units, and say what they look like instead.

    Raises
    ------
    UnsuitableScan
    """
    if float(np.percentile(_sample(voxels), DARKEST_PERCENT)) <= DARKEST_TISSUE_HU:
        return
    if _is_label_map(voxels):
        raise UnsuitableScan(
            "The numbers are those of a label map, not Hounsfield units: send the CT itself."
        )
    shift = added_to_hounsfield(voxels)
    if shift is not None:
        raise UnsuitableScan(
            f"The numbers are not Hounsfield units: air lies at {shift - 1000:.0f}, so about "
            f"{_usual(shift):.0f} seems to have been added to them (an export without signs); "
            "export the CT again with its rescale slope and intercept."
        )
    if float(voxels.max()) <= EIGHT_BITS and np.array_equal(voxels, np.rint(voxels)):
        raise UnsuitableScan(
            "The numbers are the 256 grey values of a picture, not Hounsfield units: a display "
            "window was burnt in, so export the CT itself."
        )
    raise UnsuitableScan(
        "The numbers are not Hounsfield units, for nothing is as dark as fat or air: this is "
        "another modality, or a CT that was changed on its way, so send the CT itself."
    )


def added_to_hounsfield(voxels: Voxels) -> float | None:
    """Find by how much a CT was shifted upward, from air and tissue; None where it is no CT."""
    some = _sample(voxels)
    edges = np.arange(float(some.min()), float(some.max()) + BIN_HU, BIN_HU)
    if len(edges) < (AIR_TO_TISSUE_HU[1] + 300) / BIN_HU:
        return None
    counts = ndimage.gaussian_filter1d(np.histogram(some, edges)[0].astype(np.float64), 1.5)
    middles = (edges[:-1] + edges[1:]) / 2
    air = float(middles[counts[: round(300 / BIN_HU)].argmax()])
    above = middles > air + AIR_TO_TISSUE_HU[0] / 2
    tissue = float(middles[above][counts[above].argmax()])
    low, high = AIR_TO_TISSUE_HU
    if not low <= tissue - air <= high:
        return None
    bright = some[some > air + low / 2]
    share = ((bright > air + low) & (bright < air + high + 50)).mean()
    if share < LEAST_TISSUE:
        return None
    return float(np.median(some[np.abs(some - air) < 2 * BIN_HU])) + 1000.0


def scale_findings(volume: Volume) -> list[Finding]:
    """Say where air or fat do not lie where Hounsfield units put them."""
    values = even_means(volume, 0, len(volume.voxels) - 1)
    told = []
    for name, searched, sound in (
        ("air", SEARCHED_AIR_HU, SOUND_AIR_HU),
        ("fat", SEARCHED_FAT_HU, SOUND_FAT_HU),
    ):
        seen = peak(values, searched)
        if seen is not None and not sound[0] <= seen <= sound[1]:
            told.append(
                f"{name} lies at {seen:.0f} and not within {sound[0]:.0f} to {sound[1]:.0f}"
            )
    if not told:
        return []
    return [
        Finding(
            code=SCALE,
            severity=Severity.WARNING,
            advice=f"The scale cannot be trusted ({', '.join(told)} HU): attenuation of bone is as "
            "far off, so neither a category nor a density is given.",
        )
    ]


def check_width(volume: Volume) -> None:
    """Refuse a body too narrow or too wide for a person: then the size of a voxel is wrong.

    Raises
    ------
    UnsuitableScan
    """
    widths = _widths(volume)
    if not widths:
        return
    width = float(np.median(widths))
    if TRUNK_MM[0] <= width <= TRUNK_MM[1]:
        return
    raise UnsuitableScan(
        f"What is seen is {width:.0f} mm wide, which no trunk is: the size of a voxel that the "
        f"file gives ({volume.spacing_mm[2]:.2f} mm) seems wrong, in another unit or missing, or "
        "this is another part of the body; send the series as the scanner made it."
    )


def _widths(volume: Volume) -> list[float]:
    """Measure the body in some slices; empty unless most show it with air on both sides."""
    looked = np.linspace(0, len(volume.voxels) - 1, LEVELS_LOOKED_AT).round().astype(int)
    step = max(1, volume.voxels.shape[2] // COLUMNS)
    widths = []
    for plane in volume.voxels[looked][:, ::step, ::step]:
        tissue = ndimage.binary_opening(plane > TISSUE_HU, iterations=2)
        pieces, count = ndimage.label(tissue)
        if not count:
            continue
        largest = int(np.bincount(pieces.ravel())[1:].argmax()) + 1
        columns = np.flatnonzero((pieces == largest).any(axis=0))
        if columns[0] > 0 and columns[-1] < plane.shape[1] - 1:
            widths.append(float(len(columns)) * step * volume.spacing_mm[2])
    return widths if 2 * len(widths) > LEVELS_LOOKED_AT else []


def _is_label_map(voxels: Voxels) -> bool:
    middle = voxels[len(voxels) // 2]
    if not np.array_equal(middle, np.rint(middle)):
        return False
    here, beside = voxels[:, :, :-1], voxels[:, :, 1:]
    something = (here > 0) | (beside > 0)
    return bool(not something.any() or (here == beside)[something].mean() > LEAST_ALIKE)


def _sample(voxels: Voxels) -> Voxels:
    flat = voxels.ravel()
    return flat[:: max(1, flat.size // SAMPLE)]


def _usual(shift: float) -> float:
    return next((usual for usual in USUAL_SHIFTS if abs(shift - usual) < NEAR_HU), shift)
