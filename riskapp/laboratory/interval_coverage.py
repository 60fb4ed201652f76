"""How often intervals hold the truth: simulated people, whose true probabilities are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.risk.design_row import Floats
from riskapp.risk.estimate import EstimateOptions, Interval, Outcome, RiskEstimate
from riskapp.risk.reach import Flag
from riskapp.training.fitting import engine_of, fit, recipe_for
from riskapp.training.simulation.options import Options
from riskapp.training.simulation.simulate import simulate
from riskapp.training.storing import simulated_cohort

# Where the evidence stands in each cohort: off by another draw of its own doubt; right; or wrong in
# ways that nobody drew, far beyond its doubt.
WORLDS: dict[str, dict[str, Any]] = {
    "drawn": {},
    "right": {},
    "wrong": {
        "true_incidence": 1.4,
        "changed_effects": {"current_smoker": 1.6, "femoral_neck_t_score": 0.9, "age_years": 0.8},
    },
}
# Seeds of the fresh people lie far from those of the training people.
FRESH = 1_000_000
# In cohorts of fewer people chance alone can look like a column that knows the future.
LEAST_READ = 4_000
ANSWERED = EstimateOptions(explain=False, verdicts=False)


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Intervals of one engine and outcome, over several training sets of one size.

    Attributes
    ----------
    world : str
        Of ``WORLDS``.
    gaps : bool
        Whether the fresh people lacked answers as people in a clinic do. The joint interval is
        judged then, else the one over parameters alone.
    held : float
        Share of fresh people whose true 10-year probability the interval holds.
    lowest, highest : float
        The same in single training sets.
    below, above : float
        Share of people whose truth lies below, and above, the interval.
    width : float
        Mean width of the interval.
    error : float
        Mean absolute difference of the number shown from the truth.
    unusual : float
        Share of people of whom it is said that their values together are unusual.
    """

    world: str
    engine: str
    outcome: Outcome
    people: int
    sets: int
    fresh: int
    gaps: bool
    held: float
    lowest: float
    highest: float
    below: float
    above: float
    width: float
    error: float
    unusual: float


@dataclass(frozen=True)
class _Judged:
    """One training set: who is below and above the interval, widths, errors, flags; (n,) each."""

    below: Floats
    above: Floats
    width: Floats
    error: Floats
    unusual: Floats


def coverage(
    engine: str, people: int, sets: int, fresh: int, seed: int, world: str
) -> Iterator[Coverage]:
    """Train on several simulated cohorts, ask about fresh people, and count.

    Parameters
    ----------
    engine : str
        Name of a learned engine.
    people, sets : int
        Of each training cohort, and how many of them.
    fresh : int
        People asked about after each training, new ones every time.
    world : str
        Of ``WORLDS``.
    """
    judged: dict[tuple[Outcome, bool], list[_Judged]] = {}
    for number in range(sets):
        options = Options(
            people=people,
            seed=seed + number,
            departure=seed + number if world == "drawn" else 0,
            **WORLDS[world],
        )
        cohort = simulated_cohort(options)
        fitted = engine_of(fit(cohort, recipe_for(engine, seed)), cohort.trained_on)
        for gaps in (False, True):
            asked, truth = _fresh(options, fresh, gaps)
            answers = fitted.estimate_many(asked.profiles, ANSWERED)
            for outcome, true in truth.items():
                judged.setdefault((outcome, gaps), []).append(_judge(answers, outcome, true, gaps))
    for (outcome, gaps), found in judged.items():
        held = [1 - float(each.below.mean() + each.above.mean()) for each in found]
        yield Coverage(
            world=world,
            engine=engine,
            outcome=outcome,
            people=people,
            sets=sets,
            fresh=fresh,
            gaps=gaps,
            held=float(np.mean(held)),
            lowest=min(held),
            highest=max(held),
            below=float(np.mean([each.below.mean() for each in found])),
            above=float(np.mean([each.above.mean() for each in found])),
            width=float(np.mean([each.width.mean() for each in found])),
            error=float(np.mean([each.error.mean() for each in found])),
            unusual=float(np.mean([each.unusual.mean() for each in found])),
        )


def _fresh(options: Options, fresh: int, gaps: bool) -> tuple[Cohort, dict[Outcome, Floats]]:
    """People whom no training saw, with their true 10-year probabilities."""
    asked = replace(
        options,
        people=max(fresh, LEAST_READ),
        seed=options.seed + FRESH,
        missing="routine" if gaps else "none",
    )
    cohort = simulated_cohort(asked).part(np.arange(fresh))
    truth = simulate(asked).truth.set_index("id").loc[list(cohort.people)]
    return cohort, {
        Outcome.HIP: truth["hip_10y"].to_numpy(dtype=np.float64),
        Outcome.MAJOR_OSTEOPOROTIC: truth["major_osteoporotic_10y"].to_numpy(dtype=np.float64),
    }


def _judge(answers: Sequence[object], outcome: Outcome, true: Floats, gaps: bool) -> _Judged:
    lower, upper, shown, right, unusual = [], [], [], [], []
    for answer, truth in zip(answers, true, strict=True):
        if not isinstance(answer, RiskEstimate):
            continue  # refused, with a sentence: no interval to judge
        found, flags = answer.outcomes[outcome], answer.flags
        interval: Interval | None = found.interval_95 if gaps else found.interval_95_model
        assert interval is not None  # asked for, and every learned engine has one
        lower.append(interval.lower)
        upper.append(interval.upper)
        shown.append(found.probability_10y)
        right.append(truth)
        unusual.append(float(Flag.UNUSUAL_TOGETHER in flags))
    truths = np.array(right)
    return _Judged(
        below=(truths < np.array(lower)).astype(np.float64),
        above=(truths > np.array(upper)).astype(np.float64),
        width=np.array(upper) - np.array(lower),
        error=np.abs(np.array(shown) - truths),
        unusual=np.array(unusual),
    )
