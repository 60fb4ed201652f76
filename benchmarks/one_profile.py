"""One profile with explanation and interval: ours, and a plain loop over the same sums.

The loop takes the same nodes and weights, forms the same coalitions' means and shares, and sums
as many draws for the intervals; only the sums themselves are in plain Python.
"""

import itertools
import time
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from benchmarks.plain import PlainPerson
from benchmarks.timing import Comparison, medians
from riskapp.exchange.reading import read_profile
from riskapp.risk import kept_sums, summation
from riskapp.risk.coalitions import coalition_values
from riskapp.risk.estimate import EstimateOptions, Outcome, RiskEstimate
from riskapp.risk.evidence import EvidenceEngine
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.missing import INPUTS, Grid, Known, grid, known_inputs
from riskapp.risk.populations import population
from riskapp.risk.predicting import explained
from riskapp.risk.profile import FACTORS, RiskProfile
from riskapp.risk.shapley import shapley_values
from riskapp.risk.uncertainty import DRAWS, EFFECT_DRAWS, PEOPLE_PER_DRAW

Array = npt.NDArray[np.float64]

SEED = 1
AGREEMENT = 1e-9
ROUNDS = 5
DOUBT_SD = 0.1
SOMEBODY = {"population": "gb", "age_years": 72, "sex": "female"}
EVERYTHING = (
    SOMEBODY
    | dict.fromkeys(FACTORS, False)
    | {
        "prior_fragility_fracture": True,
        "body_mass_index": 24.0,
        "femoral_neck_t_score": -2.5,
    }
)
PROFILES: dict[str, Mapping[str, object]] = {
    "one profile, everything known": EVERYTHING,
    "one profile, age and sex alone": SOMEBODY,
}
# One of each kind that reasons are summed with and without, and details of two risk factors.
FURTHER = {
    "glucocorticoids": True,
    "glucocorticoid_dose_mg_daily": 7.5,
    "prior_fracture_months_ago": 8,
    "falls_last_year": 2,
    "type_2_diabetes_years": 12,
    "lumbar_spine_t_score": -3.0,
    "trabecular_bone_score": 1.2,
}


def compare() -> list[Comparison]:
    found = [_compare(name, read_profile(answers).profile) for name, answers in PROFILES.items()]
    return [*found, _further()]


def _further() -> Comparison:
    engine = EvidenceEngine()
    plain, further = (read_profile(one).profile for one in (EVERYTHING, EVERYTHING | FURTHER))
    seconds, without = medians(
        lambda: _anew(engine, further),
        lambda: _anew(engine, plain),
        rounds=10 * ROUNDS,  # nothing here takes seconds
        clock=time.process_time,
    )
    return Comparison(
        "one profile, everything known and all further answers, with explanation and interval",
        seconds,
        "everything known, without further answers",
        without,
        "no peer: what further answers cost",
    )


def _compare(name: str, profile: RiskProfile) -> Comparison:
    engine, options = EvidenceEngine(), EstimateOptions()
    answer = engine.estimate(profile, options)
    point, shares = _loop(profile)
    outcomes = (Outcome.HIP, Outcome.MAJOR_OSTEOPOROTIC)
    apart = [abs(point[i] - answer.outcomes[one].probability_10y) for i, one in enumerate(outcomes)]
    assert answer.explanation is not None
    for index, one in enumerate(outcomes):
        for share, ours in zip(shares[index], answer.explanation.contributions, strict=True):
            assert ours.probability is not None
            apart.append(abs(share - ours.probability[one]))
    if max(apart) > AGREEMENT:
        raise ArithmeticError(f"The peer disagrees about {name}: {max(apart):.1e}.")
    seconds, looped = medians(
        lambda: _anew(engine, profile),
        lambda: _loop(profile),
        rounds=ROUNDS,
        clock=time.process_time,
    )
    return Comparison(
        f"{name}, with explanation and interval",
        seconds,
        "plain Python loop over the same sums",
        looped,
        f"probabilities and shares equal to {max(apart):.0e}",
    )


def _anew(engine: EvidenceEngine, profile: RiskProfile) -> RiskEstimate:
    """The answer of a process that has answered about nobody before."""
    for kept in (explained, kept_sums._summed, summation._terms):
        kept.cache_clear()
    return engine.estimate(profile, EstimateOptions())


def _loop(profile: RiskProfile) -> tuple[Array, Array]:
    """Probabilities, shape (2,), and shares, shape (2, known inputs); hip first."""
    known, people = known_inputs(profile), population(profile.population)
    parameters = evidence_set("frax-2008", people.code).parameters
    person = PlainPerson(people, parameters, known.sex, known.age_years)
    small = grid(known, people, parameters, full=False)
    values = _sums(person, small)
    weights = small.weights / small.weights.sum()
    point = (values * weights).sum(axis=tuple(range(1, values.ndim)))
    full = grid(known, people, parameters, full=True)
    shares = np.array(
        [shapley_values(v) for v in coalition_values([_sums(person, full)], full, known)]
    )
    _intervals(person, known, small)
    return point, shares


def _sums(person: PlainPerson, layout: Grid) -> Array:
    """Probability of every combination; secondary osteoporosis moves none and is summed once."""
    axes = [values.tolist() for values in layout.factors]
    axes[FACTORS.index("secondary_osteoporosis")] = [0.0]
    axes += [layout.bmi_kg_m2.tolist(), layout.t_score.tolist()]
    found = [
        person.probabilities(t_score, bmi, dict(zip(FACTORS, factors, strict=True)))
        for *factors, bmi, t_score in itertools.product(*axes)
    ]
    return np.array(found).T.reshape(2, *(len(axis) for axis in axes))


def _intervals(person: PlainPerson, known: Known, layout: Grid) -> Array:
    """As many sums as the intervals take, over drawn people and drawn doubts."""
    rng = np.random.default_rng(SEED)
    sums = DRAWS + (DRAWS + EFFECT_DRAWS * PEOPLE_PER_DRAW if known.unknown else 0)
    chances = (layout.weights / layout.weights.sum()).ravel()
    chosen = np.unravel_index(rng.choice(len(chances), sums, p=chances), layout.weights.shape)
    nodes = [*layout.factors, layout.bmi_kg_m2, layout.t_score]
    columns = [values[index] for values, index in zip(nodes, chosen, strict=True)]
    rows = np.stack(columns, axis=1).tolist()
    doubts = (DOUBT_SD * rng.standard_normal((sums, 3))).tolist()
    found = [
        person.probabilities(row[-1], row[-2], dict(zip(INPUTS, row, strict=True)), doubt)
        for row, doubt in zip(rows, doubts, strict=True)
    ]
    return np.asarray(np.percentile(np.array(found), (2.5, 97.5), axis=0))
