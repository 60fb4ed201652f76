"""Age and sex alone against the incidence of hip fracture that was published for a population."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from riskapp.risk.evidence_sets import answered, evidence_set
from riskapp.risk.limits import RANGES
from riskapp.risk.matching import mean_log_hazards
from riskapp.risk.populations import Population, population

# Whose incidence each population's answers are held against.
COUNTED_IN = {
    "gb": "UK 2008-12",
    "us-white": "US non-Hispanic white",
    "ee": "Estonia 2009-16",
}
ESTONIA = {"f": "female", "m": "male"}


@dataclass(frozen=True, slots=True)
class Published:
    """Hip fractures per person-year in a band of ages."""

    counted_in: str
    sex: str
    ages: str
    per_year: float


@dataclass(frozen=True, slots=True)
class Compared:
    """A band, and the engine's mean hazard of a hip fracture over its ages."""

    population: str
    published: Published
    answered_per_year: float

    @property
    def ratio(self) -> float:
        return self.answered_per_year / self.published.per_year


def read_incidence(path: Path) -> list[Published]:
    """Hip fractures; bands other than 50-54, 85+ and the like are passed over.

    Columns: population, fracture, sex, age, per_100k_py.
    """
    with path.open(encoding="utf-8", newline="") as source:
        return [
            Published(row["population"], row["sex"], row["age"], float(row["per_100k_py"]) / 1e5)
            for row in csv.DictReader(source)
            if row["fracture"] == "hip" and row["population"] in COUNTED_IN.values()
        ]


def read_estonia(path: Path) -> list[Published]:
    """Columns: sex (f, m), age_group, rate_per_100k_py."""
    with path.open(encoding="utf-8", newline="") as source:
        return [
            Published(
                COUNTED_IN["ee"],
                ESTONIA[row["sex"]],
                row["age_group"],
                float(row["rate_per_100k_py"]) / 1e5,
            )
            for row in csv.DictReader(source)
        ]


def compare(published: list[Published], name: str) -> list[Compared]:
    """One row for each band that lies within the ages of the model, per population.

    Parameters
    ----------
    name : str
        Evidence set.
    """
    oldest = RANGES["age_years"].high
    found = []
    for code in answered(name):
        people, parameters = population(code), evidence_set(name, code).parameters
        for one in published:
            first, last = _band(one.ages, oldest)
            if one.counted_in != COUNTED_IN.get(code) or first >= oldest:
                continue
            ages = np.arange(first, last) + 0.5
            rates = [
                np.exp(mean_log_hazards(people, parameters, one.sex, float(min(age, oldest)))[0])
                for age in ages
            ]
            alive = _alive(people, one.sex, first, last)
            found.append(Compared(code, one, float(np.average(rates, weights=alive))))
    return found


def _band(ages: str, oldest: float) -> tuple[float, float]:
    """First age and the end: "50-54" is 50 to 55; "85+" goes on for as long as the model does."""
    first, _, last = ages.partition("-")
    return (float(first), float(last) + 1) if last else (float(ages.rstrip("+")), oldest + 5)


def _alive(people: Population, sex: str, first: float, last: float) -> list[float]:
    """How many the life table leaves at each age, where the published count has its people."""
    ages = np.arange(first, last) + 0.5
    return list(np.exp(-np.cumsum(np.exp(people.log_death_hazard(sex, ages - 0.5)))))
