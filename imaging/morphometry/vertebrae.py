"""Vertebral deformity from six points: height loss, Genant's grades, spinal deformity index.

The rule, for each body with anterior, middle and posterior height Ha, Hm, Hp:

1. The posterior height that is expected comes from the bodies within two places above and below
   (``morphometry.expected_height`` has the rule).
2. If Hp is 20 % or more below it, the body is a *crush* and all three heights are compared with
   the expected one; otherwise Ha and Hm are compared with the body's own Hp, and the greater loss
   says *wedge* (Ha) or *biconcave* (Hm).
3. The greatest loss gives the grade: below 20 % is 0, from 20 % 1 (mild), from 25 % 2 (moderate),
   from 40 % 3 (severe).
4. A loss is known to about its half-width only: that of two heights, and for a crush the variation
   between sound neighbours as well. Where another grade lies within it, the body is borderline.

Genant's own technique is a reader's eye, which also weighs loss of area (10-20 %, 20-40 %, over
40 %) and the look of the endplates; this rule cannot tell a fracture from a deformity that was
never one.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from imaging.morphometry.expected_height import NATURAL, expected_posterior
from imaging.regions.six_points import Heights, heights_of
from imaging.result import Finding, Measurement, Region, Severity, TriedOn
from imaging.wording import listed

# Genant et al. 1993, J Bone Miner Res 8:1137-1148, doi 10.1002/jbmr.5650080915: loss of height
# from which a deformity is mild, moderate, severe.
GRADES = (0.20, 0.25, 0.40)
GENANT = "Genant 1993, doi:10.1002/jbmr.5650080915"
DEGREES = ("none", "mild", "moderate", "severe")
# Sum of the grades of all bodies read. Crans et al. 2005, Bone 37:175-179,
# doi 10.1016/j.bone.2005.04.003 (recalled, to be confirmed).
INDEX = "Crans 2005, doi:10.1016/j.bone.2005.04.003 (recalled, to be confirmed)"
# Without spacing a millimetre is taken from this usual posterior height.
USUAL_MM = 22.0
HEIGHT_METHOD = "distance between the endplates at six points"
GRADE_METHOD = "six-point heights graded with Genant's limits 20 / 25 / 40 %"


@dataclass(frozen=True, slots=True)
class Deformity:
    """How far one body has lost height.

    Attributes
    ----------
    kind : str
        ``wedge``, ``biconcave``, ``crush``, or ``none`` with grade 0.
    loss : float
        The share of height lost that says most: the one that gave the grade, or, with another
        grade within its half-width, the one that comes nearest to it.
    half_width : float
        Half of the interval about the loss.
    lowest, highest : int
        Grades at the ends of the interval.
    expected : float or None
        Posterior height expected from the neighbours; None where they are too few.
    """

    grade: int
    kind: str
    loss: float
    half_width: float
    lowest: int
    highest: int
    expected: float | None


@dataclass(frozen=True, slots=True)
class Morphometry:
    measurements: tuple[Measurement, ...]
    findings: tuple[Finding, ...]


def grade_of(loss: float) -> int:
    """Give Genant's grade, 0 to 3, of a share of height lost."""
    return sum(loss >= limit for limit in GRADES)


def deformity(own: Heights, expected: float | None, within: float = 0.0) -> Deformity:
    """Apply the rule at the top of this file to one body.

    Parameters
    ----------
    own : Heights
    expected : float or None
        Posterior height by the neighbours, in the unit of ``own``.
    within : float
        Half of the interval about one height, in the same unit.
    """
    front, middle = 1 - own.anterior / own.posterior, 1 - own.middle / own.posterior
    loss, kind = (front, "wedge") if front >= middle else (middle, "biconcave")
    half = within * math.hypot(1, 1 - loss) / own.posterior
    if expected is not None:
        behind = 1 - own.posterior / expected
        crush_half = math.hypot(within / expected, NATURAL)
        if behind >= GRADES[0]:
            loss = 1 - min(own.anterior, own.middle, own.posterior) / expected
            kind, half = "crush", crush_half
        elif grade_of(loss + half) == 0 and behind > loss:
            loss, kind, half = behind, "crush", crush_half
    grade = grade_of(loss)
    lowest, highest = grade_of(loss - half), grade_of(loss + half)
    return Deformity(grade, kind if grade else "none", loss, half, lowest, highest, expected)


