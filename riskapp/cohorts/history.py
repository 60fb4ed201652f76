"""What records say of people and when, before anybody's baseline is chosen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.units import factor
from riskapp.exchange.clinical_codes import Meaning
from riskapp.risk.limits import RANGES

FRACTURES = ("hip", "vertebra", "humerus", "forearm", "other")
ENCOUNTER = "encounter"
EPOCH = date(1970, 1, 1).toordinal()


class Fact(NamedTuple):
    """One thing that a record says.

    Attributes
    ----------
    meaning : str
        A field, "hip_fracture" and so on, or "encounter".
    day : float
        When it was so, as days since 1970-01-01.
    known : float
        When it was written down; what was not known at baseline is no predictor.
    value : float or bool
    """

    meaning: str
    day: float
    known: float
    value: float | bool


@dataclass
class Person:
    """One person's frame and facts; days since 1970-01-01, None where not known."""

    sex: str | None = None
    born: float | None = None
    died: float | None = None
    died_undated: bool = False
    periods: list[tuple[float, float]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


@dataclass
class History:
    """Everybody's records.

    Attributes
    ----------
    units : mapping of meaning to UCUM
        Of everything that is a number; what is not here is a yes.
    """

    units: Mapping[str, str]
    people: dict[str, Person] = field(default_factory=dict)
    not_used: Counter[str] = field(default_factory=Counter)

    def add(
        self,
        who: str,
        meanings: set[Meaning],
        day: float | None,
        *,
        known: float | None = None,
        value: float | None = None,
        unit: str | None = None,
    ) -> None:
        """Add what a record means; what cannot be dated or converted is counted, not guessed."""
        person = self.people.get(who)
        for meaning in meanings:
            if person is None:
                self.not_used["about nobody in the table of people"] += 1
            elif day is None:
                self.not_used["without a date to the day"] += 1
            else:
                told = self._told(meaning, value, unit)
                if told is not None:
                    person.facts.append(Fact(meaning.name, day, max(day, known or day), told))

    def _told(self, meaning: Meaning, value: float | None, unit: str | None) -> float | bool | None:
        wanted = self.units.get(meaning.name)
        if wanted is None or meaning.answer is not None:
            return meaning.answer is not False
        if value is None:
            self.not_used[f"{meaning.name} without a number"] += 1
            return None
        if wanted == "1":
            return value
        try:
            return float(f"{value * factor(unit or '', wanted, meaning.name):.9g}")
        except UnusableCohort:
            self.not_used[f"{meaning.name} without a unit that can be converted"] += 1
            return None


def units_of(columns: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The units of all numbers: the contract's and those of the site's columns."""
    return {name: limit.ucum for name, limit in RANGES.items()} | {
        column["name"]: column.get("unit", "1") for column in columns
    }


def day_of(written: object) -> float | None:
    """Days since 1970-01-01 of a date or time to the day; None for anything else."""
    if isinstance(written, datetime):
        written = written.date()
    if isinstance(written, str):
        try:
            written = date.fromisoformat(written.strip()[:10])
        except ValueError:
            return None
    return float(written.toordinal() - EPOCH) if isinstance(written, date) else None


def outdated(days: Mapping[str, float]) -> list[str]:
    """What was measured earlier than another number that says the same, and may contradict it."""
    found = []
    if {"weight_kg", "height_cm", "body_mass_index"} <= set(days):
        later = days["body_mass_index"] > days["weight_kg"]
        found.append("weight_kg" if later else "body_mass_index")
    for site in ("femoral_neck", "total_hip", "lumbar_spine"):
        both = {
            name: days[name] for name in (f"{site}_bmd_g_cm2", f"{site}_t_score") if name in days
        }
        if len(set(both.values())) == 2:
            found.append(min(both, key=lambda name: both[name]))
    return found
