"""Cortical indices of long bones on radiographs, from landmarks that a person confirmed.

A person draws a line across a bone; edges of the cortex are proposed along it; the person moves
them where needed and confirms them by saving; only then is anything measured. ``SITES`` says what
each is called. Indices are ratios, so they need no size of a pixel, only square ones.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from imaging.errors import UnsuitableScan
from imaging.result import Measurement, Region

# Dorr et al. 1993, Bone 14:231-242, doi 10.1016/8756-3282(93)90146-2: cortical index and
# canal-to-calcar ratio. That the shaft is read 10 cm below the middle of the lesser trochanter and
# the calcar at that middle is recalled, to be confirmed.
DORR = "Dorr 1993, doi:10.1016/8756-3282(93)90146-2"
# Barnett and Nordin 1960, Clin Radiol 11:166-174, doi 10.1016/S0009-9260(60)80012-8: both cortices
# over the width of the second metacarpal at its middle (recalled, to be confirmed).
BARNETT_NORDIN = "Barnett and Nordin 1960, doi:10.1016/S0009-9260(60)80012-8"
METHOD = "distances between landmarks that a person confirmed"
PRECISION = "as the landmarks; between readers and visits not established"
# Landmarks of one crossing lie along one line: this far from it at most, as a share of its length.
LARGEST_BEND = 0.1
# Nothing else than a wrong landmark makes a cortex thicker than this share of the bone's half.
THINNEST_CANAL = 0.02


@dataclass(frozen=True, slots=True)
class Site:
    """One place where a person draws a line across a bone.

    Attributes
    ----------
    line, points : str
        Names of the region with the line and of that with the landmarks along it.
    edges : int
        4: outer, inner, inner and outer edge of the two cortices; 2: the inner two.
    where : str
        Where the line goes, for the person who draws it.
    body_part : str
        What the picture shows where a person placed these landmarks.
    """

    line: str
    points: str
    edges: int
    where: str
    body_part: str


FEMUR = Site(
    "femoral_cortex_line",
    "femoral_cortex_edges",
    4,
    "square across the femoral shaft 10 cm below the middle of the lesser trochanter",
    "hip",
)
CALCAR = Site(
    "calcar_line",
    "calcar_edges",
    2,
    "square across the femur at the middle of the lesser trochanter",
    "hip",
)
METACARPAL = Site(
    "metacarpal_line",
    "metacarpal_edges",
    4,
    "square across the middle of the second metacarpal",
    "hand",
)
SITES = (FEMUR, CALCAR, METACARPAL)
NAMES = frozenset(name for site in SITES for name in (site.line, site.points))


def widths(region: Region, edges: int, mm: tuple[float, float] | None) -> tuple[float, float]:
    """Give the outer and the inner width between the landmarks of one crossing.

    Parameters
    ----------
    region : Region
        2 or 4 landmarks in order along the line.
    mm : tuple of float or None
        (row, column) size of a pixel; None gives pixels.

    Returns
    -------
    outer, inner : float
        Equal where there are only the two inner landmarks.

    Raises
    ------
    UnsuitableScan
        If they are not that many, or not in order along one line.
    """
    if len(region.polygon) != edges:
        raise UnsuitableScan(f"Region {region.id} needs {edges} points, in order along its line.")
    row_mm, column_mm = mm or (1.0, 1.0)
    points = [(column * column_mm, row * row_mm) for column, row in region.polygon]
    (x0, y0), (x1, y1) = points[0], points[-1]
    length = math.dist(points[0], points[-1])
    if not length > 0:
        raise UnsuitableScan(f"The points of region {region.id} lie on top of each other.")
    along = [((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length for x, y in points]
    aside = [abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) / length for x, y in points]
    ordered = all(b - a > 0 for a, b in pairwise(along))
    if not ordered or max(aside) > LARGEST_BEND * length:
        raise UnsuitableScan(
            f"The points of region {region.id} are not in order along one line: place them from "
            "one side of the bone to the other."
        )
    inner = length if edges == 2 else along[2] - along[1]
    if inner < THINNEST_CANAL * length:
        raise UnsuitableScan(f"The inner points of region {region.id} leave no marrow canal.")
    return length, inner


def cortical_indices(
    landmarks: Mapping[str, Region], mm: tuple[float, float] | None
) -> list[Measurement]:
    """Measure what the confirmed landmarks allow.

    Parameters
    ----------
    landmarks : mapping of str to Region
        Regions with landmarks by their name in ``SITES``.

    Raises
    ------
    UnsuitableScan
        If landmarks are not in order.
    """
    size = {
        site.points: widths(landmarks[site.points], site.edges, mm)
        for site in SITES
        if site.points in landmarks
    }
    rows: list[tuple[str, str, float, str, str]] = []
    if FEMUR.points in size:
        rows += _shaft("femoral", FEMUR.points, size[FEMUR.points], mm is not None, DORR)
    if METACARPAL.points in size:
        rows += _shaft(
            "metacarpal", METACARPAL.points, size[METACARPAL.points], mm is not None, BARNETT_NORDIN
        )
    if FEMUR.points in size and CALCAR.points in size:
        ratio = size[FEMUR.points][1] / size[CALCAR.points][1]
        rows.append(("canal_to_calcar_ratio", CALCAR.points, ratio, "1", DORR))
    if CALCAR.points in size and mm is not None:
        width = size[CALCAR.points][1]
        rows.append(("calcar_canal_width_mm", CALCAR.points, width, "mm", DORR))
    return [
        Measurement(
            name=name,
            region=region,
            value=value,
            unit=unit,
            method=METHOD,
            source=source,
            precision=PRECISION,
            tried_on="generated images",
        )
        for name, region, value, unit, source in rows
    ]


def _shaft(
    bone: str, region: str, size: tuple[float, float], in_mm: bool, source: str
) -> Sequence[tuple[str, str, float, str, str]]:
    outer, inner = size
    rows = [(f"{bone}_cortical_index", region, (outer - inner) / outer, "1", source)]
    if in_mm:
        rows += [
            (f"{bone}_shaft_width_mm", region, outer, "mm", source),
            (f"{bone}_canal_width_mm", region, inner, "mm", source),
            (f"{bone}_combined_cortical_thickness_mm", region, outer - inner, "mm", source),
        ]
    return rows
