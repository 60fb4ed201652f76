"""L1-L4 on an AP spine image of a densitometer: column, discs, names, outlines."""

from dataclasses import dataclass

import numpy as np

from imaging.errors import UnsuitableScan
from imaging.projection import Projection
from imaging.regions.disc_chain import CERTAIN, GROWTH, Chain, find_chain
from imaging.regions.pelvis import find_wings
from imaging.regions.spine_bend import STRONG_BEND_DEG, bend_degrees, bent, sureness
from imaging.regions.spine_column import (
    STEP_MM,
    Array,
    Column,
    exposed_field,
    find_column,
    on_working_grid,
)
from imaging.regions.spine_gaps import odd_heights
from imaging.regions.spine_likeness import (
    LIGHTEST_FLANK,
    flank_share,
    is_like_a_spine,
    on_usual_scale,
)
from imaging.regions.vertebra_halves import DOUBT, LEAST_DIFFERENCE, halves_differ, shifted
from imaging.result import Finding, Region, Severity
from imaging.wording import about

METHOD = "disc chain on the straightened column"
DISCS = ("T12/L1", "L1/L2", "L2/L3", "L3/L4", "L4/L5")
LEVELS = ("L1", "L2", "L3", "L4")
# The line between the crests crosses the body of L4 or the disc below it in 87 % of
# 75 people (Chakraverty et al. 2007, J Anat 210:232-236, doi 10.1111/j.1469-7580.2006.00686.x):
# on average a little above that disc.
CREST_ABOVE_L4_L5_MM = 8.0
# Half a vertebra: beyond it the crest speaks for another disc.
CREST_DOUBT_MM = 16.0
# How much higher than what a narrow field shows a crest may reach (from one picture of 134 mm; our
# own, to be confirmed).
HIDDEN_CREST_MM = 40.0
# Heights that a spine picture may have where the file does not say; the chain chooses.
GUESSED_HEIGHT_MM = (140.0, 160.0, 180.0, 200.0, 225.0, 250.0)
CORNERS_PER_SIDE = 5


@dataclass(frozen=True, slots=True)
class SpineRegions:
    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]
    disc_rows_mm: tuple[float, ...]


def find_regions(projection: Projection) -> SpineRegions:
    """Place the vertebrae of an AP spine image.

    Raises
    ------
    UnsuitableScan
        If no chain of at least three discs is found, what is found is not like a spine, or the
        picture stands on its head.
    """
    found = _best_view(projection)
    if found is None:
        raise UnsuitableScan(
            "No row of lumbar discs can be followed in this spine image: "
            "check that the whole lumbar spine is in view and repeat the scan if it is not."
        )
    image, spacing, column, chain = found
    if not is_like_a_spine(column, chain):
        if bend_degrees(column) > STRONG_BEND_DEG and flank_share(column) < LIGHTEST_FLANK:
            raise UnsuitableScan(
                "The spine bends too strongly for its discs to be followed: place L1 to L4 by "
                "hand.",
                code="scoliosis",
            )
        raise UnsuitableScan(
            "What this picture shows is not like a lumbar spine seen from the front, head up: "
            "check that it was sent the right way round and is what its tags say."
        )
    wings = find_wings(image, column)
    if wings.upside_down:
        raise UnsuitableScan(
            "The pelvis lies at the upper end of the picture, so it stands on its head: "
            "turn it and send it again.",
            code="not_upright",
        )
    names, findings = name_discs(chain, wings.crest_row, cut_off=wings.cut_off)
    bend = bend_degrees(column)
    difference = halves_differ(column, chain)
    findings += [*bent(bend), *shifted(difference)]
    sure = sureness(bend) * (1.0 if difference >= LEAST_DIFFERENCE else DOUBT)
    places = _Places(column, chain, spacing, projection, sure)
    regions = tuple(
        places.region(at, names)
        for at in range(len(chain.rows) - 1)
        if names is None or names[at] in _UPPER
    )
    if not regions:
        raise UnsuitableScan("None of L1 to L4 is complete in this picture.")
    findings += odd_heights(chain, places.ids(names))
    lines = tuple(places.line(at, names) for at in range(len(chain.rows)))
    return SpineRegions(
        regions + lines, tuple(findings), tuple(row * STEP_MM for row in chain.rows)
    )


# The disc above each level that is measured.
_UPPER = dict(zip(DISCS, LEVELS, strict=False))


def _best_view(
    projection: Projection,
) -> tuple[Array, tuple[float, float], Column, Chain] | None:
    pixels = np.where(exposed_field(projection.pixels), projection.pixels, projection.pixels.min())
    pixels = np.asarray(pixels - pixels.min(), dtype=np.float32)
    if projection.spacing is not None:
        spacings = [(projection.spacing.mm[0], projection.spacing.mm[1])]
    else:
        spacings = [(high / len(pixels),) * 2 for high in GUESSED_HEIGHT_MM]
    best: tuple[Array, tuple[float, float], Column, Chain] | None = None
    for spacing in spacings:
        image = on_working_grid(pixels, spacing)
        column = on_usual_scale(find_column(image))
        chain = find_chain(column.strip)
        if chain is not None and (best is None or chain.score > best[3].score):
            best = (image, spacing, column, chain)
    return best


