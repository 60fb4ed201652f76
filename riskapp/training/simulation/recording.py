"""From true people to what a record shows: scanners, rounding, what nobody wrote down."""

import numpy as np
import pandas as pd

from imaging.densitometry.cross_calibration import STANDARDISED
from imaging.densitometry.young_adults import YOUNG_ADULTS
from riskapp.risk.design_row import Floats
from riskapp.risk.limits import RANGES
from riskapp.risk.profile import FACTORS, Sex
from riskapp.training.simulation.assumptions import ROUTINE_MISSING, assumed
from riskapp.training.simulation.options import Options
from riskapp.training.simulation.people import DIGITS
from riskapp.training.simulation.survey import SITES
from riskapp.training.survey.bone_measurements import SPINE_MEAN_G_CM2, SPINE_SD_G_CM2

MAKERS = ("hologic", "ge_lunar", "norland")
PRECISION = {"femoral_neck": "neck", "total_hip": "hip", "lumbar_spine": "spine"}
BMD_DIGITS = 3
MEASURED = (
    "femoral_neck_t_score",
    "total_hip_t_score",
    "lumbar_spine_t_score",
    "lumbar_texture_score",
    "l1_attenuation_hu",
    "hip_axis_length_mm",
    "falls_last_year",
    "prior_fracture_months_ago",
    "glucocorticoid_dose_mg_daily",
    "type_2_diabetes_years",
)
DETAILS = {
    "prior_fracture_months_ago": "prior_fragility_fracture",
    "prior_fracture_site": "prior_fragility_fracture",
    "glucocorticoid_dose_mg_daily": "glucocorticoids",
}
YOUNGEST_YEARS, OLDEST_YEARS = RANGES["age_years"].low, RANGES["age_years"].high


def recorded(people: dict[str, Floats], options: Options, rng: np.random.Generator) -> pd.DataFrame:
    """The contract's columns of these people, without ids and events."""
    table = pd.DataFrame({"population": options.population, "age_years": people["age_years"]})
    table["sex"] = np.where(people["female"] == 1, Sex.FEMALE.value, Sex.MALE.value)
    table["body_mass_index"] = people["bmi_kg_m2"]
    for name in FACTORS:
        table[name] = people[name] == 1
    for name in MEASURED:
        table[name] = people[name]
    site = pd.Series(people["prior_fracture_site"]).map(dict(enumerate(SITES)))
    table["prior_fracture_site"] = site.astype("string")
    for name in further_columns(options):
        table[name] = np.round(people[name], BMD_DIGITS)
    if options.scanners:
        table = _scanned(table, options, rng)
    table = _with_gaps(table, options, rng)
    absent = [_column(name, options) for name in options.not_recorded]
    return table.drop(columns=absent)


def _column(field: str, options: Options) -> str:
    """Where scanners show densities, a hip's T-score stands as its density."""
    shown = field.replace("_t_score", "_bmd_g_cm2")
    with_bmd = ("femoral_neck_t_score", "total_hip_t_score")
    return shown if options.scanners and field in with_bmd else field


def further_columns(options: Options) -> tuple[str, ...]:
    """Names of the site's columns."""
    noise = (f"noise_{number + 1}" for number in range(options.noise_columns))
    return (*(each.name for each in options.site_effects), *noise)


