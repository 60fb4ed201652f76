"""How sure a learned hazard is: the evidence's own doubts, narrowed by the events of the cohort."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.risk.anchor import CAUSES, EVIDENCE_SET, PUBLISHED_NAMES
from riskapp.risk.cox import Basis
from riskapp.risk.design_row import Floats
from riskapp.risk.effects import doubts
from riskapp.risk.posterior import Waves, described, lower_half
from riskapp.training.completing import HORIZON_YEARS, Completed
from riskapp.training.fit_cox import HELD, RECIPE, precision
from riskapp.training.level import PSEUDO_EVENTS

# Of the prior on the share of f that is true, about none of it: the events decide.
SHARE_PRECISION = 1.0
# A cohort may depart from the evidence further than published doubts say: these multiples of them
# are averaged by how likely they make its events. Before any is looked at, half of the belief is in
# the doubts as published, and a multiple has so much less as it is larger.
MULTIPLES = (1.0, 2.0, 4.0, 8.0)
# Standard deviation of what no covariate describes (``Waves``), averaged in the same way.
UNDESCRIBED = (0.0, 0.05, 0.1, 0.2, 0.4)
WAVES, WAVES_SEED = 96, 20261121
NEWTON_STEPS, TOLERANCE = 50, 1e-6
# A draw that hardly counts divides nothing, and a direction keeps so much of its information.
LEAST_WEIGHT, MOST_NOT_SEEN = 1e-9, 0.9
# The average is taken where the likelihood was last looked at; that moves with the average.
BENDS_SEEN_IN_ROWS, ROUNDS = 1_000, 2


@dataclass(frozen=True)
class _Events:
    """What a regression sees of one cause: N rows, q covariates, all of them with a prior.

    Attributes
    ----------
    design : ndarray, shape (N, q)
    event, due : ndarray, shape (N,)
        Events within the years that are answered about, and those expected; weighed.
    weights, starts : ndarray, shapes (N,) and (n,)
        Of the draws of each person, and where each person's begin.
    usual : ndarray, shape (q,)
        Mean of the prior.
    """

    design: Floats
    event: Floats
    due: Floats
    weights: Floats
    starts: npt.NDArray[np.intp]
    usual: Floats


def fit_posteriors(
    people: Completed,
    basis: Basis,
    unseen: Mapping[str, Floats],
    recipe: Mapping[str, Any],
) -> dict[str, Any]:
    """Mean and covariance of what the log-hazard has beside f, by cause.

    A Poisson regression of the events on the covariates and on f, with the evidence's doubts as
    prior: departures that the covariates can describe are believed as far as the events go,
    whatever the engine made of them, and f as far as it foretells events beside them. How far
    this cohort departs from the evidence, and how much of that no covariate describes, the events
    say too. Causes that nothing was learned about keep the evidence's doubt.

    Parameters
    ----------
    unseen : mapping of cause to ndarray, shape (N,)
        f of the rows, by fits that never saw their person; 0 where the covariates hold all of
        it, as they do a Cox regression's: the events are then counted once, beside the prior.
    """
    waves = _waves(people, basis) if recipe["anchored"] else None
    values = described(basis, waves, people.rows)
    found = {}
    for cause in CAUSES:
        if cause in unseen:
            prior = _candidates(people, basis, cause, values, recipe, waves)
            found[cause] = _learned(people, cause, values, unseen[cause], prior)
        elif recipe["anchored"]:
            found[cause] = _evidence_doubt(basis, cause, values, people.weights)
        if cause in found and waves is not None:
            found[cause]["waves"] = {
                "directions": waves.directions.tolist(),
                "phases": waves.phases.tolist(),
            }
    return found


def _waves(people: Completed, basis: Basis) -> Waves:
    """Directions drawn once: of one column, of two, or of all that are read.

    A threshold or an effect that changes with another column is likelier than one of everything at
    once (additive Gaussian processes; Duvenaud and others 2011, NeurIPS 24, arXiv:1112.4394).
    """
    read = basis.surprising(people.rows)
    weights = people.weights / people.weights.sum()
    mean = weights @ read
    spread = np.sqrt(weights @ (read - mean) ** 2)
    used = (spread > 0) & np.isin(people.columns, people.learnable)
    rng = np.random.default_rng(WAVES_SEED)
    order = np.where(used[:, None], rng.random((len(spread), WAVES)), np.inf)
    # Of yes and no alone the covariates say all.
    bends = used & np.array([len(np.unique(column[:BENDS_SEEN_IN_ROWS])) > 2 for column in read.T])
    order[~bends, ::3] += 1
    order = order.argsort(axis=0)
    several = np.array([1, 2, max(1, used.sum())])[np.arange(WAVES) % 3]
    reads = (order.argsort(axis=0) < several) & used[:, None]
    normal = rng.standard_normal(reads.shape) / np.sqrt(several)
    directions = np.where(reads, normal / np.where(used, spread, 1.0)[:, None], 0.0)
    return Waves(directions, rng.uniform(0, 2 * np.pi, WAVES) - mean @ directions)


def _candidates(
    people: Completed,
    basis: Basis,
    cause: str,
    values: Floats,
    recipe: Mapping[str, Any],
    waves: Waves | None,
) -> tuple[Floats, Floats]:
    """Precisions of the covariates, shape (k, q), and the logarithm of the belief in each."""
    if waves is None:
        spread = np.maximum(values.std(axis=0), 1e-3)
        return (RECIPE["alone_precision"] * spread**2)[None], np.zeros(1)
    published = precision(basis, cause, 1.0, RECIPE["free"]["ridge"])
    bends = RECIPE["bend"] if basis.bending else [0.0]
    kinds = list(product(MULTIPLES, UNDESCRIBED, bends))
    if people.taught.follow_up[cause].event.sum() < RECIPE["least_events"]:
        # So few say nothing of how far a cohort departs: the doubts are as published.
        kinds = [(1.0, 0.0, 0.0)]
    bent = len(basis.terms) + len(basis.further.names)
    found, belief = [], []
    for multiple, spread, bend in kinds:
        own = published.copy()
        own[: len(basis.terms)] /= multiple**2
        own[bent:] = RECIPE["free"]["ridge"] / bend if bend else HELD
        beside = np.full(WAVES, spread**-2 if spread else HELD)
        found.append(np.concatenate([own, beside]))
        # Half of the belief is in no bend.
        belief.append(-np.log(multiple) + (0.0 if bend else np.log(max(1, len(bends) - 1))))
    return np.array(found), np.array(belief)


def _learned(
    people: Completed,
    cause: str,
    values: Floats,
    f: Floats,
    prior: tuple[Floats, Floats],
) -> dict[str, Any]:
    seen = people.taught.follow_up[cause]
    # What comes after the years that are answered about would have them wrong where the hazard
    # does not rise with time as the evidence's does.
    within = (seen.event & (seen.years <= HORIZON_YEARS))[people.owners]
    event = people.weights * within
    due = people.weights * people.exposures[cause].by_year.sum(axis=1) * np.exp(f)
    if event.any():
        # About the number shown, whose level is that of the events.
        due *= event.sum() / due.sum()
    centre, middle = due @ values / due.sum(), float(due @ f / due.sum())
    design = np.column_stack([values - centre, np.ones(len(f)), f - middle])
    level = PSEUDO_EVENTS
    if cause not in people.taught.level_learned:
        # Its events say who, not how many.
        design[:, -2], level = 0.0, _base_precision(cause)
    precisions, belief = prior
    beside = np.broadcast_to([level, SHARE_PRECISION], (len(precisions), 2))
    precisions = np.column_stack([precisions, beside])
    usual = np.zeros(design.shape[1])
    usual[-1] = -1.0
    starts = np.flatnonzero(np.diff(people.owners, prepend=-1))
    events = _Events(design, event, due, people.weights, starts, usual)
    mean, covariance = _averaged(events, precisions, belief)
    if not -1.0 <= mean[-1] <= 0.0:
        # No less than nothing of f is true, and no more than all: beyond is chance.
        usual[-1] = np.clip(mean[-1], -1.0, 0.0)
        precisions[:, -1] = HELD
        mean, _ = _averaged(events, precisions, belief)
    covariance[-2, -2] += _roughness(design, due, float(1 + mean[-1]))
    if not f.any():
        covariance[-1], covariance[:, -1] = 0.0, 0.0
    return _stored(centre, middle, mean, covariance)


def _averaged(events: _Events, precisions: Floats, belief: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance over priors, each as likely as it makes the events.

    Around its highest point the log-likelihood is taken for a square, so that the posterior under
    any normal prior, and the probability of the events under it, follow without another search
    (Laplace's method; MacKay 1992, Neural Comput 4:415, doi:10.1162/neco.1992.4.3.415).
    """
    shares = np.exp(belief) / np.exp(belief).sum()
    mean = events.usual
    for _ in range(ROUNDS):
        usual_precision = np.exp(shares @ np.log(precisions))
        mean, information, gradient = _mode(events, usual_precision, mean)
        information = information - _not_seen(events, mean, information)
        told = information @ mean + gradient
        squares = [_square(information, told, each, events.usual) for each in precisions]
        score = belief + [likely for _, _, likely in squares]
        shares = np.exp(score - score.max())
        shares /= shares.sum()
    whole = np.asarray(shares @ np.array([centre for centre, _, _ in squares]))
    covariance = np.zeros_like(information)
    for share, (centre, own, _) in zip(shares, squares, strict=True):
        covariance += share * (own + np.outer(centre - whole, centre - whole))
    return whole, covariance


