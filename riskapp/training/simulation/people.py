"""Who the simulated people are: risk factors, bones, falls, diabetes, all jointly."""

import numpy as np

from riskapp.risk import drawing, published
from riskapp.risk.bone_measurements import family
from riskapp.risk.design_row import Floats
from riskapp.risk.effects import effects
from riskapp.risk.hazard_terms import mean_t_score
from riskapp.risk.limits import RANGES
from riskapp.risk.populations import population as population_named
from riskapp.risk.profile import FACTORS, RiskProfile, Sex
from riskapp.training.simulation import survey
from riskapp.training.simulation.assumptions import assumed
from riskapp.training.simulation.options import Options

SEXES = ((Sex.FEMALE, 1.0), (Sex.MALE, 0.0))
# In the order of ``standardised``'s columns. Texture stands in the place of the licensed score.
BONES = ("lumbar_spine_t_score", "total_hip_t_score", "lumbar_texture_score", "l1_attenuation_hu")
IN_FAMILY = (*BONES[:2], "trabecular_bone_score", BONES[3])
TBS_MEAN_AT_YEARS = 65.0
# Digits that a record would carry.
DIGITS = {
    # As records have it; averages by age are then kept and not worked out for everybody anew.
    "age_years": 1,
    "bmi_kg_m2": 1,
    "femoral_neck_t_score": 2,
    "lumbar_spine_t_score": 2,
    "total_hip_t_score": 2,
    "lumbar_texture_score": 4,
    "l1_attenuation_hu": 1,
    "hip_axis_length_mm": 1,
    "type_2_diabetes_years": 1,
    "prior_fracture_months_ago": 0,
    "glucocorticoid_dose_mg_daily": 1,
}


