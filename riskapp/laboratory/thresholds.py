"""The probabilities at which guidelines decide, from their own data files."""

from collections import defaultdict
from dataclasses import dataclass

from riskapp.risk.estimate import Outcome
from riskapp.risk.guideline_data import listed
from riskapp.risk.rules import limit_at

# Names of the tables in which guidelines keep the limit at which treatment is considered.
DECIDES = ("limit", "intervention", "recommended", "suggested")
PREFIX = {Outcome.HIP: "hip_", Outcome.MAJOR_OSTEOPOROTIC: "major_"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """One probability in [0, 1] and the guidelines that decide at it."""

    probability: float
    guidelines: tuple[str, ...]


def thresholds(outcome: Outcome, age_years: float) -> list[Threshold]:
    """Thresholds of every guideline, the lowest first.

    A guideline whose limit goes with age gives the one of ``age_years``, and says so in its name.
    """
    found: defaultdict[float, list[str]] = defaultdict(list)
    for guideline in listed():
        for name, table in guideline.tables.items():
            kind = name.removeprefix(PREFIX[outcome])
            if kind == name or kind not in DECIDES:
                continue
            limit = limit_at(table, age_years)
            by_age = f" at age {age_years:.0f}" if len(table) > 1 else ""
            found[round(limit / 100, 6)].append(f"{guideline.name}{by_age}")
    return [Threshold(limit, tuple(sorted(set(found[limit])))) for limit in sorted(found)]
