"""Whether a CT was stored foot for head: then it shows a sacrum at its upper end."""

from dataclasses import replace

from imaging.regions.ct_discs import find_discs
from imaging.regions.ct_levels import sacral_disc
from imaging.regions.straightened import Array, Straightened, Vector
from imaging.volume import Volume


def is_turned_over(volume: Volume, spine: Straightened, centre: Vector, radii: Array) -> bool:
    """Look for the sacrum once more with foot and head exchanged.

    Parameters
    ----------
    centre, radii : ndarray
        Outlines of ``spine`` in which no sacrum was found.
    """
    other = turned_over(volume, spine)
    upside_down = replace(volume, voxels=volume.voxels[::-1])
    discs = find_discs(other, centre[::-1], radii[::-1])
    return sacral_disc(upside_down, other, radii[::-1], discs) is not None


def turned_over(volume: Volume, spine: Straightened) -> Straightened:
    """Give the straightened spine of the volume whose first slice is the last one of this."""
    top_mm = (len(volume.voxels) - 1) * volume.spacing_mm[0]
    origin = spine.origin[::-1].copy()
    origin[:, 0] = top_mm - origin[:, 0]
    up, front, aside = (axes[::-1].copy() for axes in (spine.up, spine.front, spine.aside))
    for axes in (front, aside):
        axes[:, 0] *= -1
    # The axis is walked the other way as well.
    up[:, 1:] *= -1
    return Straightened(spine.voxels[::-1], origin, up, front, aside)
