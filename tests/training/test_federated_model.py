"""Two sites end with one model, which answers like that of the rows in one place."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xgboost

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.evaluation.summary import judge
from riskapp.risk.anchor import CLINICAL
from riskapp.risk.design_row import IMAGE_FEATURES
from riskapp.risk.estimate import EstimateOptions
from riskapp.training.completing import completed
from riskapp.training.federated.joining import not_read, people_for
from riskapp.training.federated.model import engine_given, judged_here, lead, new_plan, write_given
from riskapp.training.federated.plan import plan_from
from riskapp.training.federated.site import Site
from riskapp.training.fitting import engine_of, fit_completed, recipe_for
from riskapp.training.simulation.options import Options
from riskapp.training.storing import simulated_cohort, ten_years
from riskapp.training.sums.from_sums import fit_from_totals, rows_of
from riskapp.training.sums.learner import Learner, TreesTogether
from riskapp.training.sums.people_sums import PeopleSums

SECRET = bytes(range(32))
NAMES = ("north", "south")


@pytest.fixture(scope="module")
def cohort():
    found = simulated_cohort(Options(people=2400, seed=11, population="gb"))
    # Sites that train together read clinical columns only.
    blank = dict.fromkeys(IMAGE_FEATURES)
    return replace(found, profiles=tuple(replace(each, **blank) for each in found.profiles))


@pytest.fixture(scope="module")
def halves(cohort):
    return dict(zip(NAMES, (cohort.part(np.arange(i, 2400, 2)) for i in (0, 1)), strict=True))


@pytest.fixture(scope="module", params=["cox", "xgboost"])
def trained(request, halves, tmp_path_factory):
    plan = new_plan("two", NAMES, request.param, ("gb",), simulated=True)
    plan = plan_from(plan.text().replace('"rounds": 80', '"rounds": 10'))
    sites = [Site(name, plan, SECRET, people_for(plan, halves[name])) for name in NAMES]
    place = tmp_path_factory.mktemp("server")
    folder = lead(
        plan, lambda asked: [site.answer(asked) for site in sites], f"fed-{request.param}", place
    )
    return plan, sites, folder


def test_every_site_writes_the_same_model(trained, halves, tmp_path):
    plan, sites, folder = trained
    manifests = {(folder / "manifest.json").read_bytes()}
    for site in sites:
        own = write_given(site.finished, tmp_path / site.name)
        manifests.add((own / "manifest.json").read_bytes())
    assert len(manifests) == 1
    told = json.loads(manifests.pop())
    assert told["cohort"]["sites"] == 2
    assert told["trained_on"] == "simulated"
    assert told["cohort"]["people"] == sum(len(each.profiles) for each in halves.values())
    assert "2 sites" in (folder / "card.md").read_text()
    assert "**Simulated.**" in (folder / "card.md").read_text()
    found = judged_here(sites[0].finished, halves["north"], judge)
    assert 0.5 < found["hip"]["concordance"] < 1.0


def test_it_answers_nearly_as_a_model_of_all_rows(trained, cohort):
    plan, sites, _ = trained
    engine = engine_given(sites[0].finished)
    there = cohort.part(np.arange(0, 2400, 40))
    together = ten_years(engine, there)
    recipe = recipe_for("cox", 1)
    recipe["settings"]["chosen_below_events"] = 0
    alone = ten_years(engine_of(fit_completed(completed(cohort, 1), recipe), "simulated"), there)
    for outcome, own in alone.items():
        apart = np.abs(together[outcome] - own)
        assert apart.mean() < (0.005 if plan.engine == "cox" else 0.02)
        assert np.corrcoef(together[outcome], own)[0, 1] > 0.97


def test_people_who_cannot_teach_are_refused(halves):
    north = halves["north"]
    unrecorded = {name: each for name, each in north.follow_up.items() if name != "death"}
    with pytest.raises(UnusableCohort, match="death"):
        rows_of(replace(north, follow_up=unrecorded), ("hip", "death"), ("age_years",), 1)


def test_an_interval_holds_its_number(trained, cohort):
    engine = engine_given(trained[1][0].finished)
    profile = replace(cohort.profiles[0], age_years=71.0)
    for estimate in engine.estimate(profile, EstimateOptions(explain=False)).outcomes.values():
        told = estimate.interval_95
        assert told.lower < estimate.probability_10y < told.upper


def retold(cohort, **changed):
    return replace(cohort, profiles=tuple(replace(each, **changed) for each in cohort.profiles))


def test_other_people_and_other_units_are_refused_before_anything_is_sent(halves):
    plan = new_plan("two", NAMES, "cox", ("gb",), simulated=True)
    north = halves["north"]
    people_for(plan, north)
    assert "total_hip_t_score" not in not_read(plan, north)
    with pytest.raises(UnusableCohort, match="not about people of us"):
        people_for(plan, retold(north, population="us"))
    with pytest.raises(UnusableCohort, match="people here are simulated, .* real ones"):
        people_for(new_plan("two", NAMES, "cox", ("gb",)), north)
    with pytest.raises(UnusableCohort, match="people here are real, .* simulated ones"):
        people_for(plan, replace(north, trained_on="cohort north"))
    densities = replace(
        north,
        profiles=tuple(
            replace(each, femoral_neck_t_score=0.858 + 0.12 * each.femoral_neck_t_score)
            for each in north.profiles
        ),
    )
    with pytest.raises(UnusableCohort, match="femoral_neck_t_score is .* another unit"):
        people_for(plan, densities)


def test_trees_are_grown_again_where_the_hazard_goes_against_science():
    """Trees that make a high T-score dangerous are not taken; held monotone, others are."""
    rows = np.random.default_rng(1).normal(size=(4000, len(CLINICAL)))
    rising = np.random.default_rng(2).poisson(0.2 * np.exp(2.0 * rows[:, 3])).astype(float)
    data = xgboost.DMatrix(rows, label=rising)
    asked = []

    def trees(learner, cause, described, monotone):
        asked.append((cause, monotone))
        told = {"objective": "count:poisson", "base_score": 1.0, "max_depth": 2, "nthread": 1}
        text = xgboost.train(told | {"monotone_constraints": monotone}, data, 20).save_raw("json")
        flat = np.full(10, 10.0)
        return TreesTogether(text.decode(), 1.0, 0.0, flat, flat)

    plan = new_plan("one", NAMES, "xgboost", ("gb",), causes=("hip", "death"))
    own = rows_of(simulated_cohort(Options(people=600, seed=1)), plan.causes, plan.read, 1)
    sums = PeopleSums(own, plan.learning, (1,))
    learner = Learner(
        plan.learning, lambda kind, cause, *told: sums.kinds[kind](cause, *told), own.terms.shape[1]
    )
    fitted, _ = fit_from_totals("xgboost", learner, plan.read, ("gb",), trees)
    t_score = CLINICAL.index("femoral_neck_t_score")
    assert CLINICAL[3] == "femoral_neck_t_score"
    assert [cause for cause, _ in asked] == ["hip", "hip", "death"]
    assert not any(asked[0][1])
    assert asked[1][1][t_score] == -1
    assert not any(asked[2][1])
    assert any(
        "held monotone in femoral_neck_t_score" in note for note in fitted.parameters["notes"]
    )
