"""What is doubted beside f: centred on what the events say, wide where they are few."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from riskapp.risk.anchor import CAUSES
from riskapp.risk.posterior import posterior
from riskapp.training.completing import Completed, completed
from riskapp.training.fit_cox import RECIPE, terms_of
from riskapp.training.fit_posterior import fit_posteriors
from riskapp.training.simulation.options import Options, SiteEffect
from riskapp.training.storing import simulated_cohort

LEVEL, SHARE = -2, -1
# A site's column of which the evidence knows nothing.
WORLD = Options(people=2_500, seed=9, site_effects=(SiteEffect(name="sway", hip=1.8, other=1.8),))


@cache
def everybody() -> Completed:
    return completed(simulated_cohort(WORLD), 1)


def people(number: int = 1_000) -> Completed:
    return everybody().part(np.arange(number))


def fitted(some: Completed, f):
    basis = terms_of(some, RECIPE)
    stored = fit_posteriors(some, basis, dict.fromkeys(CAUSES, f), RECIPE)
    return {cause: posterior(basis, each) for cause, each in stored.items()}


def test_an_f_that_is_chance_is_believed_little_and_a_true_one_much():
    some = everybody()
    chance = 0.3 * np.random.default_rng(1).normal(size=len(some.rows))
    found = fitted(some, chance)["death"]
    assert found.mean[SHARE] < -0.7
    # The events of death as one who knows them would foretell them, in part.
    event = some.taught.follow_up["death"].event[some.owners]
    told = np.where(event, 0.5, -0.5)
    assert fitted(some, told)["death"].mean[SHARE] > 0.0


def test_what_an_engine_did_not_learn_is_where_the_draws_are_centred():
    # f knows nothing of sway; the events do. The draws lie where they say.
    some = everybody()
    nothing = fitted(some, np.zeros(len(some.rows)))["other_major_osteoporotic"]
    at = nothing.basis.names.index("sway")
    assert nothing.mean[at] > 3 * np.sqrt(nothing.covariance[at, at])


def test_doubt_narrows_with_events_and_never_exceeds_the_prior():
    few, many = people(500), everybody()
    nothing = [fitted(some, np.zeros(len(some.rows)))["hip"] for some in (few, many)]
    less, more = (np.diag(each.covariance) for each in nothing)
    shared = [name for name in nothing[0].basis.names if name in nothing[1].basis.names]
    for name in shared:
        first, second = (each.basis.names.index(name) for each in nothing)
        assert more[second] <= less[first] * 1.05
    assert more[LEVEL] < less[LEVEL] / 2


def test_shifts_have_the_mean_and_the_covariance_that_was_found():
    some = people()
    found = fitted(some, np.zeros(len(some.rows)))["hip"]
    rows = some.rows[:3]
    drawn = found.shifts(rows, np.zeros(3), 20_000, np.random.default_rng(1))
    design = np.column_stack([found.basis.values(rows) - found.centre, np.ones(3), np.zeros(3)])
    np.testing.assert_allclose(drawn.mean(axis=0), design @ found.mean, atol=0.02)
    expected = design @ found.covariance @ design.T
    np.testing.assert_allclose(np.cov(drawn.T), expected, rtol=0.1, atol=0.005)


def test_a_cause_of_which_nothing_was_learned_keeps_the_evidences_doubt():
    some = people()
    basis = terms_of(some, RECIPE)
    stored = fit_posteriors(some, basis, {}, RECIPE)
    for each in stored.values():
        assert each["mean"] == [0.0] * len(each["mean"])
        assert each["covariance"][LEVEL][LEVEL] > 0
        assert each["covariance"][SHARE][SHARE] == 0
    alone = fit_posteriors(some, basis, {}, RECIPE | {"anchored": False})
    assert alone == {}


def test_events_that_say_who_but_not_how_many_leave_the_level_to_the_evidence():
    some = people()
    partly = replace(some, taught=replace(some.taught, level_learned=frozenset({"hip"})))
    found = fitted(partly, np.zeros(len(some.rows)))["death"]
    assert found.mean[LEVEL] == pytest.approx(0.0, abs=1e-9)
    whole = fitted(some, np.zeros(len(some.rows)))["death"]
    assert found.covariance[LEVEL, LEVEL] != pytest.approx(whole.covariance[LEVEL, LEVEL])
