"""How sure a learned hazard is: a normal distribution around its log, in the terms of the Cox.

Every learned engine carries it, trees and networks too: the doubt is about how a cohort departs
from the evidence, and that is as doubtful whoever learned it. It is not centred on f: an engine
that was held near the evidence, or whose trees follow chance, is drawn towards what the events say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskapp.risk.cox import Basis
from riskapp.risk.design_row import Floats


@dataclass(frozen=True)
class Posterior:
    """One cause.

    Attributes
    ----------
    basis : Basis
        Of q covariates.
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

    def shifts(self, rows: Floats, f: Floats, draws: int, rng: np.random.Generator) -> Floats:
        """What drawn doubts add to the log-hazard, shape (draws, n).

        Parameters
        ----------
        rows : ndarray, shape (n, p)
        f : ndarray, shape (n,)
            Of these rows.
        """
        away = self.basis.values(rows) - self.centre
        design = np.column_stack([away, np.ones(len(rows)), f - self.middle])
        # By eigenvalues: a covariance may be singular but for rounding.
        drawn = rng.multivariate_normal(
            self.mean, self.covariance, size=draws, method="eigh", check_valid="ignore"
        )
        return np.asarray(drawn @ design.T)


def posterior(basis: Basis, stored: Mapping[str, Any]) -> Posterior:
    """Build it from stored lists; a model made of sums has none for f, and is centred on it."""
    covariance = np.array(stored["covariance"], dtype=np.float64)
    if "mean" not in stored:
        covariance = np.pad(covariance, (0, 1))
    return Posterior(
        basis,
        np.array(stored["centre"], dtype=np.float64),
        float(stored.get("middle", 0.0)),
        np.array(stored.get("mean", np.zeros(len(covariance))), dtype=np.float64),
        covariance,
    )
