"""Why: what each known input goes with, in probability and in log-hazard."""

import numpy as np
import numpy.typing as npt

from riskapp.risk.estimate import Cause, Contribution, Explanation, Outcome
from riskapp.risk.evidence_sets import EvidenceSet
from riskapp.risk.limits import RANGES
from riskapp.risk.missing import Known, grid
from riskapp.risk.populations import Population
from riskapp.risk.shapley import shapley_values
from riskapp.risk.summation import coalition_values, incidence, log_hazards

Array = npt.NDArray[np.float64]


def explain(known: Known, people: Population, evidence: EvidenceSet) -> Explanation:
    """Shapley values of the mean given each part of what is known beside age and sex.

    The players are the known inputs; weight and height count together as body mass index. A
    coalition's value is the mean of the probability (and of the log-hazard at present age) over
    what it does not hold, given what it holds, so inputs that occur together share credit.
    """
    layout = grid(known, people, evidence.parameters, full=True)
    ten_years = incidence(known, people, evidence.parameters, layout)[:, -1]
    logs = log_hazards(known, people, evidence.parameters, layout)
    values = coalition_values(np.concatenate([ten_years, logs]), layout, known)
    hip, major, log_hip, log_other = (shapley_values(v) for v in values)
    nobody = values.reshape(len(values), -1)[:, 0]
    contributions = tuple(
        Contribution(
            field=name,
            value=_plain(known.value(name)),
            unit=RANGES[name].ucum if name in RANGES else "1",
            log_hazard={
                Cause.HIP: float(log_hip[index]),
                Cause.OTHER_MAJOR_OSTEOPOROTIC: float(log_other[index]),
            },
            probability={
                Outcome.MAJOR_OSTEOPOROTIC: float(major[index]),
                Outcome.HIP: float(hip[index]),
            },
            source=evidence.sources[name],
        )
        for index, name in enumerate(known.players)
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


def _plain(value: float | bool | None) -> float | bool:
    assert value is not None  # players are known
    return value
