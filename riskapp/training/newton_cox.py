"""Cox regression by Newton's method: sums over risk sets in one pass, offset and normal prior."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.follow_up import UnusableCohort

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Ties = Literal["efron", "breslow"]

# Newton's decrement is about twice the distance in log-likelihood to the top; convergence is
# quadratic, so that the step taken when it is this small lands within rounding of it.
DECREMENT, SLACK = 1e-9, 1e-11
MOST_ITERATIONS, MOST_HALVINGS = 50, 30
# In units of one standard deviation: some combination of effects would be known no better than to
# within a thousand. Columns cannot be told apart then, or a coefficient runs away because nobody
# with one value of its column has the event.
LEAST_INFORMATION = 1e-6


@dataclass(frozen=True)
class CoxFit:
    """What a Cox regression found.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Log hazard ratio per unit of each column; with a prior, its most probable value.
    information : ndarray, shape (p, p)
        Observed information plus the prior's precision: its inverse is the covariance.
    log_likelihood : float
        Partial log-likelihood at the coefficients, without the prior.
    iterations : int
        Newton steps taken.
    """

    coefficients: Floats
    information: Floats
    log_likelihood: float
    iterations: int

    @property
    def covariance(self) -> Floats:
        """Inverse of the information, shape (p, p)."""
        return np.asarray(np.linalg.inv(self.information), dtype=np.float64)


def newton_cox(
    x: Floats,
    years: Floats,
    event: npt.NDArray[np.bool_],
    *,
    offset: Floats | None = None,
    weights: Floats | None = None,
    precision: Floats | None = None,
    ties: Ties = "efron",
) -> CoxFit:
    """Fit a Cox regression.

    Parameters
    ----------
    x : ndarray, shape (n, p)
        Covariates, all known.
    years : ndarray, shape (n,)
        Follow-up, in any one unit.
    event : ndarray of bool, shape (n,)
        Whether follow-up ended with the event.
    offset : ndarray, shape (n,), optional
        Part of the log hazard ratio that is not learned.
    weights : ndarray, shape (n,), optional
        How many people a row stands for, 0 or more.
    precision : ndarray, shape (p,) or (p, p), optional
        Of a normal prior about zero on the coefficients, per unit of each column squared; none
        if absent.
    ties : {"efron", "breslow"}
        How events at one time are counted.

    Returns
    -------
    CoxFit

    Raises
    ------
    UnusableCohort
        If nobody has the event, values are not finite, columns cannot be told apart, or Newton's
        method does not converge.

    References
    ----------
    Cox DR, 1972. J R Stat Soc B 34:187. Efron B, 1977. J Am Stat Assoc 72:557,
    doi:10.1080/01621459.1977.10480613. Breslow N, 1974. Biometrics 30:89, doi:10.2307/2529620.
    """
    offset = np.zeros(len(x)) if offset is None else offset
    weights = np.ones(len(x)) if weights is None else weights
    _refuse_useless(x, years, event, offset, weights)
    p = x.shape[1]
    # The partial likelihood knows nothing of a column's mean, and Newton's method nothing of its
    # scale: both only spare rounding.
    spread = x.std(axis=0)
    unit = np.where(spread > 0, spread, 1.0)
    prior = np.zeros((p, p)) if precision is None else np.asarray(precision, dtype=np.float64)
    prior = np.diag(prior) if prior.ndim == 1 else prior
    prior = prior / np.outer(unit, unit)
    sets = RiskSets((x - x.mean(axis=0)) / unit, years, event, offset, weights, ties)

    beta = np.zeros(p)
    value, gradient, information = sets.derivatives(beta)
    posterior = value
    for iteration in range(MOST_ITERATIONS):
        gradient, information = gradient - prior @ beta, information + prior
        step = _newton_step(information, gradient)
        last = float(gradient @ step) < DECREMENT
        beta, value, gradient, information, posterior = _climb(
            sets, prior, beta, step, posterior, last
        )
        if last:
            information = information + prior
            _refuse_loose(information)
            return CoxFit(beta / unit, information * np.outer(unit, unit), value, iteration + 1)
    raise UnusableCohort("The Cox regression does not converge on this cohort.")


def _climb(
    sets: "RiskSets", prior: Floats, beta: Floats, step: Floats, before: float, last: bool
) -> tuple[Floats, float, Floats, Floats, float]:
    """Go the longest of 1, 1/2, 1/4 ... of the step that does not lead down."""
    for halving in range(MOST_HALVINGS):
        tried = beta + step / 2**halving
        value, gradient, information = sets.derivatives(tried)
        posterior = value - 0.5 * float(tried @ prior @ tried)
        # The last step changes less than rounding does, which is of the size of the slack.
        if last or posterior >= before - SLACK * abs(before):
            return tried, value, gradient, information, posterior
    raise UnusableCohort("The Cox regression does not converge on this cohort.")


class RiskSets:
    """Who was at risk at each event, sorted once; sums over them for any coefficients.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    years, offset, weights : ndarray, shape (n,)
    event : ndarray of bool, shape (n,)
    """

    def __init__(
        self,
        x: Floats,
        years: Floats,
        event: npt.NDArray[np.bool_],
        offset: Floats,
        weights: Floats,
        ties: Ties,
    ) -> None:
        # From the last time to the first: everybody at risk at a time is then a leading part.
        # Those who left before the first event are in no risk set.
        order = np.argsort(-years, kind="stable")
        order = order[years[order] >= years[event].min()]
        self.x, self.offset, self.weights = x[order], offset[order], weights[order]
        years, event = years[order], event[order]
        self.events: Ints = np.flatnonzero(event)
        times, self.first, deaths = np.unique(
            -years[self.events], return_index=True, return_counts=True
        )
        at_risk = np.searchsorted(-years, times, side="right")  # at each event time
        self.starts: Ints = np.concatenate([[0], at_risk[:-1]]).astype(np.intp)
        # The latest event time, as an index, at which each person is at risk.
        self.latest: Ints = np.searchsorted(at_risk, np.arange(years.size), side="right")
        self.time: Ints = np.repeat(np.arange(times.size), deaths)  # of each event
        within = np.arange(self.events.size) - self.first[self.time]
        self.passed: Floats = (
            within / deaths[self.time] if ties == "efron" else np.zeros(self.events.size)
        )
        # Events at one time share their mean weight, as in other programs.
        own = self.weights[self.events]
        self.weight: Floats = (np.add.reduceat(own, self.first) / deaths)[self.time]
        self.told: Floats = own @ self.x[self.events]

    def derivatives(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Partial log-likelihood, its gradient (p,) and the observed information (p, p)."""
        eta = self.x @ beta + self.offset
        highest = eta.max()
        ratio = self.weights * np.exp(eta - highest)
        weighted = self.x * ratio[:, None]
        own = ratio[self.events]
        # Sum and weighted sum over each risk set, less the part of the tied that has gone.
        total = np.cumsum(np.add.reduceat(ratio, self.starts))[self.time]
        total = total - self.passed * np.add.reduceat(own, self.first)[self.time]
        sums = np.cumsum(np.add.reduceat(weighted, self.starts, axis=0), axis=0)[self.time]
        if self.passed.any():
            tied = np.add.reduceat(weighted[self.events], self.first, axis=0)
            sums = sums - self.passed[:, None] * tied[self.time]
        mean = sums / total[:, None]

        value = float(
            self.weights[self.events] @ eta[self.events] - self.weight @ (np.log(total) + highest)
        )
        gradient: Floats = self.told - self.weight @ mean
        # The second moments: each person's square, times what all its risk sets make of it.
        hazard = self.weight / total
        met = np.cumsum(np.add.reduceat(hazard, self.first)[::-1])[::-1][self.latest]
        met[self.events] -= np.add.reduceat(hazard * self.passed, self.first)[self.time]
        information: Floats = (weighted * met[:, None]).T @ self.x
        information -= (mean * self.weight[:, None]).T @ mean
        return value, gradient, information