def _not_seen(events: _Events, mean: Floats, information: Floats) -> Floats:
    """Information that the draws would hold if they had been seen, shape (q, q).

    What a person's draws disagree about was never told (Louis 1982, J R Stat Soc B 44:226,
    doi:10.1111/j.2517-6161.1982.tb01203.x). No direction loses more than nearly all.
    """
    if len(events.starts) == len(events.event):
        return np.zeros_like(information)  # one row each: nothing was drawn
    away = events.event - events.due * np.exp(events.design @ mean)
    told = np.add.reduceat(events.design * away[:, None], events.starts, axis=0)
    each = events.design * (away / np.sqrt(np.maximum(events.weights, LEAST_WEIGHT)))[:, None]
    missing = each.T @ each - told.T @ told
    root = np.linalg.cholesky(information + np.eye(len(information)) * LEAST_WEIGHT)
    share, turned = np.linalg.eigh(np.linalg.solve(root, np.linalg.solve(root, missing).T))
    turned = root @ turned
    return np.asarray((turned * share.clip(0.0, MOST_NOT_SEEN)) @ turned.T)


def _square(
    information: Floats, told: Floats, precisions: Floats, usual: Floats
) -> tuple[Floats, Floats, float]:
    """Mean, covariance, and log-probability of the events but for what all priors share."""
    both = information + np.diag(precisions)
    wanted = told + precisions * usual
    covariance = np.asarray(np.linalg.inv(both), dtype=np.float64)
    mean = covariance @ wanted
    likely = np.log(precisions).sum() - np.linalg.slogdet(both)[1]
    likely += wanted @ mean - usual @ (precisions * usual)
    return mean, covariance, float(likely / 2)


