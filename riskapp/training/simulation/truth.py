"""The hazards that simulated events are drawn from, and the true probabilities.

The evidence engine's hazards, with all that it reads beside its risk factors; times what texture,
CT attenuation and hip axis are assumed to add; times what the options change. Effects of
measurements and site columns are centred, so that the average hazard stays.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from riskapp.risk import published
from riskapp.risk.averages import average
from riskapp.risk.competing import cumulative_incidence
from riskapp.risk.design_row import Floats
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazard_terms import STEP_MIDDLES_YEARS, STEP_YEARS, factor_effect
from riskapp.risk.hazards import Factors, Hazards, hazards
from riskapp.risk.limits import RANGES
from riskapp.risk.populations import population as population_named
from riskapp.training.simulation.assumptions import assumed
from riskapp.training.simulation.departing import departed
from riskapp.training.simulation.options import Options
from riskapp.training.simulation.people import BONES, SEXES, between_bones, standardised

EVIDENCE_SET = "frax-2008"
PRIOR, ARTHRITIS, STEROIDS = ("prior_fragility_fracture", "rheumatoid_arthritis", "glucocorticoids")
MONTHS_PER_YEAR = 12
CAUSES = ("hip", "other")
# Averages over people of one age are taken at these ages, straight lines between.
AGES = np.arange(RANGES["age_years"].low, RANGES["age_years"].high + 1, 2.5)
# Unit of each changed effect, and the value from which it counts.
PER_UNIT = {
    "femoral_neck_t_score": (-1.0, -1.0),
    "body_mass_index": (5.0, 25.0),
    "age_years": (10.0, 65.0),
}


def true_hazards(people: dict[str, Floats], options: Options) -> Hazards:
    """Hazards per year in half-year steps, each of shape (n, 20)."""
    factors = Factors(**{name: people[name] for name in Factors.__dataclass_fields__})
    parameters = evidence_set(EVIDENCE_SET, options.population).parameters
    base = hazards(factors, population_named(options.population), parameters)
    away = departed(people, options.departure)
    ratio = {
        cause: np.exp(
            _published(people, options.population, cause)
            + (_measured(people, options, cause) + _changed(people, options) + away[cause])[:, None]
        )
        for cause in CAUSES
    }
    return Hazards(
        hip=base.hip * ratio["hip"],
        other_major_osteoporotic=base.other_major_osteoporotic * ratio["other"],
        death=base.death * np.exp(away["death"])[:, None],
    )


def true_probabilities(truth: Hazards) -> dict[str, Floats]:
    """Cumulative incidence by the end of each half year, death competing, shape (n, 20) each."""
    major = truth.hip + truth.other_major_osteoporotic
    whole = major + assumed("beyond_major") * truth.other_major_osteoporotic
    return {
        "hip": cumulative_incidence(truth.hip, truth.death, STEP_YEARS),
        "major_osteoporotic": cumulative_incidence(major, truth.death, STEP_YEARS),
        "any": cumulative_incidence(whole, truth.death, STEP_YEARS),
        "death": 1 - np.exp(-np.cumsum(truth.death, axis=1) * STEP_YEARS),
    }


def _published(people: dict[str, Floats], population: str, cause: str) -> Floats:
    """Falls, diabetes, dose and time since fracture, as the evidence engine has them: (n, 20)."""
    found = np.zeros((len(people["age_years"]), len(STEP_MIDDLES_YEARS)))
    table = published.read("modifiers/falls")
    ratio, share = table["recurrent"], table["share_with_recurrent_falls"]
    recurrent = people["falls_last_year"] >= table["recurrent_from"]
    rare = (1 - share * ratio) / (1 - share)
    found += np.log(np.where(recurrent, ratio, rare))[:, None]
    found += _diabetes(people, population, cause)
    found += _detail(people, population, cause, PRIOR, _recency(people, population))
    return found + _detail(people, population, cause, STEROIDS, _dose(people, population, cause))


def _effect(people: dict[str, Floats], population: str, cause: str, factor: str) -> Floats:
    ages = people["age_years"][:, None]
    parameters = evidence_set(EVIDENCE_SET, population).parameters
    effect = factor_effect(cause, factor, parameters, ages, ages + STEP_MIDDLES_YEARS)
    return np.zeros((len(ages), 1)) if effect is None else np.asarray(effect)


def _diabetes(people: dict[str, Floats], population: str, cause: str) -> Floats:
    odds = published.read("modifiers/type-2-diabetes")["log_odds"]
    decades = (people["age_years"] - 65) / 10
    by_sex = [
        np.where(people["female"] == is_female, odds[sex.value]["at_65"], 0.0)
        + np.where(people["female"] == is_female, odds[sex.value]["per_decade"], 0.0) * decades
        for sex, is_female in SEXES
    ]
    share = (1 / (1 + np.exp(-sum(by_sex))))[:, None]
    effect = _effect(people, population, cause, ARTHRITIS)
    present = (people["type_2_diabetes_years"] > 0)[:, None]
    alone = (people[ARTHRITIS] == 0)[:, None]
    return np.asarray(alone * (present * effect - np.log1p(share * np.expm1(effect))))


def _detail(
    people: dict[str, Floats], population: str, cause: str, factor: str, beside: Floats
) -> Floats:
    """What is known about a present factor never makes it protect."""
    floor = -np.maximum(_effect(people, population, cause, factor), 0.0)
    return np.asarray(np.where((people[factor] == 1)[:, None], np.maximum(beside, floor), 0.0))


def _recency(people: dict[str, Floats], population: str) -> Floats:
    table = published.read("modifiers/fracture-recency")
    everybody = _averages(people, population, lambda one: one[0] + one[1])
    any_time = _averages(people, population, lambda one: one[0] + one[1], PRIOR)
    # Nobody without a fracture has months; they are left out by ``_detail``.
    ago = np.nan_to_num(people["prior_fracture_months_ago"])[:, None] / MONTHS_PER_YEAR
    relative = np.interp(ago + STEP_MIDDLES_YEARS, table["years"], np.log(table["relative"]))
    return np.asarray(relative + np.log(everybody / any_time)[:, None])


def _dose(people: dict[str, Floats], population: str, cause: str) -> Floats:
    table = published.read("modifiers/glucocorticoid-dose")
    dose = np.nan_to_num(people["glucocorticoid_dose_mg_daily"])
    chosen = {
        "low": dose < table["low_below_mg_daily"],
        "high": dose >= table["high_from_mg_daily"],
    }
    relative = {
        outcome: 1
        + sum(
            at * np.interp(people["age_years"], table["ages_years"], table[row][outcome]) / 100
            for row, at in chosen.items()
        )
        for outcome in ("hip", "major")
    }
    hip, major = np.asarray(relative["hip"]), np.asarray(relative["major"])
    if cause == "hip":
        return np.asarray(np.log(hip)[:, None])
    return np.asarray(np.log(_on_other(major, hip, _hip_share(people, population)))[:, None])


def _on_other(major: Floats, hip: Floats, hip_share: Floats) -> Floats:
    """``riskapp.risk.major_fracture.on_other`` of arrays."""
    other = (major - hip_share * hip) / (1 - hip_share)
    return np.where(major < 1, np.minimum(other, 1.0), np.maximum(other, 1.0))


def _hip_share(people: dict[str, Floats], population: str) -> Floats:
    return _averages(people, population, lambda one: one[0] / (one[0] + one[1]))


def _averages(
    people: dict[str, Floats],
    population: str,
    of: Callable[[Floats], Floats],
    present: str | None = None,
) -> Floats:
    """Something of the mean hazards of hip and other fracture at each person's age and sex."""
    found = np.zeros(len(people["age_years"]))
    for sex, is_female in SEXES:
        chosen = people["female"] == is_female
        if chosen.any():
            table = of(_mean_hazards(population, sex.value, present))
            found[chosen] = np.exp(np.interp(people["age_years"][chosen], AGES, np.log(table)))
    return found


