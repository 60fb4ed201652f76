"""Modifiers in words: whose effect they are, and what has to be said beside a number."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from riskapp.risk import bone_measurements, published
from riskapp.risk.bone_density import Site, lost_its_minus
from riskapp.risk.effects import effects
from riskapp.risk.hazard_terms import REFERENCE_BMI_KG_M2, mean_t_score
from riskapp.risk.limits import RANGES, shown
from riskapp.risk.modifier_reading import (
    DENSITY_ELSEWHERE,
    cited,
    known_modifiers,
    out_of_range,
    recency_counts,
    stored,
    switched_off,
)
from riskapp.risk.modifiers import Modifiers
from riskapp.risk.profile import RiskProfile

# A measurement this many SDs from what age, sex and femoral neck let expect is rarely a true one.
FAR_OFF_SD = 4.0
ROUNDING = 1e-9
NECK = "femoral_neck_t_score"
# How a sentence says that an answer does not count, and how one says where the truth lies then.
LEFT_OUT = ("given but not used", "is not used: ")
DIRECTION = "the true risk"
# The evidence set whose distribution of the femoral neck says what is usual.
USUAL_NECK_OF = "frax-2008"


@dataclass(frozen=True, slots=True)
class Player:
    """What a contribution is about."""

    field: str
    value: float | bool
    source: str
    beside: Mapping[str, float] = dataclasses.field(default_factory=dict)


def modifier_player(modifiers: Modifiers, name: str) -> Player:
    """One of ``modifiers.players``, told by its leading field."""
    if name == "falls" and modifiers.falls:
        return Player("falls_last_year", modifiers.falls.falls, modifiers.falls.source)
    if name == "diabetes" and modifiers.diabetes:
        diabetes = modifiers.diabetes
        return Player("type_2_diabetes_years", diabetes.years, diabetes.source)
    assert modifiers.bone is not None  # the only other player
    (leading, value), *others = modifiers.bone.values.items()
    return Player(leading, value, _sources(modifiers.bone.values), dict(others))


def _sources(measured: Mapping[str, float]) -> str:
    """Of the effects that the measurements have or tell of, then of where they are expected."""
    table = published.read(bone_measurements.FILE)
    only_tell = set(measured) & set(table["only_tell_of_these"])
    effects = [row for row in table["effects"] if only_tell or row["of"] in measured]
    lines = [table["lines"][name] for name in measured]
    told = [cited(row) for row in effects] + [f"expected: {cited(line)}" for line in lines]
    return "; ".join(dict.fromkeys(told))


def modifier_remarks(profile: RiskProfile, modifiers: Modifiers) -> dict[str, str]:
    """What is said of each field of this kind that is given: field -> sentence, or "" if it
    simply counts."""
    found = dict.fromkeys(modifiers.used, "")
    for name, missing in switched_off().items():
        if name == "number_of_prior_fractures" and profile.number_of_prior_fractures == 1:
            found[name] = ""  # says no more than that there was one
        elif getattr(profile, name) is not None:
            found[name] = f"{_label(name)} is given but not used: {missing}."
    found |= _recency_elsewhere(profile) | _density_elsewhere(profile, modifiers)
    return found


def remarks_by_field(profile: RiskProfile, evidence: str) -> dict[str, str]:
    """Of answers that are given: why one does not count, or what to mind where it does."""
    told = modifier_remarks(profile, known_modifiers(profile, evidence))
    return {
        name: sentence
        for name, sentence in told.items()
        if sentence and getattr(profile, name) is not None
    }


def only_tells_what_is_left_out(sentence: str) -> bool:
    """Whether a remark notes that an answer does not count, and warns of nothing.

    Stored answers hold sentences, not kinds; a sentence of neither form stays a warning.
    """
    leaves_out = any(words in sentence.lower() for words in LEFT_OUT)
    return leaves_out and DIRECTION not in sentence


def off_by_convention(profile: RiskProfile, evidence: str) -> tuple[str, ...]:
    """The fields that would count, were unknown answers not taken as no."""
    return known_modifiers(profile, evidence).used


def _label(name: str) -> str:
    return RANGES[name].label if name in RANGES else "The site of the fracture"


def _recency_elsewhere(profile: RiskProfile) -> dict[str, str]:
    months = profile.prior_fracture_months_ago
    if months is None:
        return {}
    if not profile.prior_fragility_fracture:
        return {"prior_fracture_months_ago": ""}  # said of the whole fracture
    if recency_counts(profile):
        return {}
    return {
        "prior_fracture_months_ago": "The time since the fracture is not used: "
        f"{stored('fracture-recency')['missing'][0].lower()}"
        f"{stored('fracture-recency')['missing'][1:]}"
    }


def _density_elsewhere(profile: RiskProfile, modifiers: Modifiers) -> dict[str, str]:
    found: dict[str, str] = {}
    bone = modifiers.bone
    for name, site in DENSITY_ELSEWHERE.items():
        if bone and name in bone.values and getattr(profile, f"{site}_bmd_g_cm2") is not None:
            found |= {f"{site}_bmd_g_cm2": "", "dxa_manufacturer": ""}
    if profile.lumbar_spine_bmd_g_cm2 is not None and profile.lumbar_spine_t_score is None:
        found["lumbar_spine_bmd_g_cm2"] = (
            "Lumbar spine BMD is given but not used: no reference for it is held; "
            "give the T-score that the scanner printed."
        )
    neck = profile.t_score(Site.FEMORAL_NECK)
    if neck is not None and profile.t_score(Site.TOTAL_HIP) is not None:
        said = "Total hip density is given but not used: the femoral neck is known."
        both = ("total_hip_t_score", "total_hip_bmd_g_cm2")
        found |= dict.fromkeys((n for n in both if getattr(profile, n) is not None), said)
    if neck is None and bone is not None:
        found[NECK] = (
            "Femoral neck T-score is not known; the other measurements of bone say what it "
            "probably is."
        )
    found |= _far_off(profile, bone.values if bone else {}, neck)
    for name, (low, high) in out_of_range(profile).items():
        if getattr(profile, name) is not None:
            found[name] = (
                f"{RANGES[name].label} is given but not used: it is not considered valid at a "
                f"body mass index below {low:g} or above {high:g} kg/m²."
            )
    return found


def _far_off(
    profile: RiskProfile, measured: Mapping[str, float], neck: float | None
) -> dict[str, str]:
    """Measurements that are hardly possible at this femoral neck, or, without it, at this age."""
    usual_neck = _usual_neck(profile)
    found = {}
    if neck is not None and abs(neck - usual_neck) > FAR_OFF_SD:
        found[NECK] = _check_it(profile, NECK, neck, usual_neck, FAR_OFF_SD, "age")
        # Where its own minus may be missing, nothing is held against it.
        if _lost_its_minus(profile, NECK, neck, usual_neck, FAR_OFF_SD):
            neck = None
    given = "age and femoral neck" if neck is not None else "age"
    for name, value in measured.items():
        at_zero, per_t, sd = bone_measurements.family().line(
            name, profile.sex.value, profile.age_years
        )
        if neck is None:
            expected, spread = at_zero + per_t * usual_neck, float(np.hypot(sd, per_t))
        else:
            expected, spread = at_zero + per_t * neck, sd
        if abs(value - expected) > FAR_OFF_SD * spread:
            most = FAR_OFF_SD * spread
            found[name] = _check_it(profile, name, value, expected, most, given)
    return found


def _usual_neck(profile: RiskProfile) -> float:
    """Mean femoral-neck T-score at this age, sex and body mass index; its SD is 1."""
    bmi = np.asarray(profile.bmi_kg_m2 or REFERENCE_BMI_KG_M2)
    age = np.asarray(profile.age_years)
    return float(mean_t_score(effects(USUAL_NECK_OF), profile.sex.value, age, bmi, {}))


def _check_it(
    profile: RiskProfile, name: str, value: float, expected: float, most: float, given: str
) -> str:
    sign = _lost_its_minus(profile, name, value, expected, most)
    return (
        f"{RANGES[name].label} is {shown(value)}, far from the {shown(expected, 3)} that is usual "
        f"at this {given}; check it{': is the sign right?' if sign else '.'}"
    )


def _lost_its_minus(
    profile: RiskProfile, name: str, value: float, expected: float, most: float
) -> bool:
    """Of a T-score that was typed, and not counted from a density."""
    is_typed = name.endswith("_t_score") and getattr(profile, name) is not None
    return is_typed and lost_its_minus(value, expected, most)