def _mode(events: _Events, precisions: Floats, start: Floats) -> tuple[Floats, Floats, Floats]:
    """Where the posterior is highest; the likelihood's information and gradient there."""
    mean = start.copy()
    for _ in range(NEWTON_STEPS):
        now = events.due * np.exp(events.design @ mean)
        information = (events.design * now[:, None]).T @ events.design
        gradient = events.design.T @ (events.event - now)
        step = np.linalg.solve(
            information + np.diag(precisions), gradient - precisions * (mean - events.usual)
        )
        if np.abs(step).max() < TOLERANCE:
            break
        mean = mean + np.clip(step, -1.0, 1.0)
    return mean, information, gradient


def _roughness(design: Floats, due: Floats, share: float) -> float:
    """Variance of what is true of f and no covariate holds, when this share of f is true.

    f beside the covariates is then truth and chance in the ratio of share to its rest; a person's
    own part of the truth is known no better than that.
    """
    q, f = design[:, :-1], design[:, -1]
    if not f.any():
        return 0.0
    weighted = q * due[:, None]
    own = f - q @ np.linalg.lstsq(weighted.T @ q, weighted.T @ f, rcond=None)[0]
    true = float(np.clip(share, 0.0, 1.0))
    return float(true * (1 - true) * (due @ own**2) / due.sum())


def _base_precision(cause: str) -> float:
    return float(doubts(EVIDENCE_SET)[f"base.{PUBLISHED_NAMES[cause]}"] ** -2)


def _evidence_doubt(basis: Basis, cause: str, values: Floats, weights: Floats) -> dict[str, Any]:
    prior = precision(basis, cause, 1.0, RECIPE["free"]["ridge"])
    # What a further column says of it, and what no covariate describes, nobody has looked at
    # here; the evidence has.
    variance = np.zeros(values.shape[1])
    variance[: len(basis.terms)] = 1 / prior[: len(basis.terms)]
    centre = weights @ values / weights.sum()
    covariance = np.diag(np.concatenate([variance, [1 / _base_precision(cause), 0.0]]))
    return _stored(centre, 0.0, np.zeros(len(covariance)), covariance)


def _stored(centre: Floats, middle: float, mean: Floats, covariance: Floats) -> dict[str, Any]:
    return {
        "centre": centre.tolist(),
        "middle": middle,
        "mean": mean.tolist(),
        "covariance_lower_half": lower_half(covariance),
    }
