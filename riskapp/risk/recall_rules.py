"""When somebody is to be looked at again: intervals as data, each with its source."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from riskapp.risk import published
from riskapp.risk.guideline_data import MARKS

INTERVALS = "recall/intervals"
MONTHS_OF_A_YEAR = 12
# What is done a quarter early counts as done (assumption).
EARLY = timedelta(days=92)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallRule:
    """One interval.

    Attributes
    ----------
    code : str
        ``name``, or ``name.drug_class`` where it depends on the treatment.
    months, weeks : int
        From the day that it counts from until it is due.
    """

    code: str
    says: str
    source: str
    mark: str
    months: int = 0
    weeks: int = 0

    def due_on(self, start: date) -> date:
        """The day on which it is due; the last day of a month where the month is shorter."""
        months = start.month - 1 + self.months
        year, month = start.year + months // MONTHS_OF_A_YEAR, months % MONTHS_OF_A_YEAR + 1
        day = date(year, month, min(start.day, monthrange(year, month)[1]))
        return day + timedelta(weeks=self.weeks)


@cache
def recall_rules() -> Mapping[str, RecallRule]:
    """Every rule by its code."""
    held = {name: told for name, told in published.printed(INTERVALS).items() if name != "what"}
    rules: dict[str, RecallRule] = {}
    for name, told in held.items():
        if "says" in told:
            rules[name] = _rule(name, told)
        else:
            rules |= {f"{name}.{drug}": _rule(f"{name}.{drug}", one) for drug, one in told.items()}
    return rules


def rule_for(name: str, drug: str) -> RecallRule | None:
    """The rule for one drug class; None where there is none."""
    return recall_rules().get(f"{name}.{drug}")


def _rule(code: str, told: Mapping[str, Any]) -> RecallRule:
    rule = RecallRule(code=code, **told)
    if rule.mark not in MARKS or not rule.source:
        raise ValueError(f"{INTERVALS}.json: {code} has no source, or no mark that is known.")
    return rule
