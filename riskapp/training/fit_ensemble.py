"""Stacking: how much each engine's log hazard ratio counts, by people whom none of them saw.

Weights of out-of-fold predictions that are not below 0 (Breiman 1996, Mach Learn 24:49,
doi:10.1007/BF00117832), here by the likelihood of events counted over what the evidence expects.
Together they are 1 at most: what is left belongs to the evidence. Trees and networks are grown on
top of the Cox regression, so that the question is how far to believe what they add to it: half of
the belief beforehand is in nothing. A member that adds nothing is the regression itself and does
not count beside it, as only its division of people would speak for or against it.
"""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from scipy.optimize import LinearConstraint, minimize

from riskapp.risk.cox import CoxHazard
from riskapp.risk.design_row import Floats
from riskapp.risk.ensemble import EnsembleHazard
from riskapp.training.choosing import constant
from riskapp.training.completing import Completed
from riskapp.training.learned_cause import LearnedCause

Content = TypeVar("Content", str, bytes)
REGRESSION = "cox"

# Precision of a normal prior about the usual weights, in events: few events cannot tell engines
# apart, and what is usual is then the safest.
USUAL = 25.0
# Weight of the regression that the others were grown on top of, before anything is known.
OF_THE_REGRESSION = 0.5
# A weight below this changes nothing that is shown.
LEAST_WEIGHT = 0.01


def fit_ensemble(
    members: Mapping[str, LearnedCause], people: Completed, cause: str
) -> LearnedCause:
    """Weigh what each member has learned of one cause, by engine."""
    learned = {name: each for name, each in members.items() if _says_something(name, each)}
    if not learned:
        return LearnedCause(hazard=None, unseen=np.zeros(len(people.rows)), chosen={})
    unseen = np.column_stack([each.unseen for each in learned.values()])
    found = stacked(
        people.taught.follow_up[cause].event[people.owners].astype(np.float64),
        people.exposures[cause].expected,
        unseen,
        people.weights,
        usual_weights(learned),
    )
    weights = {
        name: float(weight)
        for name, weight in zip(learned, found, strict=True)
        if weight >= LEAST_WEIGHT
    }
    hazards = tuple(learned[name].hazard for name in weights)
    bare = EnsembleHazard(hazards, tuple(weights.values()))  # type: ignore[arg-type]
    level = constant(people, cause, bare.log_hazard_ratio(people.rows))
    return LearnedCause(
        hazard=EnsembleHazard(bare.members, bare.weights, level) if weights else None,
        unseen=unseen @ np.where(found >= LEAST_WEIGHT, found, 0.0),
        stored={
            "members": {name: dict(learned[name].stored) for name in weights},
            "weights": weights,
            "constant": level,
        },
        texts=_prefixed({name: learned[name].texts for name in weights}),
        blobs=_prefixed({name: learned[name].blobs for name in weights}),
        chosen={name: round(weight, 3) for name, weight in weights.items()},
    )


def _says_something(name: str, each: LearnedCause) -> bool:
    """Whether there is anything of a member, and anything beside the regression if it is not it."""
    if each.hazard is None:
        return False
    return name == REGRESSION or not isinstance(each.hazard, CoxHazard)


def usual_weights(learned: Mapping[str, LearnedCause]) -> Floats:
    """How much each member counts before anything is known of these people, shape (k,)."""
    on_top = [name for name, each in learned.items() if "beside" in each.stored]
    if not on_top:
        return np.full(len(learned), 1 / len(learned))
    rest = (1 - OF_THE_REGRESSION) / len(on_top)
    return np.array([rest if name in on_top else OF_THE_REGRESSION for name in learned])


def stacked(
    event: Floats, expected: Floats, unseen: Floats, weights: Floats, usual: Floats
) -> Floats:
    """How much each of k log hazard ratios counts, shape (k,).

    Parameters
    ----------
    event, expected, weights : ndarray, shape (N,)
    unseen : ndarray, shape (N, k)
        By fits that never saw the person.
    usual : ndarray, shape (k,)
        The weight of each before anything is known.
    """
    happened = weights * event

    def due(given: Floats) -> Floats:
        """Expected events at the level that makes them as many as happened."""
        told = weights * expected * np.exp(unseen @ given)
        return np.asarray(told * happened.sum() / told.sum())

    def loss(given: Floats) -> float:
        level = np.log((weights * expected) @ np.exp(unseen @ given))
        away = given - usual
        return float(happened.sum() * level - happened @ (unseen @ given) + USUAL / 2 * away @ away)

    def slope(given: Floats) -> Floats:
        return np.asarray(unseen.T @ (due(given) - happened) + USUAL * (given - usual))

    count = unseen.shape[1]
    answer = minimize(
        loss,
        usual,
        jac=slope,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * count,
        constraints=LinearConstraint(np.ones((1, count)), ub=1.0),
    )
    return np.asarray(answer.x, dtype=np.float64)


def _prefixed(files: Mapping[str, Mapping[str, Content]]) -> dict[str, Content]:
    """Files of the members in one folder: ``xgboost-hip.json``."""
    return {
        f"{engine}-{name}": content
        for engine, each in files.items()
        for name, content in each.items()
    }
