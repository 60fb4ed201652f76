"""Boosted hazards, XGBoost's and LightGBM's, with exact TreeSHAP contributions.

Their trees are read from text and answer by themselves: importing the libraries takes seconds, and
only fitting and interactions need them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from riskapp.risk.cox import CoxHazard
from riskapp.risk.design_row import Floats
from riskapp.risk.tree_reading import lightgbm_trees, xgboost_trees
from riskapp.risk.tree_shares import Forest, Node
from riskapp.risk.tree_walking import Ways, walked, ways

# From so many rows times trees on a compiled loop is worth the second that it takes to load.
WALKED_FROM = 20_000_000


def _itself(rows: Floats) -> Floats:
    return rows


@dataclass(frozen=True)
class BoostedHazard:
    """Log hazard ratio of one cause as a sum of trees, beside a sum of terms where there is one.

    Attributes
    ----------
    margin : callable
        What the trees read, shape (n, p) -> sum of leaves, shape (n,): the log hazard ratio.
    booster : callable
        Nothing -> the library's own, for interactions.
    shares : callable
        What the trees read, shape (n, p) -> Shapley values of the sum of leaves, shape (n, p).
    reads : callable
        Rows of shape (n, p) -> what the trees read, column by column.
    slope : float
        What the sum of leaves is multiplied by, so that people the trees never saw get the
        spread of risk that came true; below 1 where the trees over-fit a small cohort.
    constant : float
        Taken off, so that on average over the training people's hazard nothing is added.
    beside : CoxHazard, optional
        What the trees were grown on top of: lines and knots that trees need many leaves for.
    """

    margin: Callable[[Floats], Floats]
    booster: Callable[[], Any]
    shares: Callable[[Floats], Floats]
    reads: Callable[[Floats], Floats] = _itself
    slope: float = 1.0
    constant: float = 0.0
    beside: CoxHazard | None = None

    def log_hazard_ratio(self, rows: Floats) -> Floats:
        """Log hazard ratio, shape (n,), of rows of shape (n, p)."""
        own = self.slope * self.margin(self.reads(rows)) - self.constant
        return own if self.beside is None else own + self.beside.log_hazard_ratio(rows)

    def contributions(self, rows: Floats) -> Floats:
        """Shapley values of the log hazard ratio by exact TreeSHAP, shape (n, p + 1).

        They equal the library's own contributions times the slope. The last column is what
        remains: the trees' average over their training people, less the constant. Each row sums
        to the log hazard ratio (Lundberg 2020, Nat Mach Intell 2:56,
        doi:10.1038/s42256-019-0138-9). Those of the terms beside are added.
        """
        read = self.reads(rows)
        shares = self.shares(read)
        remainder = self.margin(read) - shares.sum(axis=1)
        shares = self.slope * np.column_stack([shares, remainder])
        shares[:, -1] -= self.constant
        return shares if self.beside is None else shares + self.beside.contributions(rows)


def _single_precision(rows: Floats) -> Floats:
    """As XGBoost compares."""
    return rows.astype(np.float32).astype(np.float64)


def xgboost_hazard(model_json: str) -> BoostedHazard:
    """Read a booster from XGBoost's own JSON text."""
    return _hazard(lambda: xgboost_trees(model_json), lambda: _xgboost(model_json), True)


def _xgboost(model_json: str) -> Any:
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(model_json, "utf-8"))
    return booster


def lightgbm_hazard(model_text: str) -> BoostedHazard:
    """Read a booster from LightGBM's own text format."""
    return _hazard(lambda: lightgbm_trees(model_text), lambda: _lightgbm(model_text), False)


def _lightgbm(model_text: str) -> Any:
    import lightgbm

    return lightgbm.Booster(model_str=model_text)


def _hazard(
    trees: Callable[[], list[list[Node]]], booster: Callable[[], Any], single: bool
) -> BoostedHazard:
    read = cache(trees)

    @cache
    def forest() -> Forest:
        return Forest(read())

    @cache
    def laid() -> Ways:
        return ways(read())

    def margin(rows: Floats) -> Floats:
        if len(rows) * len(read()) < WALKED_FROM:
            return forest().sums(as_compared(rows))
        return walked(laid(), as_compared(rows))

    def as_compared(rows: Floats) -> Floats:
        return _single_precision(rows) if single else rows

    return BoostedHazard(
        margin=margin,
        booster=booster,
        shares=lambda rows: forest().shares(as_compared(rows)),
    )


# From a library's text to a hazard.
READERS: dict[str, Callable[[str], BoostedHazard]] = {
    "xgboost": xgboost_hazard,
    "lightgbm": lightgbm_hazard,
}
