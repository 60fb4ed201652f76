"""Boosted hazards, XGBoost's and LightGBM's, with exact TreeSHAP contributions.

Neither library is imported before such an engine is asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from riskapp.risk.cox import CoxHazard
from riskapp.risk.design_row import Floats
from riskapp.risk.tree_reading import lightgbm_trees, xgboost_trees
from riskapp.risk.tree_shares import Forest


def _itself(rows: Floats) -> Floats:
    return rows


@dataclass(frozen=True)
class BoostedHazard:
    """Log hazard ratio of one cause as a sum of trees, beside a sum of terms where there is one.

    Attributes
    ----------
    margin : callable
        What the trees read, shape (n, p) -> sum of leaves, shape (n,): the log hazard ratio.
    booster : object
        The library's own, for interactions.
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
    booster: Any
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


def xgboost_hazard(model_json: str) -> BoostedHazard:
    """Read a booster from XGBoost's own JSON text."""
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(model_json, "utf-8"))
    # One thread: a row takes under a millisecond, waking a pool of threads takes tens.
    booster.set_param({"nthread": 1})

    def margin(rows: Floats) -> Floats:
        predicted = booster.predict(xgboost.DMatrix(rows, nthread=1), output_margin=True)
        return np.asarray(predicted, dtype=np.float64)

    @cache
    def forest() -> Forest:
        return Forest(xgboost_trees(model_json))

    def shares(rows: Floats) -> Floats:
        # The library compares in single precision.
        return forest().shares(rows.astype(np.float32).astype(np.float64))

    return BoostedHazard(margin, booster, shares)


def lightgbm_hazard(model_text: str) -> BoostedHazard:
    """Read a booster from LightGBM's own text format."""
    import lightgbm

    booster = lightgbm.Booster(model_str=model_text)

    def margin(rows: Floats) -> Floats:
        predicted = booster.predict(rows, raw_score=True, num_threads=1)
        return np.asarray(predicted, dtype=np.float64)

    @cache
    def forest() -> Forest:
        return Forest(lightgbm_trees(booster.dump_model()))

    def shares(rows: Floats) -> Floats:
        return forest().shares(rows)

    return BoostedHazard(margin, booster, shares)


# From a library's text to a hazard.
READERS: dict[str, Callable[[str], BoostedHazard]] = {
    "xgboost": xgboost_hazard,
    "lightgbm": lightgbm_hazard,
}
