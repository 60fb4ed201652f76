"""What is wrong with a hip picture: metal, cut-off parts, rotation, a leaning thigh."""

from dataclasses import dataclass

import numpy as np

from imaging.errors import UnsuitableScan
from imaging.regions.dxa_hip_outline import Outline
from imaging.regions.dxa_hip_shaft import Shaft
from imaging.regions.edge_field import EdgeField, Vector, sample
from imaging.regions.spine_column import STEP_MM
from imaging.result import Finding, Severity

# The canal is darker than the cortex beside it in bone; a stem or a nail is as light or lighter,
# and about as light as the picture gets.
CANAL_MM = 3.0
CORTEX_MM = 9.0
LIGHTEST_CANAL = 0.97
PARTS = 4  # in which it is judged along the shaft
METAL_LIGHT = 0.85
# Grey anywhere on the axes, as a share of their median, above soft tissue.
DARKEST_SHARE = 0.4
# Share of the femur outside the shaft's cortex at the lightest value of the picture.
TOP = 0.98
MOST_AT_TOP = 0.12
# The foot is turned in so far that the lesser trochanter hardly shows (ISCD DXA atlas, iscd.org,
# recalled, to be confirmed). Height over its chord, which is about half of how far it stands out
# (our own drawings); the limit is our own.
MOST_BUMP_MM = 3.2
# The shaft is laid parallel to the edge of the picture; limits of our own.
MOST_LEAN_DEG = 10.0


def check_bone(field: EdgeField, shaft: Shaft, outline: Outline, soft: float) -> None:
    """Refuse a femur with a stem, nail or screws, and what is no femur.

    Raises
    ------
    UnsuitableScan
    """
    inside = canal(field, shaft)
    inner = clear_of_shaft(field, outline)
    at_top = float((inner >= TOP * field.grey.max()).mean()) if inner.size else 0.0
    lightest = float(np.percentile(field.grey, 99.5))
    filled = not inside.hollow and float(np.median(inside.grey)) > METAL_LIGHT * lightest
    if filled or at_top > MOST_AT_TOP:
        raise UnsuitableScan(
            "This femur is as light inside as at its cortex, so there is metal in it or the "
            "window of the picture is too narrow: measure the other hip, or export it again.",
            code="metal_or_implant",
        )
    if not inside.hollow or not is_one_bone(field, shaft, outline, soft):
        raise UnsuitableScan(
            "No femoral shaft with a cortex on both sides runs from the foot of this hip image to "
            "the neck: check that the picture stands upright and that the shaft is in view.",
            code="wrong_view",
        )


@dataclass(frozen=True, slots=True)
class Canal:
    """The middle of a shaft, from its foot upwards.

    Attributes
    ----------
    grey : ndarray, shape (parts,)
    share : ndarray, shape (parts,)
        Of the grey of its fainter cortex.
    """

    grey: Vector
    share: Vector

    @property
    def hollow(self) -> bool:
        """Whether it is darker than both cortices, all the way but for a place."""
        return int((self.share < LIGHTEST_CANAL).sum()) >= len(self.share) - 1


def canal(field: EdgeField, shaft: Shaft) -> Canal:
    """Compare the middle of a shaft with its cortex on either side."""
    rightward = np.array([shaft.up[1], -shaft.up[0]])
    offsets = np.arange(-shaft.half_width, shaft.half_width + 1)
    beside = np.abs(offsets) >= shaft.half_width - CORTEX_MM / STEP_MM
    middle = np.abs(offsets) <= CANAL_MM / STEP_MM
    greys, shares = [], []
    for heights in np.array_split(np.arange(2.0, max(shaft.length, 6.0)), PARTS):
        line = shaft.foot + heights[:, None] * shaft.up
        places = line[:, None, :] + offsets[None, :, None] * rightward
        profile = np.median(sample(field.grey, places[..., 0], places[..., 1]), axis=0)
        greys.append(float(profile[middle].mean()))
        cortex = min(profile[beside & (offsets < 0)].max(), profile[beside & (offsets > 0)].max())
        shares.append(greys[-1] / max(float(cortex), 1e-6))
    return Canal(np.array(greys), np.array(shares))


def is_one_bone(field: EdgeField, shaft: Shaft, outline: Outline, soft: float) -> bool:
    """Tell whether shaft and neck hang together: no dark place on their axes."""
    ends = ((shaft.foot, outline.corner), (outline.corner, outline.box))
    parts = np.linspace(0.03, 1.0, 60)[:, None]
    line = np.vstack([start + parts * (end - start) for start, end in ends])
    grey = sample(field.grey, line[:, 0], line[:, 1]) - soft
    return bool(grey.min() > DARKEST_SHARE * np.median(grey))


def clear_of_shaft(field: EdgeField, outline: Outline) -> Vector:
    """Sample the inside of trochanter and neck, away from their edges."""
    upper = outline.points[outline.points[:, 0] < outline.corner[0]]
    parts = np.linspace(0.0, 0.75, 16)
    places = outline.corner + (upper - outline.corner)[:, None, :] * parts[None, :, None]
    return sample(field.grey, places[..., 0], places[..., 1])


def findings_of(
    shaft: Shaft,
    outline: Outline,
    shape: tuple[int, int],
    *,
    head_seen: bool,
    brim: Vector | None,
) -> list[Finding]:
    """Judge position and field of a hip picture."""
    findings: list[Finding] = []

    def warn(code: str, advice: str) -> None:
        findings.append(Finding(code=code, severity=Severity.WARNING, advice=advice))

    if outline.bump_mm > MOST_BUMP_MM:
        warn(
            "rotation",
            "The lesser trochanter stands out of the medial outline: the leg is not turned in far "
            "enough, which shortens the neck. Repeat with the foot in the positioner.",
        )
    if abs(shaft.lean_deg) > MOST_LEAN_DEG:
        warn(
            "abduction",
            f"The shaft leans by {abs(shaft.lean_deg):.0f} degrees: lay the thigh straight.",
        )
    if not outline.whole:
        warn(
            "cut_off_region",
            "The shaft ends above the usual lower border of the total hip: do not compare total "
            "hip or intertrochanteric region with other scans.",
        )
    edge = np.array([shape[0] - 3, shape[1] - 3])
    upper = outline.points[outline.points[:, 0] < outline.corner[0]]
    if ((upper < 2) | (upper > edge)).any():
        warn("cut_off_region", "A part of the trochanter or neck lies outside the picture.")
    if not head_seen:
        warn(
            "head_not_seen",
            "The femoral head cannot be outlined: the neck axis follows the neck alone, and "
            "neither head nor hip axis length is given.",
        )
    elif brim is None:
        warn(
            "pelvic_brim_not_seen",
            "The inner brim of the pelvis is not in view: hip axis length is not given.",
        )
    return findings
