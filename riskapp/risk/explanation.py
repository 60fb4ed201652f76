"""Why: what each known input goes with, in probability and in log-hazard."""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from riskapp.risk.estimate import Cause, Contribution, Explanation, Outcome
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.limits import RANGES
from riskapp.risk.missing import Grid, Known, grid
from riskapp.risk.modifier_words import Player, modifier_player
from riskapp.risk.populations import Population
from riskapp.risk.shapley import shapley_values
from riskapp.risk.summation import coalition_values, incidence, log_hazards

Array = npt.NDArray[np.float64]
# Sums that are kept, about 2 MB each: two people with three modifiers, or many with fewer.
SUMS_KEPT = 16


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
        values, layout = _summed(_Sum(_told(part), part, people, evidence))
        found.append(coalition_values(values, layout, part))
    stacked = np.stack(found, axis=-1)
    return stacked.reshape(*stacked.shape[:-1], *(2,) * len(apart))


@dataclass(frozen=True, slots=True)
class _Sum:
    """What a sum over every input rests on: equal where ``told`` and the tables are the same."""

    told: Hashable
    part: Known = field(compare=False)
    people: Population = field(compare=False)
    evidence: EvidenceSet = field(compare=False)
    tables: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        # They are held here, so that no others can take their place in memory.
        object.__setattr__(self, "tables", (id(self.people), id(self.evidence)))


@lru_cache(maxsize=SUMS_KEPT)
def _summed(one: _Sum) -> tuple[Array, Grid]:
    """Both probabilities and both log-hazards of every combination, and the grid.

    On a full grid every yes/no question has both answers, whatever was answered: an answer that is
    changed on a page needs no new sum, which takes longer than all else.
    """
    layout = grid(one.part, one.people, one.evidence.parameters, full=True)
    ten_years = incidence(one.part, one.people, one.evidence.parameters, layout)[:, -1]
    logs = log_hazards(one.part, one.people, one.evidence.parameters, layout)
    return np.concatenate([ten_years, logs]), layout


def _told(part: Known) -> Hashable:
    """All that a full grid knows of a person, which is no answer to a yes/no question."""
    told = part.modifiers
    return (
        part.age_years,
        part.sex,
        part.bmi_kg_m2,
        part.t_score,
        tuple((name, *sorted(one.values.items())) for name, one in sorted(told.details.items())),
        told.falls and told.falls.falls,
        told.diabetes and told.diabetes.years,
        told.bone and tuple(sorted(told.bone.values.items())),
    )


def _input(known: Known, evidence: EvidenceSet, name: str) -> Player:
    value = known.value(name)
    assert value is not None  # players are known
    detail = known.modifiers.details.get(name)
    if detail is None:
        return Player(name, value, evidence.sources[name])
    source = f"{evidence.sources[name]}; {detail.source}"
    return Player(name, value, source, detail.values)
