"""What a person can place on a scan that was refused, by the names that measuring knows."""

from dataclasses import dataclass

from imaging.intake.accepted import MEASURED
from imaging.result import Kind


@dataclass(frozen=True, slots=True)
class Placeable:
    """One thing to place: the name that says what it is, its shape, where it goes."""

    name: str
    shape: str
    where: str

    @property
    def names(self) -> tuple[str, ...]:
        """Every single name that can be typed, those of a range one after the other."""
        first, _, last = self.name.partition(" to ")
        if last:
            return LEVELS[LEVELS.index(first) : LEVELS.index(last) + 1]
        return tuple(self.name.split(", "))


LEVELS = (*(f"T{number}" for number in range(1, 13)), *(f"L{number}" for number in range(1, 6)))
_SIX = "area of six corners, upper front, middle, back, then lower back, middle, front"
AP_SPINE = (Placeable("L1 to L4", "area", "one vertebra each, middle of disc to middle of disc"),)
SIDE_SPINE = (
    Placeable("T4 to L4", _SIX, "one vertebral body each"),
    Placeable("aorta", "area", "the part of the abdominal aorta that was read"),
)
HIP = (
    Placeable("femoral_neck", "area", "the box on the neck"),
    Placeable("trochanter", "area", "beyond the box, above the neck axis"),
    Placeable("total_hip", "area", "from the box to below the trochanters"),
    Placeable("neck_axis", "line", "along the neck, towards the head"),
    Placeable("femoral_axis", "line", "along the shaft, towards the hip"),
    Placeable("hip_axis", "line", "lateral side of the trochanter to the inner brim of the pelvis"),
)
FOREARM = (
    Placeable("radius_33, ulna_33", "area", "20 mm about one third from the wrist"),
    Placeable("radius_ud, ulna_ud", "area", "15 mm close to the wrist"),
)
LONG_BONES = (
    Placeable("femoral_cortex_line", "line", "across the shaft 10 cm below the lesser trochanter"),
    Placeable("calcar_line", "line", "across the femur at the lesser trochanter"),
    Placeable("metacarpal_line", "line", "across the middle of the second metacarpal"),
)
MRI_SPINE = (
    Placeable("L1 to L4", "area", "the marrow of each body, inside its endplates"),
    Placeable("csf", "area", "fluid beside L3, on the same slice"),
)
# By (modality, part of the body, view), as measuring chooses its way.
PLACEABLE = {
    ("dxa", "lumbar_spine", "ap"): AP_SPINE,
    ("dxa", "lumbar_spine", "lateral"): SIDE_SPINE,
    ("dxa", "spine", "lateral"): SIDE_SPINE,
    ("radiograph", "lumbar_spine", "lateral"): SIDE_SPINE,
    ("radiograph", "spine", "lateral"): SIDE_SPINE,
    ("dxa", "hip", "ap"): HIP,
    ("dxa", "forearm", "ap"): FOREARM,
}
# Every name that measuring knows on some kind of scan.
ALL_NAMES = tuple(
    dict.fromkeys(
        name
        for many in (AP_SPINE, SIDE_SPINE, HIP, FOREARM, LONG_BONES, MRI_SPINE)
        for one in many
        for name in one.names
    )
)
PARTS_WITH_LONG_BONES = {"hip", "hand", "unknown"}


def placeable(kind: Kind) -> tuple[Placeable, ...]:
    """What would be measured on a scan of this kind; empty where placing leads nowhere."""
    if kind.modality == "mri":
        return MRI_SPINE
    found = PLACEABLE.get((kind.modality, kind.body_part, kind.view), ())
    lines = kind.modality == "radiograph" and kind.body_part in PARTS_WITH_LONG_BONES
    return found or (LONG_BONES if lines or kind.modality == "unknown" else ())


def short_reason(reason: str) -> str:
    """Why a scan was refused, without the list of what is measured, which the page has."""
    return reason.removesuffix(f"; {MEASURED}.").rstrip(".") + "."
