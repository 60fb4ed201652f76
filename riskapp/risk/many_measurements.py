"""Measurements of bone of many people: what ``bone_measurements`` makes of one, as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk import published
from riskapp.risk.bone_measurements import FILE, FRACTURES, Family, family, inverse_of, told_by
from riskapp.risk.effects import effects
from riskapp.risk.hazard_terms import REFERENCE_BMI_KG_M2, mean_t_score
from riskapp.risk.major_fracture import on_other_of_many
from riskapp.risk.modifier_words import FAR_OFF_SD, ROUNDING, USUAL_NECK_OF

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ManyMeasured:
    """What the same measurements add and tell of n people of one sex.

    Attributes
    ----------
    likely_t, precision : ndarray, shape (n,)
    at_zero, per_t : mapping of cause to ndarray, shape (n,)
        All as in ``BoneMeasurements``.
    """

    likely_t: Floats
    precision: float
    at_zero: Mapping[str, Floats]
    per_t: Mapping[str, Floats]


def measured_of_many(
    values: Mapping[str, Floats], sex: str, age_years: Floats, hip_share: Floats
) -> ManyMeasured:
    """Of n people of whom the same is known; as ``bone_measurements.measured`` of each.

    Parameters
    ----------
    values : mapping of field to ndarray, shape (n,)
        At least one.
    hip_share : ndarray, shape (n,)
    """
    whole = family()
    known = tuple(index for index, name in enumerate(whole.names) if name in values)
    lines = [line(name, sex, age_years) for name in whole.names]
    sd = np.array([each for _, _, each in lines])
    away = np.stack(
        [(values[whole.names[at]] - lines[at][0]) / lines[at][2] for at in known], axis=1
    )
    slopes = np.array([lines[at][1] / lines[at][2] for at in known])
    between = inverse_of(whole, known)
    precision = float(slopes @ between @ slopes)
    at_zero, per_t = {}, {}
    per_sd = _per_sd(whole, sd, hip_share)
    for cause in FRACTURES:
        roots = tuple(per_sd[cause])
        parts = [i for i, at in enumerate(known) if at in roots or at in whole.only_tell]
        if not parts:
            at_zero[cause], per_t[cause] = np.zeros((2, len(away)))
            continue
        chosen = tuple(known[i] for i in parts)
        alone = np.stack(list(per_sd[cause].values()), axis=1) @ told_by(whole, chosen, roots).T
        weights = alone @ inverse_of(whole, chosen)
        at_zero[cause] = (weights * (away[:, parts] - alone / 2)).sum(axis=1)
        per_t[cause] = -weights @ slopes[parts]
    return ManyMeasured(
        away @ (slopes @ between) / precision if precision else np.zeros(len(away)),
        precision,
        at_zero,
        per_t,
    )


def _per_sd(whole: Family, sd: Floats, hip_share: Floats) -> dict[str, dict[int, Floats]]:
    """Effect on each cause per SD that a measurement lies higher, shape (n,)."""
    hips, majors = whole.effects["hip"], whole.effects["major"]
    found: dict[str, dict[int, Floats]] = {
        "hip": {at: np.full_like(hip_share, per * sd[at]) for at, per in hips.items()},
        "other": {},
    }
    for at, per in majors.items():
        # Published per SD lower.
        major, hip = np.exp(-per * sd[at]), np.exp(-hips.get(at, 0.0) * sd[at])
        found["other"][at] = -np.log(on_other_of_many(major, hip, hip_share))
    return found


def line(name: str, sex: str, age_years: Floats) -> tuple[Floats, float, float]:
    """Means at T = 0, shape (n,), change per unit of T, and SD left."""
    stored = published.read(FILE)["lines"][name][sex]
    at_zero = np.interp(age_years, stored["ages_years"], stored["mean_at_t_zero"])
    return at_zero, stored["per_t"], stored["sd"]


def surely_usual(
    measured: Sequence[str],
    columns: Mapping[str, Floats],
    sex: str,
    age_years: Floats,
    bmi_kg_m2: Floats,
    neck: Floats,
) -> Flags:
    """Of whom nothing is said about how far the T-score of the neck and measurements are off.

    Parameters
    ----------
    measured : sequence of str
        The measurements that count.
    columns : mapping of field to ndarray, shape (n,)
    bmi_kg_m2, neck : ndarray, shape (n,)
        NaN where not known; of an unknown T-score nothing is said.
    """
    bmi = np.where(np.isnan(bmi_kg_m2), REFERENCE_BMI_KG_M2, bmi_kg_m2)
    usual_neck = mean_t_score(effects(USUAL_NECK_OF), sex, age_years, bmi, {})
    unknown = np.isnan(neck)
    # A hair short of the border, where sums of one and of many may round apart.
    found = unknown | (np.abs(neck - usual_neck) < FAR_OFF_SD - ROUNDING)
    for name in measured:
        at_zero, per_t, sd = line(name, sex, age_years)
        expected = at_zero + per_t * np.where(unknown, usual_neck, neck)
        spread = np.where(unknown, np.hypot(sd, per_t), sd)
        found &= np.abs(columns[name] - expected) < FAR_OFF_SD * spread - ROUNDING
    return np.asarray(found)
