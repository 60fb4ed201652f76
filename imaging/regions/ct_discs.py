"""Discs along the straightened CT spine, as an ordered chain with tilts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from imaging.regions.body_outline import rays
from imaging.regions.chains import Gaps, best_chain
from imaging.regions.peaks import find_peaks
from imaging.regions.straightened import ASIDE_MM, FRONT_MM, Array, Straightened, Vector

# From disc to disc, from the upper thoracic spine to tall lumbar ones: wide limits of our own, an
# assumption to be confirmed (Zhou et al. 2000, Eur Spine J 9:242-248, RECALLED, speaks about the
# lower lumbar spine only).
GAP_MM = (18.0, 46.0)
GROWTH = 1.03  # of the gap from one level to the next one down; an assumption, as is its spread
GROWTH_SD = 0.1
TILTS = np.linspace(-0.5, 0.5, 21)  # rise per mm forward; the lumbosacral disc leans most
TILT_COST = 0.6
ASIDE_TILTS = np.linspace(-0.2, 0.2, 9)
# Evidence that a dip needs, and what each disc of a chain is worth beside its own evidence: a
# faint disc where one is due is better than a gap.
FAINTEST = -0.15
DUE = 0.2
INNER = 0.7  # share of the radius within which a plane is averaged: no cortex
PEDICLE_WEIGHT = 0.7
# The sacrum has no pedicles where they are looked for: there they are hardly a veto.
SACRAL_LEAN_DEG, SACRAL_VETO = 25.0, -0.4
SETTLE_MM, SETTLE_WEIGHT = 6, 0.15
VALLEY_WEIGHT = 0.6
SHOWN_HU = (-150.0, 400.0)
PLATE_HU = 120.0
DISC_HU = 55.0
# The emptiest marrow that is still called bone here: fat alone is -100, a very porous body 0.
LEAST_BONE_HU = -40.0
# Pedicles against the gaps between them: at least this much, else noise would be blown up.
PEDICLE_HU = 120.0
# Discs that outshine marrow by this much: in such a spine a disc is the brighter band.
REVERSED_HU = 20.0


@dataclass(frozen=True, slots=True)
class Disc:
    """One disc in the straightened spine.

    Attributes
    ----------
    along : float
        Plane in which its middle lies.
    tilt_front, tilt_aside : float
        Rise in planes per mm forward and per mm towards the patient's left.
    depth : float
        How much darker than the bone around it, as a share.
    """

    along: float
    tilt_front: float
    tilt_aside: float
    depth: float


def find_discs(spine: Straightened, centre: Vector, radii: Array) -> list[Disc]:
    """Find the discs from foot to head; an empty list where there is no chain."""
    # A bone island or a screw in a plane must not outweigh the rest of it.
    voxels = np.clip(spine.voxels, *SHOWN_HU)
    sheets = np.stack(
        [tilted_means(voxels, centre, radii, tilt, 0.0, INNER) for tilt in TILTS], axis=1
    )
    pedicles = _pedicles(voxels, centre, radii)
    depth = _depths(sheets, _is_porous(sheets[:, len(TILTS) // 2], pedicles))
    depth -= TILT_COST * TILTS[None, :] ** 2
    best = depth.argmax(axis=1)
    own = depth[np.arange(len(depth)), best]
    lean = np.rad2deg(np.arctan2(-spine.up[:, 1], spine.up[:, 0]))
    veto = np.where(lean > SACRAL_LEAN_DEG, SACRAL_VETO, -1.0)
    dark = own + PEDICLE_WEIGHT * np.maximum(pedicles, veto)
    peaks = find_peaks(dark, height=FAINTEST, distance=6)
    peaks = peaks[(peaks > 4) & (peaks < len(dark) - 5)]
    peaks = peaks[_between_bone(sheets[:, len(TILTS) // 2], peaks)]
    # Planes run from foot to head, so gaps shrink along them.
    gaps = Gaps(*GAP_MM, growth=1 / GROWTH, spread=GROWTH_SD, fewest=2)
    chain = best_chain(peaks, dark + DUE, gaps)
    discs = []
    for found in chain[1] if chain else ():
        # Pedicles tell that there is a disc; its own look tells where exactly.
        near = slice(max(0, found - SETTLE_MM), found + SETTLE_MM + 1)
        row = near.start + int((own + SETTLE_WEIGHT * pedicles)[near].argmax())
        tilt = float(TILTS[best[row]])
        aside = _aside_tilt(voxels, centre, radii, row, tilt)
        discs.append(Disc(float(row), tilt, aside, float(dark[row])))
    return discs


def tilted_means(
    voxels: Array,
    centre: Vector,
    radii: Array,
    tilt_front: float,
    tilt_aside: float,
    inner: float,
    rows: npt.NDArray[np.intp] | None = None,
) -> Vector:
    """Average HU over the inside of the outline, in planes that lean about its middle."""
    at = np.arange(len(voxels)) if rows is None else rows
    front, aside = rays()
    shares = np.sqrt((np.arange(5) + 0.5) / 5) * inner  # equal areas
    reach = radii[at][:, :, None] * shares
    ahead = front[None, :, None] * reach
    left = aside[None, :, None] * reach
    where = np.stack(
        [
            at[:, None, None] + tilt_front * ahead + tilt_aside * left,
            ahead + centre[at][:, None, None] - FRONT_MM[0],
            left - ASIDE_MM[0],
        ]
    )
    values = ndimage.map_coordinates(voxels, where, order=1, mode="nearest")
    return np.asarray(values.reshape(len(at), -1).mean(axis=1), dtype=np.float64)


def _is_porous(means: Vector, pedicles: Vector) -> bool:
    """Tell a spine whose discs outshine its marrow: pedicles say where discs are either way."""
    discs, marrow = pedicles > 0.5, pedicles < -0.5
    if not discs.any() or not marrow.any():
        return False
    return bool(np.median(means[discs]) > np.median(means[marrow]) + REVERSED_HU)


def _depths(sheets: npt.NDArray[np.float64], porous: bool) -> npt.NDArray[np.float64]:
    """Measure darkness against the bone around, with a bonus for endplates on both sides.

    In a porous spine it is brightness.
    """
    band = ndimage.gaussian_filter1d(sheets, 1.0, axis=0, mode="nearest")
    around = np.maximum(ndimage.gaussian_filter1d(band, 12, axis=0, mode="nearest"), 40.0)
    # Marrow may be emptier than a disc, which is never below this unless it holds gas.
    dip = (band - around) / DISC_HU if porous else 1 - np.maximum(band, DISC_HU) / around
    highest = ndimage.maximum_filter1d(band, 7, axis=0, mode="nearest")
    above = np.roll(highest, -6, axis=0)
    below = np.roll(highest, 6, axis=0)
    lower_plate = np.minimum(above, below)
    plates = lower_plate / around - 1
    # In a very porous spine discs are brighter than marrow: then only the plates tell, which
    # lie a disc's width apart around a disc and a body's height apart around a body.
    widest = ndimage.maximum_filter1d(band, 5, axis=0, mode="nearest")
    far = np.minimum(np.roll(widest, -13, axis=0), np.roll(widest, 13, axis=0))
    valley = np.clip((lower_plate - np.maximum(band, far)) / PLATE_HU, -1.0, 1.0)
    depth = np.clip(dip, -0.3, 0.5) + 0.5 * np.clip(plates, -0.4, 0.4) + VALLEY_WEIGHT * valley
    return np.asarray(depth, dtype=np.float64)


def _between_bone(means: Vector, peaks: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Drop dips that have no bone on one side, as in the bowl of the pelvis."""
    smooth = ndimage.gaussian_filter1d(means, 3, mode="nearest")
    rows = np.arange(len(means))
    sides = [np.interp(peaks + away, rows, smooth) for away in (-13, 13)]
    return np.asarray(np.minimum(*sides) > LEAST_BONE_HU)


