"""Worlds in which the evidence is off by as much as it says that it may be.

What is drawn is the prior that learned engines start from: a level and a departure in every
covariate of the Cox regression, each as wide as the evidence doubts it. In such worlds, and over
many of them, an interval that is right holds the truth as often as it says; where the truth lies
exactly where the evidence says, intervals of small cohorts hold it more often.
"""

import numpy as np

from riskapp.risk.anchor import CLINICAL, EVIDENCE_SET, PUBLISHED_NAMES
from riskapp.risk.cox import basis_of, prior_sd
from riskapp.risk.design_row import Floats
from riskapp.risk.effects import doubts
from riskapp.risk.further_columns import NO_FURTHER
from riskapp.training.level import PSEUDO_EVENTS

# A level is as doubtful as one of so many events (``training.level``).
LEVEL_SD = PSEUDO_EVENTS**-0.5
# Whom a departure leaves as they are, but for the level: about where hip fractures are; any fixed
# row would serve.
USUAL = {"age_years": 75.0, "female": 0.5, "bmi_kg_m2": 26.0, "femoral_neck_t_score": -1.8}


def departed(people: dict[str, Floats], world: int) -> dict[str, Floats]:
    """What a world adds to the log-hazards, shape (n,) each, by the evidence's names of causes.

    Parameters
    ----------
    world : int
        0: nothing.
    """
    n = len(people["age_years"])
    if not world:
        return {cause: np.zeros(n) for cause in PUBLISHED_NAMES.values()}
    basis = basis_of(CLINICAL, CLINICAL, NO_FURTHER, alone=False)
    rows = np.column_stack([people[name] for name in CLINICAL])
    usual = np.array([[USUAL.get(name, 0.0) for name in CLINICAL]])
    away = basis.values(rows) - basis.values(usual)
    rng = np.random.default_rng([world, 20261121])
    found = {}
    for cause in PUBLISHED_NAMES.values():
        sd = prior_sd(basis, cause, doubts(EVIDENCE_SET))
        found[cause] = away @ (sd * rng.standard_normal(len(sd)))
        found[cause] += LEVEL_SD * rng.standard_normal()
    return found