def name_discs(
    chain: Chain, crest_row: float | None, *, cut_off: bool = False
) -> tuple[list[str] | None, list[Finding]]:
    """Name the discs from the iliac crests, or from the usual field where they are not in view.

    Parameters
    ----------
    crest_row : float or None
        Row of the crests; None where they are not in view.
    cut_off : bool
        Whether the crests still rise where the picture ends: then they are higher, by no more
        than a narrow field can hide.

    Returns
    -------
    list of str or None
        One name per disc, from above; None where the levels cannot be told. Discs outside
        T12/L1 to L4/L5 are named ``other``.
    """
    rows = list(chain.rows)
    if crest_row is None:
        if len(rows) == len(DISCS):
            return list(DISCS), [
                Finding(
                    code="levels_assumed",
                    severity=Severity.WARNING,
                    advice="The iliac crests are not in view: the five discs were taken for "
                    "T12/L1 to L4/L5, as a standard scan shows them. Check the levels.",
                )
            ]
        return None, [_unknown_levels(len(rows))]
    gap = (rows[-1] - rows[-2]) * GROWTH
    ladder = [*rows, rows[-1] + gap]  # L4/L5 may lie just below what was found
    expected = crest_row + CREST_ABOVE_L4_L5_MM / STEP_MM
    if cut_off:
        expected -= HIDDEN_CREST_MM / 2 / STEP_MM
    misses = [abs(row - expected) for row in ladder]
    lowest = int(np.argmin(misses))
    if misses[lowest] > CREST_DOUBT_MM / STEP_MM:
        return None, [_unknown_levels(len(rows))]
    names = ["other"] * len(rows)
    for steps_up, name in enumerate(reversed(DISCS)):
        if 0 <= lowest - steps_up < len(rows):
            names[lowest - steps_up] = name
    findings = _completeness(names)
    if cut_off:
        findings.append(
            Finding(
                code="levels_assumed",
                severity=Severity.WARNING,
                advice="The iliac crests go on outside the picture, so that the levels are told "
                "from their lower part. Check the levels.",
            )
        )
    return names, findings


def _completeness(names: list[str]) -> list[Finding]:
    missing = [
        level
        for level, (above, below) in zip(LEVELS, zip(DISCS, DISCS[1:], strict=False), strict=True)
        if above not in names or below not in names
    ]
    if not missing:
        return []
    return [
        Finding(
            code="incomplete_lumbar_spine",
            severity=Severity.WARNING,
            advice=f"{about(missing, 'is', 'are')} not complete in this picture: left out, "
            "and no value for L1-L4 together is given.",
        )
    ]


def _unknown_levels(discs: int) -> Finding:
    return Finding(
        code="level_unknown",
        severity=Severity.WARNING,
        advice=f"{discs} discs are in view, but neither the iliac crests nor a full field tell "
        "which they are: the vertebrae are numbered from above, and a person must name them.",
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Turns the chain of discs into regions in pixels of the picture."""

    column: Column
    chain: Chain
    spacing: tuple[float, float]
    projection: Projection
    sure: float  # less where the spine bends or the lines may lie in bodies

    def ids(self, names: list[str] | None) -> list[str]:
        """Name what lies below each disc but the last; nothing where it is not given."""
        gaps = range(len(self.chain.rows) - 1)
        return [f"V{at + 1}" if names is None else _UPPER.get(names[at], "") for at in gaps]

    def region(self, at: int, names: list[str] | None) -> Region:
        level = self.ids(names)[at]
        depth = min(self.chain.depths[at], self.chain.depths[at + 1])
        confidence = float(np.clip(depth / CERTAIN, 0.1, 1.0)) * 0.95 * self.sure
        # Clockwise: upper line left to right, right edge down, lower line back, left edge up.
        return Region(
            id=level,
            label="level unknown" if names is None else level,
            method=METHOD,
            confidence=round(confidence if names is not None else confidence * 0.7, 2),
            polygon=tuple(self.in_picture(*corner) for corner in self._corners(at)),
        )

    def line(self, at: int, names: list[str] | None) -> Region:
        """Draw one disc from edge to edge; of two named ``other`` the number tells which."""
        row, tilt = self.chain.rows[at], self.chain.tilts[at]
        named = names is not None and names[at] != "other"
        name = names[at] if names is not None and named else f"disc_{at + 1}"
        confidence = float(np.clip(self.chain.depths[at] / CERTAIN, 0.1, 1.0)) * 0.95 * self.sure
        return Region(
            id=name,
            label=name if named else "level unknown",
            method=METHOD,
            confidence=round(confidence, 2),
            polygon=tuple(self.in_picture(row, tilt, self._edge(side, row)) for side in (-1, 1)),
            outline="line",
        )

    def _edge(self, side: int, row: float) -> float:
        values = self.column.right if side > 0 else -self.column.left
        return float(np.interp(row, np.arange(len(values)), values))

    def _corners(self, at: int) -> list[tuple[float, float, float]]:
        """List (row on the centre line, tilt, offset) of each corner."""
        top, bottom = self.chain.rows[at], self.chain.rows[at + 1]
        tilts = (self.chain.tilts[at], self.chain.tilts[at + 1])
        right, left = (
            [
                (
                    top + part * (bottom - top),
                    tilts[0] * (1 - part) + tilts[1] * part,
                    self._edge(side, top + part * (bottom - top)),
                )
                for part in np.linspace(0, 1, CORNERS_PER_SIDE)
            ]
            for side in (1, -1)
        )
        return [*right, *reversed(left)]

    def in_picture(self, row: float, tilt: float, offset: float) -> tuple[float, float]:
        """Turn a place in the strip into (column, row) in pixels of the picture."""
        y, x = self.column.place(row + tilt * offset, offset)
        rows, columns = self.projection.pixels.shape
        down = (y + 0.5) * STEP_MM / self.spacing[0] - 0.5
        across = (x + 0.5) * STEP_MM / self.spacing[1] - 0.5
        return (
            round(float(np.clip(across, 0, columns - 1)), 1),
            round(float(np.clip(down, 0, rows - 1)), 1),
        )
