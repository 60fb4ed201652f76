"""Follow-up per outcome, from the contract's columns to what the fits need."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.design_row import Floats
from riskapp.risk.errors import RiskError

Flags = npt.NDArray[np.bool_]


class UnusableCohort(RiskError):
    """The file cannot be used for training; the sentence says why."""


class UnreadableCohort(UnusableCohort):
    """What lies there is no table, or no JSON, at all."""


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """When one kind of event happened, or until when it had not.

    Attributes
    ----------
    event : ndarray of bool, shape (n,)
    years : ndarray, shape (n,)
    """

    event: Flags
    years: Floats

    def part(self, chosen: npt.NDArray[np.intp]) -> "FollowUp":
        """Return the rows at these positions only."""
        return FollowUp(event=self.event[chosen], years=self.years[chosen])
