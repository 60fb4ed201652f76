"""What the readers of single resources have found, and the choice among it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from riskapp.exchange.clinical_codes import CodeTable, Meaning, normal_system
from riskapp.exchange.fhir.bundle import Entries, Entry
from riskapp.exchange.fhir.dates import When
from riskapp.exchange.fhir.record import Chosen, PassedOver
from riskapp.exchange.fhir.shapes import Coding, codings
from riskapp.risk.limits import RANGES


@dataclass(frozen=True, slots=True)
class Told:
    """One value that a resource tells for a field.

    Attributes
    ----------
    when : When or None
        What it was so at, for the choice of the newest.
    weak : bool
        Whether it counts only where nothing else tells the field, as what is preliminary.
    since : bool
        Whether it is a time that runs from ``when``, so that the first one told counts.
    """

    field: str
    value: Any
    resource: str
    when: When | None = None
    code: str = ""
    words: str = ""
    weak: bool = False
    since: bool = False

    @property
    def order(self) -> tuple[Any, ...]:
        """Newest last; what is weak or not dated first; the name settles the rest."""
        when = self.when.order if self.when else ()
        return (not self.weak, self.when is not None, when, self.resource)

    def chosen(self) -> Chosen:
        unit = RANGES[self.field].ucum if self.field in RANGES else ""
        when = str(self.when) if self.when else ""
        return Chosen(self.field, self.value, unit, self.resource, when, self.code, self.words)


@dataclass
class Gathering:
    """One person's record while it is read.

    Attributes
    ----------
    born : When or None
        The person's birthday, where it is known.
    densities, fractures, courses : list
        What is chosen among by rules of its own.
    """

    entries: Entries
    codes: CodeTable
    today: date
    born: When | None = None
    sex: str | None = None
    told: list[Told] = field(default_factory=list)
    densities: list[Any] = field(default_factory=list)  # of density.Density
    fractures: list[Any] = field(default_factory=list)  # of fractures.Fracture
    courses: list[Any] = field(default_factory=list)  # of courses.Course
    high_trauma_days: set[date] = field(default_factory=set)
    used: set[str] = field(default_factory=set)  # resources read together with others
    passed_over: list[PassedOver] = field(default_factory=list)
    chosen: list[Chosen] = field(default_factory=list)

    @property
    def counted(self) -> int:
        """How much was found so far, to see whether a resource told anything."""
        return len(self.told) + len(self.densities) + len(self.passed_over)

    def tell(self, told: Told) -> None:
        self.told.append(replace(told, words=told.words[:400]))

    def pass_over(self, entry: Entry | str, why: str, field: str = "") -> None:
        label = entry if isinstance(entry, str) else entry.label
        self.passed_over.append(PassedOver(label, field, f"{why[:1].upper()}{why[1:]}."))

    def drop(self, told: Told, why: str) -> None:
        self.pass_over(told.resource, why, told.field)

    def take(self, *fields: str) -> list[Told]:
        """All that was told for these fields, oldest first, which is thereby settled elsewhere."""
        taken = [one for one in self.told if one.field in fields]
        self.told = [one for one in self.told if one.field not in fields]
        return sorted(taken, key=lambda one: one.order)

    def choose(self, told: Told) -> None:
        self.chosen.append(told.chosen())

    def newest(self, field: str) -> Told | None:
        """Choose the newest of what is told for a field, and pass over the rest."""
        many = self.take(field)
        if not many:
            return None
        *others, last = many
        for one in others:
            if _contradicts(one, last):
                for both in many:
                    self.drop(both, "of the same day, the record says yes and no")
                return None
        for one in others:
            self.drop(one, why_older(one, last))
        self.choose(last)
        return last

    def meanings(
        self, concept: object, sites: Iterable[str] = ()
    ) -> tuple[set[Meaning], Coding | None]:
        """What a concept means, and the code that says so; words count only without a code."""
        beside = list(sites)
        found: set[Meaning] = set()
        by: Coding | None = None
        for coding in codings(concept):
            if coding.system == "text" and found:
                break
            meant = self.codes.meanings(coding.system, coding.code, beside)
            if meant and by is None:
                by = coding
            found |= meant
        return found, by

    def answers_of(self, concept: object) -> tuple[dict[str, bool], Coding | None]:
        """The yes and no that a coded answer gives, by field; ``answer`` is of every field."""
        meant, by = self.meanings(concept)
        said = {one.name: one.answer for one in meant if one.answer is not None}
        # Codes of one answer that say yes and no say nothing.
        return {name: is_so for name, is_so in said.items() if (name, not is_so) not in meant}, by


def key_of(coding: Coding | None) -> str:
    """``system|code`` with one name for each terminology."""
    return "" if coding is None else f"{normal_system(coding.system)}|{coding.code}"


def _contradicts(one: Told, last: Told) -> bool:
    same_day = (one.when and one.when.order[0]) == (last.when and last.when.order[0])
    both = isinstance(one.value, bool) and isinstance(last.value, bool)
    if not both or one.value == last.value or one.weak != last.weak or not same_day:
        return False
    moments = [each.when.moment if each.when else None for each in (one, last)]
    return None in moments or moments[0] == moments[1]


def why_older(one: Told, last: Told) -> str:
    """Why of two values the other was chosen."""
    if one.weak and not last.weak:
        how = "for certain"
    elif one.when is None:
        how = "with a date" if last.when else "too"
    else:
        how = "later" if last.when and last.when.order > one.when.order else "too"
    return f"{last.resource} tells it {how}"
