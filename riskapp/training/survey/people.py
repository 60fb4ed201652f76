"""How common the risk factors are, and the body mass index, from a public survey's files.

Weighted regressions on age, for each sex. A factor has one line in age for everybody; a group
shifts it up or down, as its own slope could not be told from chance. Body mass index has a line
for each group. Only these parameters are kept, no rows.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

SURVEY = "National Center for Health Statistics, NHANES 2017-2018, public use files"
FILES = ("DEMO_J", "OSQ_J", "SMQ_J", "ALQ_J", "BMX_J")
# The survey's codes of race and Hispanic origin (RIDRETH3); "other" counts among all only.
GROUPS: dict[str, tuple[int, ...]] = {
    "us": (1, 2, 3, 4, 6, 7),
    "us-asian": (6,),
    "us-black": (4,),
    "us-hispanic": (1, 2),
    "us-white": (3,),
}
SEXES = {"male": 1, "female": 2}
YOUNGEST_YEARS = 40
# Ages of 80 and over are printed as 80; their mean is 85 (the survey's documentation of DEMO_J;
# recalled, to be confirmed).
TOP_CODE_YEARS, TOP_CODE_MEAN_YEARS = 80.0, 85.0
DIABETES_FROM_YEARS = 50.0  # as the ages for which the effect was published
# A group's shift is pulled to none: with no case at all it stays finite.
SHIFT_SD = 1.0
# What goes together beyond age and sex: the pairs that a survey shows and that matter to an answer.
PAIR = ("current_smoker", "alcohol_3_or_more_units_daily")
LEANER = "current_smoker"
# Days on which a past-year drinker drank, by the code of ALQ121 (each code's middle).
DRINKING_DAYS = {0: 0, 1: 365, 2: 300, 3: 182, 4: 104, 5: 52, 6: 30, 7: 12, 8: 9, 9: 4.5, 10: 1.5}
# A drink in the United States holds 14 g of alcohol, a unit 8 to 10: three units are two drinks.
DRINKS_OF_THREE_UNITS = 2.0
NOTES = {
    "prior_fragility_fracture": "hip, wrist or spine ever broken, cause not asked: an upper bound "
    "for fragility fractures of these sites; ages 50 and over",
    "parent_hip_fracture": "mother or father; ages 50 and over",
    "current_smoker": "every day or some days; ages 40 and over",
    "glucocorticoids": "ever daily for a month or longer; ages 50 and over",
    "alcohol_3_or_more_units_daily": "28 g or more a day on average over the past year (two drinks "
    "of 14 g; three units of 8 to 10 g are 24 to 30 g); ages 40 and over",
}
# Not asked in this survey in a usable way: the same in every group.
ELSEWHERE: dict[str, Any] = {
    "rheumatoid_arthritis": {
        "female": {"intercept": -3.93, "per_decade": 0.3, "n": None},
        "male": {"intercept": -4.85, "per_decade": 0.3, "n": None},
        "source": "Symmons D and others, 2002. Rheumatology 41:793-800, "
        "doi:10.1093/rheumatology/41.7.793",
        "note": "about 2 % of women and 0.8 % of men at 65; recalled, to be confirmed",
    },
    "secondary_osteoporosis": {
        "female": {"intercept": -2.94, "per_decade": 0, "n": None},
        "male": {"intercept": -3.48, "per_decade": 0, "n": None},
        "source": "assumption",
        "note": "5 % of women, 3 % of men: no published prevalence of this group of disorders is "
        "held; to be confirmed",
    },
}


def read_survey(folder: Path) -> pd.DataFrame:
    """Adults of 40 and over with an examination weight: age, sex, group, factors, log BMI.

    Parameters
    ----------
    folder : Path
        Holds the survey's transport files, as downloaded (``FILES``).

    Raises
    ------
    FileNotFoundError
        If one of the files is missing.
    """
    tables = [pd.read_sas(folder / f"{name}.XPT").set_index("SEQN") for name in FILES]
    asked = pd.concat(tables, axis=1)
    age = asked["RIDAGEYR"].round()
    people = pd.DataFrame(
        {
            "age_years": age.where(age < TOP_CODE_YEARS, TOP_CODE_MEAN_YEARS),
            "sex": asked["RIAGENDR"].map({code: sex for sex, code in SEXES.items()}),
            "group": asked["RIDRETH3"],
            "weight": asked["WTMEC2YR"],
            "prior_fragility_fracture": _any_yes(asked, ("OSQ010A", "OSQ010B", "OSQ010C")),
            "parent_hip_fracture": _any_yes(asked, ("OSQ170", "OSQ200")),
            "current_smoker": _smoker(asked),
            "glucocorticoids": _any_yes(asked, ("OSQ130",)),
            "alcohol_3_or_more_units_daily": _drinker(asked),
            "log_bmi": np.log(asked["BMXBMI"]),
        }
    )
    # A weight of zero, which the files write as 5e-79, is a person who was not examined.
    return people[(people["age_years"] >= YOUNGEST_YEARS) & (people["weight"] > 1)]


def diabetes_lines(folder: Path) -> dict[str, dict[str, float]]:
    """Log-odds of having been told of diabetes, aged 50 and over, as the modifier's file has them.

    Raises
    ------
    FileNotFoundError
        If one of the files is missing (``FILES`` and DIQ_J).
    """
    survey = read_survey(folder)
    told = pd.read_sas(folder / "DIQ_J.XPT").set_index("SEQN")["DIQ010"].round()
    # Borderline is no.
    survey["diabetes"] = told.map({1: 1.0, 2: 0.0, 3: 0.0}).reindex(survey.index)
    survey = survey[survey["age_years"] >= DIABETES_FROM_YEARS]
    lines = {}
    for sex in SEXES:
        at_65, per_decade = _factor_line(survey, "diabetes", sex)
        n = len(_answered(survey, "diabetes", sex)[0])
        lines[sex] = {
            "at_65": round(float(at_65), 3),
            "per_decade": round(float(per_decade), 3),
            "n": n,
        }
    return lines


def _any_yes(asked: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    """1 if any answer is yes, 0 if at least one is no, else not known."""
    answers = asked[list(names)].round()
    yes, no = (answers == 1).any(axis=1), (answers == 2).any(axis=1)
    return pd.Series(np.where(yes, 1.0, np.where(no, 0.0, np.nan)), asked.index)


def _smoker(asked: pd.DataFrame) -> pd.Series:
    never = asked["SMQ020"].round() == 2
    now, past = asked["SMQ040"].round().isin([1, 2]), asked["SMQ040"].round() == 3
    return pd.Series(np.where(now, 1.0, np.where(never | past, 0.0, np.nan)), asked.index)


def _drinker(asked: pd.DataFrame) -> pd.Series:
    never = asked["ALQ111"].round() == 2
    days = asked["ALQ121"].round().map(DRINKING_DAYS)
    drinks = asked["ALQ130"].where(asked["ALQ130"] <= 15)  # higher codes are refusals
    daily = (drinks * days / 365).where(days > 0, 0.0).where(never | days.notna())
    much = (daily >= DRINKS_OF_THREE_UNITS).astype(float).where(daily.notna())
    return much.where(~never, 0.0)


def people_files(survey: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The contents of one data file for each of ``GROUPS``."""
    lines = {(factor, sex): _factor_line(survey, factor, sex) for factor in NOTES for sex in SEXES}
    beside = _together(survey)
    return {group: _file(survey, group, lines) | {"together": beside} for group in GROUPS}


