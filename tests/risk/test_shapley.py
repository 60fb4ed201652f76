"""Shapley values: a published game, then the axioms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from riskapp.risk.shapley import shapley_values


def test_the_glove_game() -> None:
    # One left glove (player 0), two right gloves: a pair is worth 1. Values 2/3, 1/6, 1/6,
    # e.g. Roth AE (ed.), 1988. The Shapley Value. Cambridge University Press.
    v = np.zeros((2, 2, 2))
    v[1, 1, :] = v[1, :, 1] = 1
    assert shapley_values(v) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_nobody_known_has_nothing_to_share() -> None:
    assert shapley_values(np.array(0.3)).shape == (0,)


@settings(deadline=None)
@given(arrays(float, (2,) * 5, elements=st.floats(-1, 1)))
def test_shares_add_up_and_equal_players_share_equally(v: object) -> None:
    values = np.asarray(v)
    found = shapley_values(values)
    assert found.sum() == pytest.approx(values[1, 1, 1, 1, 1] - values[0, 0, 0, 0, 0], abs=1e-12)
    symmetric = values + values.swapaxes(0, 1)
    share = shapley_values(symmetric)
    assert share[0] == pytest.approx(share[1], abs=1e-12)


def test_an_additive_game_returns_its_terms() -> None:
    terms = np.array([0.3, -0.2, 0.05, 1.0])
    v = np.tensordot(terms, np.indices((2,) * 4), axes=1)
    assert shapley_values(v) == pytest.approx(terms)
