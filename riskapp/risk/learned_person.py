"""People ready to be asked about, several rows each where something is not known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.anchor import CLINICAL, EVIDENCE_SET, Anchored, known_to_evidence
from riskapp.risk.design_row import Floats, known_values
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.missing import grid
from riskapp.risk.populations import population
from riskapp.risk.profile import RiskProfile
from riskapp.risk.site_people import AS_PUBLISHED, SitePeople
from riskapp.risk.summation import incidence, mean

# Rows of many people that are worked on together.
ROWS_AT_A_TIME = 20_000


@dataclass(frozen=True, slots=True)
class Person:
    """One profile, ready to be asked about: complete rows and what the evidence knows beside.

    ``given`` is the profile as it came, ``profile`` as its answers are counted; ``like`` says
    whom what is not known is averaged over.
    """

    given: RiskProfile
    profile: RiskProfile
    rows: Floats
    beside: Anchored
    like: SitePeople = AS_PUBLISHED


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


# Whose profile, whether the unknown is no, and whom it is averaged over.
_Key = tuple[int, bool, SitePeople]


class ExactCurves:
    """The evidence's own curves of those about whom something is not known.

    Whoever asks several engines about the same people keeps one of these: what the evidence says
    is the same for all that average over the same people, and worked out once.
    """

    def __init__(self) -> None:
        # The profile is kept beside its curves, so that nobody else can come by its identity.
        self._found: dict[_Key, tuple[RiskProfile, dict[Outcome, Floats]]] = {}

    def of(
        self, people: Sequence[Person], options: EstimateOptions
    ) -> dict[int, dict[Outcome, Floats]]:
        """Curves by the identity of the person; without those of whom all it reads is known."""
        as_no = options.unknown_as_no
        found = {}
        for person in people:
            # What the evidence reads may all be known: then every completion has its answer.
            if known_values(person.profile).keys() >= set(CLINICAL):
                continue
            key = id(person.given), as_no, person.like
            if key not in self._found:
                curves = evidence_curves(person.given, person.like, unknown_as_no=as_no)
                self._found[key] = person.given, curves
            found[id(person)] = self._found[key][1]
        return found


def evidence_curves(
    profile: RiskProfile, like: SitePeople, *, unknown_as_no: bool = False
) -> dict[Outcome, Floats]:
    """The evidence's mean over what is not known, shape (10,): of the published people its answer.

    Parameters
    ----------
    like : SitePeople
        Whom it is averaged over.
    """
    known, code = known_to_evidence(profile, unknown_as_no=unknown_as_no), profile.population
    own = like.unknown(code, known.sex, known.age_years)
    layout = grid(known, own.people, own.parameters, full=False, t_sd=own.t_sd)
    parameters = evidence_set(EVIDENCE_SET, code).parameters
    hip, major = mean(incidence(known, population(code), parameters, layout), layout)
    return {Outcome.HIP: hip, Outcome.MAJOR_OSTEOPOROTIC: major}
