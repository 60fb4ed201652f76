"""Another person like this one, but for one answer: which others are worth showing.

They are other people. What changing an answer would do to this one is another question.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from riskapp.risk.bone_density import Site
from riskapp.risk.bone_measurements import family
from riskapp.risk.effects import effects
from riskapp.risk.hazard_terms import REFERENCE_BMI_KG_M2, mean_t_score
from riskapp.risk.limits import RANGES
from riskapp.risk.modifier_reading import stored
from riskapp.risk.modifier_words import USUAL_NECK_OF
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS, RiskProfile

NECK, BMI = "femoral_neck_t_score", "body_mass_index"
OTHER, HIGHER, USUAL, SET = "other answer", "one SD higher", "usual", "set"
# What says the same of a person as an answer does, and so gives way to it.
SAYS_THE_SAME = {
    **{f"{site}_t_score": (f"{site}_bmd_g_cm2",) for site in Site},
    BMI: ("weight_kg", "height_cm"),
    "weight_kg": (BMI,),
    "height_cm": (BMI,),
}
# What is told of a "yes" falls away with it.
TOLD_OF = {
    "prior_fragility_fracture": (
        "number_of_prior_fractures",
        "prior_fracture_site",
        "prior_fracture_months_ago",
    ),
    "glucocorticoids": ("glucocorticoid_dose_mg_daily", "glucocorticoid_duration_months"),
}
# Light, the reference that published ratios refer to, and where obesity begins (World Health
# Organization, 2000, Technical Report Series 894: 18.5, 25 and 30; the first rounded up).
BODY_MASS_INDEXES = (20.0, REFERENCE_BMI_KG_M2, 30.0)
NEAR_KG_M2 = 1.0
# Any number above nought counts alike; this many are a common history.
YEARS_WITH_DIABETES = 10


class Neighbour(NamedTuple):
    """One answer of another person, and why it is worth showing."""

    value: float | bool
    why: str  # OTHER, HIGHER, USUAL or SET


def another(answers: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """The answers of another person: these with the changes, without what they contradict.

    Parameters
    ----------
    answers, changes : mapping of contract field name to value
        None and blank text are not known.
    """
    gone = {name for field in changes for name in SAYS_THE_SAME.get(field, ())}
    gone |= {
        name
        for field, told in TOLD_OF.items()
        if field in changes and changes[field] not in (True, "true")
        for name in told
    }
    kept = {name: value for name, value in answers.items() if name not in gone}
    return kept | dict(changes)


def has_neighbours(field: str) -> bool:
    """Whether other answers to a question can be shown at all."""
    return field in (*FACTORS, BMI, NECK, "falls_last_year", "type_2_diabetes_years") or (
        field in family().names
    )


def neighbours(profile: RiskProfile, field: str) -> tuple[Neighbour, ...]:
    """Other answers to one question; none where no published effect tells them apart."""
    if field in FACTORS:
        answer: bool | None = getattr(profile, field)
        return () if answer is None else (Neighbour(not answer, OTHER),)
    if field == BMI:
        return _body_mass_indexes(profile.bmi_kg_m2)
    if field == "falls_last_year":
        often = int(stored("falls")["recurrent_from"])
        fell = profile.falls_last_year
        return () if fell is None else (Neighbour(0 if fell >= often else often, SET),)
    if field == "type_2_diabetes_years":
        years = profile.type_2_diabetes_years
        return () if years is None else (Neighbour(0 if years else YEARS_WITH_DIABETES, SET),)
    if field == NECK:
        return _measured(field, profile.t_score(Site.FEMORAL_NECK), usual_neck(profile), 1.0)
    return _bone(profile, field) if field in family().names else ()


def usual_neck(profile: RiskProfile) -> float:
    """Mean femoral-neck T-score at this age and sex, without factors at a body mass index of 25."""
    age, bmi = np.asarray(profile.age_years), np.asarray(REFERENCE_BMI_KG_M2)
    return float(mean_t_score(effects(USUAL_NECK_OF), profile.sex.value, age, bmi, {}))


def plainest(profile: RiskProfile) -> dict[str, object]:
    """Answers of somebody of this population, age and sex without any of the risk factors.

    Body mass index is the usual one of the published people; bone density is not known.
    """
    people = population(profile.population).people
    log_bmi = people.mean_log_bmi[profile.sex.value].at(profile.age_years)
    return {
        "population": profile.population,
        "age_years": profile.age_years,
        "sex": profile.sex.value,
        BMI: round(float(np.exp(log_bmi)), 1),
        **dict.fromkeys(FACTORS, False),
    }


def _bone(profile: RiskProfile, field: str) -> tuple[Neighbour, ...]:
    """A measurement beside the femoral neck: what the neck, or the age alone, lets expect."""
    sites = {f"{site}_t_score": site for site in Site}
    value = profile.t_score(sites[field]) if field in sites else getattr(profile, field)
    known = profile.t_score(Site.FEMORAL_NECK)
    neck = usual_neck(profile) if known is None else known
    at_zero, per_t, sd = family().line(field, profile.sex.value, profile.age_years)
    return _measured(field, value, at_zero + per_t * neck, 1.0 if field in sites else sd)


def _measured(field: str, value: float | None, usual: float, sd: float) -> tuple[Neighbour, ...]:
    if value is None:
        return ()
    decimals = 1 if field.endswith("_t_score") else 0 if abs(value) >= 10 else 2
    offered = (Neighbour(value + sd, HIGHER), Neighbour(usual, USUAL))
    rounded = (Neighbour(round(one.value, decimals), one.why) for one in offered)
    limit = RANGES[field]
    return tuple(
        one
        for one in rounded
        if limit.low <= one.value <= limit.high and one.value != round(value, decimals)
    )


def _body_mass_indexes(value: float | None) -> tuple[Neighbour, ...]:
    if value is None:
        return ()
    return tuple(Neighbour(one, SET) for one in BODY_MASS_INDEXES if abs(one - value) > NEAR_KG_M2)
