"""Ulna and radius on a densitometer's forearm image: one-third and ultradistal regions."""

from dataclasses import dataclass

import numpy as np

from imaging.errors import UnsuitableScan
from imaging.polygons import thinned
from imaging.projection import Projection
from imaging.regions.edge_field import Vector, edge_field
from imaging.regions.forearm_bones import Bone, Forearm, find_bones
from imaging.regions.spine_column import STEP_MM, exposed_field, on_working_grid
from imaging.result import Finding, Region, Severity
from imaging.wording import about

METHOD = "edges of two parallel bones, counted from the tip of the ulna"
# Hologic's regions, as a report page shows them (APEX 5.5: forearm 262 mm, read by us within 1 mm)
# and its manual has them (recalled, to be confirmed): the ultradistal region is 15 mm long and
# begins 10 mm from the ulnar styloid; the one-third region is 20 mm long about one third of the
# forearm's length from it.
ULTRADISTAL_MM = (10.0, 25.0)
THIRD_MM = 20.0
# No file tells how long the forearm is, which is measured with a ruler: an average adult's (our
# own, to be confirmed).
LENGTH_MM = 260.0
TOLERANCE_MM = 0.3
CERTAIN_EDGE = 0.08
GUESSED_HEIGHT_MM = (140.0, 165.0, 195.0)


@dataclass(frozen=True, slots=True)
class ForearmRegions:
    """Areas ``radius_33, ulna_33, radius_ud, ulna_ud`` and the line ``ulnar_tip``."""

    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]


def find_regions(projection: Projection) -> ForearmRegions:
    """Place the regions of a forearm image.

    Raises
    ------
    UnsuitableScan
        If no two parallel bones are found, or the wrist is not in view.
    """
    pixels = np.where(exposed_field(projection.pixels), projection.pixels, projection.pixels.min())
    pixels = np.asarray(pixels - pixels.min(), dtype=np.float32)
    if projection.spacing is not None:
        spacings = [(projection.spacing.mm[0], projection.spacing.mm[1])]
    else:
        spacings = [(high / len(pixels),) * 2 for high in GUESSED_HEIGHT_MM]
    best: tuple[Forearm, tuple[float, float]] | None = None
    for spacing in spacings:
        grid = on_working_grid(pixels, spacing)
        for turned in (False, True):
            field = edge_field(grid[::-1] if turned else grid)
            found = find_bones(field, turned=turned)
            if found is not None and (best is None or found.edge > best[0].edge):
                best = found, spacing
    if best is None:
        raise UnsuitableScan(
            "No pair of forearm bones that ends in a wrist can be followed in this image: check "
            "that the forearm lies straight and that the wrist is in view."
        )
    return _placed(projection, *best)


def _placed(
    projection: Projection, forearm: Forearm, spacing: tuple[float, float]
) -> ForearmRegions:
    third = (LENGTH_MM / 3 - THIRD_MM / 2, LENGTH_MM / 3 + THIRD_MM / 2)
    sure = round(float(np.clip(forearm.edge / CERTAIN_EDGE, 0.1, 1.0)) * 0.95, 2)
    regions: list[Region] = []
    cut: list[str] = []
    for bone_name, bone in (("radius", forearm.radius), ("ulna", forearm.ulna)):
        for name, (near, far) in (("33", third), ("ud", ULTRADISTAL_MM)):
            points = _between(bone, forearm.tip + near / STEP_MM, forearm.tip + far / STEP_MM)
            if points is None:
                cut.append(f"{bone_name}_{name}")
                continue
            regions.append(
                Region(
                    id=f"{bone_name}_{name}",
                    label=f"{bone_name.capitalize()}, "
                    + ("one third" if name == "33" else "ultradistal"),
                    method=METHOD,
                    confidence=sure if name == "33" else round(0.8 * sure, 2),
                    polygon=_in_picture(
                        thinned(points, TOLERANCE_MM / STEP_MM), forearm, spacing, projection
                    ),
                )
            )
    at = int(round(forearm.tip))
    ends = np.array([[forearm.tip, bone_side] for bone_side in forearm.ulna.at(at)])
    regions.append(
        Region(
            id="ulnar_tip",
            label="Tip of the ulna",
            method=METHOD,
            confidence=sure,
            polygon=_in_picture(ends, forearm, spacing, projection),
            outline="line",
        )
    )
    findings = [
        Finding(
            code="forearm_length_assumed",
            severity=Severity.WARNING,
            advice=f"The picture does not tell how long the forearm is: {LENGTH_MM:.0f} mm were "
            "assumed. Move the one-third regions to where the measured length puts them.",
        )
    ]
    if cut:
        findings.append(
            Finding(
                code="cut_off_region",
                severity=Severity.WARNING,
                advice=f"{about(cut, 'lies', 'lie')} outside the picture: left out.",
            )
        )
    return ForearmRegions(tuple(regions), tuple(findings))


def _between(bone: Bone, near: float, far: float) -> Vector | None:
    """Outline a bone between two rows; None where the picture does not reach so far."""
    last = len(bone.left) - 3
    if far > last:
        return None
    rows = np.linspace(near, far, 24)
    left, right = np.array([bone.at(float(row)) for row in rows]).T
    return np.vstack([np.column_stack([rows, left]), np.column_stack([rows[::-1], right[::-1]])])


def _in_picture(
    points: Vector, forearm: Forearm, spacing: tuple[float, float], projection: Projection
) -> tuple[tuple[float, float], ...]:
    high, wide = projection.pixels.shape
    rows = points[:, 0]
    if forearm.turned:
        rows = forearm.rows - 1 - rows
    down = np.clip((rows + 0.5) * STEP_MM / spacing[0] - 0.5, 0, high - 1)
    across = np.clip((points[:, 1] + 0.5) * STEP_MM / spacing[1] - 0.5, 0, wide - 1)
    return tuple(
        (round(float(x), 1), round(float(y), 1)) for x, y in zip(across, down, strict=True)
    )
