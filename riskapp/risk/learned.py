"""Engines learned from a cohort: the evidence's hazards times what the cohort taught.

Of each cause, h(t | x) = h_evidence(t | x) * level[year] * exp(f(x)). An engine without evidence to
start from has 1 in the place of h_evidence; it is there for comparison.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Protocol

import numpy as np
import numpy.typing as npt

from riskapp.risk import learned_words
from riskapp.risk.anchor import CAUSES, EVIDENCE_SET, Anchored, evidence_hazards, known_to_evidence
from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.completions import complete_rows
from riskapp.risk.design_row import Floats, known_values
from riskapp.risk.errors import OutsideModelRange, RiskError
from riskapp.risk.estimate import (
    Cause,
    EstimateOptions,
    Interval,
    Outcome,
    OutcomeEstimate,
    RiskEstimate,
)
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.further_columns import FurtherColumns
from riskapp.risk.hazard_terms import STEP_YEARS, STEPS
from riskapp.risk.modifiers import NONE
from riskapp.risk.posterior import Posterior
from riskapp.risk.profile import RiskProfile, with_unknown_as_no
from riskapp.risk.site_columns import SiteColumn
from riskapp.risk.summation import STEPS_PER_YEAR

Indices = npt.NDArray[np.intp]

HIP, OTHER, DEATH = CAUSES
# Draws of what is not known. They serve the difference from the evidence only, whose own mean is
# exact, and further columns are drawn evenly: the standard error is a few per cent of the
# difference. The seed is fixed, so one answer changed moves the number by its own effect.
COMPLETIONS, POOL = 256, 1024
# Draws of the doubts, and the completions each is paired with, for the interval.
DOUBT_DRAWS, PAIRED_COMPLETIONS = 160, 64
SEED = 20261120
# Rows of many people that are worked on together.
ROWS_AT_A_TIME = 20_000


class CauseHazard(Protocol):
    """What is learned about one cause."""

    def log_hazard_ratio(self, rows: Floats) -> Floats:
        """f of rows of shape (n, p), shape (n,)."""
        ...

    def contributions(self, rows: Floats) -> Floats:
        """Its parts by column and what remains, shape (n, p + 1)."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """One profile, ready to be asked about: complete rows and what the evidence knows beside.

    ``given`` is the profile as it came, ``profile`` as its answers are counted.
    """

    given: RiskProfile
    profile: RiskProfile
    rows: Floats
    beside: Anchored


@dataclass(frozen=True, kw_only=True)
class LearnedEngine:
    """One learned engine, ready to answer.

    Attributes
    ----------
    populations : tuple of str
        Of the people it was trained on.
    columns : tuple of str, length p
        Of the rows: the clinical columns, then those of ``further``.
    read : tuple of str
        The columns that f reads; the evidence reads all clinical ones.
    hazards : mapping of cause to CauseHazard
        f of the causes that something was learned about; of the others it is 0.
    level_per_year : mapping of cause to ndarray, shape (10,)
        Observed over expected in each year; 1 where it stays the evidence's. Without evidence to
        start from, the hazard per year of whoever has f = 0.
    uncertainty : mapping of cause to Posterior
        Empty where the engine knows nothing of it; then no interval over parameters is given.
    seen : mapping of column to (lower, upper)
        0.1st to 99.9th percentile among the training people. f is read within it, as nothing was
        learned beyond; there the evidence goes on, and a warning is given.
    """

    name: str
    model_id: str
    trained_on: str
    populations: tuple[str, ...]
    age_years: tuple[float, float]
    columns: tuple[str, ...]
    read: tuple[str, ...]
    further: FurtherColumns
    hazards: Mapping[str, CauseHazard]
    level_per_year: Mapping[str, Floats]
    uncertainty: Mapping[str, Posterior]
    seen: Mapping[str, tuple[float, float]]
    anchored: bool = True

    @property
    def site_columns(self) -> tuple[SiteColumn, ...]:
        """Further columns that no field of a profile has: those that a site declared."""
        return learned_words.declared(self.further)

    def estimate(self, profile: RiskProfile, options: EstimateOptions) -> RiskEstimate:
        """Answer about one person.

        Raises
        ------
        OutsideModelRange
            If the evidence has no ground to speak about this person; without evidence to start
            from, if nobody like this person was among those trained on.
        """
        (answer,) = self.estimate_many([profile], options)
        if isinstance(answer, RiskError):
            raise answer
        return answer

    def estimate_many(
        self, profiles: Sequence[RiskProfile], options: EstimateOptions
    ) -> list[RiskEstimate | RiskError]:
        """Answers in the order of the profiles, or why there is none."""
        bare = replace(
            options,
            evidence_set=EVIDENCE_SET,
            explain=False,
            interval=False,
            guideline=None,
            verdicts=False,
        )
        published = EvidenceEngine(EVIDENCE_SET).estimate_many(profiles, bare)
        found: list[RiskEstimate | RiskError] = list(published)
        asked: list[tuple[int, Person]] = []
        for index, profile in enumerate(profiles):
            try:
                self._refuse_strangers(profile)
                if isinstance(published[index], RiskEstimate):
                    asked.append((index, self._person(profile, options)))
            except RiskError as refusal:
                found[index] = refusal
        for few in _batches(asked):
            people = [person for _, person in few]
            learned, evidence = self._incidence(people)
            starts = np.cumsum([0, *(len(person.rows) for person in people)])
            for (index, person), start, end in zip(few, starts, starts[1:], strict=False):
                mine = published[index]
                assert isinstance(mine, RiskEstimate)
                own = {outcome: curve[start:end] for outcome, curve in learned.items()}
                usual = {outcome: curve[start:end] for outcome, curve in evidence.items()}
                found[index] = self._answer(person, mine, own, usual, options)
        return found

    def completed_rows(self, profile: RiskProfile, *, unknown_as_no: bool = False) -> Floats:
        """Equally weighted rows, shape (n, p), drawn given what is known; one if all is known."""
        return self._person(profile, EstimateOptions(unknown_as_no=unknown_as_no)).rows

    def log_hazard_ratios(self, cause: str, rows: Floats) -> Floats:
        """f of one cause, shape (n,), read within what was seen; 0 where nothing was learned."""
        if cause not in self.hazards:
            return np.zeros(len(rows))
        return self.hazards[cause].log_hazard_ratio(self.within_seen(rows))

    def within_seen(self, rows: Floats) -> Floats:
        """Rows moved to the nearest values that were seen in training."""
        nearest = rows.copy()
        for name, (lower, upper) in self.seen.items():
            column = self.columns.index(name)
            nearest[:, column] = np.clip(rows[:, column], lower, upper)
        return nearest

    def _person(self, profile: RiskProfile, options: EstimateOptions) -> Person:
        known = known_to_evidence(profile, unknown_as_no=options.unknown_as_no)
        given = profile
        if options.unknown_as_no:
            profile = with_unknown_as_no(profile)
        values = known_values(profile)
        if all(name in values for name in self.columns):
            rows = np.array([[values[name] for name in self.columns]], dtype=np.float64)
        else:
            rng = np.random.default_rng(SEED)
            rows = complete_rows(
                profile.population, known, values, self.further, COMPLETIONS, POOL, rng
            )
        modifiers = known.modifiers if self.anchored else NONE
        return Person(given, profile, rows, Anchored((profile.population,), (modifiers,)))

    def _hazards(self, people: Sequence[Person]) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """Learned and evidence hazards of all rows, (N, 20) per year each."""
        rows = np.concatenate([person.rows for person in people])
        if self.anchored:
            evidence = evidence_hazards(rows, *_beside(people))
        else:
            evidence = {cause: np.ones((len(rows), STEPS)) for cause in CAUSES}
        learned = {}
        for cause in CAUSES:
            level = np.repeat(self.level_per_year[cause], STEPS_PER_YEAR)
            ratio = np.exp(self.log_hazard_ratios(cause, rows))
            learned[cause] = evidence[cause] * level * ratio[:, None]
        return learned, evidence

    def _incidence(
        self, people: Sequence[Person]
    ) -> tuple[dict[Outcome, Floats], dict[Outcome, Floats]]:
        """Learned and evidence probabilities by the end of each year, (N, 10) each."""
        learned, evidence = self._hazards(people)
        return incidence(learned), incidence(evidence)

    def _answer(
        self,
        person: Person,
        published: RiskEstimate,
        learned: Mapping[Outcome, Floats],
        evidence: Mapping[Outcome, Floats],
        options: EstimateOptions,
    ) -> RiskEstimate:
        curves = {
            outcome: self._curve(published, outcome, learned[outcome], evidence[outcome])
            for outcome in learned
        }
        curves[Outcome.HIP] = np.minimum(curves[Outcome.HIP], curves[Outcome.MAJOR_OSTEOPOROTIC])
        drawn = self._drawn(person) if options.interval and self.uncertainty else {}
        return RiskEstimate(
            engine=self.name,
            model_id=self.model_id,
            evidence_set="",  # its hazards are learned; no published calibration answers
            population=person.profile.population,
            trained_on=self.trained_on,
            outcomes={
                outcome: _outcome(curve, learned[outcome][:, -1], drawn.get(outcome), options)
                for outcome, curve in curves.items()
            },
            explanation=learned_words.explanation(self, person, options)
            if options.explain
            else None,
            unknown=learned_words.unknown(self, person.given),
            warnings=learned_words.warnings(self, person.given, options),
        )

    def _curve(
        self, published: RiskEstimate, outcome: Outcome, learned: Floats, evidence: Floats
    ) -> Floats:
        """Mean over the completions; by the evidence itself it is exact, so only the rest errs."""
        mean = learned.mean(axis=0)
        if self.anchored:
            exact = np.array([p for _, p in published.outcomes[outcome].curve])
            mean = exact + (mean - evidence.mean(axis=0))
        # Where little is to be told apart, the draws may err by more than a year's risk.
        return np.maximum.accumulate(np.clip(mean, 0.0, 1.0))

    def _drawn(self, person: Person) -> dict[Outcome, Floats]:
        """Ten-year probabilities, shape (1 + draws, completions): without doubt, then with each."""
        stride = max(1, len(person.rows) // PAIRED_COMPLETIONS)
        # Completions carry no order, so every k-th of them is as good a sample as any.
        few = replace(person, rows=person.rows[::stride])
        learned, _ = self._hazards([few])
        rng = np.random.default_rng(SEED)
        rows = self.within_seen(few.rows)
        moved = {}
        for cause, hazard in learned.items():
            if cause in self.uncertainty:
                shift = self.uncertainty[cause].shifts(rows, DOUBT_DRAWS, rng)
                shift = np.concatenate([np.zeros((1, len(rows))), shift])
                moved[cause] = hazard[None] * np.exp(shift)[..., None]
            else:
                moved[cause] = np.broadcast_to(hazard, (1 + DOUBT_DRAWS, *hazard.shape))
        return {outcome: curve[..., -1] for outcome, curve in incidence(moved).items()}

    def _refuse_strangers(self, profile: RiskProfile) -> None:
        if self.anchored:
            return
        if profile.population not in self.populations:
            raise OutsideModelRange(
                f"The engine {self.name} was trained on people of population "
                f"{', '.join(self.populations)} only and cannot speak about {profile.population}."
            )
        youngest, oldest = self.age_years
        if not youngest <= profile.age_years <= oldest:
            raise OutsideModelRange(
                f"The engine {self.name} was trained on people aged {youngest:g} to {oldest:g} "
                f"and cannot speak about age {profile.age_years:g}."
            )


def incidence(hazards: Mapping[str, Floats]) -> dict[Outcome, Floats]:
    """Probabilities by the end of each year, (..., 10), from hazards per year, (..., 20)."""
    hip, death = hazards[HIP], hazards[DEATH]
    major = hip + hazards[OTHER]
    years = slice(STEPS_PER_YEAR - 1, None, STEPS_PER_YEAR)
    return {
        Outcome.MAJOR_OSTEOPOROTIC: cumulative_incidence(major, death, STEP_YEARS)[..., years],
        Outcome.HIP: cumulative_incidence(hip, death, STEP_YEARS)[..., years],
    }


def _beside(people: Sequence[Person]) -> tuple[Indices, Anchored]:
    owners = np.repeat(np.arange(len(people)), [len(person.rows) for person in people])
    return owners, Anchored(
        tuple(person.beside.populations[0] for person in people),
        tuple(person.beside.modifiers[0] for person in people),
    )


def _batches(asked: Sequence[tuple[int, Person]]) -> list[list[tuple[int, Person]]]:
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


def _outcome(
    curve: Floats, completions: Floats, drawn: Floats | None, options: EstimateOptions
) -> OutcomeEstimate:
    point = float(curve[-1])
    joint = model = unknown = None
    if options.interval and len(completions) > 1:
        unknown = _interval(completions + (point - completions.mean()), point)
    if drawn is not None:
        # About the exact point, not about the mean of a few completions.
        moved = drawn[1:] + (point - drawn[0].mean())
        model, joint = _interval(moved.mean(axis=1), point), _interval(moved, point)
    return OutcomeEstimate(
        probability_10y=point,
        curve=tuple(zip(count(1), (float(p) for p in curve), strict=False)),
        interval_95=joint,
        interval_95_model=model,
        interval_95_unknown=unknown,
    )


def _interval(probabilities: Floats, point: float) -> Interval:
    lower, upper = np.clip(np.quantile(probabilities, [0.025, 0.975]), 0.0, 1.0)
    return Interval(min(float(lower), point), max(float(upper), point))


__all__ = ["CAUSES", "Cause", "CauseHazard", "LearnedEngine", "Person", "incidence"]
