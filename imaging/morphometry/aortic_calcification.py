"""Calcification of the abdominal aorta on a lateral spine, scored from what a reader marks.

A reader marks three things; nothing is sought by the program:

- ``aorta``: an area around the part of the aorta that was read, in front of L1 to L4. Without it
  the aorta was not read, which is not the same as no calcification;
- ``aorta_anterior_1``, ``aorta_anterior_2`` ...: lines along calcified stretches of its front wall;
- ``aorta_posterior_1`` ...: the same on its back wall.

The wall in front of each vertebra reaches from the middle of the disc space above it to the middle
of that below. A marked stretch counts by its length along the spine.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from imaging.result import Finding, Measurement, Region, Severity

Numbers = npt.NDArray[np.float64]

READ = "aorta"
WALLS = ("anterior", "posterior")
LEVELS = ("L1", "L2", "L3", "L4")
# Kauppila et al. 1997, Atherosclerosis 132:245-250, doi 10.1016/S0021-9150(97)00106-8: each wall
# at each of four levels 0 to 3, at most 24. What share of the wall makes which grade: up to a
# third, up to two thirds, more (recalled, to be confirmed; the abstract gives the range 0-3).
THIRDS = (0.0, 1 / 3, 2 / 3)
KAUPPILA = "Kauppila 1997, doi:10.1016/S0021-9150(97)00106-8"
# Schousboe et al. 2008, J Bone Miner Res 23:409-416, doi 10.1359/jbmr.071024: each wall 0 to 4 by
# the length of all its calcification, in heights of one vertebra (recalled, to be confirmed).
HEIGHTS = (0.0, 1.0, 2.0, 3.0)
SCHOUSBOE = "Schousboe 2008, doi:10.1359/jbmr.071024"
# A line may leave the area by this share of a level's length, about 5 mm of a hand's drawing; and
# of a line along a wall at least half is along the spine (own choices).
NEAR, ALONG = 0.15, 0.5
METHOD = "from stretches that a reader marked, by their length along the spine"
PRECISION = "as the reader's marks; between readers not established here"


def is_mark(region: Region) -> bool:
    """Tell a reader's mark on the aorta from a vertebra."""
    return region.id == READ or region.id.startswith(f"{READ}_")


def wall_grade(share: float) -> int:
    """Give Kauppila's grade, 0 to 3, of a share of one wall at one level."""
    return sum(share > limit + 1e-9 for limit in THIRDS)


def length_grade(heights: float) -> int:
    """Give Schousboe's grade, 0 to 4, of a wall's calcified length in heights of a vertebra."""
    if heights <= 0:
        return 0
    return 1 + sum(heights >= limit - 1e-9 for limit in HEIGHTS[1:])


def calcification(
    bodies: Sequence[Region], marks: Sequence[Region], mm: tuple[float, float] | None
) -> tuple[tuple[Measurement, ...], tuple[Finding, ...]]:
    """Score what a reader marked.

    Parameters
    ----------
    bodies : sequence of Region
        Vertebrae with six points, among them L1 to L4.
    marks : sequence of Region
        Those for which ``is_mark`` holds.
    mm : tuple of float or None
        (row, column) size of a pixel; square pixels where it is None.
    """
    if not marks:
        return (), ()
    levels = {body.id: _points(body, mm) for body in bodies if body.id in LEVELS}
    if not any(mark.id == READ for mark in marks):
        return (), (_left_out(f"draw the area {READ} around what was read"),)
    missing = [level for level in LEVELS if level not in levels]
    if missing:
        return (), (_left_out(f"{', '.join(missing)} must be outlined and named"),)
    bounds = _bounds([levels[level] for level in LEVELS])
    astray = _astray(marks, bounds, mm)
    if astray:
        return (), (_left_out(astray),)
    covered = {
        wall: [_covered(lines, bounds, at) for at in range(len(LEVELS))]
        for wall in WALLS
        for lines in ([_points(m, mm) for m in marks if m.id.startswith(f"{READ}_{wall}_")],)
    }
    spans = [_length(bounds[at : at + 2]) for at in range(len(LEVELS))]
    numbers = [
        _number(f"aortic_calcification_{wall}", level, wall_grade(covered[wall][at] / spans[at]))
        for wall in WALLS
        for at, level in enumerate(LEVELS)
    ]
    total = sum(number.value for number in numbers)
    one = float(np.mean(spans))
    eight = sum(length_grade(sum(covered[wall]) / one) for wall in WALLS)
    numbers.append(_number("aortic_calcification_24", "L1-L4", total))
    numbers.append(_number("aortic_calcification_8", "L1-L4", eight, SCHOUSBOE))
    return tuple(numbers), ()


