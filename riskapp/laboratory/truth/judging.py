"""How far predictions lie from true probabilities, free of chance: no event is drawn for it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

Floats = npt.NDArray[np.float64]

NEWTON_STEPS = 30
# Predictions of exactly 0 or 1 have no log-odds.
LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Judged:
    """One outcome.

    Attributes
    ----------
    error : float
        Mean absolute difference from the true probabilities.
    level : float
        Mean truth over mean prediction.
    slope : float or None
        1 if the spread of predictions is right, below 1 if it is too wide; None if all are one.
    c : float
        Of two people of whom one has the event by ten years and one has not, how often the first
        had the higher prediction; expected.
    coverage : float or None
        Share of intervals that hold the truth, if there are any.
    """

    error: float
    level: float
    slope: float | None
    c: float
    coverage: float | None = None


def judged(
    predicted: Floats, truth: Floats, lower: Floats | None = None, upper: Floats | None = None
) -> Judged:
    """Judge one engine.

    Parameters
    ----------
    predicted, truth : ndarray, shape (n,)
        Ten-year probabilities.
    lower, upper : ndarray, shape (m,), optional
        Intervals of the first m people.
    """
    coverage = None
    if lower is not None and upper is not None:
        first = truth[: len(lower)]
        coverage = float(((lower <= first) & (first <= upper)).mean())
    return Judged(
        error=float(np.abs(predicted - truth).mean()),
        level=float(truth.mean() / predicted.mean()),
        slope=slope(predicted, truth),
        c=expected_c(predicted, truth),
        coverage=coverage,
    )


def slope(predicted: Floats, truth: Floats) -> float | None:
    """Calibration slope that endless follow-up of these people would give; None without a spread.

    Logistic regression of the true probabilities on the log-odds predicted (Cox 1958, Biometrika
    45:562, doi:10.1093/biomet/45.3-4.562).
    """
    if np.ptp(predicted) < LEAST:
        return None
    odds = logit(np.clip(predicted, LEAST, 1 - LEAST))
    x = np.column_stack([np.ones(len(predicted)), odds - odds.mean()])
    beta = np.array([odds.mean(), 1.0])
    for _ in range(NEWTON_STEPS):
        risk = expit(x @ beta)
        weighted = x * (risk * (1 - risk))[:, None]
        step = np.linalg.solve(weighted.T @ x, x.T @ (truth - risk))
        # From afar a whole step would lead further away.
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-10:
            break
    return float(beta[1])


def expected_c(predicted: Floats, truth: Floats) -> float:
    """Expected share of concordant pairs; equal predictions count half."""
    values, places = np.unique(predicted, return_inverse=True)
    cases = np.bincount(places, weights=truth, minlength=len(values))
    others = np.bincount(places, weights=1 - truth, minlength=len(values))
    lower = np.cumsum(others) - others
    # A person is no pair with themselves.
    alone = np.bincount(places, weights=truth * (1 - truth), minlength=len(values))
    concordant = (cases * lower).sum() + 0.5 * (cases * others - alone).sum()
    pairs = cases.sum() * others.sum() - alone.sum()
    return float(concordant / pairs)
