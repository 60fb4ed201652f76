"""Groups of people within which an engine is judged by itself."""

from collections.abc import Sequence

import numpy as np

from riskapp.laboratory.asking import Flags
from riskapp.risk.profile import RiskProfile

AGE_BANDS = ((40, 60), (60, 70), (70, 80), (80, 200))
Group = tuple[str, str, Flags]


def groups(profiles: Sequence[RiskProfile]) -> list[Group]:
    """By age, sex, population and scanner: what divides, the part's name, and who is in it.

    What does not divide these people is left out.
    """
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
    there = [group for group in found if group[2].any()]
    return [group for group in there if sum(other[0] == group[0] for other in there) > 1]


def _scanner(profile: RiskProfile) -> str:
    return "not known" if profile.dxa_manufacturer is None else profile.dxa_manufacturer.value
