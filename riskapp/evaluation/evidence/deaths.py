"""The engine's deaths against a survey whose people were followed until they died."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskapp.evaluation.evidence.survival import share_until
from riskapp.risk.hazard_terms import Parameters
from riskapp.risk.limits import RANGES
from riskapp.risk.missing import Known
from riskapp.risk.mortality import death_within
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS

Array = npt.NDArray[np.float64]

HORIZON_YEARS = 10.0
# The survey gives nobody's age above this, so that nobody is recognised.
TOP_CODED_AGE = 85
OLDEST_FOLLOWED = 105
DECADES = ("50-59", "60-69", "70-79", "80+")
ALL = "all"


@dataclass(frozen=True, slots=True)
class Deaths:
    """One group: the share that died within 10 years, weighted, and the engine's mean."""

    sex: str
    decade: str
    people: int
    deaths: int
    observed: float
    predicted: float

    @property
    def ratio(self) -> float:
        return self.predicted / self.observed


def read_survey(path: Path) -> pd.DataFrame:
    """People with an examination weight and follow-up from the examination on.

    Columns: age, sex, bmi, current_smoker, wt_mec, death, followup_months_exam.

    Raises
    ------
    KeyError
        If a column is absent.
    """
    table = pd.read_csv(path)
    table = table[(table["wt_mec"] > 0) & table["followup_months_exam"].notna()]
    return table.reset_index(drop=True)


def compare(survey: pd.DataFrame, people: Population, parameters: Parameters) -> list[Deaths]:
    """One row for each sex and decade of age, for each sex, and for everybody."""
    predicted = _predicted(survey, people, parameters)
    decades = pd.cut(survey["age"], [50, 60, 70, 80, np.inf], right=False, labels=DECADES)
    found = []
    for sex in ("female", "male", ALL):
        for decade in (*DECADES, ALL):
            chosen = np.ones(len(survey), dtype=bool)
            if sex != ALL:
                chosen &= (survey["sex"] == sex).to_numpy()
            if decade != ALL:
                chosen &= (decades == decade).to_numpy()
            found.append(_deaths(sex, decade, survey[chosen], predicted[chosen]))
    return found


def _deaths(sex: str, decade: str, group: pd.DataFrame, predicted: Array) -> Deaths:
    years = group["followup_months_exam"].to_numpy(dtype=np.float64) / 12
    died = group["death"].to_numpy() == 1
    weights = group["wt_mec"].to_numpy(dtype=np.float64)
    return Deaths(
        sex=sex,
        decade=decade,
        people=len(group),
        deaths=int((died & (years <= HORIZON_YEARS)).sum()),
        observed=share_until(years, died, weights, HORIZON_YEARS),
        predicted=float(np.average(predicted, weights=weights)),
    )


def _predicted(survey: pd.DataFrame, people: Population, parameters: Parameters) -> Array:
    """Probability of dying within 10 years, shape (people,); equal people are asked about once."""
    answers = [
        (float(age), str(sex), _known(bmi), _known(smokes))
        for age, sex, bmi, smokes in zip(
            *(survey[name] for name in ("age", "sex", "bmi", "current_smoker")), strict=True
        )
    ]
    known = {one: _death_of(*one, people, parameters) for one in set(answers)}
    return np.array([known[one] for one in answers])


def _known(answer: float) -> float | None:
    return None if np.isnan(answer) else float(answer)


def _death_of(
    age: float,
    sex: str,
    bmi: float | None,
    smokes: float | None,
    people: Population,
    parameters: Parameters,
) -> float:
    factors = dict.fromkeys(FACTORS) | {"current_smoker": None if smokes is None else smokes > 0}
    return sum(
        share * death_within(Known(at, sex, factors, bmi, None), people, parameters)
        for at, share in _ages(age, sex, people)
    )


def _ages(age: float, sex: str, people: Population) -> list[tuple[float, float]]:
    """Ages that a printed age stands for, with their shares.

    A completed year stands for its middle. The top-coded stand for everybody above, as many at
    each age as the life table leaves alive; beyond the model's oldest age they are taken there.
    """
    if age < TOP_CODED_AGE:
        return [(age + 0.5, 1.0)]
    ages: Array = np.arange(TOP_CODED_AGE, OLDEST_FOLLOWED, dtype=np.float64) + 0.5
    alive = np.exp(-np.cumsum(np.exp(people.log_death_hazard(sex, ages - 0.5))))
    taken_at = np.minimum(ages, RANGES["age_years"].high)
    shares = alive / alive.sum()
    return [(float(at), float(shares[taken_at == at].sum())) for at in np.unique(taken_at)]
