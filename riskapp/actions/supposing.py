"""What the answer would be for another person, like this one but for something; unstored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from riskapp.actions.assessing import score_for
from riskapp.actions.scoring import EVIDENCE, Scored, score
from riskapp.exchange.assessment_json import profile_json
from riskapp.models import Assessment, Patient
from riskapp.risk.errors import EngineWithheld
from riskapp.risk.estimate import EstimateOptions
from riskapp.risk.neighbours import Neighbour, another, neighbours, plainest
from riskapp.risk.profile import RiskProfile

# Whose answers are another's is said by the record; these make a person who is not alike at all.
SAME = ("population", "age_years", "sex")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's answers as they were read, and how to answer about them."""

    answers: Mapping[str, Any]
    options: EstimateOptions

    @property
    def is_woman(self) -> bool:
        return bool(self.answers["sex"] == "female")


@dataclass(frozen=True, slots=True)
class Other:
    """Another person: the one answer that differs, and the estimate for them."""

    neighbour: Neighbour
    scored: Scored


def person_of(
    *, patient: Patient, complete: Mapping[str, object], options: EstimateOptions
) -> Person:
    """The person that a form describes, with answers completed as saving would.

    Raises
    ------
    Refused
        If the answers contradict the patient's record.
    RiskError
        If the answers cannot be used.
    """
    bare = replace(options, explain=False, interval=False, verdicts=False)
    scored = score_for(patient=patient, complete=complete, options=bare)
    return Person(profile_json(scored.profile), options)


def person_then(assessment: Assessment) -> Person:
    """The person as an assessment knew them."""
    return Person(assessment.profile, EstimateOptions(**assessment.options))


def like(person: Person, changes: Mapping[str, object], *, interval: bool = True) -> Scored:
    """Estimate for another person: the same answers but for the changes, by published evidence.

    Raises
    ------
    RiskError
        If a changed answer cannot be used.
    """
    options = replace(person.options, explain=False, interval=interval)
    return score(another(person.answers, changes), engines=(EVIDENCE,), options=options)


def others_like(person: Person, field: str) -> tuple[Other, ...]:
    """People with another answer to one question, each with a bare estimate."""
    profile = like(person, {}, interval=False).profile
    return tuple(
        Other(one, like(person, {field: one.value}, interval=False))
        for one in neighbours(profile, field)
    )


def has_moved_on(assessment: Assessment, scored: Scored) -> bool:
    """Whether an estimate of today is by other evidence than the assessment was."""
    return scored.estimates[0].model_id != assessment.model_ids.get(EVIDENCE)


def without_risk_factors(profile: RiskProfile, options: EstimateOptions) -> Scored:
    """A bare estimate for somebody of the same age and sex with every risk factor answered no."""
    bare = replace(options, explain=False, interval=False, verdicts=False)
    return score(plainest(profile), engines=(EVIDENCE,), options=bare)


def without_risk_factors_then(assessment: Assessment) -> Scored | None:
    """The same beside a stored assessment; none where other evidence answers by now, or none."""
    person = person_then(assessment)
    try:
        profile = like(person, {}, interval=False).profile
        scored = without_risk_factors(profile, person.options)
    except EngineWithheld:
        return None  # said on every page; what is stored is shown without it
    same = scored.estimates[0].model_id == assessment.model_ids.get(EVIDENCE)
    return scored if same else None
