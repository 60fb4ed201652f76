"""The terms of the Cox engine: what each column says, and how doubtful the evidence is of it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from riskapp.risk.design_row import Floats
from riskapp.risk.profile import FACTORS

Value = Callable[[Floats, Floats, Floats], Floats]  # of the column, age in years, female (0 or 1)


class Term(NamedTuple):
    """One covariate: what one column says at an age and sex.

    Attributes
    ----------
    doubt : str
        The evidence's family of effects (``evidence_sets``) whose doubt is the term's prior.
    sd : float
        Of the prior: as a multiple of that doubt, or as it is where no doubt is published.
    alone : bool
        Whether only an engine without evidence to start from needs it.
    """

    name: str
    column: str
    value: Value
    doubt: str
    sd: float
    alone: bool = False


# Normal prior on what is not among the evidence's doubts, per unit of the term (assumption): two
# thirds of such departures lie between hazard ratios of 0.9 and 1.1 per decade or per factor.
UNPUBLISHED_SD = 0.1


# A change of an effect with age or sex is as doubtful as half the effect itself (assumption).
HALF = 0.5


def _plain(x: Floats, age: Floats, female: Floats) -> Floats:
    return x


def _by_age(x: Floats, age: Floats, female: Floats) -> Floats:
    return x * (age - 70) / 10


def _by_female(x: Floats, age: Floats, female: Floats) -> Floats:
    return x * female


def _above(knot: float) -> Value:
    return lambda x, age, female: np.maximum(age - knot, 0.0) / 10


def _by_age_above(knot: float) -> Value:
    return lambda x, age, female: x * np.maximum(age - knot, 0.0) / 10


def _t_score(x: Floats, age: Floats, female: Floats) -> Floats:
    # A doubtful gradient turns where the evidence knows its base best: about the mean T-score of
    # the age and sex, which in women falls by about half a unit in ten years from -1.2 at 65 and
    # in men by half of that from -0.6 (NHANES III; rounded, as only the turning point follows).
    mean = np.where(female > 0.5, -1.2 - 0.05 * (age - 65), -0.6 - 0.025 * (age - 65))
    return np.asarray(x - mean)


# Where effects bend or change with age is taken from the published tables, not searched for in
# the cohort: BMI bends at 25 (De Laet 2005, Osteoporos Int 16:1330), the T-score gradient of
# other major fractures at -1 and that of hip fracture falls with age (Johnell 2005, JBMR
# 20:1185), prior fracture (Kanis 2004, Bone 35:375) and glucocorticoids (Kanis 2004, JBMR
# 19:893) weaken with age.
_CHANGING = ("prior_fragility_fracture", "parent_hip_fracture", "current_smoker", "glucocorticoids")


TERMS: dict[str, Term] = {
    term.name: term
    for term in (
        Term("age", "age_years", lambda x, age, female: (age - 70) / 10, "", UNPUBLISHED_SD),
        *(
            Term(f"age above {knot}", "age_years", _above(knot), "", UNPUBLISHED_SD)
            for knot in (60, 75)
        ),
        *(
            Term(f"age above {knot}", "age_years", _above(knot), "", UNPUBLISHED_SD, alone=True)
            for knot in (50, 70, 80)
        ),
        Term("female", "female", _plain, "", UNPUBLISHED_SD),
        Term("female by age", "female", _by_age, "", UNPUBLISHED_SD),
        Term(
            "female by age above 75",
            "female",
            lambda x, age, female: x * np.maximum(age - 75, 0.0) / 10,
            "",
            UNPUBLISHED_SD,
            alone=True,
        ),
        # The evidence's doubts are per kg/m2, these terms per five.
        Term(
            "bmi below 25",
            "bmi_kg_m2",
            lambda x, age, female: np.minimum(x - 25, 0.0) / 5,
            "bmi_below_25",
            5.0,
        ),
        Term(
            "bmi above 25",
            "bmi_kg_m2",
            lambda x, age, female: np.maximum(x - 25, 0.0) / 5,
            "bmi_above",
            5.0,
        ),
        Term("t-score", "femoral_neck_t_score", _t_score, "t_score", 1.0),
        Term(
            "t-score by age",
            "femoral_neck_t_score",
            lambda x, age, female: _t_score(x, age, female) * (age - 70) / 10,
            "t_score",
            HALF,
        ),
        Term(
            "t-score by female",
            "femoral_neck_t_score",
            lambda x, age, female: _t_score(x, age, female) * female,
            "t_score",
            HALF,
        ),
        Term(
            "t-score below -1",
            "femoral_neck_t_score",
            lambda x, age, female: np.minimum(x + 1, 0.0),
            "t_score",
            HALF,
        ),
        *(Term(name, name, _plain, name, 1.0) for name in FACTORS),
        *(Term(f"{name} by age", name, _by_age, name, HALF) for name in _CHANGING),
        # What a parent's hip fracture says falls fast between these ages, and slowly beyond
        # (``PRESENT_AGE_KNOTS_YEARS``).
        *(
            Term(
                f"parent_hip_fracture by age above {knot}",
                "parent_hip_fracture",
                _by_age_above(knot),
                "parent_hip_fracture",
                HALF,
            )
            for knot in (65, 75)
        ),
    )
}
