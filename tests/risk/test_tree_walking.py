"""Going down every tree gives the sums of the tables, to the last bit."""

import numpy as np
import pytest

from riskapp.risk import boosting
from riskapp.risk.boosting import READERS
from riskapp.risk.tree_shares import Forest, Node
from riskapp.risk.tree_walking import ROWS_AT_A_TIME, walked, ways
from tests.risk.test_boosting import ROWS, model_text
from tests.risk.test_tree_shares import P, drawn_tree

LEAF = [Node(-1, 0.0, -1, -1, 1.0, 0.3)]


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
@pytest.mark.parametrize("rows", [1, ROWS_AT_A_TIME, ROWS_AT_A_TIME + 1])
def test_each_row_comes_to_its_leaves(depth: int, rows: int) -> None:
    rng = np.random.default_rng(depth)
    trees = [drawn_tree(rng, depth) for _ in range(4)] + [LEAF]
    asked = rng.normal(size=(rows, P))
    # On a threshold a value goes where the larger ones go.
    first = trees[0][0]
    asked[0, first.column] = first.threshold
    assert walked(ways(trees), asked).tolist() == Forest(trees).sums(asked).tolist()


def test_no_trees_and_no_rows_add_nothing() -> None:
    assert walked(ways([]), np.ones((3, 2))).tolist() == [0.0, 0.0, 0.0]
    assert walked(ways([LEAF]), np.ones((0, 2))).tolist() == []


@pytest.mark.parametrize("engine", ["xgboost", "lightgbm"])
def test_very_many_rows_are_answered_as_few_are(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hazard = READERS[engine](model_text(engine))
    few = hazard.log_hazard_ratio(ROWS)
    monkeypatch.setattr(boosting, "WALKED_FROM", 0)
    taken = []
    true = boosting.walked
    monkeypatch.setattr(boosting, "walked", lambda *told: taken.append(1) or true(*told))
    assert hazard.log_hazard_ratio(ROWS).tolist() == few.tolist()
    assert taken
