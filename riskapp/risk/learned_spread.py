"""Ten-year probabilities under drawn doubts: what intervals of learned engines rest on."""

import numpy as np

from riskapp.risk.design_row import Floats
from riskapp.risk.estimate import Outcome
from riskapp.risk.learned_curves import Drawn, incidence
from riskapp.risk.learned_model import LearnedModel
from riskapp.risk.learned_person import Person

# Draws of the doubts; the completions that each is crossed with, for the interval over parameters;
# and the draws that each completion is paired with, for the joint one. That takes all completions:
# the tails of few would leave out more than one person in twenty.
DOUBT_DRAWS, CROSSED_COMPLETIONS, DRAWS_EACH = 160, 32, 8
SEED = 20261120


def drawn(engine: LearnedModel, person: Person) -> dict[Outcome, Drawn]:
    """Draw the doubts once, for both intervals."""
    learned, _ = engine.hazards_of([person])
    shifts = _shifts(engine, person)
    n = len(person.rows)
    # Completions carry no order, so every k-th of them is as good a sample as any.
    few = np.arange(n)[:: max(1, n // CROSSED_COMPLETIONS)]
    crossed = {
        cause: hazard[few] * np.exp(shifts[cause][:, few])[..., None]
        for cause, hazard in learned.items()
    }
    model = {outcome: p[..., -1].mean(axis=1) for outcome, p in incidence(crossed).items()}
    alone = {outcome: p[:, -1] for outcome, p in incidence(learned).items()}
    if n == 1:
        return {o: Drawn(p / alone[o], p / alone[o]) for o, p in model.items()}
    which = (np.arange(n)[:, None] * DRAWS_EACH + np.arange(DRAWS_EACH)) % DOUBT_DRAWS
    paired = {
        cause: hazard[:, None] * np.exp(shifts[cause][which, np.arange(n)[:, None]])[..., None]
        for cause, hazard in learned.items()
    }
    joint = {outcome: p[..., -1].ravel() for outcome, p in incidence(paired).items()}
    return {o: Drawn(model[o] / alone[o][few].mean(), joint[o] / alone[o].mean()) for o in model}


def _shifts(engine: LearnedModel, person: Person) -> dict[str, Floats]:
    """What each draw adds to the log-hazard of each completion, by cause, (draws, n)."""
    rng = np.random.default_rng(SEED)
    rows = engine.within_seen(person.rows)
    found = {}
    for cause in engine.level_per_year:
        if cause in engine.uncertainty:
            f = engine.log_hazard_ratios(cause, rows)
            found[cause] = engine.uncertainty[cause].shifts(rows, f, DOUBT_DRAWS, rng)
        else:
            found[cause] = np.zeros((DOUBT_DRAWS, len(rows)))
    return found
