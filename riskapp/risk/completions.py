"""Complete rows of one person, drawn given what is known, further columns included."""

from collections.abc import Mapping

import numpy as np

from riskapp.risk.anchor import CLINICAL, EVIDENCE_SET
from riskapp.risk.design_row import Floats
from riskapp.risk.drawing import draw
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.further_columns import FurtherColumns
from riskapp.risk.missing import Known
from riskapp.risk.populations import population


def complete_rows(
    code: str,
    known: Known,
    values: Mapping[str, float],
    further: FurtherColumns,
    draws: int,
    pool: int,
    rng: np.random.Generator,
) -> Floats:
    """Equally weighted complete rows, shape (draws, 11 + further columns).

    Parameters
    ----------
    code : str
        Of the population whose people the draws are like.
    known : Known
        What the evidence knows; its distribution of the rest is used.
    values : mapping of column to float
        What is known, of all columns.
    pool : int
        How many draws to choose from, where a further column tells of the rest.

    Raises
    ------
    OutsideModelRange
        If nothing is published for this sex in the population.
    """
    people = population(code)
    people.refuse_unless_published(known.sex)
    parameters = evidence_set(EVIDENCE_SET, code).parameters
    # Measurements of bone that the evidence counts have told of the T-score already.
    told = known.modifiers.bone.values if known.modifiers.bone else ()
    telling = [name for name in further.names if name in values and name not in told]
    drawn = draw(known, people, parameters, pool if telling else draws, rng)
    whole = further.complete(drawn, values, draws, rng, told)
    return np.column_stack([whole[name] for name in (*CLINICAL, *further.names)])
