"""The real cohorts beside the project, where they are, and what a site would say of each."""

from pathlib import Path
from typing import Any

import pytest

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.reading import cohort_from
from riskapp.cohorts.site_schema import schema_from
from riskapp.cohorts.table_files import load_table

COHORTS = Path(__file__).parents[2].parent / "shared" / "data" / "cohorts"

LONGITUDINAL: dict[str, Any] = {
    "rename": {
        "age": "age_years",
        "bmi": "body_mass_index",
        "fn_bmd": "femoral_neck_bmd_g_cm2",
        "ls_bmd": "lumbar_spine_bmd_g_cm2",
        "smoking": "current_smoker",
        "prior_fx_baseline": "prior_fragility_fracture",
    },
    "constants": {"population": "us", "dxa_manufacturer": "ge_lunar"},
    "outcomes": {
        "hip": {"event": "hip_event", "time": "hip_time_y"},
        "any": {"event": "any_event", "time": "any_time_y"},
    },
    "columns": [
        {"name": "quad", "label": "Quadriceps strength", "unit": "kg", "low": 0, "high": 100},
        {"name": "sway", "label": "Body sway", "unit": "mm2", "low": 0, "high": 50000},
        {"name": "ca_intake_mg", "label": "Calcium intake", "unit": "mg/d"},
        {"name": "pal", "label": "Physical activity"},
    ],
}
GLOW: dict[str, Any] = {
    "person": "SUB_ID",
    "rename": {
        "AGE": "age_years",
        "WEIGHT": "weight_kg",
        "HEIGHT": "height_cm",
        "BMI": "body_mass_index",
        "PRIORFRAC": "prior_fragility_fracture",
        "MOMFRAC": "parent_hip_fracture",
        "SMOKE": "current_smoker",
    },
    "constants": {"population": "us", "sex": "female"},
    "outcomes": {"any": {"event": "FRACTURE", "within_years": 1}},
    "columns": [
        {"name": "ARMASSIST", "label": "Needs arms to stand up", "yes_no": True},
        {"name": "PREMENO", "label": "Menopause before 45", "yes_no": True},
        {"name": "RATERISK", "label": "Own rating of risk", "low": 1, "high": 3},
    ],
}
NHANES: dict[str, Any] = {
    "person": "seqn",
    "rename": {"age": "age_years", "bmi": "body_mass_index"},
    "constants": {"population": "us"},
    "outcomes": {
        "death": {
            "event": "death",
            "time": "followup_months_int",
            "unit": "mo",
            "completed_units": True,
        }
    },
}
FILES = {
    "longitudinal": ("longitudinal/longitudinal_development.csv", LONGITUDINAL),
    "glow": ("glow/GLOW500.txt", GLOW),
    "nhanes": ("nhanes_2003_2006_mortality/nhanes_2003_2006_mortality_50plus.csv", NHANES),
}


def read_real(name: str, *, clamp_age: bool = False) -> Cohort:
    """Read one of the real cohorts, or skip where it is not."""
    file, told = FILES[name]
    if not (COHORTS / file).is_file():
        pytest.skip(f"the {name} cohort is not beside the project")
    table, _ = load_table(COHORTS / file)
    return cohort_from(table, name=name, schema=schema_from(told, name), clamp_age=clamp_age)
