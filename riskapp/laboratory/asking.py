"""Engines asked about a whole cohort, by the same path that answers about one person."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.answering import answers
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


def ask(candidate: Candidate, profiles: Sequence[RiskProfile]) -> Asked:
    """Curves of everybody, and who was refused why."""
    curves = {outcome: np.full((len(profiles), YEARS), np.nan) for outcome in Outcome}
    answered = np.zeros(len(profiles), dtype=np.bool_)
    refused: Counter[str] = Counter()
    for row, answer in enumerate(answers(candidate.engine, profiles, candidate.options)):
        if isinstance(answer, RiskError):
            refused[_reason(answer)] += 1
            continue
        answered[row] = True
        for outcome, told in answer.outcomes.items():
            curves[outcome][row] = [probability for _, probability in told.curve]
    return Asked(curves=curves, answered=answered, refused=dict(refused))


def _reason(refusal: RiskError) -> str:
    """Why, without what is said about the person: fields by name, never by value."""
    if isinstance(refusal, InvalidProfile):
        return ", ".join(sorted(refusal.by_field))
    sentence, found, _ = str(refusal).partition(OF_THE_PERSON)
    return f"{sentence}." if found else sentence
