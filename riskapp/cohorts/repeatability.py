"""How alike two measurements of one person are, as a site declares it of its columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

# Two measurements of one person differ by more than this many standard deviations of the error in
# one of twenty: 1.96 times the root of 2 (least significant change; ISCD 2019, doi:10.1016/
# j.jocd.2019.07.001, recalled, to be confirmed).
CHANGE_PER_ERROR = 1.96 * np.sqrt(2)


@dataclass(frozen=True, kw_only=True)
class Repeatability:
    """What is declared about measuring a column twice; either, or both.

    Attributes
    ----------
    intraclass_correlation : float, optional
        Share of the variance that lies between people.
    least_significant_change : float, optional
        In the column's unit, at 95 % confidence.
    """

    intraclass_correlation: float | None = None
    least_significant_change: float | None = None


def told_of(declared: Mapping[str, Any]) -> Repeatability:
    """Read the part ``repeatability`` of a declared column.

    A standard deviation within people is told as the change that it makes significant.
    """
    within = declared.get("within_person_sd")
    changes = [declared.get("least_significant_change")]
    changes.append(None if within is None else CHANGE_PER_ERROR * within)
    return Repeatability(
        intraclass_correlation=declared.get("intraclass_correlation"),
        least_significant_change=max((each for each in changes if each is not None), default=None),
    )
