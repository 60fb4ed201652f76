"""What is known beyond the risk factors, of many people: ``modifiers`` as columns."""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.hazard_terms import STEP_MIDDLES_YEARS, Parameters, factor_effect
from riskapp.risk.modifier_reading import MONTHS_PER_YEAR, stored
from riskapp.risk.modifiers import ARTHRITIS

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]

DOSED, FRACTURED = "glucocorticoids", "prior_fragility_fracture"


@dataclass(frozen=True, slots=True)
class Beside:
    """What modifiers add to the log-hazards of n people; NaN where one is not known.

    Attributes
    ----------
    at_zero, per_t : ndarray, shape (n, 2)
        A line in the T-score for hip and for other major fracture: falls and bone. Never NaN.
    likely_t, precision : ndarray, shape (n,)
        What measurements of bone tell of the T-score, as in ``BoneMeasurements``. Never NaN.
    dose : ndarray, shape (n, 2)
        Log-ratio beside the average effect of glucocorticoids.
    recency : ndarray, shape (n,)
        Log-ratio of a fracture of unknown time to everybody, taken off that of its time.
    months : ndarray, shape (n,)
        Since that fracture.
    diabetes : ndarray, shape (n,)
        1 or 0.
    share : ndarray, shape (n,)
        Of people who have it.
    """

    at_zero: Floats
    per_t: Floats
    likely_t: Floats
    precision: Floats
    dose: Floats
    recency: Floats
    months: Floats
    diabetes: Floats
    share: Floats

    def chosen(self, which: Flags | Positions) -> "Beside":
        """Of some of the people."""
        return Beside(**{one.name: getattr(self, one.name)[which] for one in fields(self)})

    def of_details(self, cause: str, age_years: Floats, parameters: Parameters) -> Floats:
        """What the dose and the time of a fracture add, shape (n, steps) or (n, 1) if nothing."""
        dose = self.dose[:, FRACTURES.index(cause)]
        found = np.zeros((len(age_years), 1))
        dosed, fractured = ~np.isnan(dose), ~np.isnan(self.recency)
        if dosed.any() or fractured.any():
            found = np.zeros((len(age_years), len(STEP_MIDDLES_YEARS)))
        if dosed.any():
            effect = _effect(cause, DOSED, parameters, age_years[dosed])
            found[dosed] += np.maximum(dose[dosed, None], -np.maximum(effect, 0.0))
        if fractured.any():
            table = stored("fracture-recency")
            since = STEP_MIDDLES_YEARS + self.months[fractured, None] / MONTHS_PER_YEAR
            told = np.interp(since, table["years"], np.log(table["relative"]))
            told -= self.recency[fractured, None]
            effect = _effect(cause, FRACTURED, parameters, age_years[fractured])
            found[fractured] += np.maximum(told, -np.maximum(effect, 0.0))
        return found

    def of_diabetes(self, cause: str, age_years: Floats, parameters: Parameters) -> Floats:
        """What diabetes adds where there is no rheumatoid arthritis, shape (n, steps or 1)."""
        known = ~np.isnan(self.diabetes)
        if not known.any():
            return np.zeros((len(age_years), 1))
        effect = _effect(cause, ARTHRITIS, parameters, age_years[known])
        average = np.log1p(self.share[known, None] * np.expm1(effect))
        found = np.zeros((len(age_years), effect.shape[1]))
        found[known] = self.diabetes[known, None] * effect - average
        return found


def _effect(cause: str, factor: str, parameters: Parameters, age_years: Floats) -> Floats:
    """On the log-hazard, shape (n, steps), or (n, 1) where it is the same at all ages."""
    ages = age_years[:, None]
    same = f"{cause}.{factor}" in parameters
    attained = ages if same else ages + STEP_MIDDLES_YEARS
    found = factor_effect(cause, factor, parameters, ages, attained)
    return np.zeros_like(ages) if found is None else found