def _newton_step(information: Floats, gradient: Floats) -> Floats:
    try:
        step = np.linalg.solve(information, gradient)
    except np.linalg.LinAlgError as error:
        raise UnusableCohort(_LOOSE) from error
    if not np.isfinite(step).all() or float(gradient @ step) < 0:
        raise UnusableCohort(_LOOSE)
    return np.asarray(step, dtype=np.float64)


_LOOSE = (
    "The Cox regression cannot tell the effects of its columns apart: one is constant, a "
    "combination of others, or has no events at one of its values; a prior is needed."
)


def _refuse_loose(information: Floats) -> None:
    if information.size and np.linalg.eigvalsh(information).min() < LEAST_INFORMATION:
        raise UnusableCohort(_LOOSE)


def _refuse_useless(
    x: Floats, years: Floats, event: npt.NDArray[np.bool_], offset: Floats, weights: Floats
) -> None:
    if any(each.shape != (len(x),) for each in (years, event, offset, weights)):
        raise ValueError("Expected one follow-up, event, offset and weight for each row.")
    arrays: tuple[npt.NDArray[Any], ...] = (x, years, offset, weights)
    if not all(np.isfinite(each).all() for each in arrays):
        raise UnusableCohort("The Cox regression needs finite numbers everywhere.")
    if (weights < 0).any():
        raise UnusableCohort("The Cox regression cannot use weights below zero.")
    if not (event & (weights > 0)).any():
        raise UnusableCohort("The cohort holds no event of this kind: nothing to learn.")
