"""What the networks tell apart, and the grids on which they look."""

from enum import IntEnum

CT_GRID_MM = 2.0
# Places of the first and last cell of the CT grid around the canal: ahead, and towards the left.
CT_FRONT_MM = (-5.0, 57.0)
CT_ASIDE_MM = (-31.0, 31.0)
FLAT_GRID_MM = 1.0


class Ct(IntEnum):
    """Classes of the network for CT, in the space unrolled along the spinal canal."""

    OTHER = 0
    BODY = 1
    DISC = 2
    SACRUM = 3
    ARCH = 4  # pedicles, laminae, facets, transverse processes, heads of ribs
    CANAL = 5


class Flat(IntEnum):
    """Classes of the network for flat pictures."""

    OTHER = 0
    BODY = 1
    DISC = 2
    FEMORAL_HEAD = 3
    FEMORAL_NECK = 4
    FEMORAL_SHAFT = 5  # trochanters and shaft
    PELVIS = 6