def draw_people(options: Options, people: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Draw complete people, one array of shape (n,) for each characteristic.

    Detail of a factor that is absent is NaN; ``prior_fracture_site`` is the index of its site in
    ``survey.SITES``. Site columns are in SDs; ``heaviness`` is body mass index in SDs from what
    age, sex and T-score let expect.
    """
    drawn = _clinical(options, people, rng)
    z = correlated_normals(drawn, rng)
    drawn |= from_standardised(z, drawn)
    axis = np.where(drawn["female"] == 1, assumed("axis_women"), assumed("axis_men"))
    axis = axis + assumed("axis_sd") * rng.standard_normal(people)
    drawn["hip_axis_length_mm"] = np.asarray(axis, dtype=np.float64)
    drawn["falls_last_year"] = _falls(people, rng)
    drawn |= _details(drawn, rng)
    for each in options.site_effects:
        expected = each.per_decade * (drawn["age_years"] - 65) / 10
        drawn[each.name] = expected + rng.standard_normal(people)
    drawn |= _noise(options, people, rng)
    for name, digits in DIGITS.items():
        limit = RANGES["body_mass_index" if name == "bmi_kg_m2" else name]
        within = np.asarray(np.clip(drawn[name], limit.low, limit.high), dtype=np.float64)
        drawn[name] = np.round(within, digits)
    return drawn


def _clinical(options: Options, people: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Age, sex, body mass index, factors and T-score by the evidence engine's distribution."""
    age = rng.uniform(options.age_from, options.age_to, people)
    female = (rng.random(people) < options.share_women).astype(np.float64)
    whole_years = np.floor(age)
    drawn: dict[str, Floats] = {}
    # One call for everybody of one sex and one year of age: within a year nothing changes that
    # a record could show.
    for year in np.unique(whole_years):
        for sex, is_female in SEXES:
            group = np.flatnonzero((whole_years == year) & (female == is_female))
            if not group.size:
                continue
            # Nobody is older than the last age that the engines answer for.
            middle = min(float(year) + 0.5, RANGES["age_years"].high)
            profile = RiskProfile(population=options.population, age_years=middle, sex=sex)
            seed = int(rng.integers(2**31))
            for name, values in drawing.completions(profile, group.size, seed).items():
                drawn.setdefault(name, np.zeros(people))[group] = values
    drawn["bmi_kg_m2"] = np.clip(drawn["bmi_kg_m2"], 10, 80)
    drawn |= {"age_years": age, "female": female}
    drawn["heaviness"] = _heaviness(drawn, options.population)
    if options.femoral_neck == "survey":
        drawn["femoral_neck_t_score"] += _from_evidence_to_survey(drawn, options.population)
    return drawn


def _from_evidence_to_survey(drawn: dict[str, Floats], population: str) -> Floats:
    """How far the survey's mean T-score lies above the evidence engine's, at each age and sex."""
    people = population_named(population).people
    parameters = effects(drawing.DISTRIBUTION_OF)
    apart = np.zeros(len(drawn["age_years"]))
    ages = np.arange(40.0, 91.0)
    for sex, is_female in SEXES:
        stored = survey.shipped()["femoral_neck_t_score"][sex.value]
        line = people.mean_log_bmi[sex.value]
        # The mean T-score is linear in log body mass index and in the factors.
        usual = np.exp([line.at(age) for age in ages])
        common = {
            name: np.array([people.prevalence(name, sex.value, age) for age in ages])
            for name in FACTORS
        }
        taken = mean_t_score(parameters, sex.value, ages, usual, common)
        found = stored["at_65"] + stored["per_decade"] * (ages - 65) / 10
        chosen = drawn["female"] == is_female
        apart[chosen] = np.interp(drawn["age_years"][chosen], ages, found - taken)
    return apart


def lines(name: str, drawn: dict[str, Floats]) -> tuple[Floats, Floats]:
    """Mean given age, sex and femoral-neck T-score, and SD left, each of shape (n,)."""
    stored = published.read("modifiers/bone-measurements")["lines"][name]
    mean, sd = np.zeros((2, len(drawn["age_years"])))
    for sex, is_female in SEXES:
        chosen, line = drawn["female"] == is_female, stored[sex.value]
        at_zero = np.interp(drawn["age_years"][chosen], line["ages_years"], line["mean_at_t_zero"])
        mean[chosen] = at_zero + line["per_t"] * drawn["femoral_neck_t_score"][chosen]
        sd[chosen] = line["sd"]
    return mean, sd


def standardised(drawn: dict[str, Floats]) -> Floats:
    """How many SDs each of ``BONES`` lies from its mean, shape (n, 4)."""
    columns = []
    for name, beside in zip(BONES, IN_FAMILY, strict=True):
        mean, sd = lines(beside, drawn)
        if name == "lumbar_texture_score":
            mean, sd = _texture(mean, sd, drawn)
        columns.append((drawn[name] - mean) / sd)
    return np.column_stack(columns)


def from_standardised(z: Floats, drawn: dict[str, Floats]) -> dict[str, Floats]:
    """The other way."""
    found = {}
    for column, (name, beside) in enumerate(zip(BONES, IN_FAMILY, strict=True)):
        mean, sd = lines(beside, drawn)
        if name == "lumbar_texture_score":
            mean, sd = _texture(mean, sd, drawn)
        found[name] = mean + sd * z[:, column]
    return found


def _texture(mean: Floats, sd: Floats, drawn: dict[str, Floats]) -> tuple[Floats, Floats]:
    """Our own score: as many of its own SDs from its mean as the licensed one is of its own."""
    level = np.zeros_like(mean)
    middle = np.array([TBS_MEAN_AT_YEARS])
    for _, is_female in SEXES:
        one = {
            "age_years": middle,
            "female": np.array([is_female]),
            "femoral_neck_t_score": np.array([-1.0]),
        }
        level[drawn["female"] == is_female] = lines("trabecular_bone_score", one)[0][0]
    own = np.full_like(sd, assumed("texture_sd"))
    return assumed("texture_at_65") + (mean - level) / sd * own, own


def between_bones() -> Floats:
    """Correlation of ``BONES`` given age, sex and femoral neck, shape (4, 4)."""
    whole = family()
    chosen = [whole.names.index(name) for name in IN_FAMILY]
    return np.asarray(whole.correlation[np.ix_(chosen, chosen)], dtype=np.float64)


def correlated_normals(drawn: dict[str, Floats], rng: np.random.Generator) -> Floats:
    """Standard normals with the correlation of ``BONES``, tied to body mass index, shape (n, 4).

    Their joint distribution given age, sex and femoral neck stays that of the evidence engine;
    who is heavy for that has more of the bones that a survey found to go with weight.
    """
    heavy, r = drawn["heaviness"], between_bones()
    stored = survey.shipped()["with_log_body_mass_index"]
    z = np.zeros((len(heavy), len(BONES)))
    for sex, is_female in SEXES:
        chosen = drawn["female"] == is_female
        tied = np.array(
            [
                stored[name][sex.value]
                for name in ("lumbar_spine_t_score", "total_hip_t_score", "texture")
            ]
            # Of CT attenuation and weight nothing is held.
            + [0.0]
        )
        root = np.linalg.cholesky(r - np.outer(tied, tied))
        noise = rng.standard_normal((int(chosen.sum()), len(BONES)))
        z[chosen] = np.outer(heavy[chosen], tied) + noise @ root.T
    return z


def _heaviness(drawn: dict[str, Floats], population: str) -> Floats:
    """SDs that log body mass index lies above its mean given age, sex, T-score and factors."""
    people = population_named(population).people
    parameters = effects(drawing.DISTRIBUTION_OF)
    slope = parameters["t_score.log_bmi"]
    heavy = np.zeros(len(drawn["age_years"]))
    for sex, is_female in SEXES:
        chosen = drawn["female"] == is_female
        age, bmi = drawn["age_years"][chosen], drawn["bmi_kg_m2"][chosen]
        line, sd = people.mean_log_bmi[sex.value], people.sd_log_bmi[sex.value]
        above = np.log(bmi) - (line.at_65 + line.per_decade * (age - 65) / 10)
        usual = bmi * np.exp(-above)
        present = {name: drawn[name][chosen] for name in FACTORS}
        t_away = drawn["femoral_neck_t_score"][chosen] - mean_t_score(
            parameters, sex.value, age, usual, present
        )
        total = 1 + slope**2 * sd**2
        heavy[chosen] = (above - slope * sd**2 / total * t_away) / (sd / np.sqrt(total))
    return heavy


def _falls(people: int, rng: np.random.Generator) -> Floats:
    recurrent = published.read("modifiers/falls")["share_with_recurrent_falls"]
    u = rng.random(people)
    more = 1 + rng.geometric(1 - assumed("falls_beyond_two"), people)
    once = recurrent + assumed("fell_once")
    return np.where(u < recurrent, more, np.where(u < once, 1, 0)).astype(np.float64)


def _details(drawn: dict[str, Floats], rng: np.random.Generator) -> dict[str, Floats]:
    """Since when and how much, of those who have it; years with diabetes of everybody."""
    n, stored = len(drawn["age_years"]), survey.shipped()
    adult = drawn["age_years"] - survey.ADULT_FROM_YEARS
    odds = published.read("modifiers/type-2-diabetes")["log_odds"]
    found = {name: np.zeros(n) for name in ("ago", "site", "diabetes", "has_diabetes")}
    for sex, is_female in SEXES:
        chosen = np.flatnonzero(drawn["female"] == is_female)
        count = chosen.size
        fracture = stored["years_since_prior_fracture"][sex.value]
        found["ago"][chosen] = rng.beta(fracture["alpha"], fracture["beta"], count)
        shares = np.array(list(stored["prior_fracture_site"][sex.value].values()))
        found["site"][chosen] = rng.choice(len(shares), count, p=shares / shares.sum())
        diabetes = stored["years_with_diabetes"][sex.value]
        found["diabetes"][chosen] = rng.beta(diabetes["alpha"], diabetes["beta"], count)
        line = odds[sex.value]
        logit = line["at_65"] + line["per_decade"] * (drawn["age_years"][chosen] - 65) / 10
        found["has_diabetes"][chosen] = rng.random(count) < 1 / (1 + np.exp(-logit))
    broken, treated = drawn["prior_fragility_fracture"] == 1, drawn["glucocorticoids"] == 1
    # At least a month or a tenth of a year: 0 would say that there is no diabetes.
    years = np.maximum(found["diabetes"] * adult, 0.1)
    return {
        "prior_fracture_months_ago": np.where(
            broken, np.maximum(np.ceil(12 * found["ago"] * adult), 1), np.nan
        ),
        "prior_fracture_site": np.where(broken, found["site"], np.nan),
        "glucocorticoid_dose_mg_daily": np.where(treated, _dose(n, rng), np.nan),
        "type_2_diabetes_years": np.where(found["has_diabetes"] == 1, years, 0.0),
    }


def _dose(n: int, rng: np.random.Generator) -> Floats:
    low, high = assumed("dose_low"), assumed("dose_high")
    u, within = rng.random(n), rng.random(n)
    middle = 2.5 + 5 * within
    found = np.where(u < low, 0.5 + 1.9 * within, np.where(u > 1 - high, 7.5 + 12.5 * within, 0.0))
    # Half milligrams short of the upper limit of the middle dose, which belongs to the high one.
    return np.where(found == 0, np.minimum(middle, 7.4), found)


def _noise(options: Options, people: int, rng: np.random.Generator) -> dict[str, Floats]:
    shared = rng.standard_normal((people, 1))
    own = rng.standard_normal((people, options.noise_columns))
    r = options.noise_correlation
    block = np.sqrt(r) * shared + np.sqrt(1 - r) * own
    return {f"noise_{number + 1}": block[:, number] for number in range(options.noise_columns)}
