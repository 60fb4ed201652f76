"""Networks in plain arrays: their slopes, their contributions and their way through a file."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.risk.cox import CoxHazard, basis_of
from riskapp.risk.design_row import Floats
from riskapp.risk.ensemble import EnsembleHazard
from riskapp.risk.further_columns import NO_FURTHER
from riskapp.risk.neural import Inputs, Member, NeuralHazard, as_bytes, neural_hazard

COLUMNS = ("age_years", "female", "bmi_kg_m2", "femoral_neck_t_score")


def itself(rows: Floats) -> Floats:
    return rows


def hazard(seed: int, slope: float = 0.8, constant: float = 0.1) -> NeuralHazard:
    random = np.random.default_rng(seed)
    inputs = Inputs(
        COLUMNS,
        (0, 1, 2, 3),
        np.array([[70.0, 0, 0, 0], [0.5, 0, 0, 0], [26, -0.5, 0.3, 0], [-1.5, -0.4, -0.6, 0]]),
        np.array([10.0, 0.5, 4.0, 1.0]),
    )
    members = tuple(
        Member(
            random.normal(size=4),
            random.normal(size=(4, 6)),
            random.normal(size=6),
            random.normal(size=6),
        )
        for _ in range(3)
    )
    return NeuralHazard(inputs, members, itself, slope, constant)


def people(seed: int, n: int = 20) -> Floats:
    random = np.random.default_rng(seed)
    return np.column_stack(
        [
            random.uniform(50, 90, n),
            random.integers(0, 2, n),
            random.normal(26, 4, n),
            random.normal(-1.5, 1, n),
        ]
    )


def test_a_network_by_hand() -> None:
    inputs = Inputs(COLUMNS, (3,), np.zeros((1, 4)), np.array([2.0]))
    member = Member(np.array([0.5]), np.array([[1.0]]), np.array([0.0]), np.array([3.0]))
    one = NeuralHazard(inputs, (member,), itself, slope=2.0, constant=1.0)
    expected = 2 * (0.5 * -1 + 3 * np.tanh(-1)) - 1
    assert one.log_hazard_ratio(np.array([[70, 1, 25, -2.0]])) == pytest.approx([expected])


def test_slopes_are_those_of_small_steps() -> None:
    member = hazard(3).members[0]
    at, step = np.random.default_rng(4).normal(size=(5, 4)), 1e-6
    for column in range(4):
        aside = at.copy()
        aside[:, column] += step
        told = (member.value(aside) - member.value(at)) / step
        assert member.gradient(at)[:, column] == pytest.approx(told, abs=1e-5)


@given(st.integers(0, 2**20))
def test_contributions_sum_and_age_and_sex_have_none(seed: int) -> None:
    one, rows = hazard(seed), people(seed)
    shares = one.contributions(rows)
    assert shares.sum(axis=1) == pytest.approx(one.log_hazard_ratio(rows), abs=1e-12)
    assert not shares[:, :2].any()


@given(st.integers(0, 2**20))
def test_what_remains_is_the_hazard_of_a_person_usual_for_age_and_sex(seed: int) -> None:
    one, rows = hazard(seed), people(seed)
    usual = rows.copy()
    usual[:, 2:] = (one.inputs.terms(rows) @ one.inputs.usual.T)[:, 2:]
    # Bends steeper than any that is fitted: sixteen nodes are a little short of them.
    assert one.contributions(rows)[:, -1] == pytest.approx(one.log_hazard_ratio(usual), abs=5e-3)


def test_a_file_gives_the_same_networks_back() -> None:
    one, rows = hazard(5), people(6)
    blob = as_bytes(one)
    again = neural_hazard(blob, COLUMNS, itself, one.slope, one.constant)
    assert np.array_equal(again.log_hazard_ratio(rows), one.log_hazard_ratio(rows))
    assert len(again.members) == 3


@given(st.integers(0, 2**20))
def test_terms_beside_are_added_to_f_and_to_its_reasons(seed: int) -> None:
    random, rows = np.random.default_rng(seed), people(seed)
    basis = basis_of(COLUMNS, COLUMNS, NO_FURTHER, alone=False)
    size = len(basis.names)
    under = CoxHazard(basis, random.normal(size=size), 0.3, random.normal(size=(size, 4)))
    one = hazard(seed)
    both = replace(one, beside=under)
    f = one.log_hazard_ratio(rows) + under.log_hazard_ratio(rows)
    assert both.log_hazard_ratio(rows) == pytest.approx(f, abs=1e-12)
    shares = both.contributions(rows)
    assert shares.sum(axis=1) == pytest.approx(f, abs=1e-9)
    told = one.contributions(rows) + under.contributions(rows)
    assert shares == pytest.approx(told, abs=1e-9)


def test_answering_needs_no_torch() -> None:
    import subprocess

    program = (
        "import riskapp.modelstore.parameters, riskapp.risk.neural, sys; "
        "print('torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert told.stdout.strip() == b"False"


def test_an_ensemble_is_the_weighted_sum_of_its_members_and_so_are_its_reasons() -> None:
    members, rows = (hazard(1), hazard(2)), people(7)
    one = EnsembleHazard(members, (0.7, 0.2), 0.05)
    told = 0.7 * members[0].log_hazard_ratio(rows) + 0.2 * members[1].log_hazard_ratio(rows) - 0.05
    assert one.log_hazard_ratio(rows) == pytest.approx(told)
    shares = one.contributions(rows)
    assert shares.sum(axis=1) == pytest.approx(told)
    parts = [0.7 * members[0].contributions(rows), 0.2 * members[1].contributions(rows)]
    assert shares[:, :-1] == pytest.approx((parts[0] + parts[1])[:, :-1])
