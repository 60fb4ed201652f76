"""What is weighed, drawn and sorted once is what it is where nothing is spared."""

from dataclasses import replace

import numpy as np
import pytest

from riskapp.exchange.reading import read_profile
from riskapp.risk.competing import fractures_by_step
from riskapp.risk.compiled_draws import fractures_of_each
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazard_terms import BmiBends, below_bend, log_hazard, log_hazards_by_step
from riskapp.risk.helpful import PERCENTILES, percentiles
from riskapp.risk.missing import grid, known_inputs
from riskapp.risk.modifier_reading import known_modifiers
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS
from riskapp.risk.summation import (
    incidence,
    lean_by_factors,
    lean_on_prevalence,
    mean,
    mean_incidence,
    terms_ahead,
)

GB = population("gb")
PARAMETERS = evidence_set("frax-2008", "gb").parameters
WHO: dict[str, object] = {"population": "gb", "age_years": 71, "sex": "female"}
STEPS = 20


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"age_years": 42, "sex": "male"},
        {"femoral_neck_t_score": -2.5, "parent_hip_fracture": True},
        {"body_mass_index": 17.5, "secondary_osteoporosis": True, "falls_last_year": 2},
        {"lumbar_spine_t_score": -3.0, "type_2_diabetes_years": 12},
    ],
)
def test_a_mean_over_people_is_that_of_all_that_is_summed(more: dict[str, object]) -> None:
    profile = read_profile(WHO | more).profile
    known = replace(known_inputs(profile), modifiers=known_modifiers(profile, "frax-2008"))
    layout = grid(known, GB, PARAMETERS, full=False)
    values = incidence(known, GB, PARAMETERS, layout)
    curves, parts = mean_incidence(known, GB, PARAMETERS, layout)
    np.testing.assert_allclose(curves, mean(values, layout), rtol=1e-13)
    np.testing.assert_allclose(parts.reshape(2, -1).sum(axis=1), curves[:, -1], rtol=1e-13)
    found, plain = (
        lean_by_factors(parts, layout, known),
        lean_on_prevalence(values[:, -1], layout, known),
    )
    assert set(found) == set(plain) == set(known.unknown) & set(FACTORS)
    for name, leaning in plain.items():
        np.testing.assert_allclose(found[name], leaning, rtol=0, atol=1e-15)


@pytest.mark.parametrize("cause", ["hip", "other", "death"])
def test_logarithms_of_many_hazards_are_those_of_each(cause: str) -> None:
    rng = np.random.default_rng(3)
    known = known_inputs(read_profile(WHO).profile)
    pieces = terms_ahead(known, GB, PARAMETERS)
    one = getattr(pieces, cause)
    t_score, bmi = rng.normal(-1.5, 1.5, 50), rng.normal(27, 6, 50)
    factors = {name: rng.integers(0, 2, 50).astype(float) for name in FACTORS}
    factors["parent_hip_fracture"] = np.ones(1)
    plain = log_hazard(
        one,
        pieces.mean_t,
        t_score[:, None],
        bmi[:, None],
        {name: values[:, None] for name, values in factors.items()},
    )
    found = log_hazards_by_step(
        one, pieces.mean_t, t_score, below_bend(t_score), BmiBends(bmi), factors
    )
    np.testing.assert_allclose(found, plain.T, rtol=0, atol=1e-14)


def test_draws_are_summed_each_beside_its_own_person() -> None:
    rng = np.random.default_rng(5)
    moved = np.exp(rng.normal(0, 0.3, (3, 70)))
    hazards = -np.exp(rng.normal(-4, 1, (3, STEPS, 14)))
    own = moved[:, None, :] * np.tile(hazards, 5)
    causes = [[(np.ones(70), own[cause, step]) for step in range(STEPS)] for cause in range(3)]
    *_, plain = fractures_by_step(*causes)
    np.testing.assert_allclose(fractures_of_each(moved, hazards), plain, rtol=1e-13)


@pytest.mark.parametrize("n", [1, 2, 3, 40, 41, 80, 1999, 2000])
def test_percentiles_of_what_is_sorted_are_those_of_numpy(n: int) -> None:
    draws = np.random.default_rng(n).random((3, n))
    found = percentiles(np.sort(draws))
    assert found.tolist() == np.percentile(draws, PERCENTILES, axis=1).tolist()
