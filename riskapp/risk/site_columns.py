"""Further numeric predictors that a site declares: laboratory values, omics, image features."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from riskapp.risk.errors import UnknownModel
from riskapp.risk.limits import written


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

    @property
    def plausible(self) -> str:
        """The range in words."""
        return f"{self.low:g} to {self.high:g} {written(self.ucum)}".rstrip()

    def means_the_same(self, other: "SiteColumn") -> bool:
        """Whether a value of one is a value of the other."""
        return (self.ucum, self.yes_no) == (other.ucum, other.yes_no)


def agreed(columns: Iterable[SiteColumn]) -> tuple[SiteColumn, ...]:
    """Each column once; where models were taught other ranges of it, with the widest.

    Raises
    ------
    UnknownModel
        If one name means different things to two models.
    """
    found: dict[str, SiteColumn] = {}
    for column in columns:
        before = found.setdefault(column.name, column)
        if not before.means_the_same(column):
            raise UnknownModel(
                f"Two of the models read a column {column.name} in different ways; "
                "ask one at a time."
            )
        low, high = min(before.low, column.low), max(before.high, column.high)
        found[column.name] = replace(before, low=low, high=high)
    return tuple(found.values())
