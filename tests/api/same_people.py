"""People whom every door is asked about, as the contract names what is known of them."""

from collections.abc import Mapping
from typing import Any

from riskapp.risk.profile import FACTORS

Profile = Mapping[str, Any]

# From nothing known but age and sex to everything that counts.
PEOPLE: dict[str, Profile] = {
    "nothing known": {"age_years": 65, "sex": "female"},
    "a man of whom little is known": {"age_years": 71, "sex": "male", "body_mass_index": 31.2},
    "the youngest": {
        "age_years": 40,
        "sex": "female",
        **dict.fromkeys(FACTORS, False),
        "weight_kg": 61.5,
        "height_cm": 171.5,
        "femoral_neck_t_score": 0.7,
    },
    "the oldest": {
        "age_years": 90,
        "sex": "female",
        "prior_fragility_fracture": True,
        "femoral_neck_bmd_g_cm2": 0.712,
        "dxa_manufacturer": "ge_lunar",
        "dxa_date": "2026-03-04",
    },
    "a smoker whose mother broke a hip": {
        "age_years": 58,
        "sex": "female",
        "weight_kg": 68.0388555,
        "height_cm": 162.56,
        "current_smoker": True,
        "parent_hip_fracture": True,
        "alcohol_3_or_more_units_daily": False,
    },
    "a man on glucocorticoids": {
        "age_years": 77,
        "sex": "male",
        "glucocorticoids": True,
        "glucocorticoid_dose_mg_daily": 7.5,
        "glucocorticoid_duration_months": 18.0,
        "rheumatoid_arthritis": True,
        "total_hip_t_score": -2.6,
    },
    "everything known": {
        "age_years": 74,
        "sex": "female",
        **dict.fromkeys(FACTORS, False),
        "weight_kg": 58.25,
        "height_cm": 157.5,
        "prior_fragility_fracture": True,
        "number_of_prior_fractures": 2,
        "prior_fracture_site": "vertebra",
        "prior_fracture_months_ago": 7.0,
        "femoral_neck_bmd_g_cm2": 0.612,
        "dxa_manufacturer": "hologic",
        "dxa_date": "2026-03-04",
        "lumbar_spine_t_score": -3.1,
        "trabecular_bone_score": 1.18,
        "falls_last_year": 2,
        "type_2_diabetes_years": 12.5,
        "postmenopausal": True,
        "osteoporosis_treatment": "none",
    },
}
