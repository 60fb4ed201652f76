"""Which unknown input would help most: what would be left of the doubt, knowing it."""

import numpy as np
import numpy.typing as npt

from riskapp.risk.estimate import HelpfulInput
from riskapp.risk.missing import BMI, T_SCORE, Known

Array = npt.NDArray[np.float64]

PERCENTILES = (2.5, 97.5)
# Draws of a measured input are cut into groups of similar value to see what knowing it leaves.
GROUPS_OF_A_MEASUREMENT = 25


def would_help(known: Known, rows: dict[str, Array], draws: Array) -> tuple[HelpfulInput, ...]:
    """Mean width that would remain, over the values that each unknown input may have.

    Among the joint draws, those that share a value are the draws that would remain if it were
    known. A measurement is cut into groups of equal size and its trend within each taken out,
    as its value would be known exactly.
    """
    found = []
    for name in known.unknown:
        values = rows["bmi_kg_m2" if name == BMI else name]
        if name in (BMI, T_SCORE):
            width = _width_by_group(values, draws)
        else:
            width = _width_by_answer(values, draws)
        found.append(HelpfulInput(name, width))
    return tuple(sorted(found, key=lambda one: one.expected_interval_width))


def _width(draws: Array) -> float:
    lower, upper = np.percentile(draws, PERCENTILES)
    return float(upper - lower)


def _width_by_answer(values: Array, draws: Array) -> float:
    parts = [draws[values == answer] for answer in (0.0, 1.0)]
    return sum(len(part) / len(draws) * _width(part) for part in parts if len(part))


def _width_by_group(values: Array, draws: Array) -> float:
    order = np.argsort(values, kind="stable")
    widths = []
    for group in np.array_split(order, GROUPS_OF_A_MEASUREMENT):
        x = values[group] - values[group].mean()
        slope = float(x @ draws[group] / (x @ x))
        widths.append(_width(draws[group] - slope * x))
    return float(np.mean(widths))
