"""Names of vertebrae on CT: counted from the sacrum where it is in view, else not given."""

import numpy as np
import numpy.typing as npt

from imaging.regions.ct_discs import Disc
from imaging.regions.straightened import Straightened
from imaging.volume import Volume

# From the sacrum upward.
LEVELS = ("L5", "L4", "L3", "L2", "L1", "T12", "T11", "T10", "T9", "T8", "T7", "T6", "T5", "T4")
BONE_HU = 150.0
# Iliac wings: bone this far beside the canal at the height of the lumbosacral disc.
WINGS_MM = (42.0, 120.0)
WINGS_LEAST_MM2 = 400.0  # both sides; ribs and transverse processes stay under 400
# The canal leans back at the sacrum; below the disc above it lordosis alone reaches about 25.
SACRAL_LEAN_DEG = 20.0
SURELY_SACRAL_DEG, CLEAR_DEPTH = 36.0, 0.2
FAINT_DEPTH, SHORT_GAP = 0.05, 0.8
# Below its upper edge the sacrum tapers away from the canal; a vertebra keeps its size (0.95 to
# 1.2 on real scans, the sacrum 0.5 to 0.6 and up to 0.83 on synthetic ones).
TAPER, LOOSE_TAPER, KEPT = 0.87, 0.92, 0.95
BELOW_MM = (12, 22)
ABOVE_MM = (8, 20)


def sacral_disc(
    volume: Volume, spine: Straightened, radii: npt.NDArray[np.float32], discs: list[Disc]
) -> int | None:
    """Find which disc lies on the sacrum; None where the sacrum is not in view.

    Bone that tapers below a disc and a canal that leans back there are the signs; iliac wings
    at that height or a little below must confirm. A remnant disc inside the sacrum shows them
    too, so the highest disc with the signs is the one.
    """
    found = None
    wings = 0.0
    for at, disc in enumerate(discs[:4]):
        wings = max(wings, _wings(volume, spine, disc))
        if disc.along < BELOW_MM[1]:
            continue  # too near the end of the scan to tell
        lean = _lean(spine, disc.along - ABOVE_MM[0])
        # Above what may be the line of a remnant disc a weaker taper will do.
        faint_below = at > 0 and discs[at - 1].depth <= FAINT_DEPTH
        signs = lean > SACRAL_LEAN_DEG and _taper(radii, disc) < (
            LOOSE_TAPER if faint_below else TAPER
        )
        # Screws hide the taper; a canal that leans this far does so over the sacrum only.
        signs |= lean > SURELY_SACRAL_DEG and disc.depth > CLEAR_DEPTH
        if signs and wings > WINGS_LEAST_MM2 and not _is_remnant(discs, at):
            found = at
    return None if found is not None and _is_doubtful(spine, radii, discs, found) else found


def _is_doubtful(
    spine: Straightened, radii: npt.NDArray[np.float32], discs: list[Disc], found: int
) -> bool:
    """Whether a faint line was taken while a clear disc above it has half of the signs itself."""
    if discs[found].depth > FAINT_DEPTH or found + 1 >= len(discs):
        return False
    above = discs[found + 1]
    leans = _lean(spine, above.along - ABOVE_MM[0]) > SACRAL_LEAN_DEG
    return leans and above.depth > CLEAR_DEPTH and _taper(radii, above) < KEPT


def _is_remnant(discs: list[Disc], at: int) -> bool:
    """Tell a faint line inside the sacrum: too near to the disc above for a whole vertebra."""
    if discs[at].depth > FAINT_DEPTH or at + 2 >= len(discs):
        return False
    gap, above = (discs[k + 1].along - discs[k].along for k in (at, at + 1))
    return gap < SHORT_GAP * above


def _wings(volume: Volume, spine: Straightened, disc: Disc) -> float:
    """Give the area of bone far beside the canal, of the poorer side twice; mm2."""
    here = spine.place(np.array([disc.along]), np.zeros(1), np.zeros(1))[0]
    spacing = np.array(volume.spacing_mm)
    z, y, x = here / spacing
    plane = volume.voxels[int(np.clip(round(z), 0, len(volume.voxels) - 1))]
    rows = (np.arange(plane.shape[0]) - y) * spacing[1]
    columns = (np.arange(plane.shape[1]) - x) * spacing[2]
    near = (rows > -70) & (rows < 60)
    bone = plane > BONE_HU
    cell = spacing[1] * spacing[2]
    sides = []
    for sign in (-1, 1):
        beside = (sign * columns > WINGS_MM[0]) & (sign * columns < WINGS_MM[1])
        sides.append(float(bone[np.ix_(near, beside)].sum()) * cell)
    return float(2 * min(sides))


def _taper(radii: npt.NDArray[np.float32], disc: Disc) -> float:
    """Compare depth and width of the bone below a disc with those above it."""
    at = int(disc.along)
    below = slice(at - BELOW_MM[1], at - BELOW_MM[0])
    above = slice(at + ABOVE_MM[0], at + ABOVE_MM[1])
    quarter = radii.shape[1] // 4
    ratios = []
    for first in (0, quarter):
        across = radii[:, first] + radii[:, first + 2 * quarter]
        ratios.append(float(np.median(across[below]) / np.median(across[above])))
    return min(ratios)


def _lean(spine: Straightened, along: float) -> float:
    """Give how far the canal leans back (upper end forward) at a plane, in degrees."""
    up = spine.up[int(along)]
    return float(np.rad2deg(np.arctan2(-up[1], up[0])))


def names_from(sacral: int, discs: int) -> list[str | None]:
    """Name the vertebrae above each disc, foot to head; None below the sacral disc."""
    names: list[str | None] = []
    for at in range(discs - 1):
        up = at - sacral
        names.append(LEVELS[up] if 0 <= up < len(LEVELS) else None)
    return names
