"""Which pairs of columns a boosted hazard reads together; asked for, never with every answer."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from riskapp.risk.boosting import BoostedHazard
from riskapp.risk.design_row import Floats


class Pair(NamedTuple):
    """How much two columns change each other's part of f.

    Attributes
    ----------
    strength : float
        Mean absolute interaction, in log hazard; both halves together.
    """

    first: str
    second: str
    strength: float


def interaction_values(hazard: BoostedHazard, rows: Floats) -> Floats:
    """Shapley interaction values of a boosted f, shape (n, p, p).

    The rows are read as the trees read them. The diagonal holds what a column does by itself; a
    row of the matrix sums to the column's contribution, and all of it with the remainder of
    ``contributions`` to f (Lundberg 2020, Nat Mach Intell 2:56, doi:10.1038/s42256-019-0138-9).

    Parameters
    ----------
    rows : ndarray, shape (n, p)
    """
    import shap

    explainer = shap.TreeExplainer(hazard.booster(), feature_perturbation="tree_path_dependent")
    found = explainer.shap_interaction_values(hazard.reads(rows))
    values = hazard.slope * np.asarray(found, dtype=np.float64)
    # The library's sums of single precision: what rounding leaves goes to the diagonal.
    p = values.shape[1]
    left = hazard.contributions(rows)[:, :p] - values.sum(axis=2)
    values[:, np.arange(p), np.arange(p)] += left
    return values


def strongest(values: Floats, columns: Sequence[str], number: int) -> tuple[Pair, ...]:
    """Pairs of columns that interact most, the strongest first.

    Parameters
    ----------
    values : ndarray, shape (n, p, p)
        As by ``interaction_values``.
    """
    mean = np.abs(values).mean(axis=0)
    first, second = np.triu_indices(len(columns), k=1)
    strength = 2 * mean[first, second]
    order = np.argsort(-strength, kind="stable")[:number]
    return tuple(
        Pair(columns[first[k]], columns[second[k]], float(strength[k]))
        for k in order
        if strength[k] > 0
    )
