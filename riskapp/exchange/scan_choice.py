"""Which measurement of which scan fills which fields of the record, and why others do not.

Each slot of the record takes one measurement: the newest suitable one, the one that a person
chose, or none. Every door chooses here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from imaging.days import is_to_come
from imaging.result import ScanMeasurement
from riskapp.exchange.scan_fields import (
    DENSITY,
    SLOTS,
    Offer,
    offers,
)

NONE = "none"
# Of the contract: an older DXA is warned about; unless somebody chooses it, it is not used.
MOST_YEARS = 5.0
DAYS_PER_YEAR = 365.25
TO_COME = "the date of the scan lies in the future"
BEFORE_BIRTH = "the date of the scan lies before the patient’s date of birth"
WRONG_DAYS = (TO_COME, BEFORE_BIRTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One version of one scan, as far as choosing looks at it.

    Attributes
    ----------
    scan : str
        Its id.
    on : date
        Day of the scan, or of its arrival where no one told the day (``is_arrival``).
    why_not : str
        Why nothing of it may be used at all, e.g. because nobody confirmed it; blank otherwise.
    """

    scan: str
    version: int
    measurement: ScanMeasurement
    on: date
    is_arrival: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One measurement that could fill a slot.

    Attributes
    ----------
    never : str
        Why it cannot be used even if somebody chooses it; blank otherwise.
    why_not : str
        Why it is not used by itself; a person may still choose it. Blank where it is suitable.
    """

    slot: str
    source: Source
    offer: Offer
    never: str = ""
    why_not: str = ""

    @property
    def key(self) -> str:
        """How a person names it: the scan, and the region where a scan has several."""
        return f"{self.source.scan}/{self.offer.region}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """What a slot takes, and what was passed over."""

    slot: str
    candidate: Candidate | None
    others: tuple[Candidate, ...]
    wanted: str  # what was asked for: blank for the newest suitable one

    @property
    def fields(self) -> dict[str, float | str]:
        return dict(self.candidate.offer.fields) if self.candidate else {}


@dataclass(frozen=True, slots=True)
class Choice:
    """Every slot for which there is a candidate, and the fields that they fill together."""

    picks: tuple[Pick, ...] = ()
    fields: Mapping[str, float | str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)  # sentence by slot

    def source_of(self, name: str) -> Source | None:
        """Where a field comes from; the scanner's maker and date go with the density."""
        shared = ("dxa_manufacturer", "dxa_date")
        for pick in self.picks:
            owns = name in pick.fields or (name in shared and pick.slot in DENSITY)
            if owns and pick.candidate is not None:
                return pick.candidate.source
        return None


def choose(
    sources: Sequence[Source],
    *,
    today: date,
    sex: str,
    wanted: Mapping[str, str] | None = None,
    typed: Iterable[str] = (),
    maker: str = "",
    born: date | None = None,
) -> Choice:
    """Choose a measurement for each slot.

    Parameters
    ----------
    sources : sequence of Source
        Every scan that may be looked at, in any order.
    wanted : mapping of slot to text
        ``none``, a scan's id, or a candidate's key; a slot that is missing or blank takes the
        newest suitable measurement.
    typed : iterable of field name
        Fields that a person answered: an answer wins over a scan, and of two ways of telling one
        density only one is left.
    maker : str
        Of the scanner, where a person answered it: densities of another do not go with it.
    born : date, optional
        The patient's birth date: nothing that is dated before it is used.

    Returns
    -------
    Choice
        With a sentence in ``problems`` for each wish that cannot be followed.
    """
    wanted, answered = wanted or {}, set(typed)
    newest_first = sorted(sources, key=lambda one: (one.on, one.scan), reverse=True)
    picks: list[Pick] = []
    problems = {slot: f"There is no measurement slot named {slot[:40]!r}." for slot in wanted}
    for slot in SLOTS:
        problems.pop(slot, None)
        found = [
            one for source in newest_first for one in _candidates(slot, source, (born, today), sex)
        ]
        found = [_with_maker(one, maker) for one in found] if slot in DENSITY else found
        wish = wanted.get(slot, "")
        pick, problem = _pick(slot, found, wish, answered)
        if problem:
            problems[slot] = problem
        if found:
            picks.append(pick)
        if pick.candidate is not None and slot in DENSITY:
            maker = maker or str(pick.candidate.offer.fields.get("dxa_manufacturer", ""))
    return Choice(tuple(picks), _together(picks), problems)


def _candidates(
    slot: str, source: Source, life: tuple[date | None, date], sex: str
) -> list[Candidate]:
    """Give what a scan has for a slot; ``life`` is the birth date and today."""
    found = []
    dated = _why_not_by_date(source, *life)
    for offer in offers(slot, source.measurement, sex):
        # A density of a day that cannot be would put that day into the record.
        wrong = dated if dated in WRONG_DAYS else ""
        never = source.why_not or offer.never or wrong
        why_not = never or "; ".join(one for one in (offer.why_not, dated) if one)
        found.append(Candidate(slot=slot, source=source, offer=offer, never=never, why_not=why_not))
    return found


def _why_not_by_date(source: Source, born: date | None, today: date) -> str:
    if not source.is_arrival and is_to_come(source.on, today):
        return TO_COME
    if born is not None and source.on < born:
        return BEFORE_BIRTH
    years = (today - source.on).days / DAYS_PER_YEAR
    return f"the scan is older than {MOST_YEARS:.0f} years" if years > MOST_YEARS else ""


def _with_maker(one: Candidate, maker: str) -> Candidate:
    """The record has one scanner: a density of another maker does not go with the first."""
    theirs = one.offer.fields.get("dxa_manufacturer", "")
    if not maker or not theirs or theirs == maker or one.never:
        return one
    reason = "its scanner is of another maker than that of the other densities"
    return replace(one, never=reason, why_not=reason)


def _pick(slot: str, found: Sequence[Candidate], wish: str, answered: set[str]) -> tuple[Pick, str]:
    told = answered & set(SLOTS[slot].fields)
    candidate, problem = None, ""
    if wish and wish != NONE:
        named = [one for one in found if wish in (one.source.scan, one.key)]
        possible = [one for one in named if not one.never]
        candidate = next(iter(sorted(possible, key=lambda one: bool(one.why_not))), None)
        if candidate is None:
            why = named[0].never if named else "it measured nothing for it"
            problem = f"{SLOTS[slot].label} cannot be taken from this scan: {why}."
    elif wish != NONE and not told:
        candidate = next((one for one in found if not one.why_not), None)
    others = tuple(_passed_over(one, candidate) for one in found if one is not candidate)
    return Pick(slot=slot, candidate=candidate, others=others, wanted=wish), problem


def _passed_over(one: Candidate, used: Candidate | None) -> Candidate:
    if one.why_not or used is None:
        return one
    if one.source.scan == used.source.scan:
        return replace(one, why_not=f"{used.offer.region} of the same scan is used")
    newer = used.source.on >= one.source.on
    return replace(one, why_not="a newer one is used" if newer else "another one was chosen")


def _together(picks: Sequence[Pick]) -> dict[str, float | str]:
    fields: dict[str, float | str] = {}
    days = []
    for pick in picks:
        fields |= {name: value for name, value in pick.fields.items() if name not in fields}
        if pick.slot in DENSITY and pick.candidate and not pick.candidate.source.is_arrival:
            days.append(pick.candidate.source.on)
    if days:
        # The age of the oldest is what a reader has to know.
        fields["dxa_date"] = min(days).isoformat()
    return fields
