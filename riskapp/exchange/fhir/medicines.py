"""Medicines: glucocorticoids and treatments of osteoporosis, as courses in time."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from riskapp.exchange.clinical_codes import Meaning
from riskapp.exchange.fhir.bundle import Entry
from riskapp.exchange.fhir.dates import When, effective, period_of, read_when
from riskapp.exchange.fhir.doses import Dose, daily_dose
from riskapp.exchange.fhir.gathering import Gathering, key_of
from riskapp.exchange.fhir.quantities import Unusable, in_unit
from riskapp.exchange.fhir.shapes import (
    Coding,
    Resource,
    codings,
    mapping,
    mappings,
    number,
    text,
    words_of,
)
from riskapp.exchange.fhir.understood import why_not_to_be_read

KINDS = (
    "MedicationStatement",
    "MedicationRequest",
    "MedicationAdministration",
    "MedicationDispense",
)
TAKEN_NOW = {"active", "in-progress"}
TAKEN_ONCE = {"completed", "stopped", "on-hold"}
ORDERS = {"", "order", "original-order", "reflex-order", "filler-order", "instance-order"}
# Words in the name or form of what acts only where it is put.
LOCAL = re.compile(
    r"\b(ophthalmic|otic|nasal|topical|cream|ointment|lotion|gel|shampoo|inhal\w*|nebul\w*|eye|ear"
    r"|drops|rectal|enema|vaginal|intra-?articular|intravitreal|scalp|salbe|creme|augen\w*)\b",
    re.IGNORECASE,
)
# How SNOMED CT begins the full name of a product.
CONTAINING = re.compile(r"^\s*product containing (?:only |precisely )?")


# Words that turn over the name of a medicine beside them.
NEGATED = re.compile(
    r"\b(no|not|never|none|without|denies|avoid|stopped|discontinued|allerg\w*|intoleran\w*"
    r"|kein\w*|ohne|abgesetzt)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Course:
    """One medicine over a time.

    Attributes
    ----------
    meanings : frozenset of str
        ``glucocorticoids``, ``agent_prednisone``, ``treatment_denosumab`` and so on.
    is_single, begins : bool
        Whether it is one dose or package; and whether ``start`` is when it was begun, and not
        only a day on which it was taken.
    is_now : bool
        Whether it is being taken, as far as the resource itself says.
    dose : Dose or None
    """

    meanings: frozenset[str]
    resource: str
    key: str
    said: str
    start: When | None
    end: When | None
    is_now: bool
    is_single: bool
    begins: bool
    dose: Dose | None

    @property
    def is_glucocorticoid(self) -> bool:
        return bool(self.named("agent_")) or "glucocorticoids" in self.meanings

    def named(self, start: str) -> str:
        """What follows this start in one of the meanings; blank where none has it."""
        found = sorted(each for each in self.meanings if each.startswith(start))
        return found[0].removeprefix(start) if found else ""

    def order(self) -> tuple[bool, bool, object, str]:
        when = self.start or self.end
        return self.is_now, when is not None, when.order if when else (), self.resource


def read_medicine(gathering: Gathering, entry: Entry) -> None:
    resource = entry.resource
    try:
        holder = _medication(gathering, entry)
        meant, by = _meanings(gathering, resource, holder)
        said = words_of(resource.get("medicationCodeableConcept"))
        said = said or (words_of(holder.get("code")) if holder else "") or "the medicine"
        if not meant:
            raise Unusable(f"{said} answers no question that is asked here")
        _check_status(resource, said)
        _check_route(gathering, resource, holder, said)
        gathering.courses.append(_course(gathering, entry, holder, meant, by, said))
    except Unusable as reason:
        gathering.pass_over(entry, str(reason))


def _medication(gathering: Gathering, entry: Entry) -> Resource | None:
    found = gathering.entries.resolve(entry.resource.get("medicationReference"), entry)
    if found is None or found.kind != "Medication":
        return None
    gathering.used.add(found.label)
    if why := why_not_to_be_read(found.resource):
        raise Unusable(f"of {found.label}, which it refers to: {why}")
    if text(found.resource.get("status")) == "entered-in-error":
        raise Unusable(f"{found.label}, which it refers to, was entered in error")
    return found.resource


def _meanings(
    gathering: Gathering, resource: Resource, holder: Resource | None
) -> tuple[set[Meaning], Coding | None]:
    concepts = [resource.get("medicationCodeableConcept")]
    if holder is not None:
        concepts.append(holder.get("code"))
        concepts += [each.get("itemCodeableConcept") for each in mappings(holder.get("ingredient"))]
    display = mapping(resource.get("medicationReference")).get("display")
    concepts.append({"text": display})
    for concept in concepts:
        meant, by = gathering.meanings(concept)
        wanted = {one for one in meant if _is_asked(one.name)}
        if wanted:
            return wanted, by
    for concept in concepts:
        for coding in codings(concept):
            if NEGATED.search(coding.display):
                continue
            # "predniSONE 20 MG Oral Tablet": a name begins with its substance.
            name = CONTAINING.sub("", coding.display.lower())
            for word in re.findall(r"[^\W\d_]+", name)[:2]:
                meant = gathering.codes.meanings("ingredient", word)
                if meant:
                    return meant, coding
    return set(), None


def _is_asked(name: str) -> bool:
    return name == "glucocorticoids" or name.startswith(("agent_", "treatment_"))


def _check_status(resource: Resource, said: str) -> None:
    status = text(resource.get("status"))
    if status not in TAKEN_NOW | TAKEN_ONCE:
        told = f"the status of {said} is {status}" if status else f"{said} has no status"
        raise Unusable(told)
    if resource.get("doNotPerform") is True:
        raise Unusable(f"{said} is not to be given")
    if text(resource.get("intent")) not in ORDERS:
        raise Unusable(f"{said} is only {text(resource.get('intent'))}, not ordered")


def _check_route(
    gathering: Gathering, resource: Resource, holder: Resource | None, said: str
) -> None:
    routes: set[str] = set()
    words = [said, words_of(mapping(holder).get("form"))]
    for dosage in dosages(resource):
        meant, _ = gathering.meanings(dosage.get("route"))
        routes |= {one.name for one in meant}
        words += [words_of(dosage.get("route"))]
    if "route_systemic" in routes:
        return
    local = next((each for each in words if LOCAL.search(each)), "")
    if "route_local" in routes or local:
        raise Unusable(f"{said} is applied locally and does not count")


def dosages(resource: Resource) -> list[Resource]:
    return mappings(resource.get("dosageInstruction") or resource.get("dosage"))


def _course(
    gathering: Gathering,
    entry: Entry,
    holder: Resource | None,
    meant: set[Meaning],
    by: Coding | None,
    said: str,
) -> Course:
    resource = entry.resource
    start, end = _period(resource)
    if start is not None and start.is_after(gathering.today):
        raise Unusable(f"{said} begins on {start}, in the future")
    is_single = entry.kind in ("MedicationAdministration", "MedicationDispense")
    status = text(resource.get("status"))
    is_ended = end is not None and end.day.last < gathering.today
    if is_single:
        is_now = status in TAKEN_NOW and not is_ended
        is_now = is_now or bool(end and entry.kind == "MedicationDispense" and not is_ended)
    else:
        is_now = status in TAKEN_NOW and not is_ended
    return Course(
        meanings=frozenset(one.name for one in meant),
        resource=entry.label,
        key=key_of(by),
        said=said,
        start=start,
        end=end,
        is_now=is_now,
        is_single=is_single,
        begins=_begins(entry),
        dose=daily_dose(dosages(resource), holder, _names(resource, holder, said)),
    )


def _names(resource: Resource, holder: Resource | None, said: str) -> list[str]:
    """What a medicine is called, as codes are often worded more closely than the text."""
    concepts = [resource.get("medicationCodeableConcept"), mapping(holder).get("code")]
    return [said, *(one.display for each in concepts for one in codings(each))]


def _begins(entry: Entry) -> bool:
    """Of a statement only a period says when it began; an order begins what it orders."""
    if entry.kind != "MedicationStatement":
        return True
    return period_of(entry.resource.get("effectivePeriod"))[0] is not None


def _period(resource: Resource) -> tuple[When | None, When | None]:
    """When it was first and last taken, as far as it is told."""
    start, end = period_of(resource.get("effectivePeriod"))
    if start is None:
        at = effective(resource, "effective") if "effectivePeriod" not in resource else None
        start = at or effective(
            resource, "whenHandedOver", "whenPrepared", "authoredOn", "authored"
        )
    for dosage in dosages(resource):
        repeat = mapping(mapping(dosage.get("timing")).get("repeat"))
        bound_start, bound_end = period_of(repeat.get("boundsPeriod"))
        start, end = bound_start or start, end or bound_end
        end = end or _after(start, mapping(repeat.get("boundsDuration")))
    if text(resource.get("resourceType")) == "MedicationDispense":
        end = end or _after(start, mapping(resource.get("daysSupply")))
    asked = mapping(resource.get("dispenseRequest"))
    again = number(asked.get("numberOfRepeatsAllowed")) or 0
    return start, end or _after(start, mapping(asked.get("expectedSupplyDuration")), 1 + again)


def _after(start: When | None, duration: Resource, times: float = 1) -> When | None:
    if start is None or not duration:
        return None
    try:
        days = in_unit(duration, "d") * times
        day: date = start.day.first + timedelta(days=int(days))
    except (Unusable, OverflowError):
        return None
    return read_when(day.isoformat())
