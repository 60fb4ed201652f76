"""How sure a learned hazard is: a normal distribution around its log, in the terms of the Cox.

Every learned engine carries it, trees and networks too: the doubt is about how a cohort departs
from the evidence, and that is as doubtful whoever learned it.
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
    covariance : ndarray, shape (q + 1, q + 1)
        Of the covariates' coefficients, and last of the logarithm of the level.
    """

    basis: Basis
    centre: Floats
    covariance: Floats

    def shifts(self, rows: Floats, draws: int, rng: np.random.Generator) -> Floats:
        """What drawn doubts add to the log-hazard, shape (draws, n), of rows of shape (n, p)."""
        away = self.basis.values(rows) - self.centre
        design = np.column_stack([away, np.ones(len(rows))])
        # By eigenvalues: a covariance may be singular but for rounding.
        drawn = rng.multivariate_normal(
            np.zeros(len(self.covariance)),
            self.covariance,
            size=draws,
            method="eigh",
            check_valid="ignore",
        )
        return np.asarray(drawn @ design.T)


def posterior(basis: Basis, stored: Mapping[str, Any]) -> Posterior:
    """Build it from stored lists."""
    return Posterior(
        basis,
        np.array(stored["centre"], dtype=np.float64),
        np.array(stored["covariance"], dtype=np.float64),
    )
