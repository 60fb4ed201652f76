"""What is known about a person. None means not known, never "no"."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from riskapp.risk.bone_density import DxaManufacturer, Site, t_score_at
from riskapp.risk.errors import InvalidProfile
from riskapp.risk.limits import (
    AHEAD_OF_UTC,
    BODY_MASS_INDEX_TOLERANCE_KG_M2,
    FIRST_DXA,
    RANGES,
    T_SCORE_TOLERANCE,
    TOLERANCE_DECIMALS,
    shown,
)
from riskapp.risk.other_units import would_be

# The yes/no risk factors that every engine reads, in the order of its rows.
FACTORS = (
    "prior_fragility_fracture",
    "parent_hip_fracture",
    "current_smoker",
    "glucocorticoids",
    "rheumatoid_arthritis",
    "secondary_osteoporosis",
    "alcohol_3_or_more_units_daily",
)


# Times that nobody can have longer than they have lived, and their units in a year.
TIMES = {
    "prior_fracture_months_ago": 12,
    "glucocorticoid_duration_months": 12,
    "type_2_diabetes_years": 1,
    "osteoporosis_treatment_years": 1,
}


class Sex(StrEnum):
    """Sex at birth, as the published tables use it."""

    FEMALE = "female"
    MALE = "male"


class FractureSite(StrEnum):
    """Where the latest fragility fracture was."""

    HIP = "hip"
    VERTEBRA = "vertebra"
    HUMERUS = "humerus"
    FOREARM = "forearm"
    OTHER = "other"


class Treatment(StrEnum):
    """Drug class now taken for osteoporosis; the estimates are for people who take none."""

    NONE = "none"
    ORAL_BISPHOSPHONATE = "oral_bisphosphonate"
    ZOLEDRONATE = "zoledronate"
    DENOSUMAB = "denosumab"
    RALOXIFENE = "raloxifene"
    TERIPARATIDE = "teriparatide"
    ABALOPARATIDE = "abaloparatide"
    ROMOSOZUMAB = "romosozumab"
    MENOPAUSAL_HORMONE_THERAPY = "menopausal_hormone_therapy"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskProfile:
    """Everything the engines may use, in the contract's names and units.

    Raises
    ------
    InvalidProfile
        If a value lies outside ``riskapp.risk.limits`` or two values contradict each other;
        all problems are named at once.
    """

    population: str
    age_years: float
    sex: Sex
    weight_kg: float | None = None
    height_cm: float | None = None
    body_mass_index: float | None = None
    prior_fragility_fracture: bool | None = None
    number_of_prior_fractures: int | None = None
    prior_fracture_site: FractureSite | None = None
    prior_fracture_months_ago: float | None = None
    parent_hip_fracture: bool | None = None
    current_smoker: bool | None = None
    glucocorticoids: bool | None = None
    rheumatoid_arthritis: bool | None = None
    secondary_osteoporosis: bool | None = None
    alcohol_3_or_more_units_daily: bool | None = None
    glucocorticoid_dose_mg_daily: float | None = None
    glucocorticoid_duration_months: float | None = None
    femoral_neck_bmd_g_cm2: float | None = None
    total_hip_bmd_g_cm2: float | None = None
    lumbar_spine_bmd_g_cm2: float | None = None
    dxa_manufacturer: DxaManufacturer | None = None
    femoral_neck_t_score: float | None = None
    total_hip_t_score: float | None = None
    lumbar_spine_t_score: float | None = None
    dxa_date: date | None = None
    trabecular_bone_score: float | None = None
    lumbar_texture_score: float | None = None
    l1_attenuation_hu: float | None = None
    l1_vbmd_mg_cm3: float | None = None
    hip_axis_length_mm: float | None = None
    falls_last_year: int | None = None
    type_2_diabetes_years: float | None = None
    postmenopausal: bool | None = None
    osteoporosis_treatment: Treatment | None = None
    osteoporosis_treatment_years: float | None = None
    # By the names of the site's own columns (site_columns.py); what is not known is left out.
    site_values: Mapping[str, float] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        problems = _outside_range(self) | _contradictions(self)
        if problems:
            raise InvalidProfile(problems)

    @property
    def bmi_kg_m2(self) -> float | None:
        """Body mass index as given, else from weight and height, else None."""
        if self.body_mass_index is not None:
            return self.body_mass_index
        if self.weight_kg is not None and self.height_cm is not None:
            return self.weight_kg / (self.height_cm / 100) ** 2
        return None

    def t_score(self, site: Site) -> float | None:
        """T-score at a site: from BMD where it is given, else as given, else None.

        Female NHANES III reference for both sexes at the hip.
        """
        bmd: float | None = getattr(self, f"{site}_bmd_g_cm2")
        if bmd is not None and self.dxa_manufacturer is not None:
            implied = t_score_at(site, bmd, self.dxa_manufacturer)
            if implied is not None:
                return implied
        given: float | None = getattr(self, f"{site}_t_score")
        return given


FIELD_NAMES: tuple[str, ...] = tuple(
    each.name for each in fields(RiskProfile) if each.name != "site_values"
)


def with_unknown_as_no(profile: RiskProfile) -> RiskProfile:
    """The profile with unanswered risk factors as no: FRAX's convention, for comparison only."""
    absent = {name: False for name in FACTORS if getattr(profile, name) is None}
    return replace(profile, **absent)  # type: ignore[arg-type]  # names are fields of the profile


