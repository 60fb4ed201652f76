"""A Cox regression of 100,000 people on 20 columns: ours and lifelines'."""

import time

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter

from benchmarks.timing import Comparison, medians
from riskapp.training.newton_cox import newton_cox

PEOPLE, COLUMNS = 100_000, 20
SEED = 1
AGREEMENT = 1e-6
ROUNDS = 3


def compare() -> list[Comparison]:
    x, years, event = drawn(PEOPLE)
    table = pd.DataFrame(x, columns=[f"x{i}" for i in range(COLUMNS)])
    table["years"], table["event"] = years, event

    def ours() -> np.ndarray:
        return newton_cox(x, years, event).coefficients

    def theirs() -> np.ndarray:
        fitted = CoxPHFitter().fit(table, "years", "event")
        found: np.ndarray = fitted.params_.to_numpy()
        return found

    apart = float(np.abs(ours() - theirs()).max())
    if apart > AGREEMENT:
        raise ArithmeticError(f"The peers disagree by {apart:.1e}.")
    seconds, peer = medians(ours, theirs, rounds=ROUNDS, clock=time.process_time)
    what = f"Cox regression, {PEOPLE:,} people and {COLUMNS} columns"
    return [Comparison(what, seconds, "lifelines", peer, f"coefficients equal to {apart:.0e}")]


def drawn(people: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns, years of follow-up and whether they ended with an event."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(people, COLUMNS))
    event_years = rng.exponential(10 * np.exp(-x @ rng.normal(0, 0.3, COLUMNS)))
    followed = rng.uniform(0, 15, people)
    return x, np.minimum(event_years, followed), event_years < followed
