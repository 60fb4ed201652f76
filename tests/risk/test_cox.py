"""The Cox hazard: worked by hand, its closed-form contributions and its doubt."""

from dataclasses import replace

import numpy as np
import pytest

from riskapp.risk.anchor import CLINICAL
from riskapp.risk.cox import Basis, CoxHazard, basis_of, prior_sd
from riskapp.risk.cox_terms import TERMS
from riskapp.risk.design_row import Floats
from riskapp.risk.effects import doubts
from riskapp.risk.further_columns import NO_FURTHER, FurtherColumns, Quantiles
from riskapp.risk.posterior import Posterior, lower_half, posterior
from riskapp.risk.site_columns import Direction, SiteColumn

NAMES = ("age", "t-score", "t-score by age", "bmi below 25")
# Quadriceps strength: 30 kg on average, 2 less for each unit of T-score below 0, SD 5.
QUADRICEPS = FurtherColumns(
    columns=(SiteColumn(name="quad", label="Quadriceps", ucum="kg", low=0, high=100),),
    quantiles={"quad": Quantiles(np.array([5.0, 55.0]), np.array([-5.0, 5.0]))},
    lines=np.array([[0.0, 0, 0, 0, 0.4, 0]]),
    beside=np.zeros((1, 0)),
    covariance=np.eye(1),
)
ALL = (*CLINICAL, "quad")
BASIS = Basis(ALL, NAMES, QUADRICEPS)


def hazard() -> CoxHazard:
    return CoxHazard(
        basis=BASIS,
        coefficients=np.array([0.9, -0.8, 0.2, -0.5, -0.3, 0.0, 0.4, 0.0]),
        constant=0.25,
        # The T-score term falls by 0.1 a decade from 0.2 at 70; the other terms have mean 0.
        reference=np.array([[0, 0, 0, 0], [0.2, -0.1, 0, 0], [0, 0.2, 0, 0], [0, 0, 0, 0.0]]),
    )


def row(**values: float) -> Floats:
    typical = dict.fromkeys(ALL, 0.0) | {"age_years": 70.0, "bmi_kg_m2": 25.0, "female": 1.0}
    return np.array([[(typical | values)[name] for name in ALL]])


def people(n: int = 200) -> Floats:
    rng = np.random.default_rng(20261120)
    drawn = rng.normal(size=(n, len(ALL)))
    drawn[:, ALL.index("age_years")] = rng.uniform(40, 90, n)
    drawn[:, ALL.index("female")] = rng.integers(0, 2, n)
    drawn[:, ALL.index("bmi_kg_m2")] = rng.uniform(15, 45, n)
    drawn[:, ALL.index("quad")] = rng.normal(30, 5, n)
    return drawn


def test_log_hazard_ratio_worked_by_hand() -> None:
    # A woman of 80 turns about T = -1.2 - 0.05 * 15 = -1.95, so T -2.45 is 0.5 below; BMI 20; 30 kg
    # with a mean of 30 - 2 * 2.45 is 0.98 SD above; the usual excess over 0 is
    # 1 / sqrt(2 pi).
    given = row(age_years=80, femoral_neck_t_score=-2.45, bmi_kg_m2=20, quad=30)
    expected = 0.9 * 1 - 0.8 * -0.5 + 0.2 * -0.5 * 1 - 0.5 * -1 - 0.3 * 0.98 - 0.25
    expected += 0.4 * (0.98 - 1 / np.sqrt(2 * np.pi))
    assert hazard().log_hazard_ratio(given)[0] == pytest.approx(expected)


def test_contribution_is_measured_against_people_of_the_same_age_and_sex() -> None:
    given = row(age_years=80, femoral_neck_t_score=-2.45, quad=30)
    shares = hazard().contributions(given)[0]
    # At 80 the terms' means are 0.1 and 0.2.
    expected = -0.8 * (-0.5 - 0.1) + 0.2 * (-0.5 - 0.2)
    assert shares[ALL.index("femoral_neck_t_score")] == pytest.approx(expected)
    assert shares[ALL.index("quad")] == pytest.approx(
        -0.3 * 0.98 + 0.4 * (0.98 - 1 / np.sqrt(2 * np.pi))
    )


def test_numbers_of_no_declared_direction_bend() -> None:
    assert BASIS.names[4:] == ("quad", "quad above -1 SD", "quad above 0 SD", "quad above 1 SD")
    for held in ({"direction": Direction.SAFER}, {"yes_no": True}):
        column = replace(QUADRICEPS.columns[0], **held)
        assert Basis(ALL, NAMES, replace(QUADRICEPS, columns=(column,))).bending == ()


def test_on_average_a_bend_adds_nothing() -> None:
    rows = people(100_000)
    rows[:, -1] += 2 * rows[:, ALL.index("femoral_neck_t_score")]
    np.testing.assert_allclose(BASIS.values(rows)[:, 4:].mean(axis=0), 0.0, atol=0.01)


def test_contributions_sum_to_the_log_hazard_ratio() -> None:
    rows = people()
    np.testing.assert_allclose(
        hazard().contributions(rows).sum(axis=1), hazard().log_hazard_ratio(rows), atol=1e-12
    )


def test_drawn_doubts_scatter_as_their_covariance_says() -> None:
    rows = people(5)
    q = len(BASIS.names)
    f = np.linspace(-1, 1, 5)
    covariance = np.diag(np.arange(1.0, q + 3)) / 100
    doubt = Posterior(BASIS, np.full(q, 0.1), 0.2, np.zeros(q + 2), covariance)
    drawn = doubt.shifts(rows, f, 4000, np.random.default_rng(1))
    design = np.column_stack([BASIS.values(rows) - 0.1, np.ones(5), f - 0.2])
    expected = np.sqrt(np.einsum("ni,ij,nj->n", design, doubt.covariance, design))
    np.testing.assert_allclose(drawn.mean(axis=0), 0.0, atol=4 * expected.max() / 60)
    np.testing.assert_allclose(drawn.std(axis=0), expected, rtol=0.06)


def test_half_of_a_covariance_is_stored_and_the_whole_read_back() -> None:
    q = len(BASIS.names)
    root = np.random.default_rng(1).normal(size=(q + 2, q + 2))
    covariance = root @ root.T
    half = lower_half(covariance)
    assert [len(row) for row in half] == list(range(1, q + 3))
    read = posterior(BASIS, {"centre": [0.0] * q, "covariance_lower_half": half, "mean": [0.0] * q})
    np.testing.assert_array_equal(read.covariance, (covariance + covariance.T) / 2)


def test_only_terms_of_columns_that_can_be_learned_take_part() -> None:
    anchored = basis_of(CLINICAL, ("age_years", "female"), NO_FURTHER, alone=False)
    ages = ("age", "age above 60", "age above 75")
    assert anchored.terms == (*ages, "female", "female by age")
    alone = basis_of(CLINICAL, ("age_years", "female"), NO_FURTHER, alone=True)
    assert set(anchored.terms) < set(alone.terms)
    assert {term.column for term in TERMS.values()} == set(CLINICAL)


def test_the_prior_is_the_evidences_own_doubt() -> None:
    basis = Basis(CLINICAL, ("t-score", "bmi below 25", "parent_hip_fracture", "age"), NO_FURTHER)
    held = doubts("frax-2008")
    np.testing.assert_allclose(
        prior_sd(basis, "hip", held),
        [held["hip.t_score"], 5 * held["hip.bmi_below_25"], held["hip.parent_hip_fracture"], 0.1],
    )
