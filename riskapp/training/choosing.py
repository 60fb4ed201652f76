"""How far to leave the evidence: decided by people that a candidate has not seen."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from riskapp.risk.design_row import Floats
from riskapp.training.completing import Completed

Indices = npt.NDArray[np.intp]


def folds(people: npt.NDArray[np.str_], number: int, seed: int) -> list[Indices]:
    """Positions in each fold, rising; rows of one person never lie in two.

    Parameters
    ----------
    people : ndarray of str, shape (n,)
        Who each row is about.
    """
    persons, whose = np.unique(people, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(persons))
    fold_of = np.empty(len(persons), dtype=np.intp)
    for fold, some in enumerate(np.array_split(order, number)):
        fold_of[some] = fold
    found = [np.flatnonzero(fold_of[whose] == fold) for fold in range(number)]
    return [fold for fold in found if len(fold)]


def constant(people: Completed, cause: str, log_ratio: Floats) -> float:
    """What to take off f, so that as many events are expected with it as without."""
    due = people.weights * people.exposures[cause].expected
    return float(np.log((due @ np.exp(log_ratio)) / due.sum()))


def log_scores(people: Completed, cause: str, log_ratio: Floats) -> Floats:
    """Log-likelihood of what happened beside what the evidence gives it, shape (n,).

    A person's draws are averaged: their weights are those of the evidence.
    """
    event = people.taught.follow_up[cause].event[people.owners]
    expected = people.exposures[cause].expected
    told = event * log_ratio - expected * np.expm1(log_ratio)
    starts = np.flatnonzero(np.diff(people.owners, prepend=-1))
    most = np.maximum.reduceat(told, starts)
    likely = people.by_evidence * np.exp(told - most[people.owners])
    return np.asarray(np.log(np.add.reduceat(likely, starts)) + most)


def out_of_fold(
    people: Completed,
    cause: str,
    fit: Callable[[Completed, Floats], Floats],
    number: int,
    seed: int,
    candidates: int,
) -> tuple[Floats, Floats]:
    """Judge candidates on people they have not seen.

    Parameters
    ----------
    fit : callable
        From some people and the rows of others, shape (N, p), to f of these rows, shape
        (N, candidates).

    Returns
    -------
    log_ratios : ndarray, shape (N, candidates)
        f of every row, by a fit that never saw its person.
    scores : ndarray, shape (n, candidates)
        ``log_scores`` at the level of those who were learned from.
    """
    ratios = np.zeros((len(people.rows), candidates))
    scores = np.zeros((len(people.people), candidates))
    everyone = np.arange(len(people.people))
    for fold in folds(people.people, number, seed):
        others = people.part(np.setdiff1d(everyone, fold))
        seen = others.taught.follow_up[cause]
        if not seen.event.any():
            continue  # nothing to learn without them: f is 0 for each candidate
        held = people.part(fold)
        found = fit(others, held.rows)
        ratios[people.rows_of(fold)] = found
        level = np.log(seen.event.sum() / (others.weights @ others.exposures[cause].expected))
        for number_of, log_ratio in enumerate(found.T):
            scores[fold, number_of] = log_scores(held, cause, log_ratio + level)
    return ratios, scores


def likely(scores: Floats) -> Floats:
    """How much each candidate counts, shape (candidates,): as likely as it makes unseen people.

    Averaged so, a candidate that is not clearly better than the evidence shrinks towards it by
    itself (pseudo-Bayesian model averaging; Yao and others 2018, Bayesian Anal 13:917,
    doi:10.1214/17-BA1091). Before anybody is looked at, half of the belief is in the evidence,
    which is the first candidate; the others share the rest.

    Parameters
    ----------
    scores : ndarray, shape (n, candidates)
    """
    total = scores.sum(axis=0)
    total[0] += np.log(max(1, len(total) - 1))
    shares = np.exp(total - total.max())
    return np.asarray(shares / shares.sum())


def cautious(scores: Floats) -> Floats:
    """Scores less one standard error of what each candidate gains over the first.

    A few events in one division of the people can speak for anything: only what gains more than
    its error is believed (the rule of one standard error; Breiman and others 1984, Classification
    and Regression Trees, chapter 3; recalled, to be confirmed).

    Parameters
    ----------
    scores : ndarray, shape (n, candidates)
    """
    gained = scores - scores[:, :1]
    # The error of a sum over people is shared out among them.
    return np.asarray(scores - gained.std(axis=0) / np.sqrt(len(scores)))
