"""Fractures of the past: which count as fragile, how many there were, and the latest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from riskapp.exchange.clinical_codes import Meaning
from riskapp.exchange.fhir.bundle import Entry
from riskapp.exchange.fhir.dates import When, effective
from riskapp.exchange.fhir.gathering import Gathering, Told
from riskapp.exchange.fhir.limits import SAME_FRACTURE_DAYS
from riskapp.exchange.fhir.quantities import Unusable
from riskapp.exchange.fhir.shapes import Resource, extensions
from riskapp.risk.limits import ADULT_FROM_YEARS, RANGES
from riskapp.risk.profile import FractureSite

OSTEOPOROTIC = "osteoporotic_fracture"
KINDS = {f"{site}_fracture": site.value for site in FractureSite} | {
    OSTEOPOROTIC: FractureSite.OTHER.value
}
# Not dated, these are counted too: children hardly ever break hip or spine (assumption).
OF_ADULTS = (OSTEOPOROTIC, "hip_fracture", "vertebra_fracture")
NOT_FRAGILE = "fracture_not_fragile"
FIELDS = (
    "number_of_prior_fractures",
    "prior_fracture_site",
    "prior_fracture_months_ago",
)


@dataclass(frozen=True, slots=True)
class Fracture:
    """One entry about a fracture.

    Attributes
    ----------
    when : When or None
        When the bone broke; None where only the writing down is dated.
    recorded : When or None
    """

    site: str
    resource: str
    key: str
    when: When | None
    recorded: When | None
    said: str

    @property
    def known(self) -> When | None:
        return self.when or self.recorded

    @property
    def order(self) -> tuple[object, ...]:
        """Latest last; those of which the day is told come after all others."""
        known = self.known
        return self.when is not None, known is not None, known.order if known else (), self.resource


def is_fracture(meaning: Meaning) -> bool:
    return meaning.name in KINDS or meaning.name == NOT_FRAGILE


def note(
    gathering: Gathering,
    entry: Entry,
    meaning: Meaning,
    key: str,
    state: str,
    began: When | None,
    said: str,
) -> None:
    """Keep a fracture that counts.

    Raises
    ------
    Unusable
        If it does not count, with the reason.
    """
    if state == "refuted":
        raise Unusable(f"{said} is ruled out, which says nothing of other fractures")
    if meaning.name == NOT_FRAGILE:
        raise Unusable(f"{said} is not counted as a fragility fracture")
    if _due_to_high_trauma(gathering, entry.resource):
        raise Unusable(f"{said} came of a high force, which breaks healthy bones too")
    # Healed then, it broke not long before.
    recorded = effective(entry.resource, "abatement", "recorded")
    # A later visit or a history of a fracture says nothing of when the bone broke.
    when = None if _is_later_visit(key) or _is_history(key) else began
    known = when or began or recorded
    if known is None and meaning.name not in OF_ADULTS and not _is_osteoporotic(key):
        raise Unusable(f"{said} is not dated, so it may be of childhood")
    born = gathering.born
    if born is not None and known is not None:
        years = known.day.first.year - born.day.first.year
        if years < ADULT_FROM_YEARS:
            raise Unusable(f"{said} of {known} is of childhood; adult fractures count")
    fracture = Fracture(KINDS[meaning.name], entry.label, key, when, began or recorded, said)
    gathering.fractures.append(fracture)


def _is_osteoporotic(key: str) -> bool:
    """Whether the code says so beside its site: M80."""
    system, _, code = key.partition("|")
    return system.startswith("icd-10") and code.upper().startswith("M80")


def _is_later_visit(key: str) -> bool:
    """Whether the seventh character of ICD-10-CM says a later visit or a sequela."""
    system, _, code = key.partition("|")
    plain = code.replace(".", "")
    return system == "icd-10-cm" and len(plain) == 7 and plain[-1].upper() not in "ABC"


def _is_history(key: str) -> bool:
    """Whether the code is of the past: Z87, personal history, or T90 to T98, sequelae."""
    system, _, code = key.partition("|")
    return system.startswith("icd-10") and code.upper().startswith(("Z87", "T9"))


def _due_to_high_trauma(gathering: Gathering, resource: Resource) -> bool:
    for each in extensions(resource, "condition-dueTo"):
        meant, _ = gathering.meanings(each.get("valueCodeableConcept"))
        found = gathering.entries.resolve(each.get("valueReference"))
        if found is not None:
            meant |= gathering.meanings(found.resource.get("code"))[0]
        if any(one.name == "high_trauma" for one in meant):
            return True
    return False


def choose_fractures(gathering: Gathering) -> None:
    """Say yes, how many events, and of the latest its site and how long it is ago."""
    counted = []
    for one in gathering.fractures:
        if one.when is not None and one.when.day.first in gathering.high_trauma_days:
            why = f"{one.said}: an accident of high force is recorded on the same day"
            gathering.pass_over(one.resource, why, "prior_fragility_fracture")
        else:
            counted.append(one)
    if not counted:
        return
    counted.sort(key=lambda one: one.order)
    latest = counted[-1]
    _settle_answered(gathering, latest)
    events = _events(counted)
    plural = "s" if events > 1 else ""
    words = f"{latest.said}; {events} fragility fracture{plural} in adult life on record"

    def tell(field: str, value: object, said: str) -> None:
        gathering.choose(Told(field, value, latest.resource, latest.known, latest.key, said))

    tell("prior_fragility_fracture", True, words)
    if events <= RANGES["number_of_prior_fractures"].high:
        tell("number_of_prior_fractures", events, words)
    tell("prior_fracture_site", latest.site, latest.said)
    months = latest.when.day.months_until(gathering.today) if latest.when else None
    if months is None:
        why = f"the month of {latest.said} is not told"
        gathering.pass_over(latest.resource, why, "prior_fracture_months_ago")
    else:
        tell("prior_fracture_months_ago", max(months, 0), latest.said)
    for one in counted[:-1]:
        gathering.pass_over(
            one.resource,
            f"{one.said} is counted; {latest.resource} is the latest",
            "prior_fracture_site",
        )


def _settle_answered(gathering: Gathering, latest: Fracture) -> None:
    """A fracture on record goes before what a form asked."""
    for one in gathering.take("prior_fragility_fracture", *FIELDS):
        gathering.drop(one, f"{latest.resource} is a fracture on record")


def _events(counted: Sequence[Fracture]) -> int:
    """How often bones broke: what broke on one day is one event, and so is what follows it up."""
    events, days = 0, set()
    last_of: dict[str, date] = {}
    for one in counted:  # dated ones stand in order of time
        if one.when is None:
            continue
        day = one.when.day.first
        since = day - last_of.get(one.site, date.min)
        if day not in days and since > timedelta(days=SAME_FRACTURE_DAYS):
            events += 1
        days.add(day)
        last_of[one.site] = day
    undated = {one.site for one in counted if one.when is None}
    return events + len(undated - set(last_of))
