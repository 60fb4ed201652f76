"""Cumulative incidence with death competing: closed forms, then what must always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskapp.risk.competing import cumulative_incidence, fractures_by_step

HAZARDS = arrays(float, 20, elements=st.floats(1e-6, 2.0))


def test_constant_hazards_give_the_closed_form() -> None:
    # p(t) = h / (h + m) * (1 - exp(-(h + m) t)), with h = 0.02, m = 0.03 and t = 10 years.
    answer = cumulative_incidence(np.full(20, 0.02), np.full(20, 0.03), 0.5)
    assert answer[-1] == pytest.approx(0.4 * (1 - np.exp(-0.5)), abs=1e-12)


def test_without_death_it_is_one_minus_survival() -> None:
    answer = cumulative_incidence(np.full(20, 0.02), np.zeros(20), 0.5)
    assert answer[-1] == pytest.approx(1 - np.exp(-0.2), abs=1e-12)


@settings(deadline=None)
@given(HAZARDS, HAZARDS)
def test_fracture_and_death_before_it_share_the_whole(fracture: object, death: object) -> None:
    h, m = np.asarray(fracture), np.asarray(death)
    first, dead = cumulative_incidence(h, m, 0.5), cumulative_incidence(m, h, 0.5)
    assert (np.diff(first) >= 0).all()
    survived = np.exp(-0.5 * np.cumsum(h + m))
    np.testing.assert_allclose(first + dead + survived, 1, atol=1e-12)


@settings(deadline=None)
@given(HAZARDS, HAZARDS, HAZARDS)
def test_a_step_at_a_time_is_the_whole_at_once(hip: object, other: object, death: object) -> None:
    h, o, m = (np.asarray(one) for one in (hip, other, death))
    products = ([(np.array([-0.5]), one[None]) for one in each] for each in (h, o, m))
    by_step = np.stack([reached[:, 0].copy() for reached in fractures_by_step(*products)], axis=-1)
    whole = [cumulative_incidence(one, m, 0.5) for one in (h, h + o)]
    np.testing.assert_allclose(by_step, whole, rtol=1e-9, atol=1e-15)
