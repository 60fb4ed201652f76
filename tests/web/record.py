"""One person's record as the form sends it, and where it is sent."""

import re

from riskapp.models import Patient

ANSWERS = {
    "population": "gb",
    "age_years": "71",
    "weight_kg": "61.5",
    "height_cm": "160",
    "prior_fragility_fracture": "true",
    "current_smoker": "false",
    "parent_hip_fracture": "",
    "femoral_neck_t_score": "-2.2",
}


def figures(page: bytes) -> list[str]:
    """The two big numbers, as a person reads them."""
    return re.findall(r'<p class="outcome-figure"><strong>([^<]*)</strong>', page.decode())


def new(patient: Patient) -> str:
    return f"/patients/{patient.pk}/assessments/new/"


def answer(patient: Patient) -> str:
    return f"/patients/{patient.pk}/assessments/answer/"
