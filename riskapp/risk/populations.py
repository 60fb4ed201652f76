"""Populations: whose death rates, risk factors and body mass index apply. Data, not code."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from riskapp.risk import published
from riskapp.risk.errors import InvalidProfile, OutsideModelRange

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ByAge:
    """A straight line in age: its height at 65 and its slope per 10 years."""

    at_65: float
    per_decade: float

    def at(self, age_years: float) -> float:
        return self.at_65 + self.per_decade * (age_years - 65) / 10


@dataclass(frozen=True, slots=True)
class People:
    """How common risk factors are, and the spread of body mass index, by sex and age.

    Attributes
    ----------
    log_odds : mapping of (factor, sex) to ByAge
        Log-odds that a yes/no factor is present.
    mean_log_bmi, sd_log_bmi : mapping of sex
        Body mass index (kg/m2) is log-normal at each age.
    """

    log_odds: Mapping[tuple[str, str], ByAge]
    mean_log_bmi: Mapping[str, ByAge]
    sd_log_bmi: Mapping[str, float]

    def prevalence(self, factor: str, sex: str, age_years: float) -> float:
        return float(1 / (1 + np.exp(-self.log_odds[factor, sex].at(age_years))))


@dataclass(frozen=True, slots=True)
class Population:
    """One population as its data file gives it.

    Attributes
    ----------
    borrowed : tuple of str
        What is taken from other populations, each in words.
    sexes : tuple of str
        Whose fractures are published; nobody else is answered for.
    death_ages_years : ndarray, shape (bands,)
        Middle of each age band of the life table.
    log_death_rate : mapping of sex to ndarray, shape (bands,)
        Logarithm of deaths per person-year.
    """

    code: str
    name: str
    years: str
    sources: tuple[str, ...]
    borrowed: tuple[str, ...]
    sexes: tuple[str, ...]
    people: People
    death_ages_years: Array
    log_death_rate: Mapping[str, Array]

    def log_death_hazard(self, sex: str, age_years: Array) -> Array:
        """Log of deaths per year at attained ages, between the middles of the age bands."""
        return np.interp(age_years, self.death_ages_years, self.log_death_rate[sex])

    def refuse_unless_published(self, sex: str) -> None:
        """Refuse a person of a sex for which no results are published.

        Raises
        ------
        OutsideModelRange
            In a sentence that names the sex that can be answered for.
        """
        if sex not in self.sexes:
            raise OutsideModelRange(
                f"For population {self.code} ({self.name}) only {self.sexes[0]} results are "
                f"published, so no {sex} risk is estimated; it is not borrowed from elsewhere."
            )


@cache
def population(code: str) -> Population:
    """Read one population's data file.

    Which of them can be chosen depends on the evidence sets: ``evidence_sets.choosable``.

    Raises
    ------
    InvalidProfile
        If there is no such population.
    """
    if code not in published.names("populations"):
        raise InvalidProfile({"population": f"Population {code[:40]!r} is not available."})
    stored = published.read(f"populations/{code}")
    death = stored["death"]
    return Population(
        code=stored["code"],
        name=stored["name"],
        years=stored["years"],
        sources=tuple(stored["sources"]),
        borrowed=tuple(stored["borrowed"]),
        sexes=tuple(stored["sexes"]),
        people=_people(stored["people"]),
        death_ages_years=np.array(death["ages_mid_band"]),
        log_death_rate={sex: np.log(death[sex]) for sex in ("female", "male")},
    )


def _people(name: str) -> People:
    stored = published.read(f"people/{name}")
    return People(
        log_odds={
            (factor, sex): ByAge(row[sex]["intercept"], row[sex]["per_decade"])
            for factor, row in stored["prevalence"].items()
            for sex in ("female", "male")
        },
        mean_log_bmi={
            sex: ByAge(
                stored["body_mass_index"][sex]["mean_log"],
                stored["body_mass_index"][sex]["per_decade"],
            )
            for sex in ("female", "male")
        },
        sd_log_bmi={sex: stored["body_mass_index"][sex]["sd_log"] for sex in ("female", "male")},
    )
