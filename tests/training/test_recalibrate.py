"""A model moved to newer people: the level follows them, what was learned stays."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.evaluation.summary import judge
from riskapp.modelstore import SHIPPED, folders, load, look_also_in
from riskapp.modelstore.parameters import engine_from
from riskapp.risk.errors import UnknownModel
from riskapp.risk.scaled import ScaledHazard
from riskapp.training.fitting import Workshop
from riskapp.training.recalibrate import expected, recalibrate, updated
from riskapp.training.reference import REFERENCE
from riskapp.training.simulation.options import Options
from riskapp.training.storing import simulated_cohort, ten_years, train
from riskapp.training.updating import NONE, Update

OTHER = "other_major_osteoporotic"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("models")
    before = list(folders._places)
    look_also_in(place)
    some = simulated_cohort(Options(people=500, seed=3))
    train(Workshop(some), "cox", "parent", place, judge=judge)
    yield place
    folders._places[:] = before


@pytest.fixture(scope="module")
def like() -> Cohort:
    return simulated_cohort(Options(people=3000, seed=11))


def rarer(cohort: Cohort, kept: float) -> Cohort:
    """The same people with fractures that much rarer: some who broke a bone are left out."""
    rng = np.random.default_rng(5)
    broke = cohort.follow_up["major_osteoporotic"].event
    return cohort.part(np.flatnonzero(~broke | (rng.random(broke.size) < kept)))


def test_people_with_half_the_fractures_get_half_the_level(place: Path, like: Cohort) -> None:
    parent = load("parent")
    updates = recalibrate(parent, rarer(like, 0.5), "child", place, judge=judge)
    assert updates[OTHER].needs != NONE
    child = load("child")
    assert child.manifest["parent"] == {"model_id": "parent", "sha256": parent.sha256}
    assert child.trained_on == "simulated"
    assert "Recalibrated from parent" in child.card
    assert REFERENCE in child.texts
    ratio = child.validation["outcomes"]["major_osteoporotic"]["observed_over_expected"]
    assert ratio == pytest.approx(1.0, abs=0.25)  # the parent: about 0.45
    before, after = (ten_years(engine_from(one), like) for one in (parent, child))
    for outcome in before:
        assert np.corrcoef(before[outcome], after[outcome])[0, 1] > 0.97
        assert after[outcome].mean() / before[outcome].mean() == pytest.approx(0.5, abs=0.12)
    # A level that was found among few is no surer than they are many.
    doubts = [
        one.parameters["uncertainty"][OTHER]["covariance_lower_half"] for one in (parent, child)
    ]
    assert doubts[1][-2][-1] > max(doubts[0][-2][-1], 1 / updates[OTHER].events)
    assert load("parent").sha256 == parent.sha256
    with pytest.raises(UnknownModel, match="never changed in place"):
        recalibrate(parent, like, "child", place, judge=judge)


def test_what_a_model_expects_of_people_like_its_own_is_what_happens(
    place: Path, like: Cohort
) -> None:
    seen = expected(engine_from(load("parent")), like)
    for cause, event in seen.events.items():
        observed, due = seen.weights @ event, seen.weights @ seen.expected[cause]
        assert observed / due == pytest.approx(1.0, abs=4 / np.sqrt(due) + 0.05), cause
    starts = np.flatnonzero(np.diff(seen.owners, prepend=-1))
    assert np.add.reduceat(seen.weights, starts) == pytest.approx(1.0)


def test_a_model_that_fits_is_not_recalibrated(
    place: Path, like: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "riskapp.training.recalibrate.update_for",
        lambda *_: Update(NONE, 0.0, 1.0, 30, 30.0, {}),
    )
    with pytest.raises(UnusableCohort, match="fits these people as it is"):
        recalibrate(load("parent"), like, "useless", place, judge=judge)
    assert not (place / "useless").exists()


def test_level_and_spread_go_into_the_hazards(like: Cohort) -> None:
    # Many people taught it; the few of the parent above may teach nothing beside the evidence.
    parent = load(SHIPPED["cox"])
    cause = next(iter(parent.parameters["hazards"]))
    twice = {cause: Update("level and spread", np.log(2.0), 0.5, 50, 25.0, {})}
    once = updated(parent.parameters, twice)
    again = updated(once, twice)
    assert again["slopes"][cause] == 0.25
    few = like.part(np.arange(50))
    texts = {**parent.texts, folders.PARAMETERS: json.dumps(once)}
    moved = engine_from(
        folders.StoredModel("m", "cox", "simulated", "", "", {}, texts, parent.blobs)
    )
    own = engine_from(parent)
    rows = expected(own, few).rows
    assert moved.log_hazard_ratios(cause, rows) == pytest.approx(
        0.5 * own.log_hazard_ratios(cause, rows)
    )
    assert moved.level_per_year[cause] == pytest.approx(2 * own.level_per_year[cause])
    hazard = moved.hazards[cause]
    assert isinstance(hazard, ScaledHazard)
    assert hazard.contributions(rows).sum(axis=1) == pytest.approx(hazard.log_hazard_ratio(rows))