@cache
def _mean_hazards(population: str, sex: str, present: str | None) -> Floats:
    rows = [average(EVIDENCE_SET, population, sex, float(age), present) for age in AGES]
    return np.array([[row.hip for row in rows], [row.other for row in rows]])


def _measured(people: dict[str, Floats], options: Options, cause: str) -> Floats:
    """What bones and site columns add, shape (n,).

    With z the SDs from the means, R their correlation and b the effect per SD of each when it
    alone is known: ``b' R^-1 z - b' R^-1 b / 2``, as in the evidence engine.
    """
    z, r = standardised(people), between_bones()
    b = _effects_alone(people, options, cause)
    # Total hip says nothing beside the femoral neck that is published.
    acting = [BONES.index(name) for name in BONES if name != "total_hip_t_score"]
    if not options.imaging_effects:
        acting = [BONES.index("lumbar_spine_t_score")]
    weights = b[:, acting] @ np.linalg.inv(r[np.ix_(acting, acting)])
    found = (weights * (z[:, acting] - b[:, acting] / 2)).sum(axis=1)
    if cause == "hip" and options.imaging_effects:
        per_sd = np.log(assumed("axis_hip"))
        mean = np.where(people["female"] == 1, assumed("axis_women"), assumed("axis_men"))
        found += per_sd * (people["hip_axis_length_mm"] - mean) / assumed("axis_sd")
        found -= per_sd**2 / 2
    for each in options.site_effects:
        per_sd = np.log(getattr(each, cause))
        beyond_age = people[each.name] - each.per_decade * (people["age_years"] - 65) / 10
        found += per_sd * beyond_age - per_sd**2 / 2
    return np.asarray(found)


def _effects_alone(people: dict[str, Floats], options: Options, cause: str) -> Floats:
    """Log-hazard per SD that each of ``BONES`` lies higher, shape (n, 4)."""
    b = np.zeros((len(people["age_years"]), len(BONES)))
    # The assumed ratios are per SD lower, so the sign turns.
    b[:, BONES.index("lumbar_texture_score")] = -np.log(assumed(f"texture_{cause}"))
    b[:, BONES.index("l1_attenuation_hu")] = -np.log(assumed(f"hu_{cause}"))
    stored = published.read("modifiers/bone-measurements")
    (row,) = (row for row in stored["effects"] if row["of"] == "lumbar_spine_t_score")
    if cause == "other":
        share = _hip_share(people, options.population)
        spines = stored["lines"]["lumbar_spine_t_score"]
        women, men = (spines[sex.value]["sd"] for sex, _ in SEXES)
        sd = np.where(people["female"] == 1, women, men)
        ratio = _on_other(np.exp(-row["per_unit"] * sd), np.ones_like(sd), share)
        b[:, BONES.index("lumbar_spine_t_score")] = -np.log(ratio)
    return b


def _changed(people: dict[str, Floats], options: Options) -> Floats:
    """What the options say that the evidence has wrong, shape (n,); the same for both causes."""
    found = np.full(len(people["age_years"]), np.log(options.true_incidence))
    for name, ratio in options.changed_effects.items():
        values = people["bmi_kg_m2" if name == "body_mass_index" else name]
        unit, start = PER_UNIT.get(name, (1.0, 0.0))
        found += np.log(ratio) * (values - start) / unit
    return found
