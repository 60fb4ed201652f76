"""Where the people of a cohort are, so that a model can tell who is not like them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.risk.design_row import Floats
from riskapp.risk.reach import rarities, scores

# One in two hundred of the training people themselves is called unusual.
PERCENTILE = 99.5
SHARES = np.concatenate([[0.001, 0.005], np.arange(0.01, 1.0, 0.01), [0.995, 0.999]])
# Correlations are drawn to none by this share, so that copies can be inverted.
DRAWN_TO_NONE = 0.01


def fit_reach(
    rows: Floats,
    weights: Floats,
    names: Sequence[str],
    log_ratios: Mapping[str, Floats],
    scanners: Sequence[str],
) -> dict[str, Any]:
    """Estimate it, as plain lists.

    Parameters
    ----------
    rows : ndarray, shape (N, k)
        Measured numbers that enough people had; a person may have several rows.
    weights : ndarray, shape (N,)
        Sum to 1 for each person.
    names : sequence of str, length k
    log_ratios : mapping of cause to ndarray, shape (N,)
        f of the rows.
    scanners : sequence of str
    """
    share = weights / weights.sum()
    quantiles = [_quantiles(column, share) for column in rows.T]
    away = np.column_stack(
        [scores(column, SHARES, own) for column, own in zip(rows.T, quantiles, strict=True)]
    )
    correlation = _correlation(away, share)
    rarity = rarities(away, correlation)
    return {
        "columns": list(names),
        "shares": SHARES.tolist(),
        "quantiles": [each.tolist() for each in quantiles],
        "correlation": correlation.tolist(),
        "rarest": float(_quantile(rarity, share, 1 - PERCENTILE / 100)),
        "percentile": PERCENTILE,
        "scanners": sorted(set(scanners)),
        "spread": {cause: float(share @ (f - share @ f) ** 2) for cause, f in log_ratios.items()},
    }


def _quantiles(column: Floats, share: Floats) -> Floats:
    order = np.argsort(column)
    passed = np.cumsum(share[order]) - share[order] / 2
    return np.asarray(np.interp(SHARES, passed, column[order]))


def _quantile(values: Floats, share: Floats, at: float) -> float:
    order = np.argsort(values)
    return float(np.interp(at, np.cumsum(share[order]), values[order]))


def _correlation(away: Floats, share: Floats) -> Floats:
    centred = away - share @ away
    covariance = (centred * share[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    spread[spread == 0] = 1.0
    correlation = covariance / np.outer(spread, spread) * (1 - DRAWN_TO_NONE)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)
