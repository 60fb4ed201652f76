"""Other people like this one, as a page tells of them."""

from dataclasses import dataclass
from typing import Any

from riskapp.actions.supposing import Other, Person
from riskapp.exchange.another_wording import with_answer
from riskapp.risk.estimate import Outcome
from riskapp.web.presenters.numbers import percent


@dataclass(frozen=True, slots=True)
class OtherPerson:
    """One of them, with both probabilities."""

    who: str
    major: str
    hip: str


def other_person(person: Person, field: str, other: Other) -> OtherPerson:
    told: Any = other.scored.estimates[0].outcomes
    apart = with_answer(field, other.neighbour.value, other.neighbour.why)
    return OtherPerson(
        who=f"A {'woman' if person.is_woman else 'man'} like this one {apart}",
        major=percent(told[Outcome.MAJOR_OSTEOPOROTIC].probability_10y),
        hip=percent(told[Outcome.HIP].probability_10y),
    )
