"""Cox regression from sums over people, which add over partitions of a file and over sites.

Newton's method needs no rows: at each time, or in each band of time, the sum of the hazard ratios
of those at risk, the same weighted by covariates and by their products, and the events' covariates
added up. Whoever holds a part of the people gives such sums of that part; added, they are those of
all, so that the result is that of all rows in one place.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.follow_up import UnusableCohort

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

# Twice the distance in log-likelihood to the top, about, at which the next step is the last.
DECREMENT, SLACK = 1e-9, 1e-11
MOST_STEPS, MOST_HALVINGS = 40, 30
ROUNDING = 1e-6


@dataclass(frozen=True)
class RiskSums:
    """Sums over those at risk at B times, or in B bands of time.

    Attributes
    ----------
    events : ndarray, shape (B,)
        Weight of the events.
    told : ndarray, shape (q,)
        Sum of the events' covariates.
    offsets : ndarray, shape (1,)
        Sum of the events' offsets.
    s0, s1, s2 : ndarray, shapes (B,), (B, q), (B, q, q)
        Sums of the hazard ratios at risk; times covariates; times their products.
    """

    events: Floats
    told: Floats
    offsets: Floats
    s0: Floats
    s1: Floats
    s2: Floats

    def __add__(self, other: "RiskSums") -> "RiskSums":
        """Sums of both groups of people."""
        return RiskSums(
            *(getattr(self, each.name) + getattr(other, each.name) for each in fields(self))
        )

    def are_of_people(self) -> bool:
        """Whether people could have such sums, rounded ones included."""
        counts = np.concatenate([self.events, self.s0])
        return bool(np.isfinite(self.numbers()).all() and (counts > -ROUNDING).all())

    def numbers(self) -> Floats:
        """Everything as one row of numbers, to be sent."""
        return np.concatenate([getattr(self, each.name).ravel() for each in fields(self)])

    @classmethod
    def from_numbers(cls, numbers: Floats, bands: int, columns: int) -> "RiskSums":
        """Read what ``numbers`` wrote."""
        shapes = (
            (bands,),
            (columns,),
            (1,),
            (bands,),
            (bands, columns),
            (bands, columns, columns),
        )
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
        parts = np.split(numbers, ends[:-1])
        return cls(*(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)))

    def derivatives(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Partial log-likelihood, gradient (q,) and information (q, q); ties as Breslow's."""
        met = self.events > 0
        events, s0 = self.events[met], self.s0[met]
        mean = self.s1[met] / s0[:, None]
        value = float(self.told @ beta + self.offsets[0] - events @ np.log(s0))
        gradient = self.told - events @ mean
        information = np.einsum("b,bij->ij", events / s0, self.s2[met])
        information -= (mean * events[:, None]).T @ mean
        return value, gradient, information

    def level_per_band(self) -> Floats:
        """Breslow's ratio of events to what is expected at ratio one, shape (B,)."""
        return np.divide(self.events, self.s0, out=np.zeros_like(self.s0), where=self.s0 > 0)


@dataclass(frozen=True)
class SumsFit:
    """What Newton's method found.

    Attributes
    ----------
    coefficients : ndarray, shape (q,)
    information : ndarray, shape (q, q)
        Observed information plus the prior's precision.
    sums : RiskSums
        At the coefficients.
    asked : int
        How often sums were asked for.
    """

    coefficients: Floats
    information: Floats
    sums: RiskSums
    asked: int


@dataclass(frozen=True, kw_only=True)
class Banded:
    """People with what is expected of them in each band of time at ratio one.

    Attributes
    ----------
    x : ndarray, shape (n, q)
        Covariates, all known.
    expected : ndarray, shape (n, B)
        Time at risk in each band, or, anchored, the published cumulative hazard over it.
    event_band : ndarray of int, shape (n,)
        In which band the event happened; -1 where it did not.
    weights : ndarray, shape (n,)
        How many people a row stands for.
    """

    x: Floats
    expected: Floats
    event_band: Ints
    weights: Floats

    def sums(self, beta: Floats) -> RiskSums:
        """Sums over these people at some coefficients.

        References
        ----------
        Holford TR, 1980. Biometrics 36:299, doi:10.2307/2529982: with a level of its own for
        each band, a constant hazard within bands leads to these sums.
        """
        at_risk = self.expected * self.ratios(beta)[:, None]
        happened = self.event_band >= 0
        return RiskSums(
            events=_added(self.event_band[happened], self.weights[happened], at_risk.shape[1]),
            told=self.weights[happened] @ self.x[happened],
            offsets=np.zeros(1),
            s0=at_risk.sum(axis=0),
            s1=at_risk.T @ self.x,
            s2=np.stack([(self.x * each[:, None]).T @ self.x for each in at_risk.T]),
        )

    def ratios(self, beta: Floats) -> Floats:
        """Weight times hazard ratio of each row, shape (n,)."""
        return np.asarray(self.weights * np.exp(self.x @ beta))