def _together(survey: pd.DataFrame) -> dict[str, Any]:
    """The same in every group: adults of all groups."""
    first, second = PAIR
    asked = survey[survey[first].notna() & survey[second].notna()]
    x = np.column_stack([*_by_sex_and_age(asked), asked[second]])
    odds = logistic(x, asked[first].to_numpy(float), asked["weight"].to_numpy(float))[-1]
    return {
        "described": "odds ratio given age, sex and both; difference of the mean logarithm of body "
        "mass index given age; adults aged 40 and over of all groups",
        "source": f"{SURVEY}, own weighted regressions",
        "pair": list(PAIR),
        "odds_ratio": round(float(np.exp(odds)), 2),
        "n": len(asked),
        "leaner": LEANER,
        "log_bmi_shift": {sex: _log_bmi_shift(survey, sex) for sex in SEXES},
    }


def _by_sex_and_age(people: pd.DataFrame) -> list[Array]:
    decades = (people["age_years"].to_numpy(float) - 65) / 10
    women = np.asarray(people["sex"] == "female", dtype=np.float64)
    return [np.ones_like(decades), decades, women, women * decades]


def _log_bmi_shift(survey: pd.DataFrame, sex: str) -> float:
    people = survey[survey[LEANER].notna()]
    decades, log_bmi, weights = _answered(people, "log_bmi", sex)
    present = people[(people["sex"] == sex) & people["log_bmi"].notna()][LEANER].to_numpy(float)
    x = np.column_stack([np.ones_like(decades), decades, present])
    found = np.linalg.solve((x * weights[:, None]).T @ x, x.T @ (weights * log_bmi))
    return round(float(found[-1]), 3)


