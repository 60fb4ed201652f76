"""Plausible ranges for what people type and machines send.

They catch slips of typing and of unit; they are not clinical thresholds. Form, JSON, CSV and
the domain all read this one table, so that no two doors can drift apart.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple


class Range(NamedTuple):
    """Accepted values, both ends included."""

    low: float
    high: float
    ucum: str  # https://ucum.org; "1" is dimensionless
    label: str
    whole: bool = False

    @property
    def unit(self) -> str:
        """The unit as a clinician writes it, empty for plain numbers."""
        return written(self.ucum)

    def expected(self, value: float) -> str:
        """What is wrong with a value outside, as a sentence without its full stop."""
        unit = f" {self.unit}" if self.unit else ""
        return (
            f"{self.label} is {shown(value)}{unit}; expected {shown(self.low)} to "
            f"{shown(self.high)}{unit}"
        )


def written(ucum: str) -> str:
    """A UCUM code as a clinician writes the unit, empty for plain numbers."""
    return _SHOWN.get(ucum, ucum)


def shown(value: float, digits: int = 6) -> str:
    """As print has it, with a true minus sign."""
    return f"{value:.{digits}g}".replace("-", "\u2212")


def in_print(text: str) -> str:
    """With apostrophes as print has them, where text was typed with straight ones."""
    return _TYPED_APOSTROPHE.sub("’", text)


_TYPED_APOSTROPHE = re.compile(r"(?<=[A-Za-z])'(?=[a-z])")

# UCUM codes that nobody would write.
_SHOWN = {
    "1": "",
    "{count}": "",
    "a": "years",
    "mo": "months",
    "mg/d": "mg/day",
    "kg/m2": "kg/m²",
    "g/cm2": "g/cm²",
    "mg/cm3": "mg/cm³",
    "[hnsf'U]": "HU",
}


RANGES: dict[str, Range] = {
    # The ages for which FRAX and the published tables give numbers.
    "age_years": Range(40, 90, "a", "Age"),
    "weight_kg": Range(25, 250, "kg", "Weight"),
    "height_cm": Range(100, 230, "cm", "Height"),  # metres typed as centimetres land below
    "body_mass_index": Range(10, 80, "kg/m2", "Body mass index"),
    "number_of_prior_fractures": Range(0, 50, "{count}", "Number of prior fractures", whole=True),
    "prior_fracture_months_ago": Range(0, 1080, "mo", "Months since the latest fracture"),
    "glucocorticoid_dose_mg_daily": Range(0, 100, "mg/d", "Glucocorticoid dose"),
    "glucocorticoid_duration_months": Range(0, 1080, "mo", "Glucocorticoid duration"),
    # mg/cm3 typed here lands far above 2
    "femoral_neck_bmd_g_cm2": Range(0.2, 2.0, "g/cm2", "Femoral neck BMD"),
    "total_hip_bmd_g_cm2": Range(0.2, 2.0, "g/cm2", "Total hip BMD"),
    "lumbar_spine_bmd_g_cm2": Range(0.2, 2.0, "g/cm2", "Lumbar spine BMD"),
    "femoral_neck_t_score": Range(-8, 6, "1", "Femoral neck T-score"),
    "total_hip_t_score": Range(-8, 6, "1", "Total hip T-score"),
    "lumbar_spine_t_score": Range(-8, 6, "1", "Lumbar spine T-score"),
    "trabecular_bone_score": Range(0.5, 2.0, "1", "Trabecular bone score"),
    # Our own texture: a GLCM correlation (IBSI NI2N), so within -1 and 1 by definition.
    "lumbar_texture_score": Range(-1.0, 1.0, "1", "Lumbar texture score"),
    "l1_attenuation_hu": Range(-200, 600, "[hnsf'U]", "L1 attenuation"),
    "l1_vbmd_mg_cm3": Range(-100, 500, "mg/cm3", "L1 volumetric BMD"),
    "hip_axis_length_mm": Range(60, 160, "mm", "Hip axis length"),
    "falls_last_year": Range(0, 50, "{count}", "Falls in the last year", whole=True),
    "type_2_diabetes_years": Range(0, 80, "a", "Years with type 2 diabetes"),
    "osteoporosis_treatment_years": Range(0, 60, "a", "Years on treatment"),
}

# With `clamp_age` an age outside the table is computed at the nearer limit, as FRAX does;
# beyond these it is a slip of typing and refused all the same.
CLAMPABLE_AGE_YEARS = Range(18, 120, "a", "Age")

# Weight, height and body mass index given together must agree this closely (contract).
BODY_MASS_INDEX_TOLERANCE_KG_M2 = 1.0
# A T-score and a BMD given for one site must agree this closely (contract).
T_SCORE_TOLERANCE = 0.3
# A densitometry older than this is used with a warning (contract).
DXA_CURRENT_FOR_YEARS = 5.0
# Differences are compared after rounding to this, so that one of exactly the tolerance passes.
TOLERANCE_DECIMALS = 9
# Fractures count from here on: "in adult life" (assumption).
ADULT_FROM_YEARS = 18
# The first DXA scanner was sold in 1987 (Hologic QDR-1000; recalled, to be confirmed).
FIRST_DXA = date(1987, 1, 1)
# Somewhere it is already tomorrow: clocks run up to 14 hours ahead of UTC (IANA time zones).
AHEAD_OF_UTC = timedelta(hours=14)
# One request may carry at most this many people (contract).
PROFILES_PER_REQUEST = 1_000
