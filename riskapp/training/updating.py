"""How much of a model has to change for new people: nothing, its level, its spread, or all.

Vergouwe Y and others, 2017. A closed testing procedure to select an appropriate method for updating
prediction models. Stat Med 36:4529-4539, doi:10.1002/sim.7179; here for each cause, with a Poisson
likelihood (the same as that of hazards constant within steps) in place of a binary one.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from riskapp.risk.design_row import Floats

NONE, LEVEL, SPREAD, RETRAIN = "none", "level", "level and spread", "retrain"
SIGNIFICANCE = 0.05
# With fewer, a level is hardly known to a quarter; a choice of this product.
FEWEST_EVENTS = 20
NEWTON_STEPS = 60
MOST_MOVED = 2.0  # of a coefficient in one step
HALVINGS = 30
CLOSE_ENOUGH = 1e-10  # of the log-likelihood
# A spread below 0 would turn the order of people round, and one far above 1 would stretch what few
# events were shown to say: neither is a recalibration. The upper end is a choice of this product.
LEAST_SLOPE, MOST_SLOPE = 0.0, 1.5


@dataclass(frozen=True, slots=True)
class Update:
    """What one cause needs.

    Attributes
    ----------
    needs : str
        ``none``, ``level``, ``level and spread`` or ``retrain``.
    log_level : float
        Added to the log-hazard.
    slope : float
        Factor of the learned log hazard ratio. Where a new training is needed, level and spread
        are still those that fit best without one.
    p : dict of str to float
        Of each smaller model against the fullest one.
    """

    needs: str
    log_level: float
    slope: float
    events: int
    expected: float
    p: dict[str, float]


def update_for(
    event: Floats, expected: Floats, log_ratio: Floats, columns: Floats, weights: Floats
) -> Update:
    """Choose the smallest change that fits no worse than fitting all anew.

    Parameters
    ----------
    event : ndarray, shape (n,)
        1 where the event was seen within follow-up.
    expected : ndarray, shape (n,)
        Events that the model expects by then.
    log_ratio : ndarray, shape (n,)
        What the model learned, before any change.
    columns : ndarray, shape (n, p)
        What a new training could use.
    weights : ndarray, shape (n,)
        Sum to 1 for each person.
    """
    events, due = float(weights @ event), float(weights @ expected)
    one = np.ones((len(event), 1))
    spread = _spread(log_ratio, weights)
    if events < FEWEST_EVENTS or due <= 0:
        return Update(NONE, 0.0, 1.0, round(events), due, {})
    full = np.column_stack([one, *([spread[:, None]] if spread is not None else []), columns])
    full = _independent(full, weights)
    offset = np.log(expected)
    best, _ = _fit(event, offset, full, weights)
    level, at = _fit(event, offset, one, weights)
    smaller = {NONE: (_likelihood(event, offset, weights), full.shape[1])}
    smaller[LEVEL] = (level, full.shape[1] - 1)
    log_level, slope = float(at[0]), 1.0
    if spread is not None:
        both, found = _fit(event, offset, np.column_stack([one, spread]), weights)
        smaller[SPREAD] = (both, full.shape[1] - 2)
    p = {
        name: float(chi2.sf(max(0.0, 2 * (best - each)), df)) if df > 0 else 1.0
        for name, (each, df) in smaller.items()
    }
    needs = next((name for name in smaller if p[name] >= SIGNIFICANCE), RETRAIN)
    if needs == NONE:
        log_level = 0.0
    if needs in (SPREAD, RETRAIN) and spread is not None:
        wanted = 1.0 + float(found[1])
        slope = float(np.clip(wanted, LEAST_SLOPE, MOST_SLOPE))
        needs = needs if slope == wanted else RETRAIN
        moved = offset + (slope - 1.0) * log_ratio
        _, at = _fit(event, moved, one, weights)
        log_level = float(at[0])
    return Update(needs, log_level, slope, round(events), due, p)


def _spread(log_ratio: Floats, weights: Floats) -> Floats | None:
    """The learned log ratio around its mean; None where nothing was learned."""
    if np.ptp(log_ratio) < 1e-9:
        return None
    return np.asarray(log_ratio - np.average(log_ratio, weights=weights))


def _independent(design: Floats, weights: Floats) -> Floats:
    """Columns that say something beyond those before them, scaled to be comparable."""
    kept: list[Floats] = []
    scale = np.sqrt(weights)
    basis = np.empty((len(design), 0))
    for column in design.T:
        left = scale * column
        size = np.linalg.norm(left)
        left = left - basis @ (basis.T @ left)
        left = left - basis @ (basis.T @ left)
        if size > 0 and np.linalg.norm(left) > 1e-6 * size:
            basis = np.column_stack([basis, left / np.linalg.norm(left)])
            centred = column - np.average(column, weights=weights)
            kept.append(column if not kept else centred / np.std(centred))
    return np.column_stack(kept)


def _fit(event: Floats, offset: Floats, design: Floats, weights: Floats) -> tuple[float, Floats]:
    """Poisson regression by Newton's method: log-likelihood and coefficients."""
    found = np.zeros(design.shape[1])
    reached = _likelihood(event, offset, weights)
    for _ in range(NEWTON_STEPS):
        due = weights * np.exp(offset + design @ found)
        information = design.T @ (due[:, None] * design)
        # A ridge far below one event keeps a factor that nobody with an event has solvable.
        information += 1e-8 * np.eye(design.shape[1])
        step = np.linalg.solve(information, design.T @ (weights * event - due))
        step = step * min(1.0, MOST_MOVED / np.abs(step).max(initial=MOST_MOVED))
        # Halved until it leads upwards, as far from the best a whole step may lead down.
        for _ in range(HALVINGS):
            ahead = _likelihood(event, offset + design @ (found + step), weights)
            if ahead >= reached:
                break
            step = step / 2
        else:
            break
        found, gained, reached = found + step, ahead - reached, ahead
        if gained < CLOSE_ENOUGH:
            break
    return reached, found


def _likelihood(event: Floats, log_mean: Floats, weights: Floats) -> float:
    return float(weights @ (event * log_mean - np.exp(log_mean)))
