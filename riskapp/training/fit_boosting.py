"""Cause-specific boosted hazards: Poisson trees that start from the logarithm of follow-up.

With events counted over a known time at risk, a Poisson loss is the likelihood of a constant
hazard (Holford 1980, Biometrics 36:299, doi:10.2307/2529982); both libraries offer it, and its
offset is the place where a model may later start from the evidence instead of from nothing.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.follow_up import Flags, UnusableCohort
from riskapp.risk.boosting import READERS
from riskapp.risk.design_row import Floats
from riskapp.risk.learned import HAZARDS
from riskapp.training.calibrate import baseline_per_year, slope
from riskapp.training.cohort import Cohort

Fit = Callable[[Floats, Floats, Floats, list[int], dict[str, Any], int], str]

# Trees of depth two, that is effects of pairs: on simulated people deeper ones come no nearer to
# the true probabilities, and they are harder to read.
RECIPES: dict[str, dict[str, Any]] = {
    "xgboost": {
        "folds": 4,
        "rounds": 250,
        "library": {
            "objective": "count:poisson",
            "tree_method": "hist",
            "max_depth": 2,
            "eta": 0.1,
            # In expected events, not people: a leaf speaks for at least ten of them.
            "min_child_weight": 10.0,
            "lambda": 1.0,
            # The offset carries the average; the trees start from a ratio of one.
            "base_score": 1.0,
            "nthread": 1,
        },
    },
    "lightgbm": {
        "folds": 4,
        "rounds": 250,
        "library": {
            "objective": "poisson",
            "num_leaves": 4,
            "max_depth": 2,
            "learning_rate": 0.1,
            "min_sum_hessian_in_leaf": 10.0,
            "min_data_in_leaf": 50,
            "lambda_l2": 1.0,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        },
    },
}


def fit_boosting(
    engine: str, cohort: Cohort, recipe: dict[str, Any], seed: int
) -> tuple[dict[str, Any], dict[str, str]]:
    """Fit the three causes with one library.

    Returns
    -------
    parameters : dict
        The engine's own part of ``parameters.json``.
    texts : dict
        File name -> the library's own text form of one cause's trees.
    """
    fit, suffix = FITS[engine]
    texts: dict[str, str] = {}
    baselines: dict[str, list[float]] = {}
    slopes: dict[str, float] = {}
    for cause in HAZARDS:
        seen = cohort.follow_up[cause]
        _refuse_without_events(cause, seen.event)
        event = seen.event.astype(np.float64)
        offset = np.log(seen.years * event.sum() / seen.years.sum())
        downward = _monotone(cohort.columns, cause)

        def trees(
            part: npt.NDArray[np.intp],
            event: Floats = event,
            offset: Floats = offset,
            downward: list[int] = downward,
        ) -> str:
            return fit(cohort.rows[part], event[part], offset[part], downward, recipe, seed)

        unseen = np.zeros(event.size)
        everyone = np.random.default_rng(seed).permutation(event.size)
        for fold in np.array_split(everyone, recipe["folds"]):
            others = np.setdiff1d(everyone, fold)
            _refuse_without_events(cause, seen.event[others])
            unseen[fold] = READERS[engine](trees(others)).log_hazard_ratio(cohort.rows[fold])
        slopes[cause] = slope(seen, unseen)
        baselines[cause] = baseline_per_year(cause, seen, slopes[cause] * unseen).tolist()
        texts[f"{cause}.{suffix}"] = trees(np.arange(event.size))
    return {
        "trees": {cause: f"{cause}.{suffix}" for cause in HAZARDS},
        "slope": slopes,
        "baseline_hazard_per_year": baselines,
    }, texts


def _refuse_without_events(cause: str, event: Flags) -> None:
    if not event.any():
        raise UnusableCohort(
            f"The cohort holds too few events of the kind {cause}: nothing to learn."
        )


def _monotone(columns: tuple[str, ...], cause: str) -> list[int]:
    """-1 where the hazard may only fall as the column rises: fractures with the T-score."""
    falls = () if cause == "death" else ("femoral_neck_t_score",)
    return [-1 if name in falls else 0 for name in columns]


def _fit_xgboost(
    rows: Floats,
    event: Floats,
    offset: Floats,
    monotone: list[int],
    recipe: dict[str, Any],
    seed: int,
) -> str:
    import xgboost

    data = xgboost.DMatrix(rows, label=event, base_margin=offset, nthread=1)
    settings = recipe["library"] | {"monotone_constraints": tuple(monotone), "seed": seed}
    booster = xgboost.train(settings, data, recipe["rounds"])
    return booster.save_raw("json").decode()


def _fit_lightgbm(
    rows: Floats,
    event: Floats,
    offset: Floats,
    monotone: list[int],
    recipe: dict[str, Any],
    seed: int,
) -> str:
    import lightgbm

    data = lightgbm.Dataset(rows, event, init_score=offset)
    settings = recipe["library"] | {"monotone_constraints": monotone, "seed": seed}
    text: str = lightgbm.train(settings, data, recipe["rounds"]).model_to_string()
    return text


FITS: dict[str, tuple[Fit, str]] = {
    "xgboost": (_fit_xgboost, "json"),
    "lightgbm": (_fit_lightgbm, "txt"),
}
