"""How measurements of bone go together: parameters from open files and printed figures, no rows.

What ships is ``riskapp/risk/published/modifiers/bone-measurements.json``, whose numbers these
functions give again.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

Floats = npt.NDArray[np.floating[Any]]
Described = dict[str, Any]

SEXES = ("female", "male")
# Hologic's reference for L1-L4 in young white women, g/cm2; recalled, to be confirmed.
SPINE_MEAN_G_CM2, SPINE_SD_G_CM2 = 1.047, 0.110
# Looker 1998, doi:10.1007/s001980050093; total hip recalled, to be confirmed.
NECK_MEAN_G_CM2, NECK_SD_G_CM2 = 0.858, 0.120
HIP_MEAN_G_CM2, HIP_SD_G_CM2 = 0.942, 0.122
# A trabecular bone score above this is a slip of the analysis, not bone (one row of 969).
HIGHEST_TBS = 1.7
KNOTS_YEARS = (40.0, 90.0)

# Jang S and others, 2019. Radiology 291:360, doi:10.1148/radiol.2019181648 (seen): L1 attenuation
# below 30 years and from 90 on, mean and SD; the middles of these age groups are assumptions.
YOUNG_HU, YOUNG_SD_HU, YOUNG_YEARS = 226.0, 44.0, 25.0
OLD_HU, OLD_SD_HU, OLD_YEARS = 89.0, 38.0, 92.0
# Insights Imaging 2023, doi:10.1186/s13244-023-01400-1 (seen): mean L1 attenuation by WHO class.
OSTEOPOROSIS_HU, NORMAL_HU = 118.0, 178.0
# Patients scanned there are taken to spread over this many years (SD); an assumption.
PATIENTS_SD_DECADES = 1.0
# Automated CT measurement of 1,603 adults (Br J Radiol, abstract seen): mean vBMD.
VBMD_MG_CM3 = {"female": (143.6, 100.8), "male": (135.1, 107.7)}
VBMD_YEARS = (50.0, 70.0)
# Thereafter loss per year as in the thoracic spine (Mao SS and others, abstract seen).
LATE_LOSS_MG_CM3_A = {"female": 0.70, "male": 0.83}


def estimated(nhanes: Path, korea: Path) -> Described:
    """The lines and correlations that ship, from the two tables and the printed figures."""
    sites, hip_and_spine = from_nhanes(nhanes)
    texture, texture_and_spine, spread = from_korea(korea)
    return {
        "lines": sites | texture | from_printed_figures(neck_by_age(nhanes)),
        "correlations": {
            "lumbar_spine_t_score, total_hip_t_score": round(hip_and_spine, 2),
            "lumbar_spine_t_score, trabecular_bone_score": round(texture_and_spine, 2),
        },
        "sd_of_trabecular_bone_score": round(spread, 3),
    }


def from_nhanes(csv: Path) -> tuple[dict[str, Described], float]:
    """Spine and total hip T-scores given age, sex and femoral neck; their correlation left.

    Weighted regressions on NHANES 2017-2020 (aged 50 and over, all three sites measured).
    """
    read = pd.read_csv(csv).dropna(subset=["fn_bmd", "total_hip_bmd", "ls_bmd", "wt_mec"])
    people = read[read["wt_mec"] > 0]
    wanted = {
        "lumbar_spine_t_score": (people["ls_bmd"] - SPINE_MEAN_G_CM2) / SPINE_SD_G_CM2,
        "total_hip_t_score": (people["total_hip_bmd"] - HIP_MEAN_G_CM2) / HIP_SD_G_CM2,
    }
    neck = (people["fn_bmd"] - NECK_MEAN_G_CM2) / NECK_SD_G_CM2
    return _regressed(wanted, people["age"], neck, people["sex"], people["wt_mec"])


def from_korea(csv: Path) -> tuple[dict[str, Described], float, float]:
    """Trabecular bone score given age, sex and femoral neck, and what it shares with the spine.

    Returns
    -------
    tuple
        The score's line and spread; its correlation with the lumbar spine's T-score, both given
        age, sex and femoral neck; its SD among people of one sex.
    """
    read = pd.read_csv(csv, encoding="utf-8-sig").dropna(subset=["Lumbar spine LS T-score"])
    people = read[read["TBS L1-4"] < HIGHEST_TBS]
    sex = people["Sex(M=1, W=2)"].map({1: "male", 2: "female"})
    wanted = {
        "trabecular_bone_score": people["TBS L1-4"],
        "lumbar_spine_t_score": people["Lumbar spine LS T-score"],
    }
    found, correlation = _regressed(
        wanted,
        people["Age(years)"],
        people["Femur neck T-score"],
        sex,
        pd.Series(1.0, index=people.index),
    )
    spread = float(np.mean([people["TBS L1-4"][sex == one].std() for one in SEXES]))
    return {"trabecular_bone_score": found["trabecular_bone_score"]}, correlation, spread


def from_printed_figures(t_by_age: dict[str, tuple[float, float, float]]) -> dict[str, Described]:
    """L1 attenuation and volumetric BMD given age, sex and femoral neck: derived.

    Parameters
    ----------
    t_by_age : dict of sex to (mean at 65, change per decade, SD at one age)
        Of the femoral-neck T-score.

    Notes
    -----
    Attenuation falls by a known amount per decade of age, and differs by a known amount between
    the WHO classes. Part of each is the other. With c the change per decade at one T-score and b
    the change per unit of T at one age: ``c + b * dT/decade`` is the fall with age, and
    ``b + c * cov(decade, T) / var(T)`` the slope between the classes.
    """
    per_decade = 10 * (OLD_HU - YOUNG_HU) / (OLD_YEARS - YOUNG_YEARS)
    spread = YOUNG_SD_HU + (65 - YOUNG_YEARS) * (OLD_SD_HU - YOUNG_SD_HU) / (
        OLD_YEARS - YOUNG_YEARS
    )
    attenuation, density = {}, {}
    for sex in SEXES:
        at_65, change, sd = t_by_age[sex]
        variance = sd**2 + (PATIENTS_SD_DECADES * change) ** 2
        classes = (NORMAL_HU - OSTEOPOROSIS_HU) / _between_classes(at_65, np.sqrt(variance))
        share = PATIENTS_SD_DECADES**2 * change / variance
        per_t = (classes - share * per_decade) / (1 - share * change)
        mean = {age: YOUNG_HU + per_decade / 10 * (age - YOUNG_YEARS) for age in KNOTS_YEARS}
        attenuation[sex] = _line(mean, per_t, spread, t_by_age[sex], 0)
        early, late = VBMD_MG_CM3[sex]
        fall = (late - early) / (VBMD_YEARS[1] - VBMD_YEARS[0])
        at_ages = {
            KNOTS_YEARS[0]: early + fall * (KNOTS_YEARS[0] - VBMD_YEARS[0]),
            VBMD_YEARS[1]: late,
            KNOTS_YEARS[1]: late - LATE_LOSS_MG_CM3_A[sex] * (KNOTS_YEARS[1] - VBMD_YEARS[1]),
        }
        scale = float(np.mean([10 * (b - a) / 20 for a, b in VBMD_MG_CM3.values()]) / per_decade)
        density[sex] = _line(at_ages, scale * per_t, scale * spread, t_by_age[sex], 0)
    return {"l1_attenuation_hu": attenuation, "l1_vbmd_mg_cm3": density}


def neck_by_age(csv: Path) -> dict[str, tuple[float, float, float]]:
    """Femoral-neck T-score at 65, its change per decade and its SD at one age (NHANES)."""
    read = pd.read_csv(csv).dropna(subset=["fn_bmd", "wt_mec"])
    people = read[read["wt_mec"] > 0]
    found = {}
    for sex in SEXES:
        one = people[people["sex"] == sex]
        t = ((one["fn_bmd"] - NECK_MEAN_G_CM2) / NECK_SD_G_CM2).to_numpy()
        terms = np.column_stack([np.ones(len(one)), (one["age"] - 65) / 10])
        line, left = _fitted(terms, t[:, None], one["wt_mec"].to_numpy())
        found[sex] = (float(line[0, 0]), float(line[1, 0]), float(np.sqrt(left[0, 0])))
    return found


def _between_classes(mean: float, sd: float) -> float:
    """Mean T-score of people at -1 and above, less that of people at -2.5 and below."""
    normal, low = (-1 - mean) / sd, (-2.5 - mean) / sd
    return float(sd * (norm.pdf(normal) / norm.sf(normal) + norm.pdf(low) / norm.cdf(low)))


def _line(
    mean: dict[float, float],
    per_t: float,
    spread: float,
    t_by_age: tuple[float, float, float],
    digits: int,
) -> Described:
    at_65, change, sd = t_by_age
    at_zero = [
        value - per_t * (at_65 + change * (age - 65) / 10) for age, value in sorted(mean.items())
    ]
    return {
        "ages_years": sorted(mean),
        "mean_at_t_zero": [round(float(one), digits) for one in at_zero],
        "per_t": round(float(per_t), 1),
        "sd": round(float(np.sqrt(spread**2 - (per_t * sd) ** 2)), 1),
    }


def _regressed(
    wanted: dict[str, "pd.Series[float]"],
    age: "pd.Series[float]",
    neck: "pd.Series[float]",
    sex: "pd.Series[str]",
    weight: "pd.Series[float]",
) -> tuple[dict[str, Described], float]:
    found: dict[str, Described] = {name: {} for name in wanted}
    correlations = []
    for one in SEXES:
        chosen = (sex == one).to_numpy()
        decades = (age.to_numpy()[chosen] - 65) / 10
        terms = np.column_stack([np.ones(chosen.sum()), decades, neck.to_numpy()[chosen]])
        values = np.column_stack([series.to_numpy()[chosen] for series in wanted.values()])
        line, left = _fitted(terms, values, weight.to_numpy()[chosen])
        spread = np.sqrt(np.diag(left))
        correlations.append(left[0, 1] / (spread[0] * spread[1]))
        for column, name in enumerate(wanted):
            start, slope, per_t = line[:, column]
            found[name][one] = {
                "ages_years": list(KNOTS_YEARS),
                "mean_at_t_zero": [
                    round(float(start + slope * (knot - 65) / 10), 3) for knot in KNOTS_YEARS
                ],
                "per_t": round(float(per_t), 3),
                "sd": round(float(spread[column]), 3),
            }
    return found, float(np.mean(correlations))


def _fitted(terms: Floats, values: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted least squares: coefficients, and the covariance of what is left."""
    weighted = terms * weight[:, None]
    line = np.linalg.solve(terms.T @ weighted, weighted.T @ values)
    left = values - terms @ line
    return line, (left * weight[:, None]).T @ left / weight.sum()
