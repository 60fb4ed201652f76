"""The Cox hazard: worked by hand, and its closed-form contributions."""

import numpy as np
import pytest

from riskapp.risk.cox import TERMS, CoxHazard, term_names, term_values
from riskapp.risk.design_row import COLUMNS, Floats

ALL = tuple(COLUMNS)
NAMES = ("age", "femoral_neck_t_score", "femoral_neck_t_score by age", "bmi below 25")


def hazard() -> CoxHazard:
    return CoxHazard(
        columns=ALL,
        names=NAMES,
        coefficients=np.array([0.9, -0.8, 0.2, -0.5]),
        centre=np.array([0.5, -1.0, -0.4, -0.1]),
        covariance=np.diag([0.01, 0.02, 0.01, 0.03]),
        # Mean T-score -1 at 70, falling by 0.4 a decade; the other terms have mean 0.
        reference=np.array([[0, 0, 0, 0], [-1, -0.4, 0, 0], [-1, -0.4, 0, 0], [0, 0, 0, 0]]),
    )


def row(**values: float) -> Floats:
    typical = dict.fromkeys(ALL, 0.0) | {"age_years": 70.0, "bmi_kg_m2": 25.0}
    return np.array([[(typical | values)[name] for name in ALL]])


def people(n: int = 200) -> Floats:
    rng = np.random.default_rng(20261120)
    drawn = rng.normal(size=(n, len(ALL)))
    drawn[:, ALL.index("age_years")] = rng.uniform(40, 90, n)
    drawn[:, ALL.index("female")] = rng.integers(0, 2, n)
    drawn[:, ALL.index("bmi_kg_m2")] = rng.uniform(15, 45, n)
    return drawn


def test_log_hazard_ratio_worked_by_hand() -> None:
    # Age 80, T -2.5, BMI 20: 0.9 (1 - 0.5) - 0.8 (-2.5 + 1) + 0.2 (-2.5 + 0.4) - 0.5 (-1 + 0.1)
    given = row(age_years=80, femoral_neck_t_score=-2.5, bmi_kg_m2=20)
    assert hazard().log_hazard_ratio(given)[0] == pytest.approx(0.45 + 1.2 - 0.42 + 0.45)


def test_contribution_is_measured_against_people_of_the_same_age_and_sex() -> None:
    # At 80 the mean T-score is -1.4 and the effect of one unit is -0.8 + 0.2 = -0.6.
    shares = hazard().contributions(row(age_years=80, femoral_neck_t_score=-2.5))[0]
    assert shares[ALL.index("femoral_neck_t_score")] == pytest.approx(-0.6 * (-2.5 + 1.4))


def test_contributions_sum_to_the_log_hazard_ratio() -> None:
    rows = people()
    np.testing.assert_allclose(
        hazard().contributions(rows).sum(axis=1), hazard().log_hazard_ratio(rows), atol=1e-12
    )


def test_contributions_are_the_shapley_values_of_an_additive_model() -> None:
    # Replace one column by draws with the reference's mean: the mean change is the contribution.
    rows = people(1)
    column = ALL.index("femoral_neck_t_score")
    decades = (rows[0, ALL.index("age_years")] - 70) / 10
    forgotten = rows.copy()
    forgotten[0, column] = -1 - 0.4 * decades
    change = hazard().log_hazard_ratio(rows) - hazard().log_hazard_ratio(forgotten)
    assert hazard().contributions(rows)[0, column] == pytest.approx(change[0])


def test_drawn_ratios_scatter_about_the_estimate_as_their_covariance_says() -> None:
    rows = people(5)
    drawn = hazard().drawn_log_hazard_ratio(rows, 4000, np.random.default_rng(1))
    centred = term_values(rows, ALL, NAMES) - hazard().centre
    expected = np.sqrt(np.einsum("ni,ij,nj->n", centred, hazard().covariance, centred))
    np.testing.assert_allclose(drawn.mean(axis=0), hazard().log_hazard_ratio(rows), atol=0.1)
    np.testing.assert_allclose(drawn.std(axis=0), expected, rtol=0.05)


def test_every_term_reads_a_column_there_is_and_images_can_be_left_out() -> None:
    assert {term.column for term in TERMS.values()} == set(ALL)
    clinical = tuple(name for name in ALL if name != "l1_attenuation_hu")
    assert "l1_attenuation_hu" not in term_names(clinical)
