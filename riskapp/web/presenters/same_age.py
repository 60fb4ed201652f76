"""This person beside others of the same age and sex: absolute first, then how many times."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskapp.actions.scoring import Scored
from riskapp.exchange.assessment_json import estimate_json
from riskapp.exchange.wording import value_text
from riskapp.web.presenters.drawn_rows import DrawnRows, Told, drawn_rows
from riskapp.web.presenters.guideline_lines import drawn_lines
from riskapp.web.presenters.numbers import percent, plain, short
from riskapp.web.presenters.shown import Shown

ALIKE = (0.95, 1.05)  # a ratio within is about one
WHO = {"female": ("woman", "women"), "male": ("man", "men")}


@dataclass(frozen=True, slots=True)
class Beside(Shown):
    """One outcome."""

    own: str
    average: str
    times_average: str
    plain: str  # of somebody without risk factors; blank where it is not told
    times_plain: str
    chart: DrawnRows


@dataclass(frozen=True, slots=True)
class SameAge(Shown):
    """Both outcomes, and who is compared with."""

    one: str
    many: str
    age: str
    body_mass_index: str
    major: Beside
    hip: Beside


def same_age(
    estimate: Mapping[str, Any], profile: Mapping[str, Any], plainest: Scored | None
) -> SameAge | None:
    """None where an estimate was made without its reasons, which hold the average."""
    explanation = estimate.get("explanation")
    if not explanation or not explanation.get("baseline"):
        return None
    one, many = WHO[profile["sex"]]
    age = short(profile["age_years"])
    bare = estimate_json(plainest.estimates[0])["outcomes"] if plainest else None

    drawn = drawn_lines(estimate, profile["age_years"])

    def beside(outcome: str) -> Beside:
        own = estimate["outcomes"][outcome]
        average = {"probability_10y": explanation["baseline"][outcome]}
        rows = [Told(f"The average {one} of {age}", average)]
        if bare:
            rows.append(Told("None of the seven risk factors", bare[outcome] | NO_INTERVAL))
        rows.append(Told(f"This {one}", own, is_main=True))
        return Beside(
            own=percent(own["probability_10y"]),
            average=percent(average["probability_10y"]),
            times_average=times(own, average),
            plain=percent(bare[outcome]["probability_10y"]) if bare else "",
            times_plain=times(own, bare[outcome]) if bare else "",
            chart=drawn_rows(rows, drawn.get(outcome, ())),
        )

    index = plainest.profile.body_mass_index if plainest else None
    return SameAge(
        one=one,
        many=many,
        age=age,
        body_mass_index="" if index is None else value_text("body_mass_index", index),
        major=beside("major_osteoporotic"),
        hip=beside("hip"),
    )


NO_INTERVAL = {"interval_95": None}


def times(own: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """How many times as likely, of numbers that are not yet rounded."""
    ratio = own["probability_10y"] / other["probability_10y"]
    if ALIKE[0] <= ratio <= ALIKE[1]:
        return "about as likely"
    return f"{plain(ratio)} times as likely"
