"""Vertebrae on a DXA image of the spine from the side: discs, bodies, names, confidence."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from imaging.errors import UnsuitableScan
from imaging.projection import Projection
from imaging.regions.lateral_bodies import Body, find_bodies
from imaging.regions.lateral_column import straighten
from imaging.regions.lateral_discs import STEP_MM, LateralChain, find_chain
from imaging.regions.lateral_levels import l4_from_crest
from imaging.regions.six_points import READ, SPINE
from imaging.regions.spine_column import Array, exposed_field, find_column, on_working_grid
from imaging.regions.spine_likeness import mirrored
from imaging.result import Finding, Region, Severity
from imaging.sheet import resampled

METHOD = "disc chain, endplate lines, six points"
# Score of a chain per disc: 0.8 and more on the real spine and its variants, drawn ones 1.2; the
# same with bone dark 0.3, noise 0.2, femur and knee 0.4 to 0.9 with two discs only.
FAINTEST_CHAIN = 0.55
FEWEST_DISCS = 4
LONG_CHAIN, DARK_CHAIN = 8, 0.75
# The bodies' back is overlain by bone, their front is not: grey value behind over before 1.9 and
# more on the real spine (gamma 0.7 to 1.4); about 1 on a spine seen from the front.
LEAST_FACING = 1.2
FEWEST_AGREE = 0.7
# Growth of the gaps per disc, downward: 3 % on the real spine.
UPSIDE_DOWN, HEAD_UNSURE = -0.01, 0.008
# Likeness of the left and right half of the column: 0.78 on a real spine from the front, 0.47 on
# one from the side.
MIRRORED = 0.62
# A gap this many times as long as its neighbours lead to expect holds two vertebrae.
LONGEST_GAP = 1.45
# Steepness of the faintest of a body's six points at which its confidence is 1; bodies at half
# of it kept their heights within 1 mm on flipped, turned, noisy and darker copies.
CLEAR = 0.4
# Heights that a lateral spine picture may have where the file does not say; the chain chooses.
GUESSED_HEIGHT_MM = (300.0, 370.0, 440.0)


@dataclass(frozen=True, slots=True)
class LateralRegions:
    """Vertebrae from head to foot; each polygon is six points in the order of ``POINTS``.

    Attributes
    ----------
    image : Projection
        The picture that they were found on: bone bright.
    """

    image: Projection
    regions: tuple[Region, ...]
    findings: tuple[Finding, ...]


def find_regions(projection: Projection, likeness: float | None = None) -> LateralRegions:
    """Place six points on every vertebra between two discs that are seen.

    Parameters
    ----------
    likeness : float, optional
        How well the column of this picture mirrors itself, where that is known already.

    Raises
    ------
    UnsuitableScan
        If no chain of at least four discs is found, front and back cannot be told, or the
        picture stands on its head.
    """
    found = _best_view(projection)
    findings: list[Finding] = []
    if found is None or not _plain(found[2]):
        turned = projection.inverted()
        other = _best_view(turned)
        if other is not None and (found is None or other[2].score > found[2].score):
            projection, found, likeness = turned, other, None
            findings.append(_inverted())
    if found is None:
        raise UnsuitableScan(
            "No row of discs can be followed in this picture of a spine from the side: "
            "check that the column is in view from end to end, head up, and repeat the scan if "
            "it is not."
        )
    pixels, spacing, chain = found
    findings += _head_up(chain)
    if likeness is None:
        likeness = mirrored(find_column(on_working_grid(pixels, spacing)))
    _from_the_side(likeness)
    column = straighten(pixels, spacing, chain)
    if column.agree < FEWEST_AGREE or column.behind_over_before < LEAST_FACING:
        raise UnsuitableScan(
            "Front and back of the spine cannot be told in this picture: "
            "check that it shows the spine from the side."
        )
    bodies = find_bodies(pixels, spacing, column)
    lowest = l4_from_crest(column)
    names, said = _names(len(bodies), lowest)
    kept, broken = _unbroken(_too_long(chain), lowest, len(bodies))
    regions = tuple(
        _region(bodies[at], names[at], spacing)
        for at in kept
        if (lowest is None or names[at] in READ) and _inside(bodies[at], pixels, spacing)
    )
    if not regions:
        raise UnsuitableScan("None of T4 to L4 is complete in this picture.")
    return LateralRegions(projection, regions, (*findings, *broken, said))


def _too_long(chain: LateralChain) -> list[int]:
    """Find gaps in which a disc was missed: far above the line that runs through all of them."""
    gaps = np.log(np.hypot(*np.diff(chain.centres, axis=0).T))
    at = np.arange(len(gaps))
    first, second = np.triu_indices(len(gaps), 1)
    slope = float(np.median((gaps[second] - gaps[first]) / (second - first)))
    above = gaps - slope * at - float(np.median(gaps - slope * at))
    return [int(place) for place in np.flatnonzero(above > np.log(LONGEST_GAP))]


def _unbroken(breaks: list[int], lowest: int | None, count: int) -> tuple[range, list[Finding]]:
    """Keep the bodies between two breaks: those that end in L4, or else the most."""
    if not breaks:
        return range(count), []
    ends = [-1, *breaks, count]
    pieces = [range(a + 1, b) for a, b in pairwise(ends)]
    if lowest is None:
        kept = max(pieces, key=len)
    else:
        kept = next((piece for piece in pieces if lowest in piece), range(0))
    return kept, [
        Finding(
            code="disc_missed",
            severity=Severity.WARNING,
            advice="Between two of the discs lies more than one vertebra: a disc was not found, "
            "and the vertebrae beyond it are left out. Outline them by hand.",
        )
    ]


def _plain(chain: LateralChain) -> bool:
    """Whether a chain is so long and dark that the picture need not be tried with dark bone."""
    return len(chain.tilts) >= LONG_CHAIN and chain.score >= DARK_CHAIN * len(chain.tilts)


def _inverted() -> Finding:
    return Finding(
        code="inverted_display",
        severity=Severity.WARNING,
        advice="The picture shows bone dark although its tags do not say so: it is measured and "
        "shown with dark and bright exchanged.",
    )


def _best_view(
    projection: Projection,
) -> tuple[Array, tuple[float, float], LateralChain] | None:
    """Find the chain of discs; None where what is found is not like a spine."""
    lowest = projection.pixels.min()
    pixels = np.where(exposed_field(projection.pixels), projection.pixels, lowest)
    pixels = np.asarray(pixels - lowest, dtype=np.float32)
    if projection.spacing is not None:
        spacings = [(projection.spacing.mm[0], projection.spacing.mm[1])]
    else:
        spacings = [(high / len(pixels),) * 2 for high in GUESSED_HEIGHT_MM]
    best: tuple[Array, tuple[float, float], LateralChain] | None = None
    for spacing in spacings:
        chain = find_chain(resampled(pixels, spacing, STEP_MM))
        if chain is None or len(chain.tilts) < FEWEST_DISCS:
            continue
        if chain.score < FAINTEST_CHAIN * len(chain.tilts):
            continue
        if best is None or chain.score > best[2].score:
            best = (pixels, spacing, chain)
    return best


def _from_the_side(likeness: float) -> None:
    """Refuse a column that mirrors itself, as one seen from the front does."""
    if likeness >= MIRRORED:
        raise UnsuitableScan(
            "This picture looks like a spine seen from the front: send it as what it is, or "
            "check that it shows the spine from the side."
        )


def _head_up(chain: LateralChain) -> list[Finding]:
    """Check that the gaps grow downward, as every spine's do.

    Raises
    ------
    UnsuitableScan
        If they grow upward.
    """
    gaps = np.log(np.hypot(*np.diff(chain.centres, axis=0).T))
    slopes = [
        (gaps[j] - gaps[i]) / (j - i) for i in range(len(gaps)) for j in range(i + 1, len(gaps))
    ]
    growth = float(np.median(slopes))
    if growth < UPSIDE_DOWN:
        raise UnsuitableScan(
            "The vertebrae grow larger towards the upper end of the picture, so it stands on its "
            "head: turn it and send it again."
        )
    if growth > HEAD_UNSURE:
        return []
    return [
        Finding(
            code="head_end_unsure",
            severity=Severity.WARNING,
            advice="The vertebrae in view are too alike to tell head from foot: the upper end of "
            "the picture was taken for the head; check it.",
        )
    ]


def _names(count: int, lowest: int | None) -> tuple[list[str], Finding]:
    """Name the bodies upward from L4, or number them where the levels cannot be told."""
    if lowest is None:
        return [f"V{number}" for number in range(1, count + 1)], Finding(
            code="level_unknown",
            severity=Severity.WARNING,
            advice="The iliac crests are not seen below the column, so the levels cannot be "
            "told: name the vertebrae.",
        )
    l4 = SPINE.index("L4")
    names = [
        SPINE[l4 + at - lowest] if 0 <= l4 + at - lowest < len(SPINE) else "other"
        for at in range(count)
    ]
    return names, Finding(
        code="levels_from_crest",
        severity=Severity.WARNING,
        advice="The levels were counted upward from the iliac crests, which lie one level off in "
        "about one person in eight: check them.",
    )


def _region(body: Body, name: str, spacing: tuple[float, float]) -> Region:
    label = name if name in SPINE else "level unknown"
    return Region(
        id=name,
        label=label,
        method=METHOD,
        confidence=round(float(np.clip(body.contrast / CLEAR, 0, 1)), 2),
        polygon=tuple(
            (float(column / spacing[1] - 0.5), float(row / spacing[0] - 0.5))
            for row, column in body.points
        ),
    )


def _inside(body: Body, pixels: Array, spacing: tuple[float, float]) -> bool:
    """Leave out a body of which a corner lies beyond the picture."""
    ends = np.array(pixels.shape) * spacing
    return bool((body.points >= 0).all() and (body.points <= ends).all())
