"""Two workers give what one process gives, to the last digit that is promised."""

import json
import os
import signal
from functools import cache

import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xgboost

pytest.importorskip("distributed", reason="Dask is installed with the extra scale")

import psutil

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.risk.boosting import READERS, lightgbm_hazard, xgboost_hazard
from riskapp.training.distributed.cluster import connected
from riskapp.training.distributed.parts import Parts
from riskapp.training.distributed.training import Source, left_aside, load, train_on_workers
from riskapp.training.distributed.trees import trees_on_workers
from riskapp.training.simulation.options import Options
from riskapp.training.simulation.simulate import simulate
from riskapp.training.sums.from_sums import RECIPES, fit_from_totals, learning_of
from riskapp.training.sums.learner import Learner
from riskapp.training.sums.people_sums import PeopleSums
from riskapp.training.sums.tree_sums import binned
from tests.training.federations import people, plan, stacked

LEARNING = plan(settings=plan().settings | {"rounds": 8}).learning
SEEDS = (0, 1, 2, 3, 4)
PRECISION = np.array([1.0, 2.0, 3.0])
FALLS = (0, -1, 0)
XGBOOST = {
    "objective": "count:poisson",
    "tree_method": "hist",
    "max_depth": 2,
    "eta": 0.1,
    "min_child_weight": 5.0,
    "lambda": 1.0,
    "base_score": 1.0,
    "nthread": 1,
}
LIGHTGBM = {
    "objective": "poisson",
    "num_leaves": 4,
    "max_depth": 2,
    "learning_rate": 0.1,
    "min_sum_hessian_in_leaf": 5.0,
    "min_data_in_leaf": 20,
    "lambda_l2": 1.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
LIBRARIES = {"xgboost": XGBOOST, "lightgbm": LIGHTGBM}


def part_of(seed):
    return people(400 + 30 * seed, seed)


@pytest.fixture(scope="module")
def client():
    with connected("local", workers=2, memory="1GiB") as found:
        yield found


@pytest.fixture(scope="module")
def parts(client):
    return Parts(client, part_of, SEEDS, LEARNING, 7)


@pytest.fixture(scope="module")
def learner(parts):
    return Learner(LEARNING, parts.total, 3)


@pytest.fixture(scope="module")
def described(learner):
    return learner.describe()


def alone():
    whole = PeopleSums(stacked([part_of(seed) for seed in SEEDS]), LEARNING, (7,))

    def total(kind, cause, *values):
        return whole.kinds[kind](cause, *values)

    return whole, Learner(LEARNING, total, 3)


def test_the_cox_regression_of_parts_is_that_of_the_whole(learner, described):
    _, here = alone()
    expected = here.cox("hip", here.describe(), PRECISION)
    found = learner.cox("hip", described, PRECISION)
    assert found.coefficients == pytest.approx(expected.coefficients, abs=1e-10)
    assert found.expected == pytest.approx(expected.expected, rel=1e-10)


def in_bins(learner, described):
    whole, _ = alone()
    edges = learner.edges(described)
    offset = whole.log_expected("hip") + np.log(
        whole.happened("hip").sum() / np.exp(whole.log_expected("hip")).sum()
    )
    return whole, binned(whole.people.rows, edges).astype(float), offset


@pytest.fixture(scope="module")
def together(client, described):
    """What both workers found, each engine once."""

    @cache
    def found(engine):
        # Parts of its own: a training that lost a worker leaves no others.
        parts = Parts(client, part_of, SEEDS, LEARNING, 7)
        learner = Learner(LEARNING, parts.total, 3)
        learner.describe()
        return trees_on_workers(engine, parts, learner, "hip", described, LIBRARIES[engine], FALLS)

    return found


def test_xgboost_on_two_workers_is_xgboost_on_one(together, learner, described):
    found = together("xgboost")
    whole, bins, offset = in_bins(learner, described)
    data = xgboost.DMatrix(bins, label=whole.happened("hip"), base_margin=offset)
    settings = XGBOOST | {"monotone_constraints": FALLS}
    one = xgboost.train(settings, data, LEARNING.settings["rounds"])
    expected = one.predict(xgboost.DMatrix(bins), output_margin=True)
    assert np.abs(expected).max() > 0.2
    assert xgboost_hazard(found.text).margin(whole.people.rows) == pytest.approx(expected, abs=1e-6)
    assert 0.0 < found.slope <= 1.5


def test_lightgbm_on_two_workers_is_lightgbm_on_one(together, learner, described):
    found = together("lightgbm")
    whole, bins, offset = in_bins(learner, described)
    data = lightgbm.Dataset(bins, whole.happened("hip"), init_score=offset)
    settings = LIGHTGBM | {"monotone_constraints": FALLS}
    one = lightgbm.train(settings, data, LEARNING.settings["rounds"])
    expected = one.predict(bins, raw_score=True)
    assert np.abs(expected).max() > 0.2
    # Its edges are bins' numbers; ours are values, and say the same of the rows themselves.
    ours = lightgbm_hazard(found.text).margin(whole.people.rows)
    assert ours == pytest.approx(expected, abs=1e-6)


def test_a_worker_that_is_lost_is_made_up_for(client, parts, learner, described):
    before = learner.cox("hip", described, PRECISION)
    asked = 0

    def total(kind, cause, *values):
        nonlocal asked
        asked += 1
        if asked == 3:
            os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
        return parts.total(kind, cause, *values)

    after = Learner(LEARNING, total, 3).cox("hip", described, PRECISION)
    assert asked > 3
    assert after.coefficients.tolist() == before.coefficients.tolist()


def whole(client):
    """Wait for both workers; on a busy machine one that was lost may never have come back."""
    client.cluster.scale(2)
    client.wait_for_workers(2, timeout=60)


def dies_in_round_five(engine):
    """On a worker: its next training kills it; the one that takes its place knows nothing of it."""
    kind = {"xgboost": xgboost.Booster, "lightgbm": lightgbm.Booster}[engine]
    update, rounds = kind.update, []

    def dying(*told, **more):
        rounds.append(1)
        return os.kill(os.getpid(), signal.SIGKILL) if len(rounds) == 5 else update(*told, **more)

    kind.update = dying


@pytest.mark.parametrize("engine", LIBRARIES)
def test_a_worker_that_is_lost_in_the_middle_of_a_training_is_made_up_for(
    client, together, described, engine
):
    before_it = together(engine)
    whole(client)
    # Read anew, so that both workers hold some: one that was lost before holds none.
    parts = Parts(client, part_of, SEEDS, LEARNING, 7)
    learner = Learner(LEARNING, parts.total, 3)
    learner.describe()
    before = client.run(os.getpid)
    # Usually both hold some; on a busy machine one may have read all, and trains alone.
    holder = next(iter(client.who_has(parts.held).values()))[0]
    client.run(dies_in_round_five, engine, workers=[holder])
    again = trees_on_workers(engine, parts, learner, "hip", described, LIBRARIES[engine], FALLS)
    assert before[holder] not in client.run(os.getpid).values()
    # Not the text: LightGBM guesses from its first worker how many people are in a leaf.
    rows = alone()[0].people.rows
    first, second = (READERS[engine](each.text).margin(rows) for each in (before_it, again))
    assert np.abs(first).max() > 0.2
    assert second == pytest.approx(first, abs=1e-6)


class Deserted:
    """A client whose workers do not come back."""

    cluster = None

    def restart(self, **told):
        pass

    def scheduler_info(self, n_workers):
        return {"workers": {}}


def test_workers_that_do_not_come_back_are_not_waited_for(monkeypatch):
    monkeypatch.setattr("riskapp.training.distributed.parts.WAITED_FOR_WORKERS_SECONDS", 0.1)
    left = Parts(Deserted(), part_of, (), LEARNING, 7)
    with pytest.raises(UnusableCohort, match="No worker came back"):
        left.begin_anew(2)


def listening_at():
    found = psutil.Process().net_connections()
    return {each.laddr.ip for each in found if each.status == psutil.CONN_LISTEN}


def test_workers_here_are_reached_from_here_alone(client):
    assert set.union(listening_at(), *client.run(listening_at).values()) == {"127.0.0.1"}


def test_nobody_at_an_address_is_said():
    nowhere = connected("tcp://127.0.0.1:9", wait_seconds=1)
    with pytest.raises(UnusableCohort, match="No Dask scheduler"), nowhere:
        pass


def test_a_parquet_file_is_trained_on_part_by_part(client, tmp_path):
    table = simulate(Options(people=1200, seed=5)).table.assign(grip=20.0)
    path = tmp_path / "people.parquet"
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path, row_group_size=400)
    told = {"columns": [{"name": "grip", "unit": "kg"}]}
    path.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")
    folder = train_on_workers(client, path, "cox", "from-parts", tmp_path / "out", seed=3)
    stored = json.loads((folder / "parameters.json").read_text())
    causes = tuple(stored["hazards"])
    sources = [Source(path, group, None, causes, tuple(stored["read"]), 3) for group in range(3)]
    learning = learning_of(causes, RECIPES["cox"])
    held = [PeopleSums(load(source), learning, (3, i)) for i, source in enumerate(sources)]

    def total(kind, cause, *values):
        return sum(part.kinds[kind](cause, *values) for part in held)

    here = Learner(learning, total, len(stored["terms"]))
    fitted, described = fit_from_totals("cox", here, tuple(stored["read"]), ("gb",))
    assert described.people == 1200
    for cause in causes:
        own, other = (
            each["hazards"][cause]["coefficients"] for each in (stored, fitted.parameters)
        )
        assert own == pytest.approx(other, abs=1e-9)
    card = (folder / "card.md").read_text()
    assert "Read in 3 parts" in card
    assert "only are learned; grip, which the JSON declares, are left aside." in card
    assert left_aside(tmp_path / "another.parquet") == ""
    with pytest.raises(UnusableCohort, match="Parquet"):
        train_on_workers(client, tmp_path / "people.csv", "cox", "other", tmp_path, seed=3)
