"""Populations: whose death rates, risk factors and body mass index apply. Data, not code."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from riskapp.risk import published
from riskapp.risk.errors import InvalidProfile, OutsideModelRange
from riskapp.risk.together import Together, together

Array = npt.NDArray[np.float64]
Ages = TypeVar("Ages", float, Array)

SEXES = ("female", "male")
# Hip fractures double about every five to six years of age in every published series held here.
FASTEST_DOUBLING_YEARS = 5.0
# A sample by clusters says less than as many people drawn one by one; about twice the variance
# is usual in NHANES (assumption), whose people over 50 spread over about a decade (SD).
DESIGN_EFFECT = 2.0
AGES_SD_DECADES = 1.0
# Log-odds that rest on no sample: odds within a factor of 2.7 either way (assumption).
UNSAMPLED_SD = 0.5


@dataclass(frozen=True, slots=True)
class ByAge:
    """A straight line in age: its height at 65 and its slope per 10 years."""

    at_65: float
    per_decade: float

    def at(self, age_years: Ages) -> Ages:
        return self.at_65 + self.per_decade * (age_years - 65) / 10


@dataclass(frozen=True, slots=True)
class People:
    """How common risk factors are, and the spread of body mass index, by sex and age.

    Attributes
    ----------
    log_odds : mapping of (factor, sex) to ByAge
        Log-odds that a yes/no factor is present.
    asked : mapping of (factor, sex) to int or None
        How many people the log-odds rest on; None where it is not a sample.
    mean_log_bmi, sd_log_bmi : mapping of sex
        Body mass index (kg/m2) is log-normal at each age.
    together : Together or None
        What goes together beyond age and sex; None where all is taken as independent.
    """

    log_odds: Mapping[tuple[str, str], ByAge]
    asked: Mapping[tuple[str, str], int | None]
    mean_log_bmi: Mapping[str, ByAge]
    sd_log_bmi: Mapping[str, float]
    together: Together | None = None

    def prevalence(self, factor: str, sex: str, age_years: float) -> float:
        return float(self.prevalences(factor, sex, np.asarray(age_years)))

    def prevalences(self, factor: str, sex: str, ages_years: Array) -> Array:
        """Of people of several ages, shape (n,)."""
        return np.asarray(1 / (1 + np.exp(-self.log_odds[factor, sex].at(ages_years))))

    def log_odds_sd(self, factor: str, sex: str, age_years: float) -> float:
        """Standard deviation of the log-odds: their sampling error, larger away from 65."""
        asked = self.asked[factor, sex]
        if asked is None:
            return UNSAMPLED_SD
        prevalence = self.prevalence(factor, sex, 65.0)
        decades = (age_years - 65) / 10 / AGES_SD_DECADES
        variance = DESIGN_EFFECT / (asked * prevalence * (1 - prevalence)) * (1 + decades**2)
        return float(np.sqrt(variance))


@dataclass(frozen=True, slots=True)
class HipIncidence:
    """Published hip fracture rates of a population that no calibration covers.

    Attributes
    ----------
    ages_years : ndarray, shape (bands,)
        Middle of each age band.
    log_per_year : mapping of sex to ndarray, shape (bands,)
        Logarithm of hip fractures per person-year.
    other_major_from : str
        The population whose pattern by age of other major fractures is borrowed.
    """

    ages_years: Array
    log_per_year: Mapping[str, Array]
    other_major_from: str

    @property
    def from_age_years(self) -> float:
        """Where the first age band begins, if it is as wide as its middle is from the next."""
        first, second = self.ages_years[:2]
        return float(first - (second - first) / 2)

    def log_rate(self, sex: str, age_years: Array) -> Array:
        """Straight lines between the middles of bands.

        Beyond the first and the last the line of the nearest two goes on, but neither falls with
        age nor doubles faster than every ``FASTEST_DOUBLING_YEARS``.
        """
        ages, logs = self.ages_years, self.log_per_year[sex]
        steepest = np.log(2) / FASTEST_DOUBLING_YEARS
        slopes = np.clip(np.diff(logs) / np.diff(ages), 0.0, steepest)
        within = np.interp(age_years, ages, logs)
        below = np.minimum(age_years - ages[0], 0) * slopes[0]
        above = np.maximum(age_years - ages[-1], 0) * slopes[-1]
        return np.asarray(within + below + above)


@dataclass(frozen=True, slots=True)
class Mixture:
    """A population made of others.

    Attributes
    ----------
    of : tuple of str
        Codes of the parts.
    ages_years : ndarray, shape (ages,)
    shares : mapping of sex to ndarray, shape (parts, ages)
        Share of each part in the people of an age.
    """

    of: tuple[str, ...]
    ages_years: Array
    shares: Mapping[str, Array]

    def shares_at(self, sex: str, age_years: float) -> Array:
        """Shares of the parts, shape (parts,), which sum to 1; level beyond the ages given."""
        rows = np.array([np.interp(age_years, self.ages_years, row) for row in self.shares[sex]])
        return np.asarray(rows / rows.sum())


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
    hip_incidence, mixture : or None
        What bases are made from where none are calibrated (``riskapp.risk.bases``).
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
    hip_incidence: HipIncidence | None = None
    mixture: Mixture | None = None

    def log_death_hazard(self, sex: str, age_years: Array) -> Array:
        """Log of deaths per year at attained ages, between the middles of the age bands."""
        return np.interp(age_years, self.death_ages_years, self.log_death_rate[sex])

    def remarks_at(self, age_years: float) -> tuple[str, ...]:
        """What has to be said of an age that the published hip fractures do not cover."""
        if self.hip_incidence is None or age_years >= self.hip_incidence.from_age_years:
            return ()
        return (
            f"Hip fractures in {self.name} are published from age "
            f"{self.hip_incidence.from_age_years:g} on; below, the trend of the youngest two age "
            "bands is carried on: read the result with care.",
        )

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
        log_death_rate={sex: np.log(death[sex]) for sex in SEXES},
        hip_incidence=_hip_incidence(stored),
        mixture=_mixture(stored),
    )


def _hip_incidence(stored: Mapping[str, Any]) -> HipIncidence | None:
    rates = stored.get("hip_incidence_per_100k")
    if rates is None:
        return None
    return HipIncidence(
        ages_years=np.array(rates["ages_mid_band"]),
        log_per_year={sex: np.log(np.array(rates[sex]) / 1e5) for sex in stored["sexes"]},
        other_major_from=rates["other_major_by_the_pattern_of"],
    )


def _mixture(stored: Mapping[str, Any]) -> Mixture | None:
    mixed = stored.get("mixture")
    if mixed is None:
        return None
    return Mixture(
        of=tuple(mixed["of"]),
        ages_years=np.array(mixed["ages_years"]),
        shares={sex: np.array([mixed[sex][part] for part in mixed["of"]]) for sex in SEXES},
    )


def _people(name: str) -> People:
    stored = published.read(f"people/{name}")
    return People(
        log_odds={
            (factor, sex): ByAge(row[sex]["intercept"], row[sex]["per_decade"])
            for factor, row in stored["prevalence"].items()
            for sex in SEXES
        },
        asked={
            (factor, sex): row[sex]["n"]
            for factor, row in stored["prevalence"].items()
            for sex in ("female", "male")
        },
        mean_log_bmi={
            sex: ByAge(
                stored["body_mass_index"][sex]["mean_log"],
                stored["body_mass_index"][sex]["per_decade"],
            )
            for sex in SEXES
        },
        sd_log_bmi={sex: stored["body_mass_index"][sex]["sd_log"] for sex in SEXES},
        together=together(stored),
    )
