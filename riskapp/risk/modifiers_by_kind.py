"""From columns of people to the modifiers that count, by the data files.

What ``modifier_reading`` makes of one profile, made of many from the same files.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from riskapp.risk import bone_measurements
from riskapp.risk.averages import averages
from riskapp.risk.bone_measurements import FRACTURES
from riskapp.risk.kinds import AGE, Kind, People, grouped
from riskapp.risk.major_fracture import on_other_of_many
from riskapp.risk.many_measurements import measured_of_many
from riskapp.risk.many_modifiers import FRACTURED, Beside
from riskapp.risk.modifier_reading import stored

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]

DOSE, MONTHS = "glucocorticoid_dose_mg_daily", "prior_fracture_months_ago"
FALLS, DIABETES = "falls_last_year", "type_2_diabetes_years"


def beside(people: People, kinds: Sequence[Kind], evidence: str) -> Beside | None:
    """What is known of people beyond the risk factors; None where nothing is.

    Parameters
    ----------
    evidence : str
        Name of the evidence set.
    """
    if not any(kind.counts for kind in kinds):
        return None
    n = len(people)
    found = Beside(
        np.zeros((n, 2)), np.zeros((n, 2)), np.zeros(n), np.zeros(n), np.full((n, 2), np.nan),
        *np.full((4, n), np.nan),
    )  # fmt: skip
    for (code, sex, counts), chosen in grouped(
        [(kind.population, kind.sex, kind.counts) for kind in kinds], people.kinds
    ):
        if not counts:
            continue
        few = {name: people.columns[name][chosen] for name in counts}
        age = people.columns[AGE][chosen]
        hip, other = averages(evidence, code, sex, age)
        share = hip / (hip + other)
        if FALLS in counts:
            found.at_zero[chosen] += _falls(few[FALLS])[:, None]
        if DIABETES in counts:
            found.diabetes[chosen] = few[DIABETES] > 0
            found.share[chosen] = _share_with_diabetes(sex, age)
        if DOSE in counts:
            found.dose[chosen] = _dose(few[DOSE], age, share)
        if MONTHS in counts:
            after = averages(evidence, code, sex, age, FRACTURED).sum(axis=0)
            found.recency[chosen] = np.log(after / (hip + other))
            found.months[chosen] = few[MONTHS]
        _measure(found, chosen, few, sex, age, share)
    return found


def _measure(
    found: Beside,
    chosen: Positions,
    columns: Mapping[str, Floats],
    sex: str,
    age_years: Floats,
    hip_share: Floats,
) -> None:
    values = {name: columns[name] for name in bone_measurements.family().names if name in columns}
    if not values:
        return
    bone = measured_of_many(values, sex, age_years, hip_share)
    found.likely_t[chosen], found.precision[chosen] = bone.likely_t, bone.precision
    for place, cause in enumerate(FRACTURES):
        found.at_zero[chosen, place] += bone.at_zero[cause]
        found.per_t[chosen, place] = bone.per_t[cause]


def _falls(falls: Floats) -> Floats:
    table = stored("falls")
    ratio, share = table["recurrent"], table["share_with_recurrent_falls"]
    rare = (1 - share * ratio) / (1 - share)
    return np.asarray(np.log(np.where(falls >= table["recurrent_from"], ratio, rare)))


def _share_with_diabetes(sex: str, age_years: Floats) -> Floats:
    line = stored("type-2-diabetes")["log_odds"][sex]
    log_odds = line["at_65"] + line["per_decade"] * (age_years - 65) / 10
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _dose(dose: Floats, age_years: Floats, hip_share: Floats) -> Floats:
    """Log-ratios of hip and of other major fracture, shape (n, 2)."""
    table = stored("glucocorticoid-dose")
    low, high = dose < table["low_below_mg_daily"], dose >= table["high_from_mg_daily"]

    def ratio(outcome: str) -> Floats:
        less, more = (
            np.interp(age_years, table["ages_years"], table[row][outcome])
            for row in ("low", "high")
        )
        return np.asarray(1 + np.select([low, high], [less, more], 0.0) / 100)

    hip, major = ratio("hip"), ratio("major")
    return np.log(np.stack([hip, on_other_of_many(major, hip, hip_share)], axis=1))