@dataclass(frozen=True, kw_only=True)
class Timed:
    """People with their follow-up, for risk sets at times that all parts have agreed on.

    Attributes
    ----------
    x : ndarray, shape (n, q)
    offset, years, weights : ndarray, shape (n,)
    event : ndarray of bool, shape (n,)
    times : ndarray, shape (B,)
        Rising; every event of any part happens at one of them.
    """

    x: Floats
    offset: Floats
    years: Floats
    event: npt.NDArray[np.bool_]
    weights: Floats
    times: Floats

    def sums(self, beta: Floats) -> RiskSums:
        """Sums over the risk sets at each time."""
        ratio = self.weights * np.exp(self.x @ beta + self.offset)
        # How many of the times each person was at risk at; then from the last time to the first.
        until = np.searchsorted(self.times, self.years, side="right")
        order = np.argsort(until, kind="stable")
        until, x, ratio = until[order], self.x[order], ratio[order]
        size = self.times.size + 1
        starts = np.searchsorted(until, np.arange(size + 1))
        s2 = np.zeros((size, x.shape[1], x.shape[1]))
        s1 = np.zeros((size, x.shape[1]))
        for group in np.unique(until):
            own = slice(starts[group], starts[group + 1])
            weighted = x[own] * ratio[own, None]
            s1[group], s2[group] = weighted.sum(axis=0), weighted.T @ x[own]
        happened = np.searchsorted(self.times, self.years[self.event])
        own_weights = self.weights[self.event]
        return RiskSums(
            events=_added(happened, own_weights, self.times.size),
            told=own_weights @ self.x[self.event],
            offsets=np.array([own_weights @ self.offset[self.event]]),
            s0=_from_the_last(_added(until, ratio, size)),
            s1=_from_the_last(s1),
            s2=_from_the_last(s2),
        )


def _added(places: Ints, weights: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(places, weights, minlength=size), dtype=np.float64)


def _from_the_last(by_group: Floats) -> Floats:
    """Sum over everybody still there at each time; the first group left before any."""
    return np.asarray(np.cumsum(by_group[::-1], axis=0)[::-1][1:], dtype=np.float64)


def fit_from_sums(ask: Callable[[Floats], RiskSums], precision: Floats) -> SumsFit:
    """Newton's method on sums that somebody else makes.

    Parameters
    ----------
    ask : callable
        Coefficients, shape (q,) -> sums over all people at them.
    precision : ndarray, shape (q, q)
        Of a normal prior about zero on the coefficients.

    Raises
    ------
    UnusableCohort
        If there is no event, or Newton's method does not converge.
    """
    beta, asked = np.zeros(len(precision)), 1
    sums = ask(beta)
    if not sums.are_of_people():
        raise UnusableCohort("The sums that came back are not those of any people.")
    if not sums.events.any():
        raise UnusableCohort("There is no event of this kind: nothing to learn.")
    for _ in range(MOST_STEPS):
        value, gradient, information = sums.derivatives(beta)
        before = value - 0.5 * float(beta @ precision @ beta)
        information = information + precision
        step = _step(information, gradient - precision @ beta)
        last = float(step @ information @ step) < DECREMENT
        for halving in range(MOST_HALVINGS):
            tried = beta + step / 2**halving
            sums, asked = ask(tried), asked + 1
            after = sums.derivatives(tried)[0] - 0.5 * float(tried @ precision @ tried)
            if last or after >= before - SLACK * abs(before):
                break
        beta = tried
        if last:
            return SumsFit(beta, sums.derivatives(beta)[2] + precision, sums, asked)
    raise UnusableCohort("The Cox regression does not converge.")


def _step(information: Floats, gradient: Floats) -> Floats:
    try:
        step = np.linalg.solve(information, gradient)
    except np.linalg.LinAlgError as error:
        raise UnusableCohort(
            "The Cox regression cannot tell the effects of its columns apart; a prior is needed."
        ) from error
    return np.asarray(step, dtype=np.float64)
