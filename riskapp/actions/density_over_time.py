"""Areal density over time, site by site, and between which scans it may be compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from uuid import UUID

from django.contrib.auth.models import User

from imaging.densitometry.dxa import AREAL_BMD, T_SCORE
from imaging.densitometry.precision import LSC_FACTOR, acceptable_precision
from imaging.densitometry.precision_study import precision_for
from imaging.densitometry.sites import site_of_region, without_side
from imaging.over_time.change import Change
from imaging.result import Acquired
from riskapp.actions import finding
from riskapp.actions.comparing_scans import Pair, Visit, pairs_of, visits_of
from riskapp.actions.recording_precision import precisions_of
from riskapp.exchange.choices import CHOICES
from riskapp.models import Patient

SITES = ("lumbar_spine", "femoral_neck", "total_hip")
NOT_THE_SAME_REGION = "The two were not measured over the same vertebrae."
NO_COMPARISON = "The two scans are not of the same kind."


@dataclass(frozen=True, slots=True)
class Point:
    """One density, g/cm2; ``sd`` is the precision error of one scan, None where not known."""

    scan: UUID
    on: date
    region: str
    value: float
    t_score: float | None
    sd: float | None
    scanner: str


@dataclass(frozen=True, slots=True)
class Step:
    """From one point to the next: what changed, or the sentence why that cannot be said."""

    change: Change | None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """One site of one side; ``steps`` has one entry fewer than ``points``.

    ``whole`` is the change from the first point to the last, where the two may be compared.
    """

    site: str
    side: str
    points: tuple[Point, ...]
    steps: tuple[Step, ...]
    whole: Change | None


def densities_of(*, by: User, patient: Patient) -> tuple[Course, ...]:
    """What confirmed scans say of spine, femoral neck and total hip, by site and side."""
    patient = finding.patient(by=by, id=patient.id)
    visits = visits_of(patient, holding=AREAL_BMD)
    pairs = {(one.earlier, one.later): one for one in pairs_of(visits, patient)}
    by_bone: dict[tuple[str, str], dict[date, Point]] = {}
    for visit in visits:
        for point in _points(visit, patient):
            bone = site_of_region(point.region), without_side(point.region)[1] or ""
            # Of two scans of one day the one that was received first counts.
            by_bone.setdefault(bone, {}).setdefault(point.on, point)
    return tuple(
        _course(site, side, [by_day[day] for day in sorted(by_day)], pairs)
        for (site, side), by_day in sorted(
            by_bone.items(), key=lambda one: (SITES.index(one[0][0]), one[0][1])
        )
    )


def _points(visit: Visit, patient: Patient) -> Iterable[Point]:
    acquired = visit.measurement.acquired
    if acquired is None or not acquired.on:
        return
    own = precisions_of(patient.organisation, acquired)
    numbers = visit.measurement.measurements
    scores = {one.region: one.value for one in numbers if one.name == T_SCORE}
    bones = [one for one in numbers if one.name == AREAL_BMD and site_of_region(one.region)]
    # Of several choices of vertebrae the longest is the one that the scan was made for.
    spines = [one for one in bones if site_of_region(one.region) == SITES[0]]
    spine = max(spines, key=lambda one: (one.region == "L1-L4", len(one.region)), default=None)
    for one in bones:
        if site_of_region(one.region) in SITES and (one not in spines or one is spine):
            known = precision_for(one.region, own) or acceptable_precision(one.region)
            yield Point(
                scan=visit.version.scan_id,
                on=date.fromisoformat(acquired.on),
                region=one.region,
                value=one.value,
                t_score=scores.get(one.region),
                sd=known.of(one.value) if known else None,
                scanner=_scanner(acquired),
            )


def _scanner(acquired: Acquired) -> str:
    maker = acquired.manufacturer or ""
    made_by = CHOICES["dxa_manufacturer"].get(maker, maker)
    return " ".join(part for part in (made_by, acquired.model) if part)


def _course(
    site: str, side: str, points: Sequence[Point], pairs: Mapping[tuple[UUID, UUID], Pair]
) -> Course:
    found = [_step(site, side, two, pairs) for two in pairwise(points)]
    regions = {step.change.region for step in found if step.change}
    if len(regions) == 1:
        # Compared over fewer vertebrae, all of them are shown over those.
        points = _over(regions.pop(), points, found)
    steps = [_same_region(step, *two) for step, two in zip(found, pairwise(points), strict=True)]
    whole = _step(site, side, (points[0], points[-1]), pairs).change if len(points) > 1 else None
    if whole and {whole.region} != {point.region for point in (points[0], points[-1])}:
        whole = None
    return Course(site, side, tuple(points), tuple(steps), whole)


def _step(
    site: str, side: str, two: Sequence[Point], pairs: Mapping[tuple[UUID, UUID], Pair]
) -> Step:
    earlier, later = two
    pair = pairs.get((earlier.scan, later.scan))
    if pair is None:
        return Step(None, NO_COMPARISON)
    if pair.comparison is None:
        return Step(None, pair.refused or NO_COMPARISON)
    changes = [
        change
        for change in pair.comparison.changes
        if change.name == AREAL_BMD
        and site_of_region(change.region) == site
        and (without_side(change.region)[1] or "") == side
    ]
    # Several choices of vertebrae may be common; that of both points comes first.
    changes.sort(key=lambda one: (one.region == earlier.region, len(one.region)), reverse=True)
    return Step(changes[0]) if changes else Step(None, NOT_THE_SAME_REGION)


def _over(region: str, points: Sequence[Point], steps: Sequence[Step]) -> list[Point]:
    shown: dict[UUID, Point] = {}
    for step, (earlier, later) in zip(steps, pairwise(points), strict=True):
        if step.change:
            shown[earlier.scan] = _moved(earlier, step.change, step.change.earlier)
            shown[later.scan] = _moved(later, step.change, step.change.later)
    return [shown.get(point.scan, point) for point in points]


def _moved(point: Point, change: Change, value: float) -> Point:
    if point.region == change.region:
        return point
    least = change.least_significant
    sd = None if least is None else least / LSC_FACTOR
    return replace(point, region=change.region, value=value, t_score=None, sd=sd)


def _same_region(step: Step, earlier: Point, later: Point) -> Step:
    if step.change and {step.change.region} != {earlier.region, later.region}:
        return Step(None, NOT_THE_SAME_REGION)
    return step
