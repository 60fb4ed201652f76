"""Among many columns of a site a fit finds those that matter, from its own people alone."""

from dataclasses import replace
from functools import cache

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.repeatability import told_of
from riskapp.evaluation.concordance import harrell
from riskapp.evaluation.course import Course
from riskapp.risk.estimate import EstimateOptions, Outcome
from riskapp.risk.evidence import EvidenceEngine
from riskapp.training.choosing_columns import RECIPE, chosen_columns
from riskapp.training.fitting import engine_of, fit, recipe_for
from riskapp.training.simulation.options import Options, SiteEffect
from riskapp.training.storing import simulated_cohort, ten_years

REAL = ("sway", "grip")
WORLD = Options(
    people=1_500,
    seed=12,
    age_from=60,
    site_effects=tuple(SiteEffect(name=name, hip=1.7, other=1.7) for name in REAL),
    noise_columns=60,
)
BARE = EstimateOptions(explain=False, interval=False, verdicts=False)


@cache
def people() -> Cohort:
    return simulated_cohort(WORLD)


def c_of(probabilities, cohort: Cohort) -> float:
    seen = cohort.follow_up["major_osteoporotic"]
    course = Course(
        years=seen.years,
        event=seen.event,
        died=np.zeros(len(seen.years), dtype=bool),
        weights=np.ones(len(seen.years)),
        competing=False,
    )
    return harrell(probabilities, course).c


def test_two_real_columns_are_found_among_sixty_that_say_nothing():
    fitted = fit(people(), recipe_for("cox", 1))
    further = {column["name"] for column in fitted.parameters["further"]["columns"]}
    assert set(REAL) <= further
    assert len([name for name in further if name.startswith("noise")]) <= 1
    told = " ".join(fitted.parameters["notes"])
    assert "Of 62 columns of the site, chosen on halves of 1500 people" in told
    assert "noise_1 was not chosen (not picked often enough): among the first" in told
    fresh = simulated_cohort(replace(WORLD, seed=13))
    answers = EvidenceEngine("frax-2008").estimate_many(fresh.profiles, BARE)
    evidence = [one.outcomes[Outcome.MAJOR_OSTEOPOROTIC].probability_10y for one in answers]
    learned = ten_years(engine_of(fitted, "simulated"), fresh)[Outcome.MAJOR_OSTEOPOROTIC]
    assert c_of(learned, fresh) >= c_of(np.array(evidence), fresh) - 0.005


def test_nobody_held_out_has_a_word_in_the_choice():
    some = np.arange(0, 1_500, 2)
    changed = tuple(
        each if i % 2 == 0 else replace(each, site_values=dict.fromkeys(each.site_values, 9.0))
        for i, each in enumerate(people().profiles)
    )
    other = replace(people(), profiles=changed)
    first, second = (chosen_columns(each.part(some), RECIPE, 1) for each in (people(), other))
    assert first.cohort.site_columns == second.cohort.site_columns
    assert first.left_out == second.left_out


def test_few_columns_and_few_fractures_leave_nothing_to_choose():
    few = replace(people(), site_columns=people().site_columns[:12])
    assert chosen_columns(few, RECIPE, 1).notes == ()
    at_most = people().part(np.flatnonzero(people().follow_up["major_osteoporotic"].event)[:9])
    found = chosen_columns(at_most, RECIPE, 1)
    assert found.cohort.site_columns == people().site_columns
    assert found.notes[0].startswith("With 9 fractures nothing was chosen")


def test_a_column_that_is_declared_not_repeatable_is_not_chosen():
    few = replace(people(), site_columns=people().site_columns[:20])
    assert {"sway", "grip"} <= {column.name for column in few.site_columns}

    def further(**declared):
        told = {name: told_of(each) for name, each in declared.items()}
        chosen = chosen_columns(replace(few, repeatability=told), RECIPE, 1)
        return {column.name for column in chosen.cohort.site_columns}, chosen.left_out

    # An error of half the standard deviation leaves three quarters of the variance.
    sd = np.std([each.site_values["grip"] for each in few.profiles])
    kept, why = further(sway={"intraclass_correlation": 0.75}, grip={"within_person_sd": 0.49 * sd})
    assert {"sway", "grip"} <= kept, why
    kept, why = further(sway={"intraclass_correlation": 0.74}, grip={"within_person_sd": 0.51 * sd})
    assert not {"sway", "grip"} & kept
    assert "not repeatable" in why["sway"]
    assert "not repeatable" in why["grip"]
