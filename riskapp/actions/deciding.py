"""What the reader's own guideline would say, were one more answer known; nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from riskapp.actions.supposing import Person, like
from riskapp.risk.estimate import Outcome, RiskEstimate
from riskapp.risk.guidelines import first_verdict
from riskapp.risk.predicting import counted
from riskapp.risk.profile import FACTORS, FractureSite, RiskProfile
from riskapp.risk.spine_image import reasons_for_image

YES_OR_NO = (*FACTORS, "postmenopausal")
VERTEBRAL = {
    "prior_fragility_fracture": True,
    "prior_fracture_site": FractureSite.VERTEBRA.value,
}


@dataclass(frozen=True, slots=True)
class Then:
    """The guideline's category and the probabilities of the person with that answer.

    ``possible`` are all categories that are left then, as other answers may still be missing.
    """

    at_least: str | None
    major: float
    hip: float
    possible: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EitherWay:
    """One question that is not answered, and what follows from each answer."""

    field: str
    now: str | None
    if_no: Then
    if_yes: Then

    @property
    def changes(self) -> bool:
        return {self.if_no.at_least, self.if_yes.at_least} != {self.now}

    @property
    def still_possible(self) -> tuple[str, ...]:
        """Categories that neither answer gives and that are not ruled out by it either."""
        left = dict.fromkeys((*self.if_yes.possible, *self.if_no.possible))
        return tuple(one for one in left if one not in (self.if_no.at_least, self.if_yes.at_least))


@dataclass(frozen=True, slots=True)
class SpineImage:
    """Why an image of the spine is indicated, and what a fracture on it would make of the verdict.

    ``category`` is blank where the verdict would stay.
    """

    reasons: tuple[str, ...]
    category: str


def either_way(person: Person, estimate: RiskEstimate) -> EitherWay | None:
    """What the first question that is missing would bring, else the most helpful one.

    Only yes/no questions have two ways; None where none is open.
    """
    if not estimate.guidelines:
        return None
    own = estimate.guidelines[0]
    helpful = (one.field for one in estimate.would_help_most)
    field = next((name for name in (*own.missing, *helpful) if name in YES_OR_NO), None)
    if field is None or own.applies is False:
        return None
    no, yes = (_then(person, {field: answer}) for answer in (False, True))
    return EitherWay(field, own.at_least, no, yes)


def spine_image(person: Person, profile: RiskProfile, estimate: RiskEstimate) -> SpineImage | None:
    """Whether an image of the spine is indicated; None where it is not."""
    reasons = reasons_for_image(profile)
    if not reasons or not estimate.guidelines or not estimate.guidelines[0].applies:
        return None
    then = _then(person, VERTEBRAL).at_least or ""
    return SpineImage(reasons, "" if then == estimate.guidelines[0].at_least else then)


def _then(person: Person, changes: Mapping[str, object]) -> Then:
    bare = replace(person.options, verdicts=False)  # of all guidelines, where one is asked for
    scored = like(replace(person, options=bare), changes, interval=False)
    outcomes = scored.estimates[0].outcomes
    major, hip = (
        outcomes[one].probability_10y for one in (Outcome.MAJOR_OSTEOPOROTIC, Outcome.HIP)
    )
    own = first_verdict(counted(scored.profile, bare), major, hip, bare.guideline)
    return Then(own.at_least, major, hip, own.possible)
