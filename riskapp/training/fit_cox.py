"""Cause-specific Cox regression by lifelines, kept as plain lists."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.risk.cox import TERMS, cox_hazard, reference_terms, term_names, term_values
from riskapp.risk.design_row import Floats
from riskapp.risk.learned import HAZARDS
from riskapp.training.calibrate import baseline_per_year
from riskapp.training.cohort import Cohort

# A normal prior about zero on the effect of one standard deviation of each term, as precision:
# 10 says that two thirds of such effects are hazard ratios between 0.73 and 1.37. Many events
# outvote it; few do not. It also holds the hinges in age apart.
RECIPE: dict[str, Any] = {"prior_precision": 10.0, "first_step": 0.5}
# A term that hardly varies (one sex only, say) has nothing to tell.
LEAST_SPREAD = 1e-6


def fit_cox(cohort: Cohort, recipe: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Fit the three causes.

    Returns
    -------
    parameters : dict
        The engine's own part of ``parameters.json``.
    texts : dict
        Further files; none.
    """
    names = term_names(cohort.columns)
    values = term_values(cohort.rows, cohort.columns, names)
    varying = values.std(axis=0) > LEAST_SPREAD
    names = tuple(name for name, varies in zip(names, varying, strict=True) if varies)
    values = values[:, varying]
    reference = _reference(cohort, names)
    causes: dict[str, Any] = {}
    baselines: dict[str, list[float]] = {}
    for cause in HAZARDS:
        seen = cohort.follow_up[cause]
        table = pd.DataFrame(values, columns=list(names))
        table["years"], table["event"] = seen.years, seen.event
        # lifelines' penalty is per person.
        fitter = CoxPHFitter(penalizer=recipe["prior_precision"] / len(table), l1_ratio=0.0)
        _run(fitter, table, recipe["first_step"], cause)
        coefficients = fitter.params_.to_numpy(dtype=np.float64)
        causes[cause] = {
            "terms": list(names),
            "coefficients": coefficients.tolist(),
            "centre": _centre(values, coefficients, seen.years).tolist(),
            "covariance": fitter.variance_matrix_.to_numpy(dtype=np.float64).tolist(),
            "reference": reference.tolist(),
        }
        fitted = cox_hazard(cohort.columns, causes[cause])
        # Some thirty coefficients barely over-fit: in-sample ratios will do for the baseline.
        ratio = fitted.log_hazard_ratio(cohort.rows)
        baselines[cause] = baseline_per_year(cause, seen, ratio).tolist()
    return {"cox": causes, "baseline_hazard_per_year": baselines}, {}


def _run(fitter: CoxPHFitter, table: pd.DataFrame, first_step: float, cause: str) -> None:
    """Fit, starting with half a Newton step: a whole one overshoots where effects are strong."""
    with warnings.catch_warnings():
        # A factor that nobody with an event has is held by the ridge; not converging is not.
        warnings.filterwarnings("ignore", "Column", ConvergenceWarning)
        warnings.filterwarnings("error", "Newton-Raphson", ConvergenceWarning)
        try:
            fitter.fit(
                table,
                duration_col="years",
                event_col="event",
                fit_options={"step_size": first_step},
            )
        except (ConvergenceError, ConvergenceWarning) as error:
            raise UnusableCohort(
                f"The Cox regression of {cause} does not converge on this cohort."
            ) from error


def _centre(values: Floats, coefficients: Floats, years: Floats) -> Floats:
    """Mean of the terms over those who carry the hazard; there the baseline is best known."""
    ratio = values @ coefficients
    weight = years * np.exp(ratio - ratio.max())
    centre: Floats = weight @ values / weight.sum()
    return centre


def _reference(cohort: Cohort, names: tuple[str, ...]) -> Floats:
    """Mean of each term's shape as a line in age and sex, shape (q, 4)."""
    x = reference_terms(cohort.rows, cohort.columns)
    shapes = np.column_stack(
        [
            TERMS[name].shape(cohort.rows[:, cohort.columns.index(TERMS[name].column)])
            for name in names
        ]
    )
    return np.asarray(np.linalg.lstsq(x, shapes, rcond=None)[0].T, dtype=np.float64)
