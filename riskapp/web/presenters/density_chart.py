"""Areal density over the years, by site: drawn, joined where it may be compared, and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from uuid import UUID

from riskapp.actions.density_over_time import Course, Point
from riskapp.exchange.sentences import listed_in_words
from riskapp.web.presenters.measured_table import region_name
from riskapp.web.presenters.numbers import plain, signed
from riskapp.web.presenters.scale import around
from riskapp.web.presenters.series import (
    Dot,
    GridLine,
    Height,
    Series,
    apart,
    grid,
    height,
    in_turn,
    series,
    span_words,
)
from riskapp.web.presenters.years import Bar, Beside, Mark, Years

KINDS = {"lumbar_spine": "", "femoral_neck": "hip", "total_hip": "total-hip"}
NAMES = {"lumbar_spine": "Spine", "femoral_neck": "Neck", "total_hip": "Hip"}
# The bone that the headline speaks of, if it was measured twice.
FIRST_OF_ALL = ("femoral_neck", "total_hip", "lumbar_spine")
LEAST_SPAN_G_CM2 = 0.2
WITHIN_95 = 1.96  # standard deviations of one scan


@dataclass(frozen=True, slots=True)
class Cell:
    """One site on one day; ``change`` is from the scan before, blank where not compared."""

    value: str
    t_score: str
    change: str


@dataclass(frozen=True, slots=True)
class DensityRow:
    """All sites of one day."""

    on: date
    scans: tuple[UUID, ...]
    scanner: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One site of one side."""

    name: str
    region: str
    words: str
    least_significant: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Two days that are not joined, of which sites, and why."""

    names: str
    earlier: date
    later: date
    why: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The longest change of the bone that is judged first."""

    name: str
    percent: str
    since: int
    verdict: str


@dataclass(frozen=True, slots=True)
class DensityChart:
    """Every site over the years, and the same as a table."""

    span: str
    starts_at: str
    grid: tuple[GridLine, ...]
    years: tuple[tuple[str, str], ...]
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    height: int
    series: tuple[Series, ...]
    columns: tuple[Column, ...]
    rows: tuple[DensityRow, ...]
    gaps: tuple[Gap, ...]
    headline: Headline | None
    repeatability: tuple[str, ...]


def shown(courses: Sequence[Course]) -> tuple[Course, ...]:
    """Of two sides the one with more scans, then the one that was scanned last."""
    best: dict[str, Course] = {}
    for course in courses:
        held = best.get(course.site)
        if held is None or _weight(course) > _weight(held):
            best[course.site] = course
    return tuple(best.values())


def density_chart(courses: Sequence[Course], years: Years, beside: Beside) -> DensityChart | None:
    """None where no density was measured; ``courses`` are those of ``shown``."""
    if not courses:
        return None
    ends = [end for course in courses for point in course.points for end in _ends(point)]
    scale = around(min(ends), max(ends), LEAST_SPAN_G_CM2)
    y = height(scale)
    drawn = [
        series(
            KINDS[course.site],
            NAMES[course.site],
            [_dot(point, years, y) for point in course.points],
            [step.change is not None for step in course.steps],
        )
        for course in courses
    ]
    return DensityChart(
        span=span_words([point.on.year for course in courses for point in course.points]),
        starts_at=scale.ticks[0].text,
        grid=grid(scale),
        years=years.ticks,
        marks=beside.marks,
        bars=beside.bars,
        height=beside.height,
        series=apart(drawn),
        columns=tuple(_column(course) for course in courses),
        rows=_rows(courses),
        gaps=_gaps(courses),
        headline=_headline(courses),
        repeatability=_repeatability(courses),
    )


def _weight(course: Course) -> tuple[int, date]:
    return len(course.points), course.points[-1].on


def _ends(point: Point) -> tuple[float, float]:
    reach = WITHIN_95 * (point.sd or 0.0)
    return point.value - reach, point.value + reach


def _dot(point: Point, years: Years, y: Height) -> Dot:
    lower, upper = _ends(point)
    whisker = (y(lower), y(upper)) if point.sd is not None else None
    return Dot(years.x(point.on), y(point.value), whisker)


def _column(course: Course) -> Column:
    least = [step.change.least_significant for step in course.steps if step.change]
    return Column(
        name=NAMES[course.site],
        region=region_name(course.points[-1].region),
        words=in_turn([plain(point.value, 3) for point in course.points]),
        least_significant=plain(least[-1], 3) if least and least[-1] is not None else "",
    )


def _rows(courses: Sequence[Course]) -> tuple[DensityRow, ...]:
    """Newest first."""
    found = [_cells(course) for course in courses]
    days = sorted({day for cells in found for day in cells}, reverse=True)
    points = [point for course in courses for point in course.points]
    return tuple(
        DensityRow(
            on=day,
            scans=tuple(dict.fromkeys(point.scan for point in points if point.on == day)),
            scanner=next(point.scanner for point in points if point.on == day),
            cells=tuple(cells.get(day) for cells in found),
        )
        for day in days
    )


def _cells(course: Course) -> dict[date, Cell]:
    changes = [None, *(step.change for step in course.steps)]
    return {
        point.on: Cell(
            value=plain(point.value, 3),
            t_score="" if point.t_score is None else plain(point.t_score),
            change=signed(change.percent) if change and change.percent is not None else "",
        )
        for point, change in zip(course.points, changes, strict=True)
    }


def _gaps(courses: Sequence[Course]) -> tuple[Gap, ...]:
    names: dict[tuple[date, date, str], list[str]] = {}
    for course in courses:
        for step, (earlier, later) in zip(course.steps, pairwise(course.points), strict=True):
            if step.change is None:
                why = earlier.on, later.on, step.why_not
                names.setdefault(why, []).append(NAMES[course.site].lower())
    return tuple(Gap(listed_in_words(told, "and"), *why) for why, told in sorted(names.items()))


def _headline(courses: Sequence[Course]) -> Headline | None:
    by_site = {course.site: course for course in courses}
    for site in FIRST_OF_ALL:
        whole = by_site[site].whole if site in by_site else None
        if whole is not None and whole.percent is not None:
            since = by_site[site].points[0].on.year
            return Headline(NAMES[site], signed(whole.percent), since, whole.verdict)
    return None


def _repeatability(courses: Sequence[Course]) -> tuple[str, ...]:
    told = [step.change.repeatability for course in courses for step in course.steps if step.change]
    return tuple(dict.fromkeys(told))
