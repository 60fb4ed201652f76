"""Engines asked about a whole cohort, by the same path that answers about one person."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from riskapp.risk.answering import Answer, answers
from riskapp.risk.errors import InvalidProfile, RiskError
from riskapp.risk.estimate import Engine, EstimateOptions, Outcome
from riskapp.risk.profile import RiskProfile

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

YEARS = 10
# What a refusal says of the person follows these words, and a report carries no one's values.
OF_THE_PERSON = " and cannot speak about "


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One engine and the way it is asked.

    Attributes
    ----------
    key : str
        Names it in the JSON.
    label : str
        For readers.
    """

    key: str
    label: str
    engine: Engine
    evidence_set: str = "frax-2008"
    unknown_as_no: bool = False

    @property
    def options(self) -> EstimateOptions:
        return EstimateOptions(
            evidence_set=self.evidence_set,
            unknown_as_no=self.unknown_as_no,
            explain=False,
            interval=False,
            verdicts=False,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one candidate answered.

    Attributes
    ----------
    curves : mapping of Outcome to ndarray, shape (n, 10)
        Probability by the end of each year; NaN where it refused.
    answered : ndarray of bool, shape (n,)
    refused : mapping of reason to int
    """

    curves: Mapping[Outcome, Floats]
    answered: Flags
    refused: Mapping[str, int]


# What an engine answered to somebody: curves by outcome, or why it refused.
Told = Mapping[Outcome, Floats] | str


class Memory:
    """What candidates answered, so that nobody is asked the same twice.

    A report asks about the same people with one input after another left blank; whoever had no
    answer there, or where the engine does not read it, is asked nothing new.
    """

    def __init__(self) -> None:
        self._told: dict[tuple[str, bytes], Told] = {}

    def ask(self, candidate: Candidate, profiles: Sequence[RiskProfile]) -> Asked:
        """Curves of everybody, and who was refused why."""
        read = frozenset(column.name for column in getattr(candidate.engine, "site_columns", ()))
        keys = [(candidate.key, _digest(profile, read)) for profile in profiles]
        fresh = {
            key: profile
            for key, profile in zip(keys, profiles, strict=True)
            if key not in self._told
        }
        asked = answers(candidate.engine, list(fresh.values()), candidate.options)
        self._told |= zip(fresh, map(_told, asked), strict=True)
        return _gathered([self._told[key] for key in keys])


def ask(candidate: Candidate, profiles: Sequence[RiskProfile]) -> Asked:
    """As ``Memory.ask``, keeping nothing."""
    return Memory().ask(candidate, profiles)


def _digest(profile: RiskProfile, read: frozenset[str]) -> bytes:
    """Equal where the engine is told the same."""
    values = {name: value for name, value in profile.site_values.items() if name in read}
    return hashlib.blake2b(
        repr(replace(profile, site_values=values)).encode(), digest_size=16
    ).digest()


def _told(answer: Answer) -> Told:
    if isinstance(answer, RiskError):
        return _reason(answer)
    return {
        outcome: np.array([probability for _, probability in told.curve])
        for outcome, told in answer.outcomes.items()
    }


def _gathered(told: Sequence[Told]) -> Asked:
    curves = {outcome: np.full((len(told), YEARS), np.nan) for outcome in Outcome}
    answered = np.zeros(len(told), dtype=np.bool_)
    refused: Counter[str] = Counter()
    for row, each in enumerate(told):
        if isinstance(each, str):
            refused[each] += 1
            continue
        answered[row] = True
        for outcome, curve in each.items():
            curves[outcome][row] = curve
    return Asked(curves=curves, answered=answered, refused=dict(refused))


def _reason(refusal: RiskError) -> str:
    """Why, without what is said about the person: fields by name, never by value."""
    if isinstance(refusal, InvalidProfile):
        return ", ".join(sorted(refusal.by_field))
    sentence, found, _ = str(refusal).partition(OF_THE_PERSON)
    return f"{sentence}." if found else sentence
