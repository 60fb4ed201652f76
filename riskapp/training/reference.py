"""What the people of a cohort were like, kept with a model so that later people can be compared.

Percentiles and shares of one column at a time, never a row; and of few people nothing at all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from riskapp.risk.design_row import Floats, known_values
from riskapp.risk.profile import RiskProfile

# In the model's folder.
REFERENCE = "reference.json"
# Percentiles of fewer people would be single people's values.
FEWEST_KNOWN = 200
FEWEST_KNOWN_OF_TWO = 20
POINTS = 100


def reference(
    profiles: Sequence[RiskProfile], columns: Sequence[str], predicted: Mapping[str, Floats]
) -> dict[str, Any]:
    """Describe inputs and predictions of the people that a model was made with.

    Parameters
    ----------
    columns : sequence of str
        Of the model's rows.
    predicted : mapping of outcome to ndarray, shape (n,)
        10-year probabilities by the model.
    """
    return {
        "people": len(profiles),
        "columns": {
            name: described(values) for name, values in known_columns(profiles, columns).items()
        },
        "predictions": {outcome: described(values) for outcome, values in predicted.items()},
    }


def known_columns(profiles: Sequence[RiskProfile], columns: Sequence[str]) -> dict[str, Floats]:
    """Each column's values, shape (n,); NaN where not known."""
    known = [known_values(profile) for profile in profiles]
    return {
        name: np.array([each.get(name, np.nan) for each in known], dtype=np.float64)
        for name in columns
    }


def described(values: Floats) -> dict[str, Any]:
    """Share known, and what the known values were like.

    Columns of two values are told by the share of the larger one; others by 100 percentiles
    (0.5th, 1.5th ...), each a value that occurred, so that whole numbers stay whole.
    """
    known = values[~np.isnan(values)]
    told: dict[str, Any] = {"people": int(values.size), "known": int(known.size)}
    distinct = np.unique(known)
    if 0 < distinct.size <= 2 and set(distinct) <= {0.0, 1.0}:
        if known.size >= FEWEST_KNOWN_OF_TWO:
            told["share_of_yes"] = float(known.mean())
    elif known.size >= FEWEST_KNOWN:
        at = (np.arange(POINTS) + 0.5) / POINTS
        told["percentiles"] = np.quantile(known, at, method="inverted_cdf").tolist()
    return told


def as_people(told: Mapping[str, Any]) -> Floats | None:
    """People with the distribution that was described, shape (people,); NaN is not known.

    None where too few were known to be described.
    """
    known, people = int(told["known"]), int(told["people"])
    if "share_of_yes" in told:
        yes = round(known * told["share_of_yes"])
        values = np.concatenate([np.ones(yes), np.zeros(known - yes)])
    elif "percentiles" in told:
        values = np.resize(np.asarray(told["percentiles"], dtype=np.float64), known)
    else:
        return None
    return np.concatenate([values, np.full(people - known, np.nan)])
