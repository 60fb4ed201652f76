"""From a profile to the modifiers that count, by the data files under ``published/modifiers``."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from riskapp.risk import bone_measurements, published
from riskapp.risk.bone_density import Site
from riskapp.risk.bone_measurements import FRACTURES, BoneMeasurements
from riskapp.risk.modifiers import Detail, Diabetes, Falls, Modifiers
from riskapp.risk.populations import population
from riskapp.risk.profile import RiskProfile

MONTHS_PER_YEAR = 12
TEXTURE = "trabecular_bone_score"
# Of major fractures about one in five is of the hip, as at 65 to 70 in women of ``gb`` (derived
# from the calibration: 6 % at 50, 47 % at 80).
HIP_SHARE_OF_MAJOR = 0.2
DENSITY_ELSEWHERE = {"lumbar_spine_t_score": Site.LUMBAR_SPINE, "total_hip_t_score": Site.TOTAL_HIP}


def stored(name: str) -> dict[str, Any]:
    """One modifier's data file."""
    return published.read(f"modifiers/{name}")


def known_modifiers(profile: RiskProfile) -> Modifiers:
    """What of a profile counts; what does not is told by ``remarks``."""
    details = {}
    if (
        on("glucocorticoid-dose")
        and profile.glucocorticoids
        and profile.glucocorticoid_dose_mg_daily is not None
    ):
        details["glucocorticoids"] = _dose(profile)
    if on("fracture-recency") and profile.prior_fragility_fracture and recency_counts(profile):
        details["prior_fragility_fracture"] = _recency(profile)
    return Modifiers(
        details=details,
        falls=_falls(profile) if on("falls") else None,
        diabetes=_diabetes(profile) if on("type-2-diabetes") else None,
        bone=_bone(profile) if on("bone-measurements") else None,
    )


def on(name: str) -> bool:
    """Whether a modifier is switched on in its data file."""
    return bool(stored(name)["on"])


def counted() -> frozenset[str]:
    """The fields of all modifiers that are on."""
    switched_on = [name for name in published.names("modifiers") if on(name)]
    return frozenset(field for name in switched_on for field in stored(name)["fields"])


def recency_counts(profile: RiskProfile) -> bool:
    """Whether the time since the fracture is known, and its site among those studied."""
    site = profile.prior_fracture_site
    studied = site is None or site in stored("fracture-recency")["sites"]
    return profile.prior_fracture_months_ago is not None and studied


def switched_off() -> dict[str, str]:
    """Field -> what is missing, of the modifiers that are off."""
    off = [stored(name) for name in published.names("modifiers") if not on(name)]
    return {name: table["missing"] for table in off for name in table["fields"]}


def by_cause(hip: float, major: float) -> dict[str, float]:
    """Ratios published for hip and for major fracture, as ratios of the two hazards."""
    share = HIP_SHARE_OF_MAJOR
    return {"hip": hip, "other": (major - share * hip) / (1 - share)}


def _dose(profile: RiskProfile) -> Detail:
    table = stored("glucocorticoid-dose")
    dose = profile.glucocorticoid_dose_mg_daily or 0.0
    per_cent = {"hip": 0.0, "major": 0.0}
    for row, holds in (
        ("low", dose < table["low_below_mg_daily"]),
        ("high", dose >= table["high_from_mg_daily"]),
    ):
        if holds:
            per_cent = {
                outcome: float(np.interp(profile.age_years, table["ages_years"], values))
                for outcome, values in table[row].items()
            }
    return Detail(
        values={"glucocorticoid_dose_mg_daily": dose},
        source=cited(table),
        knots_years=np.zeros(1),
        log_ratios={
            cause: np.log(np.array([ratio]))
            for cause, ratio in by_cause(
                1 + per_cent["hip"] / 100, 1 + per_cent["major"] / 100
            ).items()
        },
        sd=table["sd"],
    )


def _recency(profile: RiskProfile) -> Detail:
    """Log-linear in the time since the fracture, which goes on while we look ahead.

    Times are published relative to everybody, the average effect relative to those without a
    prior fracture; so that one is first taken relative to everybody of this age and sex.
    """
    table = stored("fracture-recency")
    months = profile.prior_fracture_months_ago or 0.0
    share = population(profile.population).people.prevalence(
        "prior_fragility_fracture", profile.sex.value, profile.age_years
    )
    average = table["average"] / (1 + share * (table["average"] - 1))
    log_ratio = np.log(np.array(table["relative"]) / average)
    return Detail(
        values={"prior_fracture_months_ago": months},
        source=cited(table),
        knots_years=np.array(table["years"]) - months / MONTHS_PER_YEAR,
        log_ratios=dict.fromkeys(FRACTURES, log_ratio),
        sd=table["sd"],
    )


def _falls(profile: RiskProfile) -> Falls | None:
    falls = profile.falls_last_year
    if falls is None:
        return None
    table = stored("falls")
    ratio, share = table["recurrent"], table["share_with_recurrent_falls"]
    rare = (1 - share * ratio) / (1 - share)
    recurrent = falls >= table["recurrent_from"]
    return Falls(
        falls=falls,
        log_ratio=float(np.log(ratio if recurrent else rare)),
        per_doubt=1.0 if recurrent else -share * ratio / (1 - share * ratio),
        sd=table["sd"],
        source=cited(table),
    )


def _diabetes(profile: RiskProfile) -> Diabetes | None:
    years = profile.type_2_diabetes_years
    if years is None:
        return None
    table = stored("type-2-diabetes")
    line = table["log_odds"][profile.sex.value]
    log_odds = line["at_65"] + line["per_decade"] * (profile.age_years - 65) / 10
    return Diabetes(
        years=years,
        share=float(1 / (1 + np.exp(-log_odds))),
        source=cited(table),
    )


def highest_bmi_for_texture() -> float:
    """Body mass index (kg/m2) above which a trabecular bone score is not considered valid."""
    limit: float = stored("bone-measurements")["trabecular_bone_score_up_to_bmi"]["kg_m2"]
    return limit


def too_heavy_for_texture(profile: RiskProfile) -> bool:
    """Whether a trabecular bone score would not be valid; not known is not too heavy."""
    bmi = profile.bmi_kg_m2
    return bmi is not None and bmi > highest_bmi_for_texture()


def _bone(profile: RiskProfile) -> BoneMeasurements | None:
    given = {
        name: profile.t_score(DENSITY_ELSEWHERE[name])
        if name in DENSITY_ELSEWHERE
        else getattr(profile, name)
        for name in bone_measurements.family().names
    }
    known = {name: float(value) for name, value in given.items() if value is not None}
    if profile.t_score(Site.FEMORAL_NECK) is not None:
        known.pop(bone_measurements.TOTAL_HIP, None)
    if too_heavy_for_texture(profile):
        known.pop(TEXTURE, None)
    return bone_measurements.measured(known, profile.sex.value, profile.age_years)


def cited(table: Mapping[str, Any]) -> str:
    """The publication, with how far it was checked unless it was seen."""
    doubtful = "" if table["mark"] == "seen" else f" [{table['mark']}]"
    return f"{table['source']}{doubtful}"
