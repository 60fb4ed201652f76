"""Complete rows of one person, drawn given what is known, further columns included.

A few draws serve many people, and a draw is weighed by what then happened to the person. The mean
so weighed of few draws falls short of the mean over all, and with it the effect of what was drawn.
So few are chosen from many, evenly along the T-score, which the hazards move with most.
"""

from collections.abc import Mapping

import numpy as np

from riskapp.risk.anchor import CLINICAL
from riskapp.risk.design_row import Floats
from riskapp.risk.drawing import draw
from riskapp.risk.further_columns import FurtherColumns
from riskapp.risk.missing import Known
from riskapp.risk.populations import population
from riskapp.risk.site_people import AS_PUBLISHED, SitePeople


def complete_rows(
    code: str,
    known: Known,
    values: Mapping[str, float],
    further: FurtherColumns,
    draws: int,
    pool: int,
    rng: np.random.Generator,
    like: SitePeople = AS_PUBLISHED,
) -> Floats:
    """Equally weighted complete rows, shape (draws, 11 + further columns).

    Parameters
    ----------
    code : str
        Of the population whose people the draws are like.
    known : Known
        What the evidence knows.
    values : mapping of column to float
        What is known, of all columns.
    pool : int
        How many draws to choose from.
    like : SitePeople
        How the people whom the draws are like differ from the published ones.

    Raises
    ------
    OutsideModelRange
        If nothing is published for this sex in the population.
    """
    population(code).refuse_unless_published(known.sex)
    own = like.unknown(code, known.sex, known.age_years)
    # Measurements of bone that the evidence counts have told of the T-score already.
    told = known.modifiers.bone.values if known.modifiers.bone else ()
    drawn = draw(known, own.people, own.parameters, pool, rng, own.t_sd)
    order = np.lexsort((drawn["bmi_kg_m2"], drawn["femoral_neck_t_score"]))
    drawn = {name: column[order] for name, column in drawn.items()}
    whole = further.complete(drawn, values, draws, rng, told)
    rows = np.column_stack([whole[name] for name in (*CLINICAL, *further.names)])
    # Any of them is as good a sample as any other.
    return np.asarray(rng.permutation(rows))
