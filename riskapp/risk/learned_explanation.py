"""What each column of a learned engine adds to the probability that is shown.

A learned engine multiplies the evidence's hazards by level * exp(f). Going from the evidence to the
engine in one straight line, by level**s * exp(s * f) with s from 0 to 1, the probability moves by
dp/ds = sum over causes of dp/dlog(hazard) * (log level + f); each column's part of f takes its part
of every step. These are Aumann-Shapley values: they add up to the whole shift, a column that adds
nothing to any hazard gets nothing, and columns that add the same get the same.

References
----------
Aumann RJ, Shapley LS, 1974. Values of Non-Atomic Games. Princeton University Press. Sundararajan M,
Taly A, Yan Q, 2017. Axiomatic attribution for deep networks. ICML, PMLR 70:3319.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from riskapp.risk.estimate import Outcome

Floats = npt.NDArray[np.float64]

# The causes whose hazards each outcome's probability depends on; the last one competes.
CAUSES_OF = {
    Outcome.HIP: ("hip", "death"),
    Outcome.MAJOR_OSTEOPOROTIC: ("hip", "other_major_osteoporotic", "death"),
}
# Gauss-Legendre nodes along the line: the sum of the parts then meets the whole shift to about
# 1e-12, as the probability is a smooth function of s.
NODES = 12


@dataclass(frozen=True)
class ShiftShares:
    """How the shift from the evidence's probability is shared out, for one outcome.

    Attributes
    ----------
    columns : ndarray, shape (p,)
        Of each column of the rows.
    remainder : float
        Of what f holds beside its columns: its mean, age and sex where f counts them there.
    level : float
        Of the number of events beside what was expected.
    """

    columns: Floats
    remainder: float
    level: float

    @property
    def whole(self) -> float:
        return float(self.columns.sum() + self.remainder + self.level)


def shift_shares(
    evidence: Mapping[str, Floats],
    log_level: Mapping[str, Floats],
    parts: Mapping[str, Floats],
    step_years: float,
) -> dict[Outcome, ShiftShares]:
    """Share out the mean shift of the probability at the end of the last step.

    Parameters
    ----------
    evidence : mapping of cause to ndarray, shape (n, steps)
        Hazards per year that the engine starts from, of n equally weighted rows; above 0.
    log_level : mapping of cause to ndarray, shape (steps,)
    parts : mapping of cause to ndarray, shape (n, p + 1)
        Contributions to f by column, and last what remains.
    """
    places, weights = np.polynomial.legendre.leggauss(NODES)
    found: dict[Outcome, ShiftShares] = {}
    f = {cause: each.sum(axis=1) for cause, each in parts.items()}
    for outcome, causes in CAUSES_OF.items():
        width = parts[causes[0]].shape[1]
        columns, level = np.zeros(width), 0.0
        for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
            hazards = [
                evidence[cause] * np.exp(place * (log_level[cause] + f[cause][:, None]))
                for cause in causes
            ]
            for cause, slopes in zip(causes, _slopes(hazards, step_years), strict=True):
                # The slope by step: the level changes with time, f does not.
                columns += weight * (slopes.sum(axis=1) @ parts[cause]) / len(slopes)
                level += weight * float((slopes @ log_level[cause]).mean())
        found[outcome] = ShiftShares(columns[:-1], float(columns[-1]), level)
    return found


def _slopes(hazards: list[Floats], step_years: float) -> list[Floats]:
    """Derivative of the probability by the log of each hazard in each step, (n, steps) each.

    ``p = sum over k of (E[k - 1] - E[k]) * F[k] / H[k]`` with F the fracture hazard, H all
    hazards together and E the chance of neither. A hazard a in step i changes E from there on by
    ``-E * a[i] * step``, and the ratio in its own step.
    """
    fracture, death = np.sum(hazards[:-1], axis=0), hazards[-1]
    total = fracture + death
    after = np.exp(-np.cumsum(total, axis=1) * step_years)
    before = np.concatenate([np.ones_like(after[:, :1]), after[:, :-1]], axis=1)
    gone = (before - after) * fracture / total
    # Fractures of later steps, all of which a higher hazard now makes rarer.
    later = np.cumsum(gone[:, ::-1], axis=1)[:, ::-1] - gone
    # In its own step: the chance of leaving within it rises by E[i] * step ...
    common = step_years * (after * fracture / total - later)
    # ... and the share of fractures in it moves towards the cause that has grown.
    leaving = (before - after) / total**2
    found = [each * (common + leaving * death) for each in hazards[:-1]]
    return [*found, death * (common - leaving * fracture)]
