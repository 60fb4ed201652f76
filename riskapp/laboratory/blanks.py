"""What becomes of an engine when inputs are not known, one after the other and all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.evaluation.calibration import in_the_large
from riskapp.evaluation.concordance import Concordance, difference
from riskapp.evaluation.course import Course, Places
from riskapp.evaluation.observed import Z_95
from riskapp.laboratory.asking import Candidate, Flags, Floats, Memory
from riskapp.laboratory.inputs import input_groups, known_in, without
from riskapp.laboratory.judging import estimate, or_none, ranked
from riskapp.laboratory.page.numbers import SMALL_CELL, hidden
from riskapp.laboratory.within_groups import ratio_of
from riskapp.risk.estimate import Outcome
from riskapp.risk.profile import RiskProfile

# An input is a usual one where at least this share of people has it.
USUAL_SHARE = 0.5
# Every input left blank asks again: of more people, so many with the outcome and as many without.
MOST_OF_A_KIND = 200
NOTHING, ALL_BUT_AGE = "nothing", "everything but age and sex"
COMPLETE = "nothing, in people with every usual input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blanking:
    """The people whose inputs go blank, and how an engine is judged then.

    Attributes
    ----------
    seen : Course
        What became of the people of ``cohort``, in the same order.
    people : ndarray of int, shape (n,)
        The number of the person that each row is about.
    level : bool
        Whether the predicted level may be compared with what was observed.
    """

    cohort: Cohort
    memory: Memory
    outcome: Outcome
    seen: Course
    people: Places
    horizon: int
    level: bool


def few_of(seen: Course, seed: int) -> tuple[Places, Floats]:
    """Whom to ask again, and how many people each stands for.

    Everybody where they are few; else those with the outcome, who say most, and a draw of the
    others, each weighed by how few of their kind were drawn (a case-cohort sample; Prentice 1986,
    Biometrika 73:1, doi:10.1093/biomet/73.1.1).
    """
    if seen.people <= 2 * MOST_OF_A_KIND:
        return np.arange(seen.people), np.ones(seen.people)
    rng = np.random.default_rng(seed)
    weights = np.zeros(seen.people)
    for kind in (np.flatnonzero(seen.event), np.flatnonzero(~seen.event)):
        if kind.size:
            drawn = rng.choice(kind, min(kind.size, MOST_OF_A_KIND), replace=False)
            weights[drawn] = kind.size / drawn.size
    rows = np.flatnonzero(weights)
    return rows, weights[rows]


def missing_data_table(candidate: Candidate, blanking: Blanking) -> list[dict[str, Any]]:
    """One row for each input that anybody has, for all of them, and for people with all usual."""
    cohort = blanking.cohort
    groups = input_groups(cohort.site_columns)
    everybody = np.ones(len(cohort.profiles), dtype=np.bool_)
    before = _Judged(candidate, blanking, cohort.profiles, everybody)
    rows = [before.row(NOTHING)]
    for label, fields in _known_by(cohort, groups, SMALL_CELL).items():
        blank = without(cohort.profiles, fields)
        told = _Judged(candidate, blanking, blank, everybody)
        rows.append(told.row(label, before, known_in(cohort.profiles, fields)))
    every = [name for fields in groups.values() for name in fields]
    told = _Judged(candidate, blanking, without(cohort.profiles, every), everybody)
    rows.append(told.row(ALL_BUT_AGE, before, known_in(cohort.profiles, every)))
    usual = _known_by(cohort, groups, USUAL_SHARE * len(cohort.profiles))
    complete = np.logical_and.reduce(
        [everybody, *(known_in(cohort.profiles, fields) for fields in usual.values())]
    )
    if SMALL_CELL <= complete.sum() < len(cohort.profiles):
        rows.append(_Judged(candidate, blanking, cohort.profiles, complete).row(COMPLETE))
    return rows


class _Judged:
    """One engine's answers about some of the people."""

    def __init__(
        self,
        candidate: Candidate,
        blanking: Blanking,
        profiles: Sequence[RiskProfile],
        rows: Flags,
    ) -> None:
        chosen = np.flatnonzero(rows)
        asked = blanking.memory.ask(candidate, [profiles[int(row)] for row in chosen])
        curves = asked.curves[blanking.outcome]
        self.key = candidate.key
        self.blanking = blanking
        self.chosen = chosen[asked.answered]
        self.predicted: Floats = curves[asked.answered, blanking.horizon - 1]
        self.seen = blanking.seen.part(self.chosen)
        self.people = blanking.people[self.chosen]
        self.c: Concordance | None = None
        if self.chosen.size:
            self.c = or_none(lambda: ranked(self.predicted, self.seen, self.people))

    def row(
        self, blank: str, before: "_Judged | None" = None, known: Flags | None = None
    ) -> dict[str, Any]:
        """How the engine does, and how far that is from what it did before.

        Parameters
        ----------
        known : ndarray of bool, shape (n,)
            Whose input went blank; the others had none.
        """
        horizon, c = self.blanking.horizon, self.c
        large = None
        if self.blanking.level and self.chosen.size:
            large = or_none(lambda: in_the_large(self.predicted, self.seen, horizon))
        same = before is not None and np.array_equal(before.chosen, self.chosen)
        return {
            "key": self.key,
            "blank": blank,
            "people": hidden(int(self.chosen.size)),
            "c": c and estimate(c.c, (c.lower, c.upper)),
            "change": self._change(before) if before is not None and same else None,
            "moved": self._moved(before, known) if before and same and known is not None else None,
            "predicted": float(np.average(self.predicted, weights=self.seen.weights))
            if self.chosen.size >= SMALL_CELL
            else None,
            "observed_over_expected": large and ratio_of(large),
        }

    def _change(self, before: "_Judged") -> dict[str, Any] | None:
        if self.c is None or before.c is None:
            return None
        apart = difference(self.c, before.c, self.people)
        return estimate(apart.value, (apart.lower, apart.upper))

    def _moved(self, before: "_Judged", known: Flags) -> dict[str, Any] | None:
        """Mean distance that the probability of those moves whose input went blank."""
        who = known[self.chosen]
        apart = np.abs(self.predicted - before.predicted)[who]
        if apart.size < SMALL_CELL:
            return None
        weights = self.seen.weights[who] / self.seen.weights[who].sum()
        mean = float(weights @ apart)
        wide = Z_95 * float(np.sqrt((weights**2) @ (apart - mean) ** 2))
        return estimate(mean, (max(0.0, mean - wide), mean + wide))


def _known_by(
    cohort: Cohort, groups: Mapping[str, tuple[str, ...]], least: float
) -> Mapping[str, tuple[str, ...]]:
    """Inputs that at least so many people have."""
    return {
        label: fields
        for label, fields in groups.items()
        if known_in(cohort.profiles, fields).sum() >= least
    }
