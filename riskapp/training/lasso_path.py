"""LASSO for event counts beside what was expected: a whole path of penalties, few columns first.

An event counted against the number expected of a person over the own follow-up is the likelihood
of proportional hazards whose baseline is the expectation's (Holford 1980, Biometrics 36:299,
doi:10.2307/2529982), so the path starts from the evidence and needs no risk sets.
"""

import numpy as np

from imaging.texture.compiled import compiled
from riskapp.risk.design_row import Floats

# The path falls from the penalty at which the first column enters to a hundredth of it.
STEPS, LOWEST = 60, 0.01
# Of a coefficient, in log hazard ratio per unit of its column.
TOLERANCE = 1e-9
MOST_STEPS, MOST_CYCLES = 50, 1000
# Rounding of the loss, as a part of it.
SLACK, SHORTEST_STEP = 1e-12, 1e-6


def lasso_path(
    x: Floats, events: Floats, expected: Floats, *, at_most: int | None = None
) -> tuple[Floats, Floats, Floats]:
    """Maximise ``sum(events * eta - expected * exp(eta)) - penalty * sum(|beta|)``.

    ``eta`` is ``x @ beta`` plus a level that is not penalised. Columns should have one scale.

    Parameters
    ----------
    x : ndarray, shape (n, p)
    events : ndarray, shape (n,)
        Counted over each person's follow-up.
    expected : ndarray, shape (n,)
        Events expected over the same follow-up; above 0.
    at_most : int, optional
        Stop once so many columns have entered.

    Returns
    -------
    penalties : ndarray, shape (k,)
        Falling.
    coefficients : ndarray, shape (k, p)
    levels : ndarray, shape (k,)

    References
    ----------
    Friedman J, Hastie T, Tibshirani R, 2010. J Stat Softw 33(1), doi:10.18637/jss.v033.i01.
    """
    columns = np.ascontiguousarray(x.T, dtype=np.float64)
    level = float(np.log(events.sum() / expected.sum()))
    first = np.abs(columns @ (events - expected * np.exp(level))).max()
    penalties = first * np.geomspace(1.0, LOWEST, STEPS)
    most = x.shape[1] + 1 if at_most is None else at_most
    done, coefficients, levels = _path(
        columns, events.astype(np.float64), expected, penalties, level, most
    )
    return penalties[:done], coefficients[:done], levels[:done]


def _path(
    columns: Floats, events: Floats, expected: Floats, penalties: Floats, level: float, most: int
) -> tuple[int, Floats, Floats]:
    coefficients, levels = np.zeros((penalties.size, len(columns))), np.zeros(penalties.size)
    entered = np.zeros(len(columns), dtype=bool)
    beta = np.zeros(len(columns))
    for k, penalty in enumerate(penalties):
        for _ in range(MOST_STEPS):
            beta, level, change = _newton_step(columns, events, expected, penalty, beta, level)
            if change < TOLERANCE:
                break
        coefficients[k], levels[k] = beta, level
        entered |= beta != 0
        if entered.sum() >= most:
            return k + 1, coefficients, levels
    return penalties.size, coefficients, levels


def _newton_step(
    columns: Floats,
    events: Floats,
    expected: Floats,
    penalty: float,
    beta: Floats,
    level: float,
) -> tuple[Floats, float, float]:
    """One Newton step with the penalty kept, halved until it does not lead away."""
    eta = level + beta @ columns
    fitted = expected * np.exp(eta)
    tried = beta.copy()
    raised = descend(columns, fitted, events - fitted, penalty, tried)
    moved = level + raised + tried @ columns

    def loss(step: float) -> float:
        at = eta + step * (moved - eta)
        told = float((expected * np.exp(at) - events * at).sum())
        return told + penalty * float(np.abs(beta + step * (tried - beta)).sum())

    before, step = loss(0.0), 1.0
    while loss(step) > before + SLACK * abs(before) and step > SHORTEST_STEP:
        step /= 2
    change = max(np.abs(tried - beta).max(), abs(raised)) * step
    # A whole step keeps the exact zeros.
    beta = tried if step == 1 else beta + step * (tried - beta)
    return beta, level + step * raised, change


@compiled
def descend(
    columns: Floats, weights: Floats, residual: Floats, penalty: float, beta: Floats
) -> float:
    """Coordinate descent on the second-order expansion, the level beside the columns.

    ``beta`` is changed in place; how far the level rises is returned. All columns are visited,
    then those with an effect until they settle, then all again, until nothing changes.
    """
    curvature = np.zeros(len(beta))
    for j in range(len(beta)):
        curvature[j] = np.sum(weights * columns[j] * columns[j])
    raised, total = 0.0, weights.sum()
    everyone = True
    for _ in range(MOST_CYCLES):
        largest = visit(columns, weights, residual, penalty, curvature, beta, everyone)
        by = residual.sum() / total
        raised += by
        for i in range(len(residual)):
            residual[i] -= weights[i] * by
        settled = max(largest, abs(by)) < TOLERANCE / 10
        if settled and everyone:
            break
        everyone = settled
    return raised


@compiled
def visit(
    columns: Floats,
    weights: Floats,
    residual: Floats,
    penalty: float,
    curvature: Floats,
    beta: Floats,
    everyone: bool,
) -> float:
    """Settle one coefficient after another; return the largest change."""
    largest = 0.0
    for j in range(len(beta)):
        if curvature[j] == 0.0 or (beta[j] == 0.0 and not everyone):
            continue
        pull = curvature[j] * beta[j]
        for i in range(len(residual)):
            pull += columns[j, i] * residual[i]
        # Drawn towards 0 by the penalty, and held there if the pull is weaker.
        by = np.sign(pull) * max(abs(pull) - penalty, 0.0) / curvature[j] - beta[j]
        if by != 0.0:
            largest = max(largest, abs(by))
            beta[j] += by
            for i in range(len(residual)):
                residual[i] -= weights[i] * columns[j, i] * by
    return largest
