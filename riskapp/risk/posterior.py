"""How sure a learned hazard is: a normal distribution around its log, in the terms of the Cox.

Every learned engine carries it, trees and networks too: the doubt is about how a cohort departs
from the evidence, and that is as doubtful whoever learned it. It is not centred on f: an engine
that was held near the evidence, or whose trees follow chance, is drawn towards what the events say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from riskapp.risk.cox import Basis
from riskapp.risk.design_row import Floats


@dataclass(frozen=True)
class Waves:
    """Smooth departures that no covariate describes: cosines along directions through the columns.

    With normal weights their sum is nearly a draw of a Gaussian process with mean square 1 and a
    squared exponential covariance (Rahimi and Recht 2007, NeurIPS 20, "Random features for
    large-scale kernel machines"; recalled, to be confirmed).

    Attributes
    ----------
    directions : ndarray, shape (p, m)
        Per unit of each column; 0 where a column is not read.
    phases : ndarray, shape (m,)
    """

    directions: Floats
    phases: Floats

    def values(self, read: Floats) -> Floats:
        """Of rows as learners read them (``Basis.surprising``), shape (n, m)."""
        waves = np.cos(read @ self.directions + self.phases)
        return np.asarray(waves * np.sqrt(2 / len(self.phases)), dtype=np.float64)


def described(basis: Basis, waves: Waves | None, rows: Floats) -> Floats:
    """Covariates of rows, those of the waves behind the Cox regression's, shape (n, q)."""
    values = basis.values(rows)
    if waves is None:
        return values
    return np.column_stack([values, waves.values(basis.surprising(rows))])


@dataclass(frozen=True)
class Posterior:
    """One cause.

    Attributes
    ----------
    basis : Basis
    waves : Waves or None
        Together they have q covariates.
    centre : ndarray, shape (q,)
        Where the level is known best, apart from what the covariates do.
    middle : float
        The same of f.
    mean : ndarray, shape (q + 2,)
        What the log-hazard is expected to have beside f: by the covariates, by the logarithm of
        the level, and last by f itself (-1: nothing of f is true).
    covariance : ndarray, shape (q + 2, q + 2)
    """

    basis: Basis
    centre: Floats
    middle: float
    mean: Floats
    covariance: Floats
    waves: Waves | None = None

    @cached_property
    def root(self) -> Floats:
        """A square root of the covariance, which may be singular but for rounding."""
        values, vectors = np.linalg.eigh(self.covariance)
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))

    def shifts(self, rows: Floats, f: Floats, draws: int, rng: np.random.Generator) -> Floats:
        """What drawn doubts add to the log-hazard, shape (draws, n).

        Parameters
        ----------
        rows : ndarray, shape (n, p)
        f : ndarray, shape (n,)
            Of these rows.
        """
        away = described(self.basis, self.waves, rows) - self.centre
        design = np.column_stack([away, np.ones(len(rows)), f - self.middle])
        drawn = self.mean + rng.standard_normal((draws, len(self.mean))) @ self.root.T
        return np.asarray(drawn @ design.T)


def lower_half(covariance: Floats) -> list[list[float]]:
    """What is stored of a symmetric matrix, shape (m, m): its rows up to the diagonal."""
    return [row[: place + 1].tolist() for place, row in enumerate(covariance)]


def posterior(basis: Basis, stored: Mapping[str, Any]) -> Posterior:
    """Build it from stored lists; a model made of sums has none for f, and is centred on it."""
    covariance = _whole(stored["covariance_lower_half"])
    if "mean" not in stored:
        covariance = np.pad(covariance, (0, 1))
    return Posterior(
        basis=basis,
        centre=np.array(stored["centre"], dtype=np.float64),
        middle=float(stored.get("middle", 0.0)),
        mean=np.array(stored.get("mean", np.zeros(len(covariance))), dtype=np.float64),
        covariance=covariance,
        waves=_waves(stored["waves"]) if "waves" in stored else None,
    )


def _whole(rows: Sequence[Sequence[float]]) -> Floats:
    covariance = np.zeros((len(rows), len(rows)))
    for place, row in enumerate(rows):
        covariance[place, : place + 1] = covariance[: place + 1, place] = row
    return covariance


def _waves(stored: Mapping[str, Any]) -> Waves:
    return Waves(
        np.array(stored["directions"], dtype=np.float64),
        np.array(stored["phases"], dtype=np.float64),
    )
