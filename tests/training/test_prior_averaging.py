"""Priors averaged by their marginal likelihood, against integrals by brute force."""

import numpy as np
import pytest

from riskapp.training.completing import completed
from riskapp.training.fit_cox import HELD, RECIPE, fit_cox
from riskapp.training.prior_averaging import Parabola, averaged, side_by_side
from tests.training.made import made_cohort

SEEN = Parabola(np.array([[8.0, 2.0], [2.0, 5.0]]), np.array([3.0, -1.0]))


def test_shares_and_means_are_those_of_the_integrals() -> None:
    covariances = [np.diag([0.2, 0.0]), np.array([[0.3, 0.1], [0.1, 0.2]])]
    shares, means = averaged(SEEN, covariances, [0.7, 0.3])
    # The first prior lets one coefficient go, the second both, together.
    line = np.linspace(-4, 4, 2001)
    likely = np.exp(SEEN.pull[0] * line - SEEN.information[0, 0] * line**2 / 2)
    first = likely * np.exp(-(line**2) / 0.4) / np.sqrt(2 * np.pi * 0.2)
    x, y = np.meshgrid(line[::4], line[::4], indexing="ij")
    b = np.stack([x, y], axis=-1)
    likely_both = np.exp(b @ SEEN.pull - np.einsum("...i,ij,...j", b, SEEN.information, b) / 2)
    away = np.einsum("...i,ij,...j", b, np.linalg.inv(covariances[1]), b)
    density = np.exp(-away / 2) / (2 * np.pi * np.sqrt(np.linalg.det(covariances[1])))
    second = likely_both * density
    step = line[1] - line[0]
    evidence = np.array([0.7 * first.sum() * step, 0.3 * second.sum() * (4 * step) ** 2])
    np.testing.assert_allclose(shares, evidence / evidence.sum(), rtol=1e-6)
    np.testing.assert_allclose(means[0], [(line * first).sum() / first.sum(), 0.0], atol=1e-9)
    told = [(each * second).sum() / second.sum() for each in (x, y)]
    np.testing.assert_allclose(means[1], told, rtol=1e-6)


def test_what_is_held_is_nothing_and_is_believed_where_nothing_was_seen() -> None:
    nothing = Parabola(np.eye(2) * 100.0, np.zeros(2))
    shares, means = averaged(nothing, [np.zeros((2, 2)), np.eye(2)], [0.5, 0.5])
    assert not means[0].any()
    # A prior that lets go pays for it: once in a hundred such data are as near to nothing.
    assert shares[0] == pytest.approx(1 / (1 + 1 / 101))


def test_causes_side_by_side_share_no_data() -> None:
    both = side_by_side([SEEN, SEEN])
    alone, _ = averaged(SEEN, [np.eye(2), np.eye(2) / 9], [0.5, 0.5])
    free = np.zeros((4, 4))
    free[:2, :2] = np.eye(2)
    _, means = averaged(both, [np.eye(4), free], [0.5, 0.5])
    _, own = averaged(SEEN, [np.eye(2)], [1.0])
    np.testing.assert_allclose(means[0], np.tile(own[0], 2))
    np.testing.assert_allclose(means[1], [*own[0], 0.0, 0.0])
    assert alone.sum() == pytest.approx(1.0)


def test_a_column_that_matters_is_learned_and_chance_is_not() -> None:
    told = {}
    for effect in (0.0, -0.4):
        people = completed(made_cohort(800, grip_effect=effect, per_year=0.02), 1)
        told[effect] = fit_cox(people, "hip", RECIPE, 1)
    # Three bends come behind the line.
    by_chance, true = (abs(told[effect].stored["coefficients"][-4]) for effect in (0.0, -0.4))
    assert by_chance < 0.06
    assert 0.25 < true < 0.5
    assert told[-0.4].chosen["ridge"] < HELD
    # Whoever is left out is told by the others, and much the same.
    hazard = told[-0.4].hazard
    assert hazard is not None
    own = hazard.log_hazard_ratio(people.rows)
    assert 0.95 < np.corrcoef(told[-0.4].unseen, own)[0, 1] < 1.0
