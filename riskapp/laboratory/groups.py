"""Groups of people within which an engine is judged by itself."""

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.laboratory.asking import Flags
from riskapp.risk.profile import RiskProfile

OVERALL = "Overall"
MOST_PERIODS = 4
AGE_BANDS = ((40, 60), (60, 70), (70, 80), (80, 200))
Group = tuple[str, str, Flags]


def groups(cohort: Cohort) -> list[Group]:
    """Everybody, and parts by age, sex, population, scanner and calendar period of baseline.

    Returns
    -------
    list of (str, str, ndarray of bool)
        What divides, the part's name, and who is in it. What does not divide these people is left
        out.
    """
    profiles = cohort.profiles
    age = np.array([profile.age_years for profile in profiles])
    found: list[Group] = []
    for low, high in AGE_BANDS:
        name = f"{low} and over" if high > 100 else f"{low} to {high - 1}"
        found.append(("Age", name, (age >= low) & (age < high)))
    for by, read in (
        ("Sex", lambda profile: profile.sex.value),
        ("Population", lambda profile: profile.population),
        ("Scanner", lambda profile: _scanner(profile)),
    ):
        values = np.array([read(profile) for profile in profiles])
        found += [(by, str(value), values == value) for value in np.unique(values)]
    found += _periods(cohort)
    there = [group for group in found if group[2].any()]
    everybody: Group = (OVERALL, "everybody", np.ones(len(profiles), dtype=np.bool_))
    return [everybody] + [
        group for group in there if sum(other[0] == group[0] for other in there) > 1
    ]


def _periods(cohort: Cohort) -> list[Group]:
    """At most four stretches of whole calendar years in which people's follow-up began."""
    if cohort.baseline_years is None:
        return []
    year = np.floor(cohort.baseline_years)
    known = np.isfinite(year)
    if not known.any():
        return []
    first, last = int(year[known].min()), int(year[known].max())
    long = -(-(last - first + 1) // MOST_PERIODS)
    found: list[Group] = []
    for start in range(first, last + 1, long):
        end = min(start + long - 1, last)
        name = f"{start}" if start == end else f"{start} to {end}"
        found.append(("Baseline", name, known & (year >= start) & (year <= end)))
    return found


def _scanner(profile: RiskProfile) -> str:
    return "not known" if profile.dxa_manufacturer is None else profile.dxa_manufacturer.value
