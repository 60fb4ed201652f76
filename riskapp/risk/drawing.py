"""Draws of what is not known, given what is known."""

import numpy as np
import numpy.typing as npt

from riskapp.risk.effects import effects
from riskapp.risk.hazard_terms import Parameters, mean_t_score
from riskapp.risk.missing import Known, known_inputs, told_of_t
from riskapp.risk.populations import Population, population
from riskapp.risk.profile import FACTORS, RiskProfile

Array = npt.NDArray[np.float64]

# Learned models are fitted to people who were drawn so, whatever set is shown beside them.
DISTRIBUTION_OF = "frax-2008"
# Variance of a look at the T-score that says nothing.
NO_LOOK = 1e12


def completions(profile: RiskProfile, n: int, seed: int) -> dict[str, Array]:
    """Equally weighted joint draws of a complete design row, given what is known.

    Parameters
    ----------
    n : int
        How many draws.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``age_years``, ``female``, ``bmi_kg_m2``, ``femoral_neck_t_score`` and the yes/no factors;
        known values are repeated.

    Raises
    ------
    OutsideModelRange
        If nothing is published for this sex in the population.
    """
    people = population(profile.population)
    people.refuse_unless_published(profile.sex)
    # The distribution needs no bases, so every population has one.
    parameters = effects(DISTRIBUTION_OF)
    known = known_inputs(profile)
    return draw(known, people, parameters, n, np.random.default_rng(seed))


def draw(
    known: Known,
    people: Population,
    parameters: Parameters,
    n: int,
    rng: np.random.Generator,
    t_sd: float = 1.0,
) -> dict[str, Array]:
    """Draws for ``completions``: from the inputs to the T-score, or, where it is known, back.

    Parameters
    ----------
    t_sd : float
        Standard deviation of the T-score about its mean, where it is not the published 1.
    """
    likely, precision = told_of_t(known)
    if known.t_score is None and precision:
        look = 1 / precision
        bmi, present = _draw_given_t(likely, look, known, people, parameters, n, rng, t_sd)
        age = np.full(n, known.age_years)
        mean = mean_t_score(parameters, known.sex, age, bmi, present)
        own = 1 / t_sd**2
        noise = rng.standard_normal(n) / np.sqrt(own + precision)
        t_score = (own * mean + precision * likely) / (own + precision) + noise
    elif known.t_score is None:
        if people.people.together is None:
            bmi = _draw_bmi(known, people, n, rng)
            present = {name: _draw_factor(known, people, name, n, rng) for name in FACTORS}
        else:
            bmi, present = _draw_given_t(0.0, NO_LOOK, known, people, parameters, n, rng, t_sd)
        age = np.full(n, known.age_years)
        mean = mean_t_score(parameters, known.sex, age, bmi, present)
        t_score = mean + t_sd * rng.standard_normal(n)
    else:
        bmi, present = _draw_given_t(known.t_score, 0.0, known, people, parameters, n, rng, t_sd)
        t_score = np.full(n, known.t_score)
    return {
        "age_years": np.full(n, known.age_years),
        "female": np.full(n, float(known.sex == "female")),
        "bmi_kg_m2": bmi,
        **present,
        "femoral_neck_t_score": t_score,
    }


def _draw_bmi(known: Known, people: Population, n: int, rng: np.random.Generator) -> Array:
    if known.bmi_kg_m2 is not None:
        return np.full(n, known.bmi_kg_m2)
    mean = people.people.mean_log_bmi[known.sex].at(known.age_years)
    spread = people.people.sd_log_bmi[known.sex]
    return np.asarray(np.exp(mean + spread * rng.standard_normal(n)))


def _draw_factor(
    known: Known, people: Population, name: str, n: int, rng: np.random.Generator
) -> Array:
    answer = known.factors[name]
    if answer is not None:
        return np.full(n, float(answer))
    prevalence = people.people.prevalence(name, known.sex, known.age_years)
    return (rng.random(n) < prevalence).astype(float)


def _draw_given_t(
    t_score: float,
    t_variance: float,
    known: Known,
    people: Population,
    parameters: Parameters,
    n: int,
    rng: np.random.Generator,
    t_sd: float,
) -> tuple[Array, dict[str, Array]]:
    """Body mass index and factors given a look at the T-score, exactly.

    ``t_variance`` is the variance of that look about the T-score; 0 where it is known.

    The mean T-score is a straight line in log body mass index, and both are normal: so is log
    body mass index given the T-score and the factors, and the T-score given the factors alone.
    """
    slope = parameters["t_score.log_bmi"]
    combinations = np.ones(1)
    columns: dict[str, Array] = {}
    for name in FACTORS:
        answer = known.factors[name]
        prevalence = people.people.prevalence(name, known.sex, known.age_years)
        values, chances = (
            (np.array([0.0, 1.0]), np.array([1 - prevalence, prevalence]))
            if answer is None
            else (np.array([float(answer)]), np.ones(1))
        )
        columns = {other: np.repeat(column, len(values)) for other, column in columns.items()}
        columns[name] = np.tile(values, len(combinations))
        combinations = np.multiply.outer(combinations, chances).ravel()
    log_bmi, variance, fit = _log_bmi_given(known, people, columns)
    combinations = combinations * fit
    age, bmi = np.asarray(known.age_years), np.exp(log_bmi)
    away = t_score - mean_t_score(parameters, known.sex, age, bmi, columns)
    about = t_sd**2 + t_variance
    total = about + slope**2 * variance
    log_density = -(away**2) / (2 * total)
    weights = combinations * np.exp(log_density - log_density.max())
    chosen = rng.choice(len(weights), n, p=weights / weights.sum())
    present = {name: column[chosen] for name, column in columns.items()}
    if known.bmi_kg_m2 is not None:
        return np.full(n, known.bmi_kg_m2), present
    centre = log_bmi[chosen] + slope * variance / total * away[chosen]
    spread = np.sqrt(variance * about / total)
    return np.exp(centre + spread * rng.standard_normal(n)), present


def _log_bmi_given(
    known: Known, people: Population, columns: dict[str, Array]
) -> tuple[Array, float, Array]:
    """Mean and variance of log body mass index, and how likely, for each combination of factors.

    Returns
    -------
    tuple
        Means, shape (combinations,); their common variance, 0 where the index is known; and how
        much likelier than by chance each combination is, which pairs and a known index tell.
    """
    sex, age = known.sex, known.age_years
    n = len(columns[FACTORS[0]])
    mean, sd = people.people.mean_log_bmi[sex].at(age), people.people.sd_log_bmi[sex]
    means, own_sd, fit = np.full(n, mean), sd, np.ones(n)
    found = people.people.together
    if found is not None:
        common = {name: people.people.prevalence(name, sex, age) for name in FACTORS}
        first, second = (columns[name].astype(int) for name in found.pair)
        fit = found.pair_ratios(*(common[name] for name in found.pair))[first, second]
        leaner = columns[found.leaner].astype(int)
        by_leaner, spread = found.log_bmi(mean, sd, sex, common[found.leaner])
        means, own_sd = by_leaner[leaner], float(spread)
        if known.bmi_kg_m2 is not None:
            given = np.log(np.array([known.bmi_kg_m2]))
            fit = fit * found.bmi_ratios(given, mean, sd, sex, common[found.leaner])[leaner, 0]
    if known.bmi_kg_m2 is not None:
        return np.full(n, np.log(known.bmi_kg_m2)), 0.0, fit
    return means, own_sd**2, fit
