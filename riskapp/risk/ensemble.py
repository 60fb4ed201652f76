"""Several learned hazards as one: a weighted sum of their log hazard ratios."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from riskapp.risk.design_row import Floats


class LogHazardRatio(Protocol):
    """What each member offers."""

    def log_hazard_ratio(self, rows: Floats) -> Floats: ...

    def contributions(self, rows: Floats) -> Floats: ...


@dataclass(frozen=True)
class EnsembleHazard:
    """Log hazard ratio of one cause.

    Attributes
    ----------
    members : tuple of LogHazardRatio, length k
    weights : tuple of float, length k
        Not below 0, and 1 together at most: what is left belongs to the evidence.
    constant : float
        Taken off, so that on average over the training people's hazard nothing is added.
    """

    members: tuple[LogHazardRatio, ...]
    weights: tuple[float, ...]
    constant: float = 0.0

    def log_hazard_ratio(self, rows: Floats) -> Floats:
        """Log hazard ratio, shape (n,), of rows of shape (n, p)."""
        total = np.full(len(rows), -self.constant)
        for member, weight in zip(self.members, self.weights, strict=True):
            total += weight * member.log_hazard_ratio(rows)
        return total

    def contributions(self, rows: Floats) -> Floats:
        """The members' contributions, weighted as they are, shape (n, p + 1).

        Shapley values of a sum are the sums of Shapley values (Shapley 1953, additivity), so each
        row sums to the log hazard ratio.
        """
        shares = np.zeros((len(rows), rows.shape[1] + 1))
        for member, weight in zip(self.members, self.weights, strict=True):
            shares += weight * member.contributions(rows)
        shares[:, -1] -= self.constant
        return shares
