"""From a profile to the modifiers that count, by the data files under ``published/modifiers``."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from riskapp.risk import bone_measurements, published
from riskapp.risk.averages import Average, average
from riskapp.risk.bone_density import Site
from riskapp.risk.bone_measurements import FRACTURES, BoneMeasurements
from riskapp.risk.major_fracture import on_other
from riskapp.risk.modifiers import Detail, Diabetes, Falls, Modifiers
from riskapp.risk.profile import RiskProfile
from riskapp.risk.straight_lines import height_at

MONTHS_PER_YEAR = 12
DENSITY_ELSEWHERE = {"lumbar_spine_t_score": Site.LUMBAR_SPINE, "total_hip_t_score": Site.TOTAL_HIP}


def stored(name: str) -> dict[str, Any]:
    """One modifier's data file."""
    return published.read(f"modifiers/{name}")


def known_modifiers(profile: RiskProfile, evidence: str) -> Modifiers:
    """What of a profile counts; what does not is told by ``remarks``.

    Parameters
    ----------
    evidence : str
        The evidence set whose averages the published figures are taken against.
    """
    details = {}
    if (
        on("glucocorticoid-dose")
        and profile.glucocorticoids
        and profile.glucocorticoid_dose_mg_daily is not None
    ):
        details["glucocorticoids"] = _dose(profile, profile.glucocorticoid_dose_mg_daily, evidence)
    if on("fracture-recency") and profile.prior_fragility_fracture and recency_counts(profile):
        details["prior_fragility_fracture"] = _recency(profile, evidence)
    return Modifiers(
        details=details,
        falls=_falls(profile) if on("falls") else None,
        diabetes=_diabetes(profile) if on("type-2-diabetes") else None,
        bone=_bone(profile, evidence) if on("bone-measurements") else None,
    )


def players(profile: RiskProfile) -> tuple[str, ...]:
    """``Modifiers.players`` of a profile, before anything is calculated."""
    there = {
        "bone": on("bone-measurements") and bool(_measurements(profile)),
        "falls": on("falls") and profile.falls_last_year is not None,
        "diabetes": on("type-2-diabetes") and profile.type_2_diabetes_years is not None,
    }
    return tuple(name for name, given in there.items() if given)


def on(name: str) -> bool:
    """Whether a modifier is switched on in its data file."""
    return bool(stored(name)["on"])


def counted() -> frozenset[str]:
    """The fields of all modifiers that are on."""
    switched_on = [name for name in published.names("modifiers") if on(name)]
    return frozenset(field for name in switched_on for field in stored(name)["fields"])


def recency_counts(profile: RiskProfile) -> bool:
    """Whether the time since the fracture is known, and its site among those studied."""
    known = profile.prior_fracture_months_ago is not None
    return known and recency_counts_at(profile.prior_fracture_site)


def recency_counts_at(site: str | None) -> bool:
    """Whether the time since a fracture of this site counts, which may be not known."""
    return site is None or site in stored("fracture-recency")["sites"]


def switched_off() -> dict[str, str]:
    """Field -> what is missing, of the modifiers that are off."""
    off = [stored(name) for name in published.names("modifiers") if not on(name)]
    return {name: table["missing"] for table in off for name in table["fields"]}


def out_of_range(profile: RiskProfile) -> dict[str, tuple[float, float]]:
    """Measurements that do not count in a body this light or heavy: field -> valid range, kg/m2."""
    found = {}
    for name, row in stored("bone-measurements")["valid_body_mass_index"].items():
        low, high = row["from_kg_m2"], row["to_kg_m2"]
        if profile.bmi_kg_m2 is not None and not low <= profile.bmi_kg_m2 <= high:
            found[name] = (low, high)
    return found


def _dose(profile: RiskProfile, dose: float, evidence: str) -> Detail:
    table = stored("glucocorticoid-dose")
    per_cent = {"hip": 0.0, "major": 0.0}
    for row, holds in (
        ("low", dose < table["low_below_mg_daily"]),
        ("high", dose >= table["high_from_mg_daily"]),
    ):
        if holds:
            per_cent = {
                outcome: height_at(profile.age_years, table["ages_years"], values)
                for outcome, values in table[row].items()
            }
    hip, major = (1 + per_cent[outcome] / 100 for outcome in ("hip", "major"))
    other = on_other(major, hip, _average(profile, evidence).hip_share)
    return Detail(
        values={"glucocorticoid_dose_mg_daily": dose},
        source=cited(table),
        knots_years=np.zeros(1),
        log_ratios={"hip": np.log([hip]), "other": np.log([other])},
        sd=table["sd"],
    )


def _recency(profile: RiskProfile, evidence: str) -> Detail:
    """Log-linear in the time since the fracture, which goes on while we look ahead.

    Published relative to the population, answered beside a prior fracture of unknown time: so
    over what that is relative to the population, here, at this age and sex.
    """
    table = stored("fracture-recency")
    months = profile.prior_fracture_months_ago or 0.0
    any_time = _average(profile, evidence, "prior_fragility_fracture").major
    everybody = _average(profile, evidence).major
    log_ratio = np.log(np.array(table["relative"]) * everybody / any_time)
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


def _bone(profile: RiskProfile, evidence: str) -> BoneMeasurements | None:
    known = _measurements(profile)
    if not known:
        return None
    share = _average(profile, evidence).hip_share
    return bone_measurements.measured(known, profile.sex.value, profile.age_years, share)


def _measurements(profile: RiskProfile) -> dict[str, float]:
    """Of bone, those that count."""
    given = {
        name: profile.t_score(DENSITY_ELSEWHERE[name])
        if name in DENSITY_ELSEWHERE
        else getattr(profile, name)
        for name in bone_measurements.family().names
    }
    known = {name: float(value) for name, value in given.items() if value is not None}
    if profile.t_score(Site.FEMORAL_NECK) is not None:
        known.pop(bone_measurements.TOTAL_HIP, None)
    for name in out_of_range(profile):
        known.pop(name, None)
    return known


def _average(profile: RiskProfile, evidence: str, present: str | None = None) -> Average:
    return average(evidence, profile.population, profile.sex.value, profile.age_years, present)


def cited(table: Mapping[str, Any]) -> str:
    """The publication, with how far it was checked unless it was seen."""
    doubtful = "" if table["mark"] == "seen" else f" [{table['mark']}]"
    return f"{table['source']}{doubtful}"
