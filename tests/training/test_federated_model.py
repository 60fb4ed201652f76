"""Two sites end with one model, which answers like that of the rows in one place."""

import json
from dataclasses import replace

import numpy as np
import pytest

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.evaluation.summary import judge
from riskapp.risk.design_row import IMAGE_FEATURES
from riskapp.training.completing import completed
from riskapp.training.federated.model import engine_given, judged_here, lead, new_plan, write_given
from riskapp.training.federated.plan import plan_from
from riskapp.training.federated.site import Site
from riskapp.training.fitting import engine_of, fit_completed, recipe_for
from riskapp.training.simulation.options import Options
from riskapp.training.storing import simulated_cohort, ten_years
from riskapp.training.sums.from_sums import rows_of

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
    plan = new_plan("two", NAMES, request.param, ("gb",))
    plan = plan_from(plan.text().replace('"rounds": 80', '"rounds": 10'))
    sites = [
        Site(name, plan, SECRET, rows_of(halves[name], plan.causes, plan.read, plan.seed))
        for name in NAMES
    ]
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
    assert told["cohort"]["people"] == sum(len(each.profiles) for each in halves.values())
    assert "2 sites" in (folder / "card.md").read_text()
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
