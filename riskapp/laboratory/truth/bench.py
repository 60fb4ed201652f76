"""Fit engines to simulated cohorts of several sizes and judge them on fresh people's truth."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.cohort import Cohort
from riskapp.laboratory.truth.judging import Judged, judged
from riskapp.laboratory.truth.worlds import WORLDS, options_of
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.learned import LearnedEngine
from riskapp.risk.profile import RiskProfile
from riskapp.training.fitting import engine_of, fit, recipe_for
from riskapp.training.simulation.simulate import simulate
from riskapp.training.storing import simulated_cohort

Floats = npt.NDArray[np.float64]

EVIDENCE = "evidence"
POPULATION = "gb"
PLAIN = EstimateOptions(explain=False, interval=False, verdicts=False)
WITH_INTERVAL = EstimateOptions(explain=False, interval=True, verdicts=False)
# Cohorts of one size are at most so many people together, but one at least.
PEOPLE_IN_REPEATS = 10_000
# Seeds of fresh people lie far from those of the cohorts.
FRESH_SEED = 900_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the bench is to try.

    Attributes
    ----------
    repeats : int
        Cohorts of each size; of large ones fewer, which chance moves less.
    fresh : int
        People on whom all are judged.
    intervals : int
        Of these, those for whom intervals are asked; 0 for none.
    """

    worlds: Sequence[str] = tuple(WORLDS)
    engines: Sequence[str] = ("cox",)
    people: Sequence[int] = (500, 2_000, 10_000, 50_000)
    repeats: int = 1
    fresh: int = 2_000
    intervals: int = 200
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One engine fitted to one cohort, judged for one outcome.

    Attributes
    ----------
    anchored : bool or None
        None for the evidence, which learns nothing.
    events : int
        Of this outcome in the cohort that was learned from; 0 for the evidence.
    """

    world: str
    engine: str
    anchored: bool | None
    people: int
    repeat: int
    events: int
    outcome: str
    judged: Judged


# World, engine, anchored, people, repeat.
Done = Collection[tuple[str, str, bool | None, int, int]]


def done(found: Sequence[Result]) -> Done:
    """What was tried already."""
    return {(one.world, one.engine, one.anchored, one.people, one.repeat) for one in found}


def results(
    asked: Asked, known: Done = (), told: Callable[[str], None] = lambda _: None
) -> Iterator[Result]:
    """Try everything that is not known; ``told`` hears of each step."""
    for world in asked.worlds:
        options = options_of(WORLDS[world], asked.fresh, FRESH_SEED + asked.seed, POPULATION)
        fresh, truth = simulated_cohort(options), simulate(options).truth
        true = {one: truth[f"{one.value}_10y"].to_numpy(np.float64) for one in Outcome}
        if (world, EVIDENCE, None, 0, 0) not in known:
            told(f"{world}: evidence")
            for outcome, found in _judge(EvidenceEngine(), fresh, true, 0).items():
                yield Result(
                    world=world,
                    engine=EVIDENCE,
                    anchored=None,
                    people=0,
                    repeat=0,
                    events=0,
                    outcome=outcome.value,
                    judged=found,
                )
        for people in asked.people:
            for repeat in range(max(1, min(asked.repeats, PEOPLE_IN_REPEATS // people))):
                fits = [
                    (name, anchored)
                    for name in asked.engines
                    for anchored in (True, False)
                    if (world, name, anchored, people, repeat) not in known
                ]
                if fits:
                    yield from _of_one_cohort(asked, world, people, repeat, fits, fresh, true, told)


def _of_one_cohort(
    asked: Asked,
    world: str,
    people: int,
    repeat: int,
    fits: Sequence[tuple[str, bool]],
    fresh: Cohort,
    true: dict[Outcome, Floats],
    told: Callable[[str], None],
) -> Iterator[Result]:
    seed = asked.seed + repeat
    cohort = simulated_cohort(options_of(WORLDS[world], people, seed, POPULATION))
    for name, anchored in fits:
        told(f"{world}: {name}, {people} people, {'' if anchored else 'not '}anchored")
        fitted = fit(cohort, recipe_for(name, seed, anchored=anchored))
        engine = engine_of(fitted, "simulated")
        for outcome, found in _judge(engine, fresh, true, asked.intervals).items():
            yield Result(
                world=world,
                engine=name,
                anchored=anchored,
                people=people,
                repeat=repeat,
                events=int(cohort.follow_up[outcome.value].event.sum()),
                outcome=outcome.value,
                judged=found,
            )


def _judge(
    engine: EvidenceEngine | LearnedEngine,
    fresh: Cohort,
    true: dict[Outcome, Floats],
    intervals: int,
) -> dict[Outcome, Judged]:
    answers = _answers(engine, fresh.profiles, PLAIN)
    doubted = _answers(engine, fresh.profiles[:intervals], WITH_INTERVAL)
    found = {}
    for outcome, truth in true.items():
        predicted = np.array([one.outcomes[outcome].probability_10y for one in answers])
        found[outcome] = judged(predicted, truth, *_ends(doubted, outcome))
    return found


def _ends(answers: Sequence[RiskEstimate], outcome: Outcome) -> tuple[Floats | None, Floats | None]:
    """Lower and upper ends of the intervals over parameters, where the engine gives them."""
    told = [one.outcomes[outcome].interval_95_model for one in answers]
    given = [one for one in told if one is not None]
    if not given:
        return None, None
    return np.array([one.lower for one in given]), np.array([one.upper for one in given])


def _answers(
    engine: EvidenceEngine | LearnedEngine,
    profiles: Sequence[RiskProfile],
    options: EstimateOptions,
) -> list[RiskEstimate]:
    """Answers for everybody; simulated people give no cause to be refused."""
    found = []
    for one in engine.estimate_many(profiles, options):
        if not isinstance(one, RiskEstimate):
            raise one
        found.append(one)
    return found
