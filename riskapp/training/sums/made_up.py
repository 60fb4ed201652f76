"""Made-up people to look at a hazard with, for whoever fits from sums and holds no people."""

from dataclasses import dataclass

import numpy as np

from riskapp.risk.anchor import CLINICAL, known_to_evidence
from riskapp.risk.completions import complete_rows
from riskapp.risk.design_row import Floats
from riskapp.risk.further_columns import NO_FURTHER
from riskapp.risk.learned_model import CauseHazard
from riskapp.risk.populations import population
from riskapp.risk.profile import RiskProfile, Sex
from riskapp.training.demanded import against_among

AGES_YEARS = tuple(range(40, 91, 5))
OF_EACH = 20
SEED = 20261120


@dataclass(frozen=True)
class MadeUp:
    """People of every age as the evidence describes a population.

    Attributes
    ----------
    rows : ndarray, shape (n, 11)
        The clinical columns.
    code : str
        Of the population.
    """

    rows: Floats
    code: str

    @classmethod
    def of(cls, code: str) -> "MadeUp":
        """Draw them; the same ones every time."""
        rng, found = np.random.default_rng(SEED), []
        for sex in map(Sex, population(code).sexes):
            for age in AGES_YEARS:
                profile = RiskProfile(population=code, age_years=float(age), sex=sex)
                known = known_to_evidence(profile)
                values = {"age_years": float(age), "female": float(sex == Sex.FEMALE)}
                found.append(complete_rows(code, known, values, NO_FURTHER, OF_EACH, OF_EACH, rng))
        return cls(np.concatenate(found), code)

    def against(self, hazard: CauseHazard, cause: str) -> tuple[str, ...]:
        """Columns in which the whole hazard goes against what science demands."""
        return against_among(hazard, self.rows, CLINICAL, self.code, cause)
