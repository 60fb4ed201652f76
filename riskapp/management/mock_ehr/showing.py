"""FHIR resources as the pages of the made-up hospital show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from riskapp.management.mock_ehr.hospital import Resource

# What a chart lists, in this order.
LISTED = {
    "Condition": "Conditions",
    "MedicationRequest": "Medicines",
    "FamilyMemberHistory": "Family",
    "Observation": "Observations",
    "Procedure": "Procedures",
    "ServiceRequest": "Orders",
    "DiagnosticReport": "Reports",
    "DocumentReference": "Documents",
}
MOST_LINES, LONGEST = 12, 140
WHEN = (
    "effectiveDateTime", "onsetDateTime", "authoredOn", "date", "occurrenceDateTime",
    "performedDateTime", "recordedDate", "issued",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    born: str
    sex: str
    number: str
    age_years: int


@dataclass(frozen=True, slots=True)
class Line:
    """One resource: what, its value, when."""

    what: str
    value: str
    when: str


def person(patient: Resource) -> Person:
    name = patient["name"][0]
    born = date.fromisoformat(patient["birthDate"])
    today = date.today()  # noqa: DTZ011 the hospital stands where its clock does
    return Person(
        id=patient["id"],
        name=f"{' '.join(name['given'])} {name['family']}",
        born=born.strftime("%-d %B %Y"),
        sex=patient["gender"],
        number=patient["identifier"][0]["value"],
        age_years=today.year - born.year - ((today.month, today.day) < (born.month, born.day)),
    )


def groups(resources: Iterable[Resource]) -> list[tuple[str, list[Line]]]:
    """Lines under their headings, the newest first."""
    held = list(resources)
    shown = []
    for kind, heading in LISTED.items():
        lines = [line(one) for one in held if one["resourceType"] == kind]
        if lines:
            newest = sorted(lines, key=lambda one: one.when, reverse=True)
            shown.append((heading, newest[:MOST_LINES]))
    return shown


def line(resource: Resource) -> Line:
    named = next(
        (resource[key] for key in ("code", "medicationCodeableConcept") if key in resource), {}
    )
    what = _words(named) or resource["resourceType"]
    if resource["resourceType"] == "FamilyMemberHistory":
        broken = ", ".join(_words(one.get("code", {})) for one in resource.get("condition", []))
        what = f"{_words(resource.get('relationship', {}))}: {broken}"
    when = next((str(resource[key])[:10] for key in WHEN if key in resource), "")
    return Line(what, _value(resource), when)


def risks(resources: Iterable[Resource]) -> list[Line]:
    """Of each RiskAssessment that was written here the first prediction of each outcome."""
    shown = []
    for one in resources:
        if one["resourceType"] != "RiskAssessment":
            continue
        named = {_words(told.get("outcome", {})): told for told in reversed(one["prediction"])}
        when = str(one.get("occurrenceDateTime", ""))[:10]
        shown += [Line(words, _risk(told), when) for words, told in reversed(named.items())]
    return shown


def _risk(prediction: Resource) -> str:
    if "probabilityDecimal" in prediction:
        return f"{prediction['probabilityDecimal']:.1f} %"
    return _words(prediction.get("qualitativeRisk", {}))


def _value(resource: Resource) -> str:
    if resource.get("status") == "entered-in-error":
        return "entered in error"
    instructions: list[dict[str, Any]] = resource.get("dosageInstruction", [])
    if instructions:
        return str(instructions[0].get("text", ""))
    measured = [resource, *resource.get("component", [])]
    told = [_amount(one["valueQuantity"]) for one in measured if "valueQuantity" in one]
    told += [_words(resource[name]) for name in ("valueCodeableConcept",) if name in resource]
    told += [str(one["code"]) for one in resource.get("clinicalStatus", {}).get("coding", [])]
    conclusion = str(resource.get("conclusion", ""))
    told += [conclusion[:LONGEST] + ("…" if len(conclusion) > LONGEST else "")]
    return ", ".join(one for one in told if one)


def _amount(quantity: Resource) -> str:
    return f"{quantity['value']} {quantity.get('unit', '')}".strip()


def _words(concept: dict[str, Any]) -> str:
    if concept.get("text"):
        return str(concept["text"])
    return next((str(one["display"]) for one in concept.get("coding", []) if "display" in one), "")