def vertebral_morphometry(
    bodies: Sequence[Region],
    mm: tuple[float, float] | None,
    *,
    precision: str,
    within_mm: float,
    tried_on: TriedOn = "real scans",
) -> Morphometry:
    """Measure and grade every body, and sum the grades.

    Parameters
    ----------
    bodies : sequence of Region
        From head to foot, each with six corners in the order of ``six_points.POINTS``.
    mm : tuple of float or None
        (row, column) size of a pixel; without it ratios and grades only.
    precision : str
        What is known of the repeatability of the heights, in words.
    within_mm : float
        Half of the interval about one height.

    Raises
    ------
    UnsuitableScan
        If the corners of a body are not six points in order.
    """
    heights = [heights_of(body, mm) for body in bodies]
    expected = expected_posterior([body.id for body in bodies], heights)
    within = within_mm
    if mm is None and heights:
        within *= statistics.median(each.posterior for each in heights) / USUAL_MM
    found = [deformity(own, wanted, within) for own, wanted in zip(heights, expected, strict=True)]
    numbers: list[Measurement] = []
    for body, own, seen in zip(bodies, heights, found, strict=True):
        numbers += _of_one(body.id, own, seen, mm is not None, precision, tried_on)
    if bodies:
        numbers += _summary(bodies, found, tried_on)
    return Morphometry(tuple(numbers), tuple(_findings(bodies, found)))


def _of_one(
    name: str, own: Heights, seen: Deformity, in_mm: bool, precision: str, tried_on: TriedOn
) -> list[Measurement]:
    rows: list[tuple[str, float, str, str, str]] = []
    if in_mm:
        rows += [
            (f"vertebral_height_{place}_mm", value, "mm", HEIGHT_METHOD, precision)
            for place, value in (
                ("anterior", own.anterior),
                ("middle", own.middle),
                ("posterior", own.posterior),
            )
        ]
    rows += [
        ("vertebral_ratio_anterior", own.anterior / own.posterior, "1", HEIGHT_METHOD, precision),
        ("vertebral_ratio_middle", own.middle / own.posterior, "1", HEIGHT_METHOD, precision),
    ]
    if seen.expected is not None:
        ratio = own.posterior / seen.expected
        method = "posterior height over that expected from up to four neighbours"
        rows.append(("vertebral_ratio_posterior", ratio, "1", method, precision))
    method = GRADE_METHOD if seen.kind == "none" else f"{GRADE_METHOD}: {seen.kind}"
    if seen.expected is None:
        method += "; a crush cannot be told, neighbours are too few"
    sure = f"loss of {_loss(seen)}, {_grades(seen)}; not a reader's semiquantitative grade"
    rows.append(("vertebral_deformity_grade", float(seen.grade), "1", method, sure))
    return [
        Measurement(
            name=label,
            region=name,
            value=value,
            unit=unit,
            method=how,
            source=GENANT,
            precision=known,
            tried_on=tried_on,
        )
        for label, value, unit, how, known in rows
    ]


def _summary(
    bodies: Sequence[Region], found: Sequence[Deformity], tried_on: TriedOn
) -> list[Measurement]:
    region = f"{bodies[0].id}-{bodies[-1].id}"
    rows = (
        ("spinal_deformity_index", sum(each.grade for each in found), "sum of the grades", INDEX),
        ("vertebrae_read", len(found), "count of the bodies that were graded", GENANT),
    )
    return [
        Measurement(
            name=name,
            region=region,
            value=float(value),
            unit="1",
            method=method,
            source=source,
            precision="as that of the grades; of the bodies in view only",
            tried_on=tried_on,
        )
        for name, value, method, source in rows
    ]


def _loss(seen: Deformity) -> str:
    # Rounded down, so that no loss seems to have reached a limit that it has not.
    return f"{math.floor(100 * max(seen.loss, 0.0) + 1e-9)} % ± {100 * seen.half_width:.0f} %"


def _grades(seen: Deformity) -> str:
    if seen.lowest == seen.highest:
        return f"grade {seen.grade}"
    return f"grade {seen.lowest} to {seen.highest}"


def _findings(bodies: Sequence[Region], found: Sequence[Deformity]) -> list[Finding]:
    findings = [
        Finding(
            code="vertebral_deformity",
            severity=Severity.WARNING,
            regions=(body.id,),
            advice=f"{body.id} has lost {_loss(seen)} of its height: {DEGREES[seen.grade]} "
            f"{seen.kind} deformity, grade {seen.grade}.",
        )
        for body, seen in zip(bodies, found, strict=True)
        if seen.grade
    ]
    if findings:
        findings.append(
            Finding(
                code="fracture_to_be_confirmed",
                severity=Severity.WARNING,
                advice="Heights alone cannot tell a fracture from a deformity that was never one "
                "(Scheuermann’s disease, degeneration, short or cupid’s-bow bodies, an oblique "
                "view): if a reader confirms a low-trauma fracture, enter a prior fragility "
                "fracture; nothing is entered by itself.",
            )
        )
    close = {
        body.id: f"{body.id} ({_loss(seen)}, {_grades(seen)})"
        for body, seen in zip(bodies, found, strict=True)
        if seen.lowest != seen.highest
    }
    if close:
        findings.append(
            Finding(
                code="deformity_near_a_limit",
                severity=Severity.INFO,
                regions=tuple(close),
                advice=f"Borderline, as the loss of height may lie on either side of a limit: "
                f"{listed(close.values())}; check the six points.",
            )
        )
    return findings
