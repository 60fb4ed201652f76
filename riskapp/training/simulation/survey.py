"""What the simulator takes from open surveys beyond the evidence engine: parameters, no rows.

How densities and texture go with body mass index given the femoral neck; how long ago prior
fractures and diabetes began; which bone had broken.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskapp.risk import published
from riskapp.training.survey.bone_measurements import (
    HIGHEST_TBS,
    HIP_MEAN_G_CM2,
    HIP_SD_G_CM2,
    NECK_MEAN_G_CM2,
    NECK_SD_G_CM2,
    SPINE_MEAN_G_CM2,
    SPINE_SD_G_CM2,
    neck_by_age,
)

Floats = npt.NDArray[np.floating[Any]]

FILE = "simulation/survey"
SEXES = ("female", "male")
SITES = {"hip": "hip", "vertebra": "spine", "forearm": "wrist"}
# A fracture of childhood is no fragility fracture; time is counted in shares of life from here.
ADULT_FROM_YEARS = 20.0
SURVEY_17_20 = "National Center for Health Statistics, NHANES 2017-March 2020"
SURVEY_17_18 = "National Center for Health Statistics, NHANES 2017-2018"
KOREAN = "967 Korean adults aged 50 to 93, open access data, borrowed"


def shipped() -> dict[str, Any]:
    """The stored parameters."""
    return published.read(FILE)


def estimated(bones: Path, texture: Path, fractures: Path, diabetes: Path) -> dict[str, Any]:
    """All that ``shipped`` holds.

    Parameters
    ----------
    bones : Path
        CSV of NHANES 2017-2020: age, sex, bmi, weights, BMD at three sites.
    texture : Path
        CSV of the Korean adults.
    fractures : Path
        CSV of NHANES 2017-2018: age, sex, weights, ages at first fractures.
    diabetes : Path
        DIQ_J.XPT of the same survey.
    """
    surveyed = pd.read_csv(fractures)
    return {
        "described": "Parameters that the simulator adds to the evidence engine's own; no rows.",
        "mark": "derived",
        "femoral_neck_t_score": _neck(bones),
        "with_log_body_mass_index": {
            "described": "correlation given age, sex and femoral-neck T-score",
            **_sites_with_bmi(bones),
            "texture": _texture_with_bmi(texture),
        },
        "years_since_prior_fracture": _ago(surveyed, _latest(surveyed)),
        "prior_fracture_site": _sites(surveyed),
        "years_with_diabetes": _ago(surveyed, _told(surveyed, diabetes)),
    }


def _neck(csv: Path) -> dict[str, Any]:
    found = {
        sex: {"at_65": round(at_65, 3), "per_decade": round(per_decade, 3), "sd": round(sd, 3)}
        for sex, (at_65, per_decade, sd) in neck_by_age(csv).items()
    }
    return {
        "described": "mean at 65, change per 10 years, SD at one age; aged 50 and over",
        "source": f"{SURVEY_17_20}, own weighted regression",
        **found,
    }


def _sites_with_bmi(csv: Path) -> dict[str, Any]:
    read = pd.read_csv(csv).dropna(subset=["fn_bmd", "total_hip_bmd", "ls_bmd", "bmi", "wt_mec"])
    people = read[read["wt_mec"] > 0]
    wanted = {
        "total_hip_t_score": (people["total_hip_bmd"] - HIP_MEAN_G_CM2) / HIP_SD_G_CM2,
        "lumbar_spine_t_score": (people["ls_bmd"] - SPINE_MEAN_G_CM2) / SPINE_SD_G_CM2,
    }
    neck = (people["fn_bmd"] - NECK_MEAN_G_CM2) / NECK_SD_G_CM2
    found = {
        name: _correlations(people, values, neck, people["bmi"], people["wt_mec"])
        for name, values in wanted.items()
    }
    return {
        name: {**each, "n": len(people), "source": f"{SURVEY_17_20}, own weighted regression"}
        for name, each in found.items()
    }


def _texture_with_bmi(csv: Path) -> dict[str, Any]:
    read = pd.read_csv(csv, encoding="utf-8-sig")
    people = read[read["TBS L1-4"] < HIGHEST_TBS].rename(columns={"Age(years)": "age"})
    people["sex"] = people["Sex(M=1, W=2)"].map({1: "male", 2: "female"})
    people = people.dropna(subset=["Femur neck T-score", "BMI(kg/m2)"])
    even = pd.Series(1.0, index=people.index)
    found = _correlations(
        people, people["TBS L1-4"], people["Femur neck T-score"], people["BMI(kg/m2)"], even
    )
    return {
        **found,
        "n": len(people),
        "source": f"{KOREAN}; of the trabecular bone score, whose structure alone is taken",
    }


def _correlations(
    people: pd.DataFrame,
    values: "pd.Series[float]",
    neck: "pd.Series[float]",
    bmi: "pd.Series[float]",
    weight: "pd.Series[float]",
) -> dict[str, float]:
    found = {}
    for sex in SEXES:
        chosen = (people["sex"] == sex).to_numpy()
        decades = (people["age"].to_numpy()[chosen] - 65) / 10
        terms = np.column_stack([np.ones(chosen.sum()), decades, neck.to_numpy()[chosen]])
        both = np.column_stack([values.to_numpy()[chosen], np.log(bmi.to_numpy()[chosen])])
        weights = weight.to_numpy()[chosen]
        weighted = terms * weights[:, None]
        left = both - terms @ np.linalg.solve(terms.T @ weighted, weighted.T @ both)
        covariance = (left * weights[:, None]).T @ left / weights.sum()
        r = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        found[sex] = round(float(r), 2)
    return found


def _latest(surveyed: pd.DataFrame) -> "pd.Series[float]":
    """Age at the latest of the first fractures of hip, wrist and spine, after childhood."""
    ages = surveyed[[f"age_first_{bone}_fx" for bone in SITES.values()]]
    return ages.where(ages >= ADULT_FROM_YEARS).max(axis=1)


def _told(surveyed: pd.DataFrame, diabetes: Path) -> "pd.Series[float]":
    """Age when told of diabetes, after childhood; higher codes are refusals."""
    told = pd.read_sas(diabetes).set_index("SEQN")["DID040"]
    age = told.reindex(surveyed["seqn"].to_numpy()).set_axis(surveyed.index)
    return age.where((age >= ADULT_FROM_YEARS) & (age <= surveyed["age"]))


def _ago(surveyed: pd.DataFrame, age_then: "pd.Series[float]") -> dict[str, Any]:
    """Beta distribution of the time since then, as a share of adult life, by moments."""
    share = (surveyed["age"] - age_then) / (surveyed["age"] - ADULT_FROM_YEARS)
    found: dict[str, Any] = {
        "described": "beta distribution of the time since, as a share of life after the age of 20",
        "source": f"{SURVEY_17_18}, own weighted moments, aged 50 and over",
    }
    for sex in SEXES:
        chosen = (surveyed["sex"] == sex) & share.notna() & (share >= 0)
        x, weight = share[chosen].to_numpy(), surveyed.loc[chosen, "wt_mec"].to_numpy()
        mean = float(np.average(x, weights=weight))
        variance = float(np.average((x - mean) ** 2, weights=weight))
        size = mean * (1 - mean) / variance - 1
        found[sex] = {
            "alpha": round(mean * size, 2),
            "beta": round((1 - mean) * size, 2),
            "n": int(chosen.sum()),
        }
    return found


def _sites(surveyed: pd.DataFrame) -> dict[str, Any]:
    found: dict[str, Any] = {
        "described": "share of each bone among those ever broken; humerus and others not asked",
        "source": f"{SURVEY_17_18}, own weighted shares, aged 50 and over",
    }
    for sex in SEXES:
        people = surveyed[surveyed["sex"] == sex]
        counts = {
            site: float((people[f"{bone}_fx_ever"].fillna(0) * people["wt_mec"]).sum())
            for site, bone in SITES.items()
        }
        total = sum(counts.values())
        found[sex] = {site: round(count / total, 3) for site, count in counts.items()}
    return found
