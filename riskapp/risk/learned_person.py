"""People ready to be asked about, several rows each where something is not known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.anchor import EVIDENCE_SET, Anchored
from riskapp.risk.design_row import Floats
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.profile import RiskProfile

# Rows of many people that are worked on together.
ROWS_AT_A_TIME = 20_000


@dataclass(frozen=True, slots=True)
class Person:
    """One profile, ready to be asked about: complete rows and what the evidence knows beside.

    ``given`` is the profile as it came, ``profile`` as its answers are counted.
    """

    given: RiskProfile
    profile: RiskProfile
    rows: Floats
    beside: Anchored


def beside(people: Sequence[Person]) -> tuple[npt.NDArray[np.intp], Anchored]:
    """Whose each row is, and what the evidence knows of everybody."""
    owners = np.repeat(np.arange(len(people)), [len(person.rows) for person in people])
    return owners, Anchored(
        tuple(person.beside.populations[0] for person in people),
        tuple(person.beside.modifiers[0] for person in people),
    )


def batches(asked: Sequence[tuple[int, Person]]) -> list[list[tuple[int, Person]]]:
    """People together, few enough that their rows fit."""
    found: list[list[tuple[int, Person]]] = []
    rows = ROWS_AT_A_TIME
    for one in asked:
        if rows + len(one[1].rows) > ROWS_AT_A_TIME:
            found.append([])
            rows = 0
        found[-1].append(one)
        rows += len(one[1].rows)
    return found


class ExactCurves:
    """The evidence's own curves of those about whom something is not known.

    Whoever asks several engines about the same people keeps one of these: what the evidence says
    is the same for all of them, and worked out once.
    """

    def __init__(self) -> None:
        # The profile is kept beside its curves, so that nobody else can come by its identity.
        self._found: dict[tuple[int, bool], tuple[RiskProfile, dict[Outcome, Floats]]] = {}

    def of(
        self, people: Sequence[Person], options: EstimateOptions
    ) -> dict[int, dict[Outcome, Floats]]:
        """Curves by the identity of the person; without those of whom all is known."""
        unsure = [person for person in people if len(person.rows) > 1]
        as_no = options.unknown_as_no
        new = [person.given for person in unsure if (id(person.given), as_no) not in self._found]
        bare = EstimateOptions(
            evidence_set=EVIDENCE_SET,
            unknown_as_no=as_no,
            explain=False,
            interval=False,
            verdicts=False,
        )
        answers = EvidenceEngine(EVIDENCE_SET).estimate_many(new, bare)
        for profile, answer in zip(new, answers, strict=True):
            assert isinstance(answer, RiskEstimate)  # refusals were met when completing
            self._found[id(profile), as_no] = (
                profile,
                {o: np.array([p for _, p in each.curve]) for o, each in answer.outcomes.items()},
            )
        return {id(person): self._found[id(person.given), as_no][1] for person in unsure}
