"""Probability of death from the same death hazard that competes with fractures."""

import numpy as np

from riskapp.risk.hazard_terms import (
    STEP_MIDDLES_YEARS,
    STEP_YEARS,
    Parameters,
    log_hazard,
    terms,
)
from riskapp.risk.missing import INPUTS, Known, grid
from riskapp.risk.populations import Population
from riskapp.risk.profile import FACTORS


def death_within(known: Known, people: Population, parameters: Parameters) -> float:
    """Probability of dying within 10 years of whatever cause, a fracture before it or not.

    A fracture changes nothing in the death hazard, so none competes here. What is not known is
    averaged over as for fractures: p = E[1 - exp(-sum of the death hazard) | what is known].

    Parameters
    ----------
    known : Known
        Age, sex and the inputs; None is not known.
    people : Population
        Whose life table applies.
    parameters : mapping of name to float
        As in ``evidence_sets``.
    """
    layout = grid(known, people, parameters, full=False)
    pieces = terms(parameters, people, known.sex, np.asarray(known.age_years), STEP_MIDDLES_YEARS)
    # One axis for each input, and the steps last.
    log_deaths = log_hazard(
        pieces.death,
        pieces.mean_t,
        layout.t_score[:, None],
        layout.bmi_kg_m2[:, None, None],
        {
            name: values.reshape(-1, *(1,) * (len(INPUTS) - axis))
            for axis, (name, values) in enumerate(zip(FACTORS, layout.factors, strict=True))
        },
    )
    died = -np.expm1(-STEP_YEARS * np.exp(log_deaths).sum(axis=-1))
    return float((died * layout.weights).sum() / layout.weights.sum())
