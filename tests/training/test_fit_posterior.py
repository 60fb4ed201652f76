"""What is doubted beside f: centred on what the events say, wide where they are few."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from riskapp.cohorts.follow_up import FollowUp
from riskapp.risk.anchor import (
    CAUSES,
    CLINICAL,
    PUBLISHED_NAMES,
    anchored,
    evidence_hazards,
    known_to_evidence,
)
from riskapp.risk.cox import prior_sd
from riskapp.risk.effects import doubts
from riskapp.risk.hazards import Hazards
from riskapp.risk.posterior import described, posterior
from riskapp.training.completing import Completed, _exposure, completed
from riskapp.training.fit_cox import RECIPE, terms_of
from riskapp.training.fit_posterior import fit_posteriors
from riskapp.training.level import PSEUDO_EVENTS
from riskapp.training.outcomes import taught
from riskapp.training.simulation.departing import departed
from riskapp.training.simulation.events import befall
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


def test_where_nobody_was_followed_the_doubt_is_the_evidences():
    some = people()
    seen = some.taught.follow_up["hip"]
    nothing = replace(
        some,
        taught=replace(
            some.taught,
            follow_up={**some.taught.follow_up, "hip": replace(seen, event=seen.event & False)},
        ),
        exposures={
            **some.exposures,
            "hip": replace(some.exposures["hip"], by_year=1e-12 * some.exposures["hip"].by_year),
        },
    )
    found = fitted(nothing, np.zeros(len(some.rows)))["hip"]
    terms = len(found.basis.terms)
    np.testing.assert_allclose(found.mean[:SHARE], 0.0, atol=1e-9)
    published = prior_sd(found.basis, "hip", doubts("frax-2008"))
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance))[:terms], published, rtol=1e-6)
    assert found.covariance[LEVEL, LEVEL] == pytest.approx(1 / PSEUDO_EVENTS)
    beside = np.diag(found.covariance)[terms + len(found.basis.further.names) : LEVEL]
    assert beside.max() < 1e-5


def test_what_is_blank_tells_nothing_however_often_it_is_drawn():
    cohort = simulated_cohort(replace(WORLD, people=1_500))
    profiles = tuple(
        replace(one, site_values={}) if i % 5 < 2 else one for i, one in enumerate(cohort.profiles)
    )
    whole, gaps = (
        fitted(each, np.zeros(len(each.rows)))["other_major_osteoporotic"]
        for each in (completed(cohort, 1), completed(replace(cohort, profiles=profiles), 1))
    )
    at = whole.basis.names.index("sway")
    wider = np.sqrt(gaps.covariance[at, at] / whole.covariance[at, at])
    # Of three fifths of the people, the square root of 5/3 times, and what else is known helps.
    assert 1.15 < wider < 1.5


def test_a_cohort_far_from_the_evidence_is_believed_and_doubted_more():
    # Of age, and of smoking, by far more than is published of either.
    changed = replace(WORLD, changed_effects={"current_smoker": 4.0, "age_years": 0.6})
    wrong = completed(simulated_cohort(replace(changed, people=1_500)), 1)
    here, there = (
        fitted(each, np.zeros(len(each.rows)))["other_major_osteoporotic"]
        for each in (people(1_500), wrong)
    )
    smoking = here.basis.names.index("current_smoker")
    # Published is 0.043: of the logarithm of 4, 1.39, not a tenth would be left.
    assert there.mean[smoking] > 0.4
    parent = here.basis.names.index("parent_hip_fracture")
    assert there.covariance[parent, parent] > 2 * here.covariance[parent, parent]


def test_in_worlds_drawn_from_the_doubt_intervals_hold_the_truth_as_often_as_they_say():
    # The truth of each world is the evidence's times what was drawn; people stay, events are new.
    options = replace(
        WORLD,
        people=3_000,
        site_effects=(),
        imaging_effects=False,
        not_recorded=("l1_attenuation_hu",),
    )
    cohort = simulated_cohort(options)
    some = completed(cohort, 1)
    known = [known_to_evidence(profile) for profile in cohort.profiles]
    beside = anchored([profile.population for profile in cohort.profiles], known)
    evidence = evidence_hazards(some.rows, some.owners, beside)
    clinical = {name: some.rows[:, i] for i, name in enumerate(CLINICAL)}
    nothing = np.zeros(len(some.rows))
    held = []
    for world in range(1, 11):
        away = departed(clinical, world)
        own = {c: evidence[c] * np.exp(away[PUBLISHED_NAMES[c]])[:, None] for c in CAUSES}
        seen = befall(Hazards(**own), options, np.random.default_rng(world))
        recorded = {
            "hip": FollowUp(event=seen["hip"].event, years=seen["hip"].years),
            "major_osteoporotic": FollowUp(event=seen["major"].event, years=seen["major"].years),
            "death": FollowUp(event=seen["death"].event, years=seen["death"].years),
        }
        told = taught(recorded, anchored=True)
        due = {c: _exposure(evidence[c], told.follow_up[c].years) for c in CAUSES}
        taught_people = replace(some, taught=told, exposures=due)
        for cause, found in fitted(taught_people, nothing).items():
            level = told.follow_up[cause].event.sum() / due[cause].expected.sum()
            truth = (away[PUBLISHED_NAMES[cause]] - np.log(level))[::5]
            drawn = found.shifts(some.rows[::5], nothing[::5], 400, np.random.default_rng(1))
            low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
            held.append(((low <= truth) & (truth <= high)).mean())
    # Of thirty, each of which errs together (0.86 to 1.00 in most), the mean has a standard error
    # of 0.015. Intervals of half the width would hold 0.67, of the width and a half 0.997.
    assert 0.91 < np.mean(held) < 0.99


def test_doubt_narrows_with_events_and_never_exceeds_the_prior():
    few, many = people(500), everybody()
    nothing = [fitted(some, np.zeros(len(some.rows)))["hip"] for some in (few, many)]
    less, more = (np.diag(each.covariance) for each in nothing)
    # Whether a further column bends the events say: few may hold it straight.
    straight = (*nothing[0].basis.terms, "sway")
    for name in straight:
        first, second = (each.basis.names.index(name) for each in nothing)
        assert more[second] <= less[first] * 1.05
    assert more[LEVEL] < less[LEVEL] / 2


def test_shifts_have_the_mean_and_the_covariance_that_was_found():
    some = people()
    found = fitted(some, np.zeros(len(some.rows)))["hip"]
    rows = some.rows[:3]
    drawn = found.shifts(rows, np.zeros(3), 20_000, np.random.default_rng(1))
    away = described(found.basis, found.waves, rows) - found.centre
    design = np.column_stack([away, np.ones(3), np.zeros(3)])
    np.testing.assert_allclose(drawn.mean(axis=0), design @ found.mean, atol=0.02)
    expected = design @ found.covariance @ design.T
    np.testing.assert_allclose(np.cov(drawn.T), expected, rtol=0.1, atol=0.005)


def test_a_cause_of_which_nothing_was_learned_keeps_the_evidences_doubt():
    some = people()
    basis = terms_of(some, RECIPE)
    stored = fit_posteriors(some, basis, {}, RECIPE)
    for each in stored.values():
        assert each["mean"] == [0.0] * len(each["mean"])
        assert each["covariance_lower_half"][LEVEL][-1] > 0
        assert each["covariance_lower_half"][SHARE][-1] == 0
    alone = fit_posteriors(some, basis, {}, RECIPE | {"anchored": False})
    assert alone == {}


def test_events_that_say_who_but_not_how_many_leave_the_level_to_the_evidence():
    some = people()
    partly = replace(some, taught=replace(some.taught, level_learned=frozenset({"hip"})))
    found = fitted(partly, np.zeros(len(some.rows)))["death"]
    assert found.mean[LEVEL] == pytest.approx(0.0, abs=1e-9)
    whole = fitted(some, np.zeros(len(some.rows)))["death"]
    assert found.covariance[LEVEL, LEVEL] != pytest.approx(whole.covariance[LEVEL, LEVEL])
