"""Boosted trees by the libraries' own training over workers.

Each library would find bins of its own from the rows that a worker happens to hold, and the trees
would depend on who holds what. All rows are therefore binned first, with edges that come from
counts over everybody: the libraries then find the same trees on any number of workers.

XGBoost's Cox objective is not offered: each worker forms its risk sets from its own rows alone,
which is another likelihood (``docs/scale.md`` has the difference).
"""

import re
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import Any

import numpy as np

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.risk.boosting import READERS
from riskapp.training.distributed.parts import LOOK_SECONDS, Parts
from riskapp.training.sums.cox_sums import Floats, RiskSums
from riskapp.training.sums.learner import Described, Learner, TreesTogether, calibrated, log_level
from riskapp.training.sums.people_sums import PeopleSums
from riskapp.training.sums.tree_sums import binned

# A training in which a worker was lost is begun again so often.
REPEATS = 4
MEET_SECONDS = 60


def trees_on_workers(
    engine: str,
    parts: Parts,
    learner: Learner,
    cause: str,
    described: Described,
    library: dict[str, Any],
    monotone: Sequence[int],
) -> TreesTogether:
    """Train one cause's trees: on everybody, and without each fold for slope and level.

    Parameters
    ----------
    engine : str
        "xgboost" or "lightgbm".
    library : dict
        The library's own settings.

    Raises
    ------
    UnusableCohort
        If workers are lost again and again.
    """
    edges = learner.edges(described)
    settings = learner.learning.settings
    bands = len(learner.learning.bands_years) - 1

    def unseen(texts: Sequence[str]) -> Callable[[Floats], RiskSums]:
        def asked(beta: Floats) -> RiskSums:
            numbers = parts.total_of(_unseen, engine, texts, cause, beta)
            return RiskSums.from_numbers(numbers, bands, 1)

        return asked

    start = log_level(unseen(())(np.zeros(1)))
    train = {"xgboost": _xgboost, "lightgbm": _lightgbm}[engine]
    told = library | {"monotone_constraints": tuple(monotone)}
    texts = [
        _repeated(
            parts,
            partial(train, parts, cause, edges, start, left_out, told, settings["rounds"]),
        )
        for left_out in range(-1, settings["folds"])
    ]
    return calibrated(texts[0], unseen(texts[1:]))


def _repeated(parts: Parts, train: Callable[[], str]) -> str:
    """Train, and begin anew on all workers where one was lost.

    LightGBM waits for a worker that is gone, and those that are left keep the broken connection: so
    the workers are watched meanwhile, and none of them goes on.
    """
    for _ in range(REPEATS):
        there = parts.workers()
        with ThreadPoolExecutor(1) as pool:
            training = pool.submit(train)
            while not (there - parts.workers() or wait([training], timeout=LOOK_SECONDS).done):
                pass
            if lost := bool(there - parts.workers()):
                parts.begin_anew(len(there))
        error = training.exception()
        if error is None:
            return training.result()
        if not lost:
            raise error
    raise UnusableCohort("Workers were lost again and again while trees were trained.") from error


def _unseen(
    part: PeopleSums, engine: str, texts: Sequence[str], cause: str, beta: Floats
) -> Floats:
    f = np.zeros(len(part.people.rows))
    for left_out, text in enumerate(texts):
        held = part.fold == left_out
        f[held] = READERS[engine](text).margin(part.people.rows[held])
    return part.risk_sums(f[:, None], cause, beta)


def _arrays(
    parts: Parts, cause: str, edges: list[Floats], start: float, left_out: int, values: bool
) -> tuple[Any, ...]:
    """Rows, events, offsets and weights as Dask's arrays, one block for each part."""
    import dask.array as da
    from dask import delayed

    blocks = [delayed(_block)(part, cause, edges, start, left_out, values) for part in parts.held]
    kept = parts.client.persist(blocks)
    sizes = parts.client.gather(parts.client.compute([delayed(len)(block[1]) for block in kept]))
    found = []
    for position in range(4):
        shapes = [(size, len(edges)) if position == 0 else (size,) for size in sizes]
        arrays = [
            da.from_delayed(block[position], shape, dtype=np.float64)
            for block, shape in zip(kept, shapes, strict=True)
        ]
        found.append(da.concatenate(arrays))
    return tuple(found)


def _block(
    part: PeopleSums, cause: str, edges: list[Floats], start: float, left_out: int, values: bool
) -> tuple[Floats, ...]:
    """One part: each value becomes its bin's lower edge, or the number of its bin."""
    chosen = part.fold != left_out
    bins = binned(part.people.rows[chosen], edges)
    if values:
        lowest = [np.append(own[0] - 1.0 if own.size else 0.0, own) for own in edges]
        rows = np.column_stack([own[i] for own, i in zip(lowest, bins.T, strict=True)])
    else:
        rows = bins.astype(np.float64)
    offset = part.log_expected(cause)[chosen] + start
    return rows, part.happened(cause)[chosen], offset, part.people.weights[chosen]


def _xgboost(
    parts: Parts,
    cause: str,
    edges: list[Floats],
    start: float,
    left_out: int,
    library: dict[str, Any],
    rounds: int,
) -> str:
    from xgboost import dask as on_workers
    from xgboost.collective import Config

    rows, event, offset, weights = _arrays(parts, cause, edges, start, left_out, True)
    data = on_workers.DaskDMatrix(parts.client, rows, event, weight=weights, base_margin=offset)
    # The workers find each other through a tracker beside the scheduler's address.
    host = parts.client.scheduler.address.rpartition("://")[2].rpartition(":")[0]
    # Without a limit it waits for ever for workers that are lost before they meet.
    found = Config(tracker_host_ip=host, tracker_timeout=MEET_SECONDS)
    booster = on_workers.train(parts.client, library, data, rounds, coll_cfg=found)["booster"]
    text: str = booster.save_raw("json").decode()
    return text


def _lightgbm(
    parts: Parts,
    cause: str,
    edges: list[Floats],
    start: float,
    left_out: int,
    library: dict[str, Any],
    rounds: int,
) -> str:
    from lightgbm import dask as on_workers

    rows, event, offset, weights = _arrays(parts, cause, edges, start, left_out, False)
    # Each worker has one thread of its own.
    own = {name: value for name, value in library.items() if name != "num_threads"}
    model = on_workers.DaskLGBMRegressor(
        client=parts.client, tree_learner="data", n_estimators=rounds, **own
    )
    with warnings.catch_warnings():
        # Its own default, which it then complains of.
        warnings.filterwarnings("ignore", "Parameter .* will be ignored", UserWarning)
        model.fit(rows, event, sample_weight=weights, init_score=offset)
    return with_edges(model.booster_.model_to_string(), edges)


def with_edges(text: str, edges: Sequence[Floats]) -> str:
    """LightGBM's text of trees that were grown on numbers of bins, with the bins' own edges."""
    columns: list[int] = []
    lines = []
    for line in text.split("\n"):
        name, _, told = line.partition("=")
        if name == "split_feature":
            columns = [int(each) for each in told.split()]
        if name == "threshold" and told:
            firsts = [int(np.ceil(float(each))) for each in told.split()]
            values = [
                # Left is "at most": just below the edge.
                repr(float(np.nextafter(edges[column][first - 1], -np.inf)))
                for column, first in zip(columns, firsts, strict=True)
            ]
            line = f"threshold={' '.join(values)}"
        lines.append(line)
    # Sizes of the trees in bytes, which no longer hold; the library reads without them.
    return re.sub(r"(?m)^tree_sizes=.*\n", "", "\n".join(lines))
