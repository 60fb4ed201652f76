"""A dozen people for the patient's page: every branch of its words is somebody's."""

from datetime import date
from functools import cache
from typing import Any

from django.template.loader import render_to_string

from riskapp.actions.scoring import score
from riskapp.web.presenters.decide import DecideView, decide_view

MADE_ON = date(2026, 11, 21)
ALL_KNOWN: dict[str, Any] = {
    "prior_fragility_fracture": False,
    "parent_hip_fracture": False,
    "current_smoker": False,
    "glucocorticoids": False,
    "rheumatoid_arthritis": False,
    "secondary_osteoporosis": False,
    "alcohol_3_or_more_units_daily": False,
    "weight_kg": 64.0,
    "height_cm": 162.0,
    "osteoporosis_treatment": "none",
}
WORST: dict[str, Any] = {name: True for name, no in ALL_KNOWN.items() if no is False}
PEOPLE: dict[str, dict[str, Any]] = {
    "typical": {**ALL_KNOWN, "femoral_neck_t_score": -2.2, "prior_fragility_fracture": True},
    "nothing known": {},
    "everything raises": {**ALL_KNOWN, **WORST, "age_years": 84.0, "femoral_neck_t_score": -3.4},
    "old and thin": {**ALL_KNOWN, "age_years": 90.0, "weight_kg": 42.0, "dxa_date": "2009-05-01",
                     "femoral_neck_t_score": -4.0},
    "young for it": {**ALL_KNOWN, "age_years": 61.0, "femoral_neck_t_score": 0.5},
    "before the menopause": {**ALL_KNOWN, "age_years": 44.0, "postmenopausal": False},
    "not known whether past it": {"age_years": 52.0, "current_smoker": True},
    "treated": {**ALL_KNOWN, "osteoporosis_treatment": "denosumab", "femoral_neck_t_score": -2.8},
    "treated man": {"sex": "male", "osteoporosis_treatment": "zoledronate",
                    "parent_hip_fracture": True},
    "man": {"sex": "male", **ALL_KNOWN, "femoral_neck_t_score": -2.6, "age_years": 78.0},
    "man, nothing known": {"sex": "male", "age_years": 58.0},
    "described, not counted": {"femoral_neck_t_score": -1.4, "number_of_prior_fractures": 2,
                               "glucocorticoid_dose_mg_daily": 5.0, "dxa_date": "2020-01-01",
                               "rheumatoid_arthritis": True},
    "older than the numbers": {"age_years": 90.0, "lumbar_spine_t_score": -3.0},
}  # fmt: skip
OWN_AGE = {"older than the numbers": 94}


@cache
def view_of(name: str) -> DecideView:
    profile: dict[str, Any] = {"population": "gb", "sex": "female", "age_years": 72.0}
    profile |= PEOPLE[name]
    (estimate,) = score(profile).to_json()
    age = OWN_AGE.get(name, int(profile["age_years"]))
    return decide_view(estimate, profile, age, MADE_ON)


def page_of(name: str, for_clinician: bool = False) -> str:
    context = {"view": view_of(name), "for_clinician": for_clinician}
    return render_to_string("decide/_page.html", context)
