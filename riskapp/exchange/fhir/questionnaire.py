"""Answers to a questionnaire whose questions are named as our fields are."""

from collections.abc import Iterator

from riskapp.exchange.fhir.bundle import Entry
from riskapp.exchange.fhir.dates import effective
from riskapp.exchange.fhir.density import is_density
from riskapp.exchange.fhir.gathering import Gathering, Told
from riskapp.exchange.fhir.limits import DEEPEST
from riskapp.exchange.fhir.quantities import Unusable, in_unit, plausible
from riskapp.exchange.fhir.shapes import Resource, codings, mapping, mappings, number, text
from riskapp.exchange.reading import CHOICES, YES_OR_NO
from riskapp.risk.limits import RANGES

READ = {"completed", "amended"}
# Age and sex are the Patient's to tell, and a density needs its scanner and its day.
KNOWN = tuple(
    name
    for name in (*YES_OR_NO, *CHOICES, *RANGES)
    if name not in ("age_years", "sex", "dxa_manufacturer") and not is_density(name)
)


def read_answers(gathering: Gathering, entry: Entry) -> None:
    resource = entry.resource
    status = text(resource.get("status"))
    if status not in READ:
        gathering.pass_over(entry, f"its status is {status}" if status else "it has no status")
        return
    when = effective(resource, "authored")
    if when is not None and when.is_after(gathering.today):
        gathering.pass_over(entry, f"its date, {when}, lies in the future")
        return
    before = gathering.counted
    for item in _items(resource):
        field = _field(item)
        answer = next(iter(mappings(item.get("answer"))), None)
        if not field or answer is None:
            continue
        try:
            value = _value(gathering, field, answer)
        except Unusable as reason:
            gathering.pass_over(entry, str(reason), field)
        else:
            words = text(item.get("text")) or field
            key = text(item.get("definition")) or f"linkId|{text(item.get('linkId'))}"
            gathering.tell(Told(field, value, entry.label, when, key, words))
    if gathering.counted == before:
        gathering.pass_over(entry, "none of its questions is named as one of our fields")


def _items(holder: Resource, depth: int = 0) -> Iterator[Resource]:
    for item in mappings(holder.get("item")):
        yield item
        if depth < DEEPEST:
            yield from _items(item, depth + 1)


def _field(item: Resource) -> str:
    """The field that an item asks: by its linkId, or by what its definition points to."""
    asked = (text(item.get("linkId")), text(item.get("definition")).rpartition("#")[2])
    return next((name for name in asked if name in KNOWN), "")


def _value(gathering: Gathering, field: str, answer: Resource) -> object:
    if field in YES_OR_NO:
        said = answer.get("valueBoolean")
        if isinstance(said, bool):
            return said
        answers, _ = gathering.answers_of({"coding": [answer.get("valueCoding")]})
        if field in answers or "answer" in answers:
            return answers.get(field, answers.get("answer"))
        raise Unusable("its answer is neither yes nor no")
    if field in CHOICES:
        coded = codings({"coding": [answer.get("valueCoding")]})
        written = [text(answer.get("valueString"))] + [one.code for one in coded]
        for each in written:
            if each.lower() in list(CHOICES[field]):
                return each.lower()
        raise Unusable("its answer is none of those that are known here")
    quantity = mapping(answer.get("valueQuantity"))
    for kind in ("valueDecimal", "valueInteger"):
        if number(answer.get(kind)) is not None:
            # The field's name says its unit.
            quantity = {"value": answer[kind], "code": RANGES[field].ucum}
    if not quantity:
        raise Unusable("its answer is no number")
    value = in_unit(quantity, RANGES[field].ucum)
    plausible(field, value)
    return int(value) if RANGES[field].whole else value
