"""What the simulator assumes beyond the evidence engine, each number with where it comes from.

The model cards print this table, so a reader sees which numbers were published and which were
made up to have something to learn from.
"""

from typing import NamedTuple

SCHOUSBOE = "Schousboe 2016, JBMR, PMC4795988: TBS, men of 65 and over, beside FRAX, BMD and VFx"
LESLIE_AXIS = "Leslie 2009, Osteoporos Int, doi:10.1007/s00198-009-0874-5: women, given age and BMD"
AXIS_MEANS = "published means for women run from 97 mm (Bone 2005;37:871) to 108 mm (2008;19:1301)"
ISCD_PRECISION = (
    "ISCD Official Positions 2019, Adult: least acceptable precision of a technologist; "
    "recalled, to be confirmed"
)
DESIGN = "study design"


class Assumption(NamedTuple):
    """One number of the simulator.

    Attributes
    ----------
    mark : str
        "seen" in the publication, "recalled" from it, or "assumption": chosen here.
    """

    value: float
    unit: str
    meaning: str
    mark: str
    source: str


def _of(value: float, unit: str, meaning: str, source: str, mark: str = "assumption") -> Assumption:
    return Assumption(value, unit, meaning, mark, source)


ASSUMPTIONS: dict[str, Assumption] = {
    "texture_at_65": _of(
        0.955,
        "1",
        "Mean lumbar texture score at 65 and the mean T-score",
        "the first scans measured here, real and synthetic, gave 0.93 to 0.97",
    ),
    "texture_sd": _of(
        0.012,
        "1",
        "Spread that age, sex and T-score leave; in these units it moves as TBS does in its own",
        "of a size that keeps most people between 0.92 and 0.99; none known",
    ),
    "texture_hip": _of(
        1.20,
        "hazard ratio",
        "Hip fracture, per SD lower texture score when it alone is known",
        f"that our texture carries what another texture did: {SCHOUSBOE} (seen)",
    ),
    "texture_other": _of(
        1.27,
        "hazard ratio",
        "Other major fracture, per SD lower texture score when it alone is known",
        f"that our texture carries what another texture did for all major: {SCHOUSBOE} (seen)",
    ),
    "hu_hip": _of(
        1.15,
        "hazard ratio",
        "Hip fracture, per SD lower L1 attenuation when it alone is known",
        "beside the T-score; no adjusted figure at hand",
    ),
    "hu_other": _of(
        1.30,
        "hazard ratio",
        "Other major fracture, per SD lower L1 attenuation when it alone is known",
        "beside the T-score; no adjusted figure at hand",
    ),
    "axis_women": _of(105, "mm", "Mean hip axis length of women", AXIS_MEANS),
    "axis_men": _of(120, "mm", "Mean hip axis length of men", "none held"),
    "axis_sd": _of(6, "mm", "Spread of hip axis length within a sex", AXIS_MEANS),
    "axis_hip": _of(
        1.22,
        "hazard ratio",
        "Hip fracture, per SD longer hip axis; men as women",
        f"{LESLIE_AXIS} (seen)",
    ),
    "falls_beyond_two": _of(
        0.5, "1", "Chance of each further fall among those who fall twice or more", "none held"
    ),
    "fell_once": _of(
        0.165,
        "1",
        "Share with one fall in the last year, at every age",
        "27.5 % fell (BRFSS 2018, doi:10.15585/mmwr.mm6927a5, seen) less those who fell again",
    ),
    "dose_low": _of(0.25, "1", "Share below 2.5 mg a day of those on glucocorticoids", "none held"),
    "dose_high": _of(0.35, "1", "Share at 7.5 mg a day and above of these", "none held"),
    "beyond_major": _of(
        0.8,
        "1",
        "Hazard of fractures that are not major over that of other major fractures",
        "ribs, pelvis, lower leg and more together are about as common; no ratio by age held",
    ),
    "precision_neck": _of(2.5, "%", "Precision error of femoral neck BMD", ISCD_PRECISION),
    "precision_hip": _of(1.8, "%", "Precision error of total hip BMD", ISCD_PRECISION),
    "precision_spine": _of(1.9, "%", "Precision error of lumbar spine BMD", ISCD_PRECISION),
    "offset_sd": _of(
        1.0, "%", "Spread of calibration between densitometers of one make", "none held"
    ),
    "drift_sd": _of(0.3, "%/a", "Spread of the drift of densitometers", "none held"),
    "recruited_over": _of(5, "a", "People join the study evenly over", DESIGN),
    "hu_offset_sd": _of(8, "HU", "Spread of calibration between CT scanners", "none held"),
    "hu_precision": _of(5, "HU", "Repeat error of L1 attenuation on one scanner", "none held"),
    "hologic": _of(0.5, "1", "Share of densitometers made by Hologic", DESIGN),
    "ge_lunar": _of(0.4, "1", "Share made by GE Lunar; the rest by Norland", DESIGN),
}

# Shares not known in a record that was not made for a study. No publication is held for them:
# they are orders of magnitude for a general practice's record, all assumptions.
ROUTINE_MISSING: dict[str, float] = {
    "body_mass_index": 0.15,
    "prior_fragility_fracture": 0.05,
    "parent_hip_fracture": 0.60,
    "current_smoker": 0.08,
    "glucocorticoids": 0.10,
    "rheumatoid_arthritis": 0.05,
    "secondary_osteoporosis": 0.20,
    "alcohol_3_or_more_units_daily": 0.30,
    "femoral_neck_t_score": 0.50,
    "total_hip_t_score": 0.55,
    "lumbar_spine_t_score": 0.50,
    "lumbar_texture_score": 0.60,
    "l1_attenuation_hu": 0.75,
    "hip_axis_length_mm": 0.70,
    "falls_last_year": 0.50,
    "prior_fracture_site": 0.30,
    "prior_fracture_months_ago": 0.40,
    "glucocorticoid_dose_mg_daily": 0.50,
    "type_2_diabetes_years": 0.25,
}


def assumed(name: str) -> float:
    """Value of one assumption."""
    return ASSUMPTIONS[name].value
