"""Conditions, and Procedures that tell of one: what a person has or had, and what was ruled out."""

from riskapp.exchange.clinical_codes import Meaning
from riskapp.exchange.fhir import fractures
from riskapp.exchange.fhir.bundle import Entry
from riskapp.exchange.fhir.dates import When, effective, period_of, read_when
from riskapp.exchange.fhir.density import sites_of
from riskapp.exchange.fhir.gathering import Gathering, Told, key_of
from riskapp.exchange.fhir.onset import at_age
from riskapp.exchange.fhir.quantities import Unusable
from riskapp.exchange.fhir.shapes import (
    Coding,
    Resource,
    codes_of,
    codings,
    extensions,
    mapping,
    mappings,
    words_of,
)
from riskapp.exchange.reading import YES_OR_NO

REFUTED, WRONG = "refuted", "entered-in-error"
DOUBTED = {"unconfirmed", "provisional", "differential"}
OVER = {"resolved"}
# German coding of certainty beside ICD-10-GM: A excluded, V suspected, Z state after, G certain.
CERTAINTY, EXCLUDED, SUSPECTED = "diagnosesicherheit", "A", "V"
# One cause of several: that it is ruled out says nothing of the others.
ONE_OF_MANY = ("secondary_osteoporosis", "prior_fragility_fracture")
NO_QUESTION = "answers no question that is asked here"
DONE = {"completed", "in-progress"}


def read_condition(gathering: Gathering, entry: Entry) -> None:
    resource = entry.resource
    state = _verification(resource)
    if state == WRONG:
        gathering.pass_over(entry, "it was entered in error")
        return
    _read(gathering, entry, state, _began(gathering, resource))


def read_procedure(gathering: Gathering, entry: Entry) -> None:
    status = next(iter(codes_of(entry.resource.get("status"))), "")
    if status not in DONE:
        gathering.pass_over(entry, f"its status is {status}" if status else "it has no status")
        return
    done = effective(entry.resource, "performed")
    _read(gathering, entry, "", done or at_age(gathering, entry.resource, "performed"))


def _read(gathering: Gathering, entry: Entry, state: str, began: When | None) -> None:
    code, sites = entry.resource.get("code"), sites_of(entry.resource)
    meant, by = gathering.meanings(code, sites)
    known = [one for one in sorted(meant) if _is_asked(one)]
    said = words_of(code) or "what it says"
    if not known:
        possible = any(gathering.codes.possible(one.system, one.code) for one in codings(code))
        why = "does not say of which bone it is" if possible and not meant else NO_QUESTION
        gathering.pass_over(entry, f"{said} {why}")
        return
    if began is not None and began.is_after(gathering.today):
        gathering.pass_over(entry, f"its date, {began}, lies in the future")
        return
    for meaning in known:
        try:
            _tell(gathering, entry, meaning, by, state, began, said)
        except Unusable as reason:
            field = meaning.name if meaning.name in YES_OR_NO else ""
            gathering.pass_over(entry, str(reason), field)


def _is_asked(meaning: Meaning) -> bool:
    name = meaning.name
    return (
        name in (*YES_OR_NO, "type_2_diabetes_years", "perhaps_secondary_osteoporosis")
        or name == "high_trauma"
        or fractures.is_fracture(meaning)
    )


def _tell(
    gathering: Gathering,
    entry: Entry,
    meaning: Meaning,
    by: Coding | None,
    state: str,
    began: When | None,
    said: str,
) -> None:
    if state in DOUBTED:
        raise Unusable(f"{said} is not confirmed ({state})")
    name, key = meaning.name, key_of(by)
    if name == "perhaps_secondary_osteoporosis":
        raise Unusable(f"{said} counts only where it went long untreated, which is not told")
    if name == "high_trauma":
        if state != REFUTED and began is not None:
            gathering.high_trauma_days.add(began.day.first)
        raise Unusable(f"{said}: fractures of the same day are not counted as fragile")
    if fractures.is_fracture(meaning):
        fractures.note(gathering, entry, meaning, key, state, began, said)
    elif state == REFUTED:
        _tell_no(gathering, entry, meaning, key, began, said)
    elif _is_over(entry.resource) and meaning.answer is not False:
        raise Unusable(f"{said} is marked as resolved")
    elif name == "type_2_diabetes_years":
        _tell_years(gathering, entry, key, began, said)
    else:
        when = began or effective(entry.resource, "recorded")
        gathering.tell(Told(name, meaning.answer is not False, entry.label, when, key, said))


def _tell_no(
    gathering: Gathering, entry: Entry, meaning: Meaning, key: str, began: When | None, said: str
) -> None:
    if meaning.name in ONE_OF_MANY:
        raise Unusable(f"{said} is ruled out, which says nothing of other causes")
    if meaning.answer is False:
        raise Unusable(f"{said} is ruled out, which is not the same as its opposite")
    value: object = 0 if meaning.name == "type_2_diabetes_years" else False
    # What was ruled out was so when it was written down, not when it was thought to begin.
    when = effective(entry.resource, "recorded") or began
    gathering.tell(Told(meaning.name, value, entry.label, when, key, f"{said}: ruled out"))


def _tell_years(
    gathering: Gathering, entry: Entry, key: str, began: When | None, said: str
) -> None:
    """Years since the diagnosis; since it was written down where no more is known."""
    since, words = began, f"{said} since {began}"
    if since is None:
        since = effective(entry.resource, "recorded")
        words = f"{said}, recorded on {since}: at least as long"
    if since is None or since.is_after(gathering.today):
        raise Unusable(f"{said} is not dated, so its years are not known")
    # Diagnosed this month is not the same as never.
    years = max(round(since.months_until(gathering.today) / 12, 1), 0.1)
    gathering.tell(Told("type_2_diabetes_years", years, entry.label, since, key, words, since=True))


def _verification(resource: Resource) -> str:
    """What is sure of a condition: the code of FHIR, or what a German code's certainty says."""
    told = codes_of(resource.get("verificationStatus")) & {REFUTED, WRONG, *DOUBTED, "confirmed"}
    for coding in mappings(mapping(resource.get("code")).get("coding")):
        for each in extensions(coding, CERTAINTY):
            codes = {one.code for one in codings({"coding": [each.get("valueCoding")]})}
            if EXCLUDED in codes:
                told.add(REFUTED)
            if SUSPECTED in codes:
                told.add("provisional")
    for state in (WRONG, REFUTED, "provisional", "differential", "unconfirmed"):
        if state in told:
            return state
    return ""


def _is_over(resource: Resource) -> bool:
    return bool(codes_of(resource.get("clinicalStatus")) & OVER)


def _began(gathering: Gathering, resource: Resource) -> When | None:
    """Onset: a date, the start of a period, or how old the person was."""
    start, end = period_of(resource.get("onsetPeriod"))
    written = read_when(resource.get("onsetDateTime")) or start or end
    return written or at_age(gathering, resource, "onset")
