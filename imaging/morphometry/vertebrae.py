"""Vertebral deformity from six points: height loss, Genant's grades, spinal deformity index.

The rule, for each body with anterior, middle and posterior height Ha, Hm, Hp:

1. The posterior height that is expected comes from up to three neighbours on each side: the
   median of their posterior heights, each carried along the median slope of all (Theil and Sen).
2. If Hp is 20 % or more below it, the body is a *crush* and all three heights are compared with
   the expected one; otherwise Ha and Hm are compared with the body's own Hp, and the greater loss
   says *wedge* (Ha) or *biconcave* (Hm).
3. The greatest loss gives the grade: below 20 % is 0, from 20 % 1 (mild), from 25 % 2 (moderate),
   from 40 % 3 (severe).

Genant's own technique is a reader's eye, which also weighs loss of area (10-20 %, 20-40 %, over
40 %) and the look of the endplates; this rule cannot tell a fracture from a deformity that was
never one.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from imaging.morphometry.six_points import Heights, heights_of, places
from imaging.result import Finding, Measurement, Region, Severity, TriedOn

# Genant et al. 1993, J Bone Miner Res 8:1137-1148, doi 10.1002/jbmr.5650080915: loss of height
# from which a deformity is mild, moderate, severe.
GRADES = (0.20, 0.25, 0.40)
GENANT = "Genant 1993, doi:10.1002/jbmr.5650080915"
DEGREES = ("none", "mild", "moderate", "severe")
# Sum of the grades of all bodies read. Crans et al. 2005, Bone 37:175-179,
# doi 10.1016/j.bone.2005.04.003 (recalled, to be confirmed).
INDEX = "Crans 2005, doi:10.1016/j.bone.2005.04.003 (recalled, to be confirmed)"
# Sen 1968, J Am Stat Assoc 63:1379-1389, doi 10.1080/01621459.1968.10480934.
NEIGHBOURS = 3
FEWEST_NEIGHBOURS = 3
# A loss this close to a limit would change sides with half a millimetre on a height of 20 mm.
BORDER = 0.025
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
        The greatest share of height lost, the one that gave the grade.
    expected : float or None
        Posterior height expected from the neighbours; None where they are too few.
    """

    grade: int
    kind: str
    loss: float
    expected: float | None


@dataclass(frozen=True, slots=True)
class Morphometry:
    measurements: tuple[Measurement, ...]
    findings: tuple[Finding, ...]


def grade_of(loss: float) -> int:
    """Give Genant's grade, 0 to 3, of a share of height lost."""
    return sum(loss >= limit for limit in GRADES)


def deformity(own: Heights, expected: float | None) -> Deformity:
    """Apply the rule at the top of this file to one body."""
    if expected is not None and 1 - own.posterior / expected >= GRADES[0]:
        loss = 1 - min(own.anterior, own.middle, own.posterior) / expected
        return Deformity(grade_of(loss), "crush", loss, expected)
    front, middle = 1 - own.anterior / own.posterior, 1 - own.middle / own.posterior
    loss = max(front, middle)
    kind = "wedge" if front >= middle else "biconcave"
    grade = grade_of(loss)
    return Deformity(grade, kind if grade else "none", loss, expected)


def expected_posterior(at: Sequence[int], posterior: Sequence[float]) -> list[float | None]:
    """Expect each posterior height from those around it.

    Parameters
    ----------
    at : sequence of int
        Places along the spine, one apart for neighbours.
    posterior : sequence of float
        Posterior heights in any unit.

    Returns
    -------
    list of float or None
        None where fewer than three bodies lie within three places.
    """
    answer: list[float | None] = []
    for i, here in enumerate(at):
        near = [
            (place, height)
            for j, (place, height) in enumerate(zip(at, posterior, strict=True))
            if j != i and abs(place - here) <= NEIGHBOURS
        ]
        if len(near) < FEWEST_NEIGHBOURS:
            answer.append(None)
            continue
        slope = statistics.median(
            (h2 - h1) / (p2 - p1) for p1, h1 in near for p2, h2 in near if p2 > p1
        )
        answer.append(statistics.median(h + slope * (here - p) for p, h in near))
    return answer


def vertebral_morphometry(
    bodies: Sequence[Region],
    mm: tuple[float, float] | None,
    *,
    precision: str,
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
        What is known of the repeatability of the heights.

    Raises
    ------
    UnsuitableScan
        If the corners of a body are not six points in order.
    """
    heights = [heights_of(body, mm) for body in bodies]
    at = places([body.id for body in bodies])
    expected = expected_posterior(at, [each.posterior for each in heights])
    found = [deformity(own, wanted) for own, wanted in zip(heights, expected, strict=True)]
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
        method = "posterior height over that expected from up to six neighbours"
        rows.append(("vertebral_ratio_posterior", ratio, "1", method, precision))
    method = GRADE_METHOD if seen.kind == "none" else f"{GRADE_METHOD}: {seen.kind}"
    if seen.expected is None:
        method += "; a crush cannot be told, neighbours are too few"
    sure = "not a reader's semiquantitative grade; one grade either way near a limit"
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


def _findings(bodies: Sequence[Region], found: Sequence[Deformity]) -> list[Finding]:
    findings = [
        Finding(
            code="vertebral_deformity",
            severity=Severity.WARNING,
            advice=f"{body.id} has lost {seen.loss:.0%} of its height: {DEGREES[seen.grade]} "
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
                "(Scheuermann's disease, degeneration, short or cupid's-bow bodies, an oblique "
                "view): if a reader confirms a low-trauma fracture, enter a prior fragility "
                "fracture; nothing is entered by itself.",
            )
        )
    close = [
        body.id
        for body, seen in zip(bodies, found, strict=True)
        if min(abs(seen.loss - limit) for limit in GRADES) < BORDER
    ]
    if close:
        findings.append(
            Finding(
                code="deformity_near_a_limit",
                severity=Severity.INFO,
                advice=f"{', '.join(close)} lies so close to a limit of the grades that half a "
                "millimetre decides: check the six points.",
            )
        )
    return findings
