"""The draws of what was not known, weighed by how likely learned hazards make what happened."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from riskapp.risk.design_row import Floats
from riskapp.training.completing import Completed
from riskapp.training.draws import normalised
from riskapp.training.level import PSEUDO_EVENTS


def reweighted(people: Completed, log_ratios: Mapping[str, Floats]) -> Completed:
    """Weigh them anew.

    Where hazards are twice the evidence's, whoever was left without an event tells twice as much
    of what they had: the level of each cause counts too.

    Parameters
    ----------
    people : Completed
        Weighed by the evidence.
    log_ratios : mapping of cause to ndarray, shape (N,)
        f of the rows.
    """
    told = np.log(np.maximum(people.weights, 1e-300))
    for cause, log_ratio in log_ratios.items():
        event = people.taught.follow_up[cause].event
        by_evidence = people.exposures[cause].expected
        learned = by_evidence * np.exp(log_ratio)
        level = (event.sum() + PSEUDO_EVENTS) / (people.weights @ learned + PSEUDO_EVENTS)
        told += event[people.owners] * log_ratio - (level * learned - by_evidence)
    return replace(people, weights=normalised(told, people.owners))
