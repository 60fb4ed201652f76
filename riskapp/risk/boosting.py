"""Boosted hazards, XGBoost's and LightGBM's, with exact TreeSHAP contributions.

Neither library, nor shap, is imported before such an engine is asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from riskapp.risk.design_row import Floats


class _Explainer(Protocol):
    def shap_values(self, rows: Floats) -> Any: ...


def _itself(rows: Floats) -> Floats:
    return rows


@dataclass(frozen=True)
class BoostedHazard:
    """Log hazard ratio of one cause as a sum of trees.

    Attributes
    ----------
    margin : callable
        What the trees read, shape (n, p) -> sum of leaves, shape (n,): the log hazard ratio.
    booster : object
        What shap explains.
    reads : callable
        Rows of shape (n, p) -> what the trees read, column by column.
    slope : float
        What the sum of leaves is multiplied by, so that people the trees never saw get the
        spread of risk that came true; below 1 where the trees over-fit a small cohort.
    constant : float
        Taken off, so that on average over the training people's hazard nothing is added.
    """

    margin: Callable[[Floats], Floats]
    booster: Any
    reads: Callable[[Floats], Floats] = _itself
    slope: float = 1.0
    constant: float = 0.0

    @cached_property
    def _explainer(self) -> _Explainer:
        import shap

        explainer: _Explainer = shap.TreeExplainer(
            self.booster, feature_perturbation="tree_path_dependent"
        )
        return explainer

    def log_hazard_ratio(self, rows: Floats) -> Floats:
        """Log hazard ratio, shape (n,), of rows of shape (n, p)."""
        return self.slope * self.margin(self.reads(rows)) - self.constant

    def contributions(self, rows: Floats) -> Floats:
        """Shapley values of the log hazard ratio by exact TreeSHAP, shape (n, p + 1).

        They are the library's own contributions times the slope. The last column is what
        remains: the trees' average over their training people, less the constant. Each row sums
        to the log hazard ratio (Lundberg 2020, Nat Mach Intell 2:56,
        doi:10.1038/s42256-019-0138-9).
        """
        read = self.reads(rows)
        shares = np.asarray(self._explainer.shap_values(read), dtype=np.float64)
        remainder = self.margin(read) - shares.sum(axis=1)
        shares = self.slope * np.column_stack([shares, remainder])
        shares[:, -1] -= self.constant
        return shares


def xgboost_hazard(model_json: str, rounds: int | None = None) -> BoostedHazard:
    """Read a booster from XGBoost's own JSON text; of ``rounds`` trees, or of all."""
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(model_json, "utf-8"))
    # One thread: a row takes under a millisecond, waking a pool of threads takes tens.
    booster.set_param({"nthread": 1})

    def margin(rows: Floats) -> Floats:
        predicted = booster.predict(
            xgboost.DMatrix(rows, nthread=1),
            output_margin=True,
            iteration_range=(0, rounds or 0),  # 0 is all
        )
        return np.asarray(predicted, dtype=np.float64)

    return BoostedHazard(margin, booster)


def lightgbm_hazard(model_text: str, rounds: int | None = None) -> BoostedHazard:
    """Read a booster from LightGBM's own text format; of ``rounds`` trees, or of all."""
    import lightgbm

    booster = lightgbm.Booster(model_str=model_text)

    def margin(rows: Floats) -> Floats:
        predicted = booster.predict(rows, raw_score=True, num_threads=1, num_iteration=rounds)
        return np.asarray(predicted, dtype=np.float64)

    return BoostedHazard(margin, booster)


class Reader(Protocol):
    """From a library's text to a hazard."""

    def __call__(self, text: str, rounds: int | None = None, /) -> BoostedHazard: ...


READERS: dict[str, Reader] = {
    "xgboost": xgboost_hazard,
    "lightgbm": lightgbm_hazard,
}
