"""Whether a hip picture stands upright, told by what lies around the femur that was found."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.polygons import inside
from imaging.regions.dxa_hip_head import Head
from imaging.regions.dxa_hip_neck import Neck
from imaging.regions.dxa_hip_outline import Outline
from imaging.regions.dxa_hip_quality import canal, clear_of_shaft
from imaging.regions.dxa_hip_shaft import Shaft, find_shaft
from imaging.regions.edge_field import EdgeField
from imaging.regions.spine_column import STEP_MM

# Bone is lighter than soft tissue by this share of what the trochanter is.
BONE_SHARE = 0.25
SPECK_MM = 2.0  # smaller than this is noise
EDGE_MM = 6.0  # around the femur, where its own blurred edge lies
# Ischium and pubis beside the shaft, and anything on the outer side, in mm2 of picture. Five real
# hips of two vendors and drawn ones, turned by up to 15 degrees and shown with gamma 0.6 to 1.6:
# 870 or more and 26 at most; the same on their heads or sides 580 at most or 60 at least, but for
# a few that the shaft tells. The limits lie between.
LEAST_PELVIS_MM2 = 400.0
MOST_OUTSIDE_MM2 = 45.0
# Neck-shaft angles and head sizes outside these are of no adult's hip (limits of our own, wider
# than Boese et al. 2016, Skeletal Radiol 45:19-28, recalled, to be confirmed).
ANGLES_DEG = (104.0, 155.0)
HEAD_OVER_NECK = (1.05, 1.7)


@dataclass(frozen=True, slots=True)
class Beside:
    """Bone beside the femur, mm2.

    Attributes
    ----------
    inner : float
        On the pelvis's side, between the foot of the picture and the neck.
    outer : float
        On the other side, at any height.
    """

    inner: float
    outer: float


def check_foot(field: EdgeField, shaft: Shaft) -> None:
    """Refuse a picture whose upper end shows more of a shaft than its foot.

    Raises
    ------
    UnsuitableScan
    """
    if better_shaft_above(field, shaft):
        raise _not_upright()


def check_upright(
    field: EdgeField, shaft: Shaft, neck: Neck, head: Head, outline: Outline, soft: float
) -> None:
    """Refuse a reading that lies on the wrong bones.

    The wing of the ilium has two edges too, and its neck leads to a round trochanter: read on its
    head, a hip looks like a hip. What lies around it does not: ischium and pubis lie beside the
    shaft, and nothing lies on the outer side.

    Raises
    ------
    UnsuitableScan
    """
    around = bone_beside(field, shaft, neck, head, outline, soft)
    if (
        around.inner < LEAST_PELVIS_MM2
        or around.outer > MOST_OUTSIDE_MM2
        or not is_in_order(shaft, neck, head, outline)
    ):
        raise _not_upright()


def _not_upright() -> UnsuitableScan:
    return UnsuitableScan(
        "This hip image seems to stand on its head or on its side, or more than one femur with "
        "its half of the pelvis is in view: turn it so that the shaft runs to the lower edge.",
        code="not_upright",
    )


def bone_beside(
    field: EdgeField, shaft: Shaft, neck: Neck, head: Head, outline: Outline, soft: float
) -> Beside:
    """Measure the bone on either side of the femur, in a view whose medial side is the left."""
    grey = field.grey
    places = np.moveaxis(np.indices(grey.shape, dtype=np.float64), 0, -1)
    lateral, height = shaft.lateral(places), shaft.height(places)
    femur = inside([(x, y) for y, x in outline.points], (grey.shape[0], grey.shape[1]))
    apart = places - head.centre
    femur |= np.hypot(apart[..., 0], apart[..., 1]) < head.radius
    femur |= (np.abs(lateral) < shaft.half_width) & (height < shaft.height(outline.corner))
    free = ndimage.distance_transform_edt(~femur) > EDGE_MM / STEP_MM
    bone = grey > soft + BONE_SHARE * (np.median(clear_of_shaft(field, outline)) - soft)
    bone = ndimage.binary_opening(bone, iterations=round(SPECK_MM / STEP_MM)) & free
    under_neck = (height > 0) & (height < shaft.height(neck.centre))
    return Beside(
        inner=float((bone & (lateral < 0) & under_neck).sum()) * STEP_MM**2,
        outer=float((bone & (lateral > shaft.half_width)).sum()) * STEP_MM**2,
    )


def better_shaft_above(field: EdgeField, shaft: Shaft) -> bool:
    """Tell whether what leaves the picture at its top is more of a shaft: hollower and slimmer."""
    turned = field.upside_down()
    other = find_shaft(turned)
    if other is None or other.half_width > shaft.half_width:
        return False
    above, below = canal(turned, other).share, canal(field, shaft).share
    return bool(np.median(above) < np.median(below))


def is_in_order(shaft: Shaft, neck: Neck, head: Head, outline: Outline) -> bool:
    """Tell whether head, neck, trochanter and shaft lie as they can in a body.

    From above: head, neck, where the axes cross, lower border. From within: head, neck, shaft,
    trochanter.
    """
    tip = outline.points[int(np.argmax(shaft.lateral(outline.points)))]
    downwards = [shaft.height(place) for place in (head.centre, neck.centre, outline.corner)]
    outwards = [shaft.lateral(place) for place in (head.centre, neck.centre, outline.corner, tip)]
    angle = 180 - np.degrees(np.arccos(np.clip(shaft.up @ neck.ahead, -1, 1)))
    ratio = 2 * head.radius / neck.width
    return bool(
        (np.diff([*downwards, outline.lower]) < 0).all()
        and (np.diff(outwards) > 0).all()
        and ANGLES_DEG[0] <= angle <= ANGLES_DEG[1]
        and HEAD_OVER_NECK[0] <= ratio <= HEAD_OVER_NECK[1]
    )