def _file(
    survey: pd.DataFrame, group: str, lines: Mapping[tuple[str, str], Array]
) -> dict[str, Any]:
    own = survey[survey["group"].round().isin(GROUPS[group])]
    prevalence: dict[str, Any] = {}
    for factor, note in NOTES.items():
        prevalence[factor] = {
            sex: _shifted(own, factor, sex, lines[factor, sex], everybody=group == "us")
            for sex in SEXES
        } | {"source": f"{SURVEY}, own weighted logistic regression on age", "note": note}
    return {
        "name": group,
        "described": "Adults aged 40 and over, United States; fractures, parents and "
        "glucocorticoids were asked of those aged 50 and over and are carried on below. Log-odds "
        "of each factor at age 65 and per 10 years; a group shifts the line of all, whose slope "
        "it shares. Only these parameters ship, no rows.",
        "source": f"{SURVEY}, examination weights",
        "prevalence": prevalence | ELSEWHERE,
        "body_mass_index": {sex: _bmi_line(own, sex) for sex in SEXES}
        | {"source": f"{SURVEY}, own weighted regression of the logarithm on age at 65"},
    }


def _answered(people: pd.DataFrame, name: str, sex: str) -> tuple[Array, Array, Array]:
    """Decades from 65, answers and weights of those of one sex who answered."""
    chosen = people[(people["sex"] == sex) & people[name].notna()]
    decades = (chosen["age_years"].to_numpy(float) - 65) / 10
    return decades, chosen[name].to_numpy(float), chosen["weight"].to_numpy(float)


def _factor_line(survey: pd.DataFrame, factor: str, sex: str) -> Array:
    decades, answers, weights = _answered(survey, factor, sex)
    return logistic(np.column_stack([np.ones_like(decades), decades]), answers, weights)


def _shifted(
    people: pd.DataFrame, factor: str, sex: str, line: Array, *, everybody: bool
) -> dict[str, Any]:
    decades, answers, weights = _answered(people, factor, sex)
    intercept, slope = line
    if not everybody:
        offset = intercept + slope * decades
        intercept += logistic_shift(offset, answers, weights)
    return {
        "intercept": round(float(intercept), 3),
        "per_decade": round(float(slope), 3),
        "n": len(answers),
        "yes": int(answers.sum()),
    }


def _bmi_line(people: pd.DataFrame, sex: str) -> dict[str, Any]:
    decades, log_bmi, weights = _answered(people, "log_bmi", sex)
    x = np.column_stack([np.ones_like(decades), decades])
    height, slope = np.linalg.solve((x * weights[:, None]).T @ x, x.T @ (weights * log_bmi))
    away = log_bmi - height - slope * decades
    return {
        "mean_log": round(float(height), 3),
        "per_decade": round(float(slope), 3),
        "sd_log": round(float(np.sqrt(np.average(away**2, weights=weights))), 3),
        "n": len(log_bmi),
    }


def logistic(x: Array, y: Array, weights: Array) -> Array:
    """Coefficients, shape (p,), of the weighted likelihood's maximum, by Newton's steps."""
    found: Array = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ found))
        curvature = (x * (weights * p * (1 - p))[:, None]).T @ x
        step = np.linalg.solve(curvature, x.T @ (weights * (y - p)))
        found += step
        if np.abs(step).max() < 1e-10:
            break
    return found


def logistic_shift(offset: Array, y: Array, weights: Array) -> float:
    """What is added to everybody's log-odds, pulled to 0 as a normal prior of ``SHIFT_SD`` does.

    Weights are scaled to the size of the simple sample that would tell as much (Kish), so that
    the pull has its proper strength.
    """
    scaled = weights * weights.sum() / (weights**2).sum()
    shift = 0.0
    for _ in range(50):
        p = 1 / (1 + np.exp(-(offset + shift)))
        slope = scaled @ (y - p) - shift / SHIFT_SD**2
        step = slope / (scaled @ (p * (1 - p)) + 1 / SHIFT_SD**2)
        shift += float(step)
        if abs(step) < 1e-10:
            break
    return shift
