"""People with what was known of them at baseline and what happened after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.follow_up import FollowUp
from riskapp.cohorts.repeatability import Repeatability
from riskapp.risk.profile import RiskProfile
from riskapp.risk.site_columns import SiteColumn


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """A checked cohort; nothing in it was completed, drawn or guessed.

    Attributes
    ----------
    profiles : tuple of RiskProfile, length n
        What was known at baseline; None and absent site values mean not known.
    people : ndarray of str, shape (n,)
        Who each row is about. Rows of one person never lie on both sides of a split.
    follow_up : mapping of outcome to FollowUp, each of n rows
        Those that were recorded, of "hip", "major_osteoporotic", "any" and "death".
    site_columns : tuple of SiteColumn
        Predictors beyond the contract's fields.
    first_events_only : bool
        Nobody was followed past the first event of any kind.
    left_out : mapping of reason to int
        Rows of the file that are not here.
    trained_on : str
        "simulated" or "cohort ...", as every estimate of a model fitted to it will say.
    made_by : mapping
        What the JSON beside the file told about how it was made.
    baseline_years : ndarray of float, shape (n,), or None
        Calendar year in which each person's follow-up began, NaN where not given; None where the
        file tells of no date.
    remarks : tuple of str
        What everybody who reads results from these people must know; one sentence each.
    repeatability : mapping of site column to Repeatability
        Of those of which the site declares it.
    """

    profiles: tuple[RiskProfile, ...]
    people: npt.NDArray[np.str_]
    follow_up: Mapping[str, FollowUp]
    site_columns: tuple[SiteColumn, ...] = ()
    first_events_only: bool = False
    left_out: Mapping[str, int]
    trained_on: str
    made_by: Mapping[str, Any]
    baseline_years: npt.NDArray[np.float64] | None = None
    remarks: tuple[str, ...] = ()
    repeatability: Mapping[str, Repeatability] = field(default_factory=dict)

    def part(self, chosen: npt.NDArray[np.intp]) -> "Cohort":
        """Return the rows at these positions only."""
        return replace(
            self,
            profiles=tuple(self.profiles[i] for i in chosen),
            people=self.people[chosen],
            follow_up={name: each.part(chosen) for name, each in self.follow_up.items()},
            baseline_years=None if self.baseline_years is None else self.baseline_years[chosen],
        )

    def with_left_out(self, left_out: Mapping[str, int]) -> "Cohort":
        """Return the same people with another count of rows left out."""
        return replace(self, left_out=left_out)

    def with_remarks(self, more: tuple[str, ...]) -> "Cohort":
        """Return the same people with more to be said of them."""
        return replace(self, remarks=(*self.remarks, *more))