def _scanned(table: pd.DataFrame, options: Options, rng: np.random.Generator) -> pd.DataFrame:
    """Densities as one of several densitometers shows them, attenuation as one of several CTs."""
    n = len(table)
    # The scanners are the same in every part of a cohort, whoever is scanned on them.
    own = np.random.default_rng([options.seed, options.scanners])
    shares = [assumed("hologic"), assumed("ge_lunar")]
    makers = own.choice(len(MAKERS), options.scanners, p=[*shares, 1 - sum(shares)])
    offsets = own.normal(0, assumed("offset_sd"), options.scanners) / 100
    drifts = own.normal(0, assumed("drift_sd"), options.scanners) / 100
    hu_offsets = own.normal(0, assumed("hu_offset_sd"), options.scanners)
    at = rng.integers(options.scanners, size=n)
    off = 1 + offsets[at] + drifts[at] * rng.uniform(0, assumed("recruited_over"), n)
    made_by = np.array(MAKERS)[makers[at]]
    table = table.assign(scanner=[f"dxa-{number + 1}" for number in at], dxa_manufacturer=made_by)
    for site, short in PRECISION.items():
        shown = off * (1 + rng.normal(0, assumed(f"precision_{short}") / 100, n))
        t_score = table.pop(f"{site}_t_score").to_numpy()
        if site == "lumbar_spine":
            # No reference is held that would turn a spine's density into a T-score again.
            bmd = (SPINE_MEAN_G_CM2 + SPINE_SD_G_CM2 * t_score) * shown
            t_seen = np.clip((bmd - SPINE_MEAN_G_CM2) / SPINE_SD_G_CM2, *_limits(f"{site}_t_score"))
            table[f"{site}_t_score"] = np.round(t_seen, DIGITS[f"{site}_t_score"])
            continue
        reference = YOUNG_ADULTS[site]
        hologic = reference.mean_g_cm2 + reference.sd_g_cm2 * t_score
        bmd = _on_maker_scale(site, hologic, made_by) * shown
        table[f"{site}_bmd_g_cm2"] = np.round(np.clip(bmd, *_limits(f"{site}_bmd_g_cm2")), 3)
    noise = hu_offsets[rng.integers(options.scanners, size=n)]
    hu = table["l1_attenuation_hu"] + noise + rng.normal(0, assumed("hu_precision"), n)
    table["l1_attenuation_hu"] = np.round(np.clip(hu, *_limits("l1_attenuation_hu")), 1)
    return table


def _limits(name: str) -> tuple[float, float]:
    return RANGES[name].low, RANGES[name].high


def _on_maker_scale(site: str, hologic: Floats, made_by: np.ndarray) -> Floats:
    whole = STANDARDISED[site]
    standard = whole["hologic"].slope_mg_cm2 * hologic + whole["hologic"].intercept_mg_cm2
    slope = np.array([whole[maker].slope_mg_cm2 for maker in MAKERS])
    intercept = np.array([whole[maker].intercept_mg_cm2 for maker in MAKERS])
    index = np.array([MAKERS.index(maker) for maker in made_by])
    return np.asarray((standard - intercept[index]) / slope[index])


def _with_gaps(table: pd.DataFrame, options: Options, rng: np.random.Generator) -> pd.DataFrame:
    """Blank what is not known. A person's fields are blank independently of each other."""
    if options.missing == "none":
        return table
    age = table["age_years"].to_numpy()
    for name in _can_be_missing(table):
        chance = _chance(name, age, options)
        gone = rng.random(len(table)) < chance
        values = table[name].astype("boolean") if name in FACTORS else table[name]
        table[name] = values.mask(gone)
    # Nobody writes down the detail of what they did not ask.
    for name, factor in DETAILS.items():
        table[name] = table[name].mask(table[factor].isna().to_numpy())
    return table


def _can_be_missing(table: pd.DataFrame) -> list[str]:
    # Without age, sex and population nobody can be answered for.
    always = {"population", "age_years", "sex", "scanner", "dxa_manufacturer"}
    return [name for name in table.columns if name not in always]


def _chance(name: str, age: Floats, options: Options) -> Floats:
    if options.missing == "by_age":
        along = (age - YOUNGEST_YEARS) / (OLDEST_YEARS - YOUNGEST_YEARS)
        return np.asarray(2 * options.missing_share * along)
    if options.missing == "routine":
        field = name.replace("_bmd_g_cm2", "_t_score")
        return np.full(len(age), ROUTINE_MISSING.get(field, 0.0))
    return np.full(len(age), options.missing_share)
