"""Which pairs of columns a boosted hazard reads together; asked for, never with every answer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

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


def interaction_values(booster: Any, rows: Floats, slope: float) -> Floats:
    """Shapley interaction values of a booster's sum of leaves times its slope, shape (n, p, p).

    The diagonal holds what a column does by itself; a row of the matrix sums to the column's
    contribution (Lundberg 2020, Nat Mach Intell 2:56, doi:10.1038/s42256-019-0138-9).
    """
    import shap

    explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    return slope * np.asarray(explainer.shap_interaction_values(rows), dtype=np.float64)


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