def _astray(marks: Sequence[Region], bounds: Numbers, mm: tuple[float, float] | None) -> str:
    """Say which line is not along a wall of what was read; blank where each is."""
    aorta = next(_points(mark, mm) for mark in marks if mark.id == READ)
    allowed = NEAR * _length(bounds[[0, -1]]) / (len(bounds) - 1)
    along = (bounds[-1] - bounds[0]) / _length(bounds[[0, -1]])
    for mark in marks:
        if mark.id == READ:
            continue
        line = _points(mark, mm)
        if any(_away(corner, aorta) > allowed for corner in line):
            return f"{mark.id} lies outside the area {READ}"
        steps = np.diff(line, axis=0)
        if np.abs(steps @ along).sum() < ALONG * np.hypot(*steps.T).sum():
            return f"{mark.id} runs across the {READ} and not along its wall"
    return ""


def _away(point: Numbers, outline: Numbers) -> float:
    """Give how far a point lies outside a closed outline; 0 inside."""
    ends = np.roll(outline, -1, axis=0)
    span, apart = ends - outline, point - outline
    crossed = (outline[:, 1] > point[1]) != (ends[:, 1] > point[1])
    at = outline[crossed, 0] + apart[crossed, 1] * span[crossed, 0] / span[crossed, 1]
    if (at > point[0]).sum() % 2:
        return 0.0
    squared = np.maximum((span**2).sum(axis=1), 1e-12)
    share = np.clip((apart * span).sum(axis=1) / squared, 0, 1)
    return float(np.hypot(*(apart - share[:, None] * span).T).min())


def _left_out(what: str) -> Finding:
    return Finding(
        code="aortic_calcification_not_scored",
        severity=Severity.WARNING,
        advice=f"Marks on the aorta were not scored: {what}.",
    )


def _number(name: str, region: str, value: float, source: str = KAUPPILA) -> Measurement:
    return Measurement(
        name=name,
        region=region,
        value=float(value),
        unit="1",
        method=METHOD,
        source=source,
        precision=PRECISION,
        tried_on="generated images",
    )


def _points(region: Region, mm: tuple[float, float] | None) -> Numbers:
    row_mm, column_mm = mm or (1.0, 1.0)
    return np.asarray(np.array(region.polygon) * np.array([column_mm, row_mm]), dtype=np.float64)


def _bounds(bodies: Sequence[Numbers]) -> Numbers:
    """Give where the wall of one vertebra ends and that of the next begins, on the spine.

    Returns
    -------
    ndarray, shape (levels + 1, 2)
        The middles of the disc spaces; the outer two are as far from their bodies as the inner.
    """
    upper = np.array([body[:3].mean(axis=0) for body in bodies])
    lower = np.array([body[3:].mean(axis=0) for body in bodies])
    inner = (lower[:-1] + upper[1:]) / 2
    return np.concatenate(
        [
            [upper[0] - (inner[0] - lower[0])],
            inner,
            [lower[-1] + (inner[-1] - lower[-2])],
        ]
    )


def _length(ends: Numbers) -> float:
    return float(np.hypot(*(ends[1] - ends[0])))


def _covered(lines: Sequence[Numbers], bounds: Numbers, at: int) -> float:
    """Measure how much of one level's wall lies beside marked lines; overlaps count once."""
    start, end = bounds[at], bounds[at + 1]
    span = _length(bounds[at : at + 2])
    axis = (end - start) / span
    stretches = sorted(
        (min(ends), max(ends))
        for line in lines
        for a, b in pairwise(line)
        for ends in ((float((a - start) @ axis), float((b - start) @ axis)),)
    )
    total, reached = 0.0, 0.0
    for low, high in stretches:
        low, high = max(low, reached, 0.0), min(high, span)
        if high > low:
            total += high - low
            reached = high
    return total
