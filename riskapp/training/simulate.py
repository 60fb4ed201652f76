"""People who never lived: risk factors, image features and what befalls them in ten years.

Factors come from the evidence engine's own distributions, events from its hazards times the
assumed effects of the image features, death competing. Everything follows from the seed.
"""

import numpy as np
import pandas as pd

from riskapp.risk import drawing
from riskapp.risk.design_row import Floats
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazards import Factors, Hazards, hazards
from riskapp.risk.image_features import ImageFeatures, terms
from riskapp.risk.limits import RANGES
from riskapp.risk.populations import population as population_named
from riskapp.risk.profile import FACTORS, RiskProfile, Sex
from riskapp.training.assumptions import assumed

STEP_YEARS = 0.5
HORIZON_YEARS = 10.0
DAYS_PER_YEAR = 365.25
EVIDENCE_SET = "frax-2008"
# Digits that a record would carry.
DIGITS = {"bmi_kg_m2": 1, "femoral_neck_t_score": 2, "lumbar_texture_score": 4}
DIGITS |= {"l1_attenuation_hu": 1, "age_years": 2}


def simulate(
    people: int, seed: int, population: str = "gb", *, followed_to_the_end: bool = False
) -> pd.DataFrame:
    """Draw a cohort in the contract's columns, one row per person.

    Follow-up is given for each outcome by itself: another fracture does not end the wait for a
    hip fracture. ``followed_to_the_end``: nobody leaves before ten years or death.
    """
    rng = np.random.default_rng(seed)
    people_drawn = _characteristics(people, population, rng)
    truth = true_hazards(people_drawn, population)
    hip = _first_event(truth.hip, rng)
    other = _first_event(truth.other_major_osteoporotic, rng)
    death = _first_event(truth.death, rng)
    leaves = rng.uniform(assumed("shortest_follow_up"), assumed("longest_follow_up"), people)
    if followed_to_the_end:
        leaves[:] = HORIZON_YEARS
    leaves = np.minimum(leaves, HORIZON_YEARS)

    table = pd.DataFrame({"id": [f"simulated-{number}" for number in range(1, people + 1)]})
    table["population"] = population
    table["age_years"] = people_drawn["age_years"]
    table["sex"] = np.where(people_drawn["female"] == 1, Sex.FEMALE.value, Sex.MALE.value)
    table["body_mass_index"] = people_drawn["bmi_kg_m2"]
    for name in FACTORS:
        table[name] = people_drawn[name] == 1
    for name in ("femoral_neck_t_score", "lumbar_texture_score", "l1_attenuation_hu"):
        table[name] = people_drawn[name]
    seen_until = np.minimum(death, leaves)
    for name, time in (("hip", hip), ("major", np.minimum(hip, other)), ("death", death)):
        until = leaves if name == "death" else seen_until
        table[f"{name}_event"] = time < until
        table[f"{name}_time_years"] = _whole_days(np.minimum(time, until))
    return table


def true_image_features() -> ImageFeatures:
    """Distribution of the image features that the simulator draws from."""
    texture_sd, hu_sd = assumed("texture_sd"), assumed("hu_sd")
    together = assumed("texture_and_hu") * texture_sd * hu_sd
    # The assumed means are at a T-score of -1; the line starts at 0.
    texture_at_0 = assumed("texture_at_65") + assumed("texture_per_t_score")
    hu_at_0 = assumed("hu_at_65") + assumed("hu_per_t_score")
    texture = [texture_at_0, assumed("texture_per_decade"), 0, 0, assumed("texture_per_t_score")]
    attenuation = [
        hu_at_0,
        assumed("hu_per_decade"),
        0,
        assumed("hu_before_menopause"),
        assumed("hu_per_t_score"),
    ]
    return ImageFeatures(
        names=("lumbar_texture_score", "l1_attenuation_hu"),
        coefficients=np.array([texture, attenuation], dtype=np.float64),
        covariance=np.array([[texture_sd**2, together], [together, hu_sd**2]]),
    )


def true_hazards(people: dict[str, Floats], population: str) -> Hazards:
    """Hazards per half-year step, shape (n, 20), that the events are drawn from.

    The image features act by what they say beyond age, sex and T-score, and are centred so that
    the average hazard stays that of the evidence engine.
    """
    clinical = {name: people[name] for name in Factors.__dataclass_fields__}
    published = hazards(
        Factors(**clinical),
        population_named(population),
        evidence_set(EVIDENCE_SET, population).parameters,
    )
    images = true_image_features()
    expected = terms(people) @ images.coefficients.T
    spread = np.sqrt(np.diag(images.covariance))
    surprise = np.column_stack([people[name] for name in images.names]) - expected
    correlation = images.covariance / np.outer(spread, spread)

    def effect(cause: str) -> Floats:
        # The assumed ratios are per SD lower, so the sign turns.
        per_sd = -np.log([assumed(f"texture_{cause}"), assumed(f"hu_{cause}")])
        centred = surprise / spread @ per_sd - 0.5 * per_sd @ correlation @ per_sd
        ratio: Floats = np.exp(centred)[:, None]
        return ratio

    return Hazards(
        hip=published.hip * effect("hip"),
        other_major_osteoporotic=published.other_major_osteoporotic * effect("other"),
        death=published.death,
    )


def _characteristics(people: int, population: str, rng: np.random.Generator) -> dict[str, Floats]:
    age = rng.uniform(assumed("youngest"), assumed("oldest"), people)
    female = (rng.random(people) < assumed("share_women")).astype(np.float64)
    whole_years = np.floor(age)
    drawn: dict[str, Floats] = {}
    # One call for everybody of one sex and one year of age: within a year nothing changes that
    # a record could show.
    for year in np.unique(whole_years):
        for sex, is_female in ((Sex.FEMALE, 1.0), (Sex.MALE, 0.0)):
            group = np.flatnonzero((whole_years == year) & (female == is_female))
            if not group.size:
                continue
            profile = RiskProfile(population=population, age_years=float(year) + 0.5, sex=sex)
            seed = int(rng.integers(2**31))
            for name, values in drawing.completions(profile, group.size, seed).items():
                drawn.setdefault(name, np.zeros(people))[group] = values
    for name, field in (("bmi_kg_m2", "body_mass_index"), ("femoral_neck_t_score",) * 2):
        drawn[name] = np.clip(drawn[name], RANGES[field].low, RANGES[field].high)
    drawn |= {"age_years": age, "female": female}
    drawn |= true_image_features().complete(drawn, {}, rng)
    return drawn | {name: np.round(drawn[name], digits) for name, digits in DIGITS.items()}


def _whole_days(years: Floats) -> Floats:
    """As a record with dates gives it: at least a day, at most the horizon."""
    days = np.ceil(years * DAYS_PER_YEAR)
    return np.asarray(np.round(np.minimum(days / DAYS_PER_YEAR, HORIZON_YEARS), 5))


def _first_event(hazard: Floats, rng: np.random.Generator) -> Floats:
    """Years until the event, shape (n,); infinite where it lies past the last step."""
    cumulative = np.cumsum(hazard, axis=1) * STEP_YEARS
    due: Floats = rng.standard_exponential(size=(hazard.shape[0],))
    step = (cumulative < due[:, None]).sum(axis=1)
    happens = step < hazard.shape[1]
    at = np.minimum(step, hazard.shape[1] - 1)
    everyone = np.arange(hazard.shape[0])
    before = cumulative[everyone, at] - hazard[everyone, at] * STEP_YEARS
    time = at * STEP_YEARS + (due - before) / hazard[everyone, at]
    return np.where(happens, time, np.inf)
