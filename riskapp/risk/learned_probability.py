"""A learned engine's contributions in probability, which add up to the number it shows.

The evidence's own exact Shapley values of its probability, plus what the shift from the evidence to
the engine gives each column (``learned_explanation``). Whatever is shared out to nobody - age, sex,
what is not known, the level - is in the baseline.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from riskapp.risk.anchor import CAUSES
from riskapp.risk.design_row import Floats
from riskapp.risk.estimate import Contribution, Outcome
from riskapp.risk.hazard_terms import STEP_YEARS
from riskapp.risk.learned_explanation import shift_shares
from riskapp.risk.learned_model import LearnedModel
from riskapp.risk.summation import STEPS_PER_YEAR

Shares = dict[str, dict[Outcome, float]]


def learned_shares(
    engine: LearnedModel,
    evidence: Mapping[str, Floats],
    parts: Mapping[str, Floats],
    players: Sequence[str],
) -> Shares:
    """What was learned about each known column adds to the 10-year probabilities.

    Parameters
    ----------
    evidence : mapping of cause to ndarray, shape (n, 20)
        Hazards per year of the completions by the evidence; 1 without evidence to start from.
    parts : mapping of cause to ndarray, shape (n, p + 1)
        Contributions to f.
    players : sequence of str
        Columns that are known, age and sex left out.
    """
    level = {c: np.repeat(engine.level_per_year[c], STEPS_PER_YEAR) for c in CAUSES}
    if engine.anchored:
        start, log_level = evidence, {cause: np.log(each) for cause, each in level.items()}
    else:
        # The level is where an engine without evidence starts from.
        start = {cause: each * level[cause] for cause, each in evidence.items()}
        log_level = {cause: np.zeros_like(each) for cause, each in level.items()}
    shares = shift_shares(start, log_level, parts, STEP_YEARS)
    return {
        name: {
            outcome: float(shares[outcome].columns[engine.columns.index(name)])
            for outcome in shares
        }
        for name in players
    }


def baseline(
    shown: Mapping[Outcome, float], contributions: Sequence[Contribution]
) -> dict[Outcome, float]:
    """The rest of the number shown."""
    return {
        outcome: number
        - sum(each.probability[outcome] for each in contributions if each.probability)
        for outcome, number in shown.items()
    }