def _pedicles(voxels: Array, centre: Vector, radii: Array) -> Vector:
    """Say where pedicles lie just below and none just above: there is a disc between.

    Pedicles leave the upper half of a body, whatever its density.
    """
    back = centre - radii[:, len(radii[0]) // 2]  # posterior wall, mm ahead of the canal
    rows = np.arange(len(voxels))
    profile = np.zeros(len(voxels))
    for side in (-1, 1):
        for aside in (13.0, 16.0, 19.0):
            where = [rows, back - 2.0 - FRONT_MM[0], np.full(len(rows), side * aside - ASIDE_MM[0])]
            profile += ndimage.map_coordinates(voxels, where, order=1, mode="nearest") / 6
    profile = np.clip(profile, -50, 500)
    mean = ndimage.uniform_filter1d(profile, 10, mode="nearest")
    lower = np.interp(rows - 9, rows, mean)
    upper = np.interp(rows + 7, rows, mean)
    scale = max(PEDICLE_HU, float(np.percentile(np.abs(lower - upper), 75)))
    return np.asarray(np.clip((lower - upper) / scale, -1, 1), dtype=np.float64)


def _aside_tilt(voxels: Array, centre: Vector, radii: Array, row: int, tilt: float) -> float:
    """Choose the sideways lean in which the disc is darkest between its plates."""
    best, best_score = 0.0, -np.inf
    rows = np.clip(np.arange(row - 9, row + 10), 0, len(voxels) - 1)
    for lean in ASIDE_TILTS:
        means = tilted_means(voxels, centre, radii, tilt, float(lean), 0.85, rows)
        score = (means[:7].max() + means[12:].max()) / 2 - means[8:11].mean()
        score -= 0.1 * abs(means.mean()) * (lean / 0.2) ** 2
        if score > best_score:
            best, best_score = float(lean), float(score)
    return best
