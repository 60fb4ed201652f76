"""Why: what each known input goes with, in probability and in log-hazard."""

from dataclasses import replace
from itertools import groupby, product

import numpy as np
import numpy.typing as npt

from riskapp.risk.coalitions import means, over_bone_and_body, with_everybody
from riskapp.risk.estimate import Cause, Contribution, Explanation, Outcome
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.grid_hazards import NOW, laid
from riskapp.risk.kept_sums import Combinations, Weighed, seen_in_means
from riskapp.risk.limits import RANGES
from riskapp.risk.missing import Known, grid
from riskapp.risk.modifier_words import Player, modifier_player
from riskapp.risk.populations import Population
from riskapp.risk.shapley import shapley_values_of_each
from riskapp.risk.summation import terms_ahead, terms_now

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
    hip, major, log_hip, log_other = shapley_values_of_each(values)
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
    parts = [
        known.modifiers.only([name for name, switch in zip(apart, switches, strict=True) if switch])
        for switches in product((False, True), repeat=len(apart))
    ]
    # Of the modifiers measurements of bone alone move the weights, and they come first.
    alike = [list(group) for _, group in groupby(parts, key=lambda one: one.bone)]
    with_bone = [replace(known, modifiers=together[0]) for together in alike]
    layouts = [grid(part, people, evidence.parameters, full=True) for part in with_bone]
    ahead = laid(terms_ahead(known, people, evidence.parameters), layouts[0])
    now = laid(terms_now(known, people, evidence.parameters), layouts[0], NOW)
    every = Combinations(known, layouts[0].weights.shape)
    found = []
    for together, part, layout in zip(alike, with_bone, layouts, strict=True):
        ahead, now = ahead.on(layout), now.on(layout)
        causes = [ahead.pieces(one) for one in together]
        weighed = Weighed(layout.weights, seen_in_means(known, layout), every, causes[0])
        sums = [weighed.ten_years(one) for one in causes]
        logs = with_everybody(now.log_fractures(together))
        values = means([*sums, over_bone_and_body(logs, layout.weights, part)], part)
        # Outcomes of every part one after another, the log-hazards last.
        apart_by = values.reshape(2, len(together), 2, *values.shape[1:])
        found.append(np.concatenate(list(apart_by), axis=1))
    stacked = np.moveaxis(np.concatenate(found), 0, -1)
    return stacked.reshape(*stacked.shape[:-1], *(2,) * len(apart))


def _input(known: Known, evidence: EvidenceSet, name: str) -> Player:
    value = known.value(name)
    assert value is not None  # players are known
    detail = known.modifiers.details.get(name)
    if detail is None:
        return Player(name, value, evidence.sources[name])
    source = f"{evidence.sources[name]}; {detail.source}"
    return Player(name, value, source, detail.values)
