"""The probability at each assessment over the years, as stored then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from uuid import UUID

from django.utils import timezone

from riskapp.actions.stored_answers import evidence_of, has_evidence
from riskapp.models import Assessment
from riskapp.web.presenters.numbers import percentage, percentage_range
from riskapp.web.presenters.scale import from_zero
from riskapp.web.presenters.series import (
    Dot,
    GridLine,
    Series,
    apart,
    grid,
    height,
    in_turn,
    series,
    span_words,
)
from riskapp.web.presenters.years import Bar, Beside, Mark, Years

OUTCOMES = (("major_osteoporotic", "", "Major"), ("hip", "hip", "Hip"))


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One assessment, in numbers."""

    id: UUID
    on: date
    age_years: int
    major: str
    major_interval: str
    hip: str
    hip_interval: str


@dataclass(frozen=True, slots=True)
class RiskChart:
    """Both outcomes over the years, and the same as a table."""

    span: str
    major_words: str
    hip_words: str
    grid: tuple[GridLine, ...]
    years: tuple[tuple[str, str], ...]
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    height: int
    series: tuple[Series, ...]
    rows: tuple[RiskRow, ...]
    now_major: str
    now_hip: str
    earlier: int  # so many days before these are not drawn
    is_counted_anew: bool  # some neighbours were counted in different ways and are not joined


@dataclass(frozen=True, slots=True)
class Estimated:
    """One stored estimate of published epidemiology and its day."""

    assessment: Assessment
    on: date

    @property
    def counted_by(self) -> tuple[str, ...]:
        """What must agree for a change to be the person's: model, evidence set, population."""
        estimate = evidence_of(self.assessment) or {}
        return tuple(estimate[name] for name in ("model_id", "evidence_set", "population"))

    def ends(self, outcome: str) -> tuple[float, float, float]:
        """Probability, lower and upper end of its interval."""
        told = (evidence_of(self.assessment) or {})["outcomes"][outcome]
        probability = told["probability_10y"]
        lower, upper = told.get("interval_95") or (probability, probability)
        return probability, lower, upper


def by_day(made: Iterable[Assessment]) -> dict[date, Assessment]:
    """The last assessment of each day that has an estimate, the earliest first."""
    in_turn = sorted(made, key=lambda one: one.created_at)
    return {timezone.localdate(one.created_at): one for one in in_turn if has_evidence(one)}


def estimated(assessments: Iterable[Assessment]) -> tuple[Estimated, ...]:
    """The last assessment of each day, by day; whole ones, whose estimates are opened."""
    answered = (one for one in assessments if evidence_of(one))
    return tuple(Estimated(one, day) for day, one in by_day(answered).items())


def risk_chart(
    told: Sequence[Estimated], years: Years, beside: Beside, earlier: int = 0
) -> RiskChart | None:
    """None where there is no estimate; ``earlier`` days with one are not among those told."""
    if not told:
        return None
    every = {outcome: [one.ends(outcome) for one in told] for outcome, _, _ in OUTCOMES}
    scale = from_zero(max(100 * upper for ends in every.values() for _, _, upper in ends))
    of_percent = height(scale)

    def y(probability: float) -> float:
        return of_percent(100 * probability)

    joined = [one.counted_by == other.counted_by for one, other in pairwise(told)]
    drawn = [
        series(
            kind,
            name,
            [
                Dot(years.x(one.on), y(value), (y(lower), y(upper)) if upper > lower else None)
                for one, (value, lower, upper) in zip(told, every[outcome], strict=True)
            ],
            joined,
        )
        for outcome, kind, name in OUTCOMES
    ]
    rows = tuple(_row(one) for one in reversed(told))
    return RiskChart(
        span=span_words([one.on.year for one in told]),
        major_words=_course(every["major_osteoporotic"]),
        hip_words=_course(every["hip"]),
        grid=grid(scale),
        years=years.ticks,
        marks=beside.marks,
        bars=beside.bars,
        height=beside.height,
        series=apart(drawn),
        rows=rows,
        now_major=rows[0].major,
        now_hip=rows[0].hip,
        earlier=earlier,
        is_counted_anew=not all(joined),
    )


def _course(ends: Sequence[tuple[float, float, float]]) -> str:
    return in_turn([percentage(value) for value, _, _ in ends])


def _row(one: Estimated) -> RiskRow:
    (major, *of_major), (hip, *of_hip) = (one.ends(outcome) for outcome, _, _ in OUTCOMES)
    return RiskRow(
        id=one.assessment.pk,
        on=one.on,
        age_years=one.assessment.patient.age_years_on(one.on),
        major=percentage(major),
        major_interval=_interval(major, *of_major),
        hip=percentage(hip),
        hip_interval=_interval(hip, *of_hip),
    )


def _interval(value: float, lower: float, upper: float) -> str:
    return percentage_range((lower, upper)) if upper > lower else ""
