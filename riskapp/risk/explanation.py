"""Why: what each known input goes with, in probability and in log-hazard."""

from dataclasses import replace
from itertools import product

import numpy as np
import numpy.typing as npt

from riskapp.risk.estimate import Cause, Contribution, Explanation, Outcome
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.limits import RANGES
from riskapp.risk.missing import Known, grid
from riskapp.risk.modifier_words import Player, modifier_player
from riskapp.risk.populations import Population
from riskapp.risk.shapley import shapley_values
from riskapp.risk.summation import coalition_values, incidence, log_hazards

Array = npt.NDArray[np.float64]


def explain(known: Known, people: Population, evidence: EvidenceSet) -> Explanation:
    """Shapley values of the mean given each part of what is known beside age and sex.

    The players are the known inputs; weight and height count together as body mass index, what
    is known about a factor together with it, and measurements of bone beside the femoral neck
    as one. A coalition's value is the mean of the probability (and of the log-hazard at present
    age) over what it does not hold, given what it holds, so inputs that occur together share
    credit.
    """
    values = _values(known, people, evidence)
    hip, major, log_hip, log_other = (shapley_values(v) for v in values)
    nobody = values.reshape(len(values), -1)[:, 0]
    contributions = tuple(
        Contribution(
            field=told.field,
            value=told.value,
            unit=RANGES[told.field].ucum if told.field in RANGES else "1",
            log_hazard={
                Cause.HIP: float(log_hip[index]),
                Cause.OTHER_MAJOR_OSTEOPOROTIC: float(log_other[index]),
            },
            probability={
                Outcome.MAJOR_OSTEOPOROTIC: float(major[index]),
                Outcome.HIP: float(hip[index]),
            },
            source=told.source,
            beside=told.beside,
        )
        for index, told in enumerate(
            (
                *(_input(known, evidence, name) for name in known.players),
                *(modifier_player(known.modifiers, name) for name in known.modifiers.players),
            )
        )
    )
    return Explanation(
        baseline={
            Outcome.MAJOR_OSTEOPOROTIC: float(nobody[1]),
            Outcome.HIP: float(nobody[0]),
        },
        baseline_log_hazard={
            Cause.HIP: float(nobody[2]),
            Cause.OTHER_MAJOR_OSTEOPOROTIC: float(nobody[3]),
        },
        baseline_means=(
            "mean over people of the same age and sex in this population, nothing else known"
        ),
        contributions=contributions,
    )


def _values(known: Known, people: Population, evidence: EvidenceSet) -> Array:
    """Every coalition's means, shape (4, 2, ..., 2): hip, major, and both log-hazards.

    One axis for each of ``known.players``, then one for each player among the modifiers: these
    have no distribution to be summed over, so the sum is made with and without each.
    """
    apart = known.modifiers.players
    found = []
    for switches in product((False, True), repeat=len(apart)):
        on = [name for name, switch in zip(apart, switches, strict=True) if switch]
        part = replace(known, modifiers=known.modifiers.only(on))
        layout = grid(part, people, evidence.parameters, full=True)
        ten_years = incidence(part, people, evidence.parameters, layout)[:, -1]
        logs = log_hazards(part, people, evidence.parameters, layout)
        found.append(coalition_values(np.concatenate([ten_years, logs]), layout, part))
    stacked = np.stack(found, axis=-1)
    return stacked.reshape(*stacked.shape[:-1], *(2,) * len(apart))


def _input(known: Known, evidence: EvidenceSet, name: str) -> Player:
    value = known.value(name)
    assert value is not None  # players are known
    detail = known.modifiers.details.get(name)
    if detail is None:
        return Player(name, value, evidence.sources[name])
    source = f"{evidence.sources[name]}; {detail.source}"
    return Player(name, value, source, detail.values)
