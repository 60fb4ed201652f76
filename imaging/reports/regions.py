"""Names of regions: what each vendor prints, and the one name that it has here.

Spine: ``L1`` ... ``L4``, ``L1-L4``, ``L1-L2,L4``. Hip: ``femoral_neck``, ``total_hip``,
``trochanter``, ``intertrochanter``, ``femoral_shaft``, ``wards``, each with ``_left``, ``_right``
or ``_mean`` where that is known. Forearm: ``radius_33``, ``radius_ud``, ``radius_mid``,
``radius_total``, the same of ``ulna`` and ``forearm`` (both bones), with the side.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import combinations

from imaging.densitometry.sites import spine_region

HIP = {
    "neck": "femoral_neck",
    "femoral neck": "femoral_neck",
    "femur neck": "femoral_neck",
    "fem neck": "femoral_neck",
    "upper neck": "upper_neck",
    "lower neck": "lower_neck",
    "ward": "wards",
    "wards": "wards",
    "ward s": "wards",
    "wards triangle": "wards",
    "ward s triangle": "wards",
    "troch": "trochanter",
    "trochanter": "trochanter",
    "inter": "intertrochanter",
    "intertroch": "intertrochanter",
    "intertrochanter": "intertrochanter",
    "intertrochanteric": "intertrochanter",
    "shaft": "femoral_shaft",
    "total hip": "total_hip",
    "hip total": "total_hip",
    "total femur": "total_hip",
    "femur total": "total_hip",
    "total proximal femur": "total_hip",
}
FOREARM_PARTS = {
    "1/3": "33",
    "33": "33",
    "33%": "33",
    "one third": "33",
    "ud": "ud",
    "ultradistal": "ud",
    "ultra distal": "ud",
    "mid": "mid",
    "total": "total",
}
FOREARM_BONES = {
    "radius": "radius",
    "ulna": "ulna",
    "both": "forearm",
    "radius + ulna": "forearm",
    "radius ulna": "forearm",
    "forearm": "forearm",
    "r + u": "forearm",
}
WHOLE_BODY = {
    "head": "head",
    "arms": "arms",
    "legs": "legs",
    "trunk": "trunk",
    "ribs": "ribs",
    "pelvis": "pelvis",
    "spine": "whole_body_spine",
    "l arm": "arm_left",
    "r arm": "arm_right",
    "left arm": "arm_left",
    "right arm": "arm_right",
    "l leg": "leg_left",
    "r leg": "leg_right",
    "left leg": "leg_left",
    "right leg": "leg_right",
    "l ribs": "ribs_left",
    "r ribs": "ribs_right",
    "t spine": "whole_body_t_spine",
    "l spine": "whole_body_l_spine",
    "subtotal": "total_body_less_head",
    "total body": "total_body",
    "total body less head": "total_body_less_head",
    "tblh": "total_body_less_head",
}
SIDES = {
    "left": "left",
    "lt": "left",
    "right": "right",
    "rt": "right",
    "mean": "mean",
    "average": "mean",
    "diff": "diff",
    "difference": "diff",
}
SPINE_TOTAL = "spine_total"  # until it is known which vertebrae it is of
TOTALS = {
    "hip": "total_hip",
    "forearm": "total",
    "whole_body": "total_body",
    "spine": SPINE_TOTAL,
}
# What a table is about, told by its labels; "Total" alone tells nothing.
PARTS_OF_REGIONS = (
    ("spine", re.compile(r"^L[1-5]|^lumbar_spine")),
    ("forearm", re.compile(r"^(radius|ulna|forearm)_")),
    (
        "hip",
        re.compile(r"^(femoral_|upper_neck|lower_neck|wards|trochanter|intertrochanter|total_hip)"),
    ),
    (
        "whole_body",
        re.compile(r"^(total_body|head|arm|leg|trunk|ribs|pelvis|whole_body_)"),
    ),
)
# The same parts as kinds of scans are named.
PART_NAMES = {
    "spine": "lumbar_spine",
    "hip": "hip",
    "forearm": "forearm",
    "whole_body": "whole_body",
}
LEVELS = ("L1", "L2", "L3", "L4")
SPINE = re.compile(r"^L[1-5](?:-L?[1-5])?(?:,L?[1-5](?:-L?[1-5])?)*$")


def _misread(text: str) -> str:
    """Write a choice of vertebrae as a poor reading has it: L as 1, no comma."""
    return text.replace("L", "1").replace(",", "")


_CHOICES = [spine_region(chosen) for count in range(1, 5) for chosen in combinations(LEVELS, count)]
# No two choices look the same when misread so. Two vertebrae apart (L1,L3) are not guessed: without
# its comma that is a range without its dash.
MISREAD = {
    _misread(choice): choice for choice in _CHOICES if "-" in choice or "," not in choice
} | {level[1:]: level for level in LEVELS}


@dataclass(frozen=True, slots=True)
class Label:
    """A label taken apart: which bone, which side; ``bone`` None where only a side is said."""

    bone: str | None
    side: str | None = None


def part_of(region: str) -> str | None:
    """Say which scan a region belongs to: spine, hip, forearm, whole_body."""
    for part, pattern in PARTS_OF_REGIONS:
        if pattern.match(region):
            return part
    return None


def levels_of(region: str) -> tuple[str, ...]:
    """Vertebrae of a region of the spine, e.g. ``L1-L2,L4`` -> L1, L2, L4; none elsewhere."""
    if not SPINE.match(region):
        return ()
    found: list[int] = []
    for piece in region.replace("L", "").split(","):
        first, _, last = piece.partition("-")
        found += range(int(first), int(last or first) + 1)
    return tuple(f"L{number}" for number in found)


def read_label(text: str, part: str | None, *, guess: bool = False) -> Label | None:
    """Understand what stands before a row of numbers.

    Parameters
    ----------
    part : str or None
        What the page is about, which decides what "Total" and "Mid" mean.
    guess : bool
        The text was read from a picture: the nearest known label will do.

    Returns
    -------
    Label or None
        None where it is no region.
    """
    spine = re.sub(r"\s", "", text).upper().replace("–", "-").replace("&", ",")
    levels = levels_of(spine)
    if levels and len(set(levels)) == len(levels):
        return Label(spine_region(levels))
    if guess and part == "spine" and _misread(spine) in MISREAD:
        return Label(MISREAD[_misread(spine)])
    plain = _plain(text)
    found = _known(plain, part)
    if found is None and guess:
        near = get_close_matches(plain, _vocabulary(part), n=1, cutoff=0.72)
        found = _known(near[0], part) if near else None
    return found


def _plain(text: str) -> str:
    letters = re.sub(r"[^a-z0-9/%+]", " ", text.lower())
    return re.sub(r"\s+", " ", letters).strip()


def _known(plain: str, part: str | None) -> Label | None:
    if part in {"whole_body", None} and plain in WHOLE_BODY:
        return Label(WHOLE_BODY[plain])
    words = plain.split()
    sides = [SIDES[word] for word in words if word in SIDES]
    if len(sides) > 1:
        return None
    side = sides[0] if sides else None
    rest = " ".join(word for word in words if word not in SIDES)
    if not rest:
        return Label(None, side) if side else None
    bone = _bone(rest, part)
    return None if bone is None else Label(bone, side)


def _bone(rest: str, part: str | None) -> str | None:
    if rest == "total" and part in TOTALS:
        return TOTALS[part]
    if part != "whole_body" and rest in HIP:
        return HIP[rest]
    if part in {"forearm", None} and not (part is None and rest in {"total", "mid"}):
        return _forearm(rest)
    return None


def _forearm(rest: str) -> str | None:
    if rest in FOREARM_PARTS:
        return FOREARM_PARTS[rest]
    if rest in FOREARM_BONES:
        return FOREARM_BONES[rest]
    bone, _, section = rest.rpartition(" ")
    if bone in FOREARM_BONES and section in FOREARM_PARTS:
        return f"{FOREARM_BONES[bone]}_{FOREARM_PARTS[section]}"
    return None


def _vocabulary(part: str | None) -> list[str]:
    hips = [f"{name} {side}" for name in (*HIP, "total") for side in ("left", "right", "mean")]
    hips += [*HIP, "left", "right", "mean", "diff", "neck diff", "total diff"]
    arms = [f"{bone} {section}" for bone in FOREARM_BONES for section in FOREARM_PARTS]
    arms += [*FOREARM_PARTS]
    by_part = {"hip": hips, "forearm": arms, "whole_body": [*WHOLE_BODY], "spine": []}
    known = by_part[part] if part in by_part else hips + arms + [*WHOLE_BODY]
    return [*known, "total"]
