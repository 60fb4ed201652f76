"""Small cohorts made on the spot, with whichever outcomes a test needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import FollowUp
from riskapp.risk.design_row import Floats
from riskapp.risk.profile import RiskProfile, Sex, with_unknown_as_no
from riskapp.risk.site_columns import SiteColumn

GRIP = SiteColumn(name="grip", label="Grip strength", ucum="kg", low=0, high=80)
FELL = SiteColumn(name="fell", label="Fell", ucum="1", low=0, high=1, yes_no=True)


def made_cohort(
    people: int,
    *,
    grip_effect: float = 0.0,
    per_year: float = 0.02,
    grip_known: float = 1.0,
    outcomes: Sequence[str] = ("hip", "any"),
    seed: int = 1,
    shape: Callable[[Floats], Floats] = np.asarray,
) -> Cohort:
    """Women and men of 60 to 85 whose fractures follow grip strength alone.

    Parameters
    ----------
    grip_effect : float
        Log hazard ratio per SD of grip strength, or per unit of its ``shape``.
    per_year : float
        Hazard of each outcome at the mean; follow-up ends after eight years.
    """
    rng = np.random.default_rng(seed)
    age, score = rng.uniform(60, 85, people), rng.normal(size=people)
    grip = 25 + 6 * score
    known = rng.random(people) < grip_known
    profiles = tuple(
        RiskProfile(
            population="gb",
            age_years=float(age[i]),
            sex=Sex.FEMALE if i % 2 else Sex.MALE,
            body_mass_index=float(rng.uniform(19, 34)),
            femoral_neck_t_score=float(rng.normal(-1.2, 1.0)),
            current_smoker=bool(rng.random() < 0.2),
            site_values={"grip": float(grip[i])} if known[i] else {},
        )
        for i in range(people)
    )
    follow_up: Mapping[str, FollowUp] = {
        name: _followed(rng.exponential(1 / (per_year * np.exp(grip_effect * shape(score)))))
        for name in outcomes
    }
    return Cohort(
        profiles=profiles,
        people=np.array([str(i) for i in range(people)]),
        follow_up=follow_up,
        site_columns=(GRIP,),
        left_out={},
        trained_on="cohort made",
        made_by={},
    )


def answered(cohort: Cohort) -> Cohort:
    """Every factor answered, so that one row of each and one pass do, instead of many and three."""
    return replace(cohort, profiles=tuple(map(with_unknown_as_no, cohort.profiles)))


def _followed(due: np.ndarray[tuple[int], np.dtype[np.float64]]) -> FollowUp:
    return FollowUp(event=due < 8, years=np.minimum(due, 8.0))