def _outside_range(profile: RiskProfile) -> dict[str, str]:
    problems: dict[str, str] = {}
    for name, limit in RANGES.items():
        value = getattr(profile, name)
        if value is None:
            continue
        # Written as "not inside" so that NaN, which fails every comparison, is refused.
        if not limit.low <= value <= limit.high:
            why = (
                ", as the published results cover no other ages: decide without one"
                if name == "age_years" and value > 0
                else ""
            )
            problems[name] = f"{limit.expected(value)}{why}{would_be(name, value)}."
        elif limit.whole and value != int(value):
            problems[name] = f"{limit.label} is {shown(value)}; expected a whole number."
    return problems


def _contradictions(profile: RiskProfile) -> dict[str, str]:
    problems = _impossible_date(profile.dxa_date)
    weight, height = _inside(profile, "weight_kg"), _inside(profile, "height_cm")
    given = profile.body_mass_index
    if weight is not None and height is not None:
        implied = weight / (height / 100) ** 2
        if given is None:
            limit = RANGES["body_mass_index"]
            if not limit.low <= implied <= limit.high:
                problems["weight_kg"] = (
                    f"Weight and height give a body mass index of {implied:.1f} kg/m²; "
                    f"expected {limit.low:g} to {limit.high:g}."
                )
        elif not _agree(implied, given, BODY_MASS_INDEX_TOLERANCE_KG_M2):
            problems["body_mass_index"] = (
                f"Body mass index is {given:g} kg/m², but weight and height give "
                f"{implied:.1f}; leave one of the three out."
            )
    for site in Site:
        problems |= _density_contradictions(profile, site)
    return problems | _longer_than_life(profile)


def _longer_than_life(profile: RiskProfile) -> dict[str, str]:
    found = {}
    for name, per_year in TIMES.items():
        value: float | None = getattr(profile, name)
        if value is not None and value / per_year > profile.age_years:
            limit = RANGES[name]
            found[name] = (
                f"{limit.label} is {shown(value)} {limit.unit}, longer than the "
                f"{shown(profile.age_years)} years of the person’s life."
            )
    return found


def _inside(profile: RiskProfile, name: str) -> float | None:
    """An answer within its own range; one outside is told of as such, and implies nothing."""
    value: float | None = getattr(profile, name)
    limit = RANGES[name]
    return value if value is not None and limit.low <= value <= limit.high else None


def _agree(implied: float, given: float, tolerance: float) -> bool:
    return round(abs(implied - given), TOLERANCE_DECIMALS) <= tolerance


def _impossible_date(dxa: date | None) -> dict[str, str]:
    if dxa is None:
        return {}
    if dxa > (datetime.now(UTC) + AHEAD_OF_UTC).date():
        return {"dxa_date": "The date of the DXA lies in the future."}
    if dxa < FIRST_DXA:
        return {
            "dxa_date": f"The date of the DXA is {dxa}, but there was no DXA before "
            f"{FIRST_DXA.year}."
        }
    return {}


def _density_contradictions(profile: RiskProfile, site: Site) -> dict[str, str]:
    bmd: float | None = getattr(profile, f"{site}_bmd_g_cm2")
    given: float | None = getattr(profile, f"{site}_t_score")
    if bmd is None:
        return {}
    label = RANGES[f"{site}_bmd_g_cm2"].label
    if profile.dxa_manufacturer is None:
        return {
            "dxa_manufacturer": f"{label} needs the scanner’s manufacturer: "
            "the same bone reads differently on each."
        }
    implied = t_score_at(site, bmd, profile.dxa_manufacturer)
    if implied is None or given is None:
        return {}
    if not _agree(implied, given, T_SCORE_TOLERANCE):
        label = RANGES[f"{site}_t_score"].label
        return {
            f"{site}_t_score": f"{label} is {shown(given)}, but the BMD of {bmd:g} g/cm² gives "
            f"{shown(round(implied, 1))}; leave one of the two out."
        }
    return {}
