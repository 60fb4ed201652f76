"""How the people of a cohort differ from the published ones of their age and sex.

What is not known of a person is drawn from a published joint distribution (``missing``). A clinic's
own people may lie elsewhere: those who are referred have thinner bone. A learned model keeps by how
much, and what is not known is integrated over people like those that it was taught by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from riskapp.risk.design_row import Floats
from riskapp.risk.drawing import DISTRIBUTION_OF
from riskapp.risk.effects import effects
from riskapp.risk.hazard_terms import REFERENCE_BMI_KG_M2, Parameters
from riskapp.risk.populations import ByAge, Population, population
from riskapp.risk.profile import FACTORS

# Of the lines. Each sex stands half a unit from the middle, so that what a cohort of one sex shows
# is taken to hold for most of it in the other too.
LINE = ("one", "decades_from_65", "female_less_half")
T_LINE = (*LINE, "log_bmi_from_25")


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a measurement lies, beside what is published.

    Attributes
    ----------
    line : tuple of float
        Added to the published mean, by the terms of ``LINE`` or ``T_LINE``.
    spread : float
        Times the published standard deviation.
    """

    line: tuple[float, ...]
    spread: float = 1.0


@dataclass(frozen=True, slots=True)
class Unknown:
    """What the unknown is drawn from.

    Attributes
    ----------
    people : Population
        How common factors are, and the body mass index.
    parameters : mapping of name to float
        Of the mean T-score.
    t_sd : float
        Standard deviation of the T-score about that mean.
    """

    people: Population
    parameters: Parameters
    t_sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePeople:
    """How the people that a model was taught by differ from the published ones.

    Attributes
    ----------
    t_score : Departure
        Of the femoral-neck T-score given age, sex, body mass index and factors.
    log_bmi : Departure
        Of the logarithm of body mass index given age and sex.
    log_odds : tuple of float
        Added to the log-odds of each of ``FACTORS``.
    ages_years : tuple of float
        Between which the lines run; beyond they stay as they are at the edge.
    """

    t_score: Departure = Departure((0.0,) * len(T_LINE))
    log_bmi: Departure = Departure((0.0,) * len(LINE))
    log_odds: tuple[float, ...] = (0.0,) * len(FACTORS)
    ages_years: tuple[float, float] = (0.0, 120.0)

    def unknown(self, code: str, sex: str, age_years: float) -> Unknown:
        """What is drawn from for somebody of this age and sex."""
        terms = line_terms(np.clip(age_years, *self.ages_years), np.asarray(float(sex == "female")))
        *line, with_bmi = self.t_score.line
        published = effects(DISTRIBUTION_OF)
        level, slope = f"t_score.at_65.{sex}", "t_score.log_bmi"
        at_65 = published[level] + float(terms @ np.array(line))
        moved = {level: at_65, slope: published[slope] + with_bmi}
        return Unknown(
            self._people(population(code), sex, float(terms @ self.log_bmi.line)),
            {**published, **moved},
            self.t_score.spread,
        )

    def _people(self, published: Population, sex: str, log_bmi: float) -> Population:
        people = published.people
        odds = {
            (name, sex): _higher(people.log_odds[name, sex], more)
            for name, more in zip(FACTORS, self.log_odds, strict=True)
        }
        own = replace(
            people,
            log_odds={**people.log_odds, **odds},
            mean_log_bmi={**people.mean_log_bmi, sex: _higher(people.mean_log_bmi[sex], log_bmi)},
            sd_log_bmi=_times(people.sd_log_bmi, self.log_bmi.spread),
        )
        return replace(published, people=own)


AS_PUBLISHED = SitePeople()


def line_terms(age_years: Floats, female: Floats) -> Floats:
    """Terms of ``LINE``, along a last axis."""
    return np.stack([np.ones_like(female), (age_years - 65) / 10, female - 0.5], axis=-1)


def bmi_term(log_bmi: Floats) -> Floats:
    """The last term of ``T_LINE``."""
    return np.asarray(log_bmi - np.log(REFERENCE_BMI_KG_M2))


def _higher(line: ByAge, more: float) -> ByAge:
    return ByAge(line.at_65 + more, line.per_decade)


def _times(spreads: Mapping[str, float], multiple: float) -> dict[str, float]:
    return {sex: sd * multiple for sex, sd in spreads.items()}
