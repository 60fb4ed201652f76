"""A site's own cohort, looked at before anything of it is told to anybody."""

from collections.abc import Sequence

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.risk.design_row import known_values
from riskapp.training.federated.plan import Plan
from riskapp.training.sums.from_sums import rows_of
from riskapp.training.sums.people_sums import PeopleRows

# Mean and standard deviation of a hundred people or more lie well within these limits in every
# cohort seen; beyond them is another unit or another column. Nobody else could notice: of one
# site's numbers the others see nothing. Judgement, wide on purpose.
USUAL = {
    "age_years": ((40.0, 90.0), (1.0, 20.0)),
    "bmi_kg_m2": ((17.0, 42.0), (1.5, 12.0)),
    "femoral_neck_t_score": ((-4.5, 2.0), (0.4, 2.5)),
}
FEWEST_KNOWN = 30


def people_for(plan: Plan, cohort: Cohort) -> PeopleRows:
    """Complete a site's people for a plan.

    Raises
    ------
    UnusableCohort
        In one sentence, if they are not those that the plan is about.
    """
    strange = {profile.population for profile in cohort.profiles} - set(plan.populations)
    if strange:
        raise UnusableCohort(f"The plan is not about people of {', '.join(sorted(strange))}.")
    if plan.simulated != (cohort.trained_on == "simulated"):
        here, there = ("simulated", "real") if not plan.simulated else ("real", "simulated")
        raise UnusableCohort(f"The people here are {here}, and the plan is about {there} ones.")
    known = [known_values(profile) for profile in cohort.profiles]
    for name, (means, spreads) in USUAL.items():
        values = np.array([each[name] for each in known if name in each])
        if name in plan.read and values.size >= FEWEST_KNOWN:
            _refuse_unusual(name, float(values.mean()), means, "mean")
            _refuse_unusual(name, float(values.std()), spreads, "standard deviation")
    return rows_of(cohort, plan.causes, plan.read, plan.seed)


def _refuse_unusual(name: str, found: float, usual: tuple[float, float], what: str) -> None:
    if not usual[0] <= found <= usual[1]:
        raise UnusableCohort(
            f"The {what} of {name} is {found:.3g} here, and between {usual[0]:g} and "
            f"{usual[1]:g} elsewhere: is it in another unit?"
        )


def not_read(plan: Plan, cohort: Cohort) -> Sequence[str]:
    """Columns of the cohort that a training together does not learn from."""
    known = {name for profile in cohort.profiles for name in known_values(profile)}
    return sorted(known - set(plan.read))
