"""Further numeric predictors that a site declares: laboratory values, omics, image features."""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """What science says that a higher value does to the hazard of a fracture."""

    RISKIER = "riskier"
    SAFER = "safer"
    NOT_SAID = "not_said"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteColumn:
    """One predictor beyond the contract's fields.

    Attributes
    ----------
    name : str
        As in the table's first line and in ``RiskProfile.site_values``.
    label : str
        For people to read.
    ucum : str
        Unit; "1" where there is none.
    low, high : float
        Plausible range; a value outside is refused.
    yes_no : bool
        Whether it is 0 or 1 and nothing between.
    direction : Direction
        Holds a learned hazard to rise or fall with it; only where the science demands it.
    """

    name: str
    label: str
    ucum: str
    low: float
    high: float
    yes_no: bool = False
    direction: Direction = Direction.NOT_SAID
