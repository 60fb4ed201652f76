"""Where science demands that a hazard rises or falls with a column."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from riskapp.risk.anchor import Anchored, evidence_hazards
from riskapp.risk.design_row import Floats
from riskapp.risk.learned_model import CauseHazard
from riskapp.risk.modifiers import NONE
from riskapp.risk.profile import FACTORS
from riskapp.risk.site_columns import Direction
from riskapp.training.completing import Completed

# Where the hazard is looked at to see whether it rises and falls as it should.
LOOKED_AT, STEPS_LOOKED_AT = 200, 12


# Whether a fracture's hazard rises or falls with what the evidence holds. Age is held by nothing.
DEMANDED = {"femoral_neck_t_score": -1, **dict.fromkeys(FACTORS, 1)}


def directions_of(people: Completed, cause: str, held: Collection[str]) -> list[int]:
    """1 where f may only rise as the column rises, -1 where it may only fall, else 0.

    What science demands it demands of the whole hazard, and beside the evidence f is only what is
    added to its logarithm. Of a column that the evidence does not hold, such as a site's own, f is
    all there is, so f is held. Of one that it holds f may well go the other way, where the
    evidence's effect is too strong for this cohort: f is left free, unless the sum is ``against``
    what is demanded; f held alone is more than is needed, and the sum is then sure.

    Parameters
    ----------
    held : collection of str
        Of ``DEMANDED``, those of which f is held.
    """
    found = dict.fromkeys(people.columns, 0)
    if cause == "death":
        return list(found.values())
    signs = {Direction.RISKIER: 1, Direction.SAFER: -1, Direction.NOT_SAID: 0}
    found |= {column.name: signs[column.direction] for column in people.further.columns}
    found |= {name: DEMANDED[name] for name in held}
    return list(found.values())


def not_followed(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Name columns of a Cox regression that its people do not follow in the declared direction.

    Parameters
    ----------
    parameters : mapping
        Of a model, as it is stored.
    """
    declared = [each["name"] for each in parameters["further"]["columns"]]
    signs = [each["direction"] for each in parameters["further"]["columns"]]
    found = []
    for cause, hazard in parameters["hazards"].items():
        values = hazard.get("coefficients", ())
        ends = values[len(parameters["terms"]) :][: len(declared)]
        if not any(values) or len(ends) != len(declared):
            continue
        for name, sign, value in zip(declared, signs, ends, strict=True):
            if sign != Direction.NOT_SAID and value == 0.0:
                found.append(
                    f"{name} is declared {sign}, and these people do not show that of "
                    f"{cause.replace('_', ' ')} fractures: it has no part there."
                )
    return tuple(found)


def against(hazard: CauseHazard, people: Completed, cause: str) -> tuple[str, ...]:
    """Columns in which the whole hazard at present goes against what is demanded."""
    return against_among(hazard, people.rows, people.columns, people.populations[0], cause)


def against_among(
    hazard: CauseHazard, people: Floats, columns: tuple[str, ...], code: str, cause: str
) -> tuple[str, ...]:
    """The same among any complete rows, shape (n, p), as of one population's people."""
    if cause == "death":
        return ()
    rows = people[:: max(1, len(people) // LOOKED_AT)]
    found = []
    for name, sign in DEMANDED.items():
        column = columns.index(name)
        values = np.array([0.0, 1.0])
        if name not in FACTORS:
            low, high = np.quantile(people[:, column], [0.01, 0.99])
            values = np.linspace(low, high, STEPS_LOOKED_AT)
        if not _rises(hazard, rows, code, cause, column, values[::sign]):
            found.append(name)
    return tuple(found)


def _rises(
    hazard: CauseHazard, rows: Floats, code: str, cause: str, column: int, values: Floats
) -> bool:
    logs = []
    for value in values:
        changed = rows.copy()
        changed[:, column] = value
        logs.append(_log_evidence(code, cause, changed) + hazard.log_hazard_ratio(changed))
    return bool((np.diff(np.array(logs), axis=0) >= -1e-9).all())


def _log_evidence(code: str, cause: str, rows: Floats) -> Floats:
    """At present, in one population: its level does not matter here."""
    whose = Anchored((code,), (NONE,))
    everybody = np.zeros(len(rows), dtype=np.intp)
    return np.asarray(np.log(evidence_hazards(rows, everybody, whose, np.zeros(1))[cause][:, 0]))
