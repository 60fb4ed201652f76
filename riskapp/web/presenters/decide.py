"""The patient's page: counts of people, and what goes with a higher or a lower risk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from riskapp.actions.describing import populations
from riskapp.actions.stored_answers import evidence_of, not_this_person
from riskapp.exchange.lay_questions import CLINIC_CAN_FIND_OUT, PATIENT_CAN_TELL
from riskapp.exchange.wording import FIELDS, lay_contribution
from riskapp.models import Assessment
from riskapp.risk.limits import DXA_CURRENT_FOR_YEARS, RANGES
from riskapp.risk.remarks import DAYS_PER_YEAR
from riskapp.web.presenters.answer import HIP, MAJOR
from riskapp.web.presenters.choices import Choices, Named, choices, named
from riskapp.web.presenters.numbers import percent, percent_range
from riskapp.web.presenters.people import NaturalFrequency, natural_frequency
from riskapp.web.presenters.treatments import is_treated

# Below half of one person in a hundred nothing can be seen in the picture.
WORTH_TELLING = 0.005
MOST_TOLD = 6
# A density that tells of the femoral neck where that is not known.
DENSITY_ELSEWHERE = ("total_hip_t_score", "total_hip_bmd_g_cm2", "lumbar_spine_t_score")
BONE = "femoral_neck_t_score"  # the density that the numbers rest on, however it was given


@dataclass(frozen=True, slots=True)
class Exact:
    """The figures behind the counts, for the clinician alone."""

    major: str
    major_interval: str | None
    hip: str
    hip_interval: str | None
    engine: str
    model_id: str
    evidence_set: str
    population: str


@dataclass(frozen=True, slots=True)
class DecideView:
    """What the page tells; nothing in it names anybody."""

    made_on: date
    exact: Exact
    woman: bool
    age: int
    own_age: int | None  # where the numbers are for another age
    bone_is_known: bool
    major: NaturalFrequency
    hip: NaturalFrequency
    higher: tuple[str, ...]
    lower: tuple[str, ...]
    reasons: tuple[str, ...]  # the same in a clinician's words
    to_tell: tuple[str, ...]  # questions that the patient can answer
    to_find_out: tuple[str, ...]  # what is left to the clinic
    unknown: tuple[str, ...]  # the same in a clinician's words
    treated: bool | None  # None: not known
    density_years_ago: int | None  # where it is too old to be relied on
    left_out: tuple[str, ...]  # described in the record, but not counted
    choices: Choices | None  # only for whom the trials were and who takes no medicine yet
    named: tuple[Named, ...]  # the same without numbers, for others who take none


def decide_of(assessment: Assessment) -> DecideView | None:
    """The page of a stored assessment; None where nothing for patients was stored with it.

    Nor is there one where the record was corrected since: the numbers are not this person's.
    """
    estimate = evidence_of(assessment)
    if estimate is None or not_this_person(assessment):
        return None
    made_on = timezone.localdate(assessment.created_at)
    age_then = assessment.patient.age_years_on(made_on)
    return decide_view(estimate, assessment.profile, age_then, made_on)


def decide_view(
    estimate: Mapping[str, Any], profile: Mapping[str, Any], age_then: int, made_on: date
) -> DecideView:
    """Shape an estimate from published epidemiology for the person it is about.

    Parameters
    ----------
    age_then : int
        The person's age by the record on the day of the estimate.
    made_on : date
        That day.
    """
    outcomes = estimate["outcomes"]
    explanation = estimate.get("explanation") or {}
    moves = _moves(explanation.get("contributions", ()))
    unknown = [name for name in estimate["unknown"] if name in FIELDS]
    counted = choices(estimate, profile)
    return DecideView(
        made_on=made_on,
        exact=_exact(estimate),
        woman=profile["sex"] == "female",
        age=int(profile["age_years"]),
        own_age=None
        if RANGES["age_years"].low <= age_then <= RANGES["age_years"].high
        else age_then,
        bone_is_known=BONE not in estimate["unknown"],
        major=natural_frequency(outcomes[MAJOR]),
        hip=natural_frequency(outcomes[HIP]),
        higher=tuple(move.lay for move in moves if move.change > 0)[:MOST_TOLD],
        lower=tuple(move.lay for move in moves if move.change < 0)[:MOST_TOLD],
        reasons=tuple(move.exact for move in moves),
        to_tell=tuple(PATIENT_CAN_TELL[name] for name in unknown if name in PATIENT_CAN_TELL),
        to_find_out=tuple(
            CLINIC_CAN_FIND_OUT.get(name, FIELDS[name].lay)
            for name in unknown
            if name not in PATIENT_CAN_TELL
        ),
        unknown=tuple(FIELDS[name].label for name in unknown),
        treated=is_treated(profile),
        density_years_ago=_too_old(profile, made_on)
        if BONE not in estimate["unknown"] or any(name in profile for name in DENSITY_ELSEWHERE)
        else None,
        left_out=_left_out(profile),
        choices=counted,
        named=() if counted or is_treated(profile) else named(profile),
    )


def _exact(estimate: Mapping[str, Any]) -> Exact:
    major, hip = (estimate["outcomes"][name] for name in (MAJOR, HIP))
    names = {one.code: one.name for one in populations()}
    return Exact(
        major=percent(major["probability_10y"]),
        major_interval=percent_range(major["interval_95"]),
        hip=percent(hip["probability_10y"]),
        hip_interval=percent_range(hip["interval_95"]),
        engine=estimate["engine"],
        model_id=estimate["model_id"],
        evidence_set=estimate["evidence_set"],
        population=names.get(estimate["population"], estimate["population"]),
    )


@dataclass(frozen=True, slots=True)
class _Move:
    change: float
    lay: str
    exact: str


def _moves(contributions: Any) -> list[_Move]:
    """What moves the number by something that can be seen, largest first."""
    told = [
        _Move(item["probability"][MAJOR], lay_contribution(item), item["wording"])
        for item in contributions
        if item["probability"] is not None and abs(item["probability"][MAJOR]) >= WORTH_TELLING
    ]
    return sorted(told, key=lambda move: -abs(move.change))


def _too_old(profile: Mapping[str, Any], made_on: date) -> int | None:
    if "dxa_date" not in profile:
        return None
    years = (made_on - date.fromisoformat(profile["dxa_date"])).days / DAYS_PER_YEAR
    return round(years) if years > DXA_CURRENT_FOR_YEARS else None


def _left_out(profile: Mapping[str, Any]) -> tuple[str, ...]:
    """What is described without the answer "yes" that would make it count."""
    described = {
        "prior_fragility_fracture": (
            "number_of_prior_fractures",
            "prior_fracture_site",
            "prior_fracture_months_ago",
        ),
        "glucocorticoids": ("glucocorticoid_dose_mg_daily",),
    }
    return tuple(
        FIELDS[factor].lay
        for factor, details in described.items()
        if not profile.get(factor) and any(profile.get(detail) for detail in details)
    )
