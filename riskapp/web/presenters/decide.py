"""The patient's page: counts of people, and what goes with a higher or a lower risk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.exchange.wording import FIELDS, lay_contribution
from riskapp.web.presenters.answer import HIP, MAJOR
from riskapp.web.presenters.people import NaturalFrequency, natural_frequency

# Below half of one person in a hundred nothing can be seen in the picture.
WORTH_TELLING = 0.005
MOST_TOLD = 6
# What a patient can find out; the rest is for the clinic to measure.
PATIENT_CAN_TELL = (
    "parent_hip_fracture", "prior_fragility_fracture", "current_smoker", "glucocorticoids",
    "alcohol_3_or_more_units_daily", "falls_last_year", "rheumatoid_arthritis",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DecideView:
    """What the page tells; nothing in it names anybody."""

    woman: bool
    age: int
    bone_is_known: bool
    major: NaturalFrequency
    hip: NaturalFrequency
    higher: tuple[str, ...]
    lower: tuple[str, ...]
    unknown: tuple[str, ...]
    to_find_out: tuple[str, ...]
    treated: bool


def decide_view(estimate: Mapping[str, Any], profile: Mapping[str, Any]) -> DecideView:
    """Shape an estimate from published epidemiology for the person it is about."""
    outcomes = estimate["outcomes"]
    explanation = estimate.get("explanation") or {}
    moves = _moves(explanation.get("contributions", ()))
    unknown = [name for name in estimate["unknown"] if name in FIELDS]
    return DecideView(
        woman=profile["sex"] == "female",
        age=int(profile["age_years"]),
        bone_is_known=any(_is_density(name) for name in profile),
        major=natural_frequency(outcomes[MAJOR]),
        hip=natural_frequency(outcomes[HIP]),
        higher=tuple(told for change, told in moves if change > 0)[:MOST_TOLD],
        lower=tuple(told for change, told in moves if change < 0)[:MOST_TOLD],
        unknown=tuple(dict.fromkeys(FIELDS[name].lay for name in unknown)),
        to_find_out=tuple(FIELDS[name].lay for name in unknown if name in PATIENT_CAN_TELL),
        treated=profile.get("osteoporosis_treatment") not in (None, "none"),
    )


def _moves(contributions: Any) -> list[tuple[float, str]]:
    """What moves the number by something that can be seen, largest first, in plain words."""
    told = [
        (item["probability"][MAJOR], lay_contribution(item))
        for item in contributions
        if item["probability"] is not None and abs(item["probability"][MAJOR]) >= WORTH_TELLING
    ]
    return sorted(told, key=lambda move: -abs(move[0]))


def _is_density(field: str) -> bool:
    return any(part in field for part in ("bmd", "t_score", "attenuation"))
