"""Results and diagnoses of a message (OBX, DG1) as the FHIR reader takes them.

There is one reader of records, ``riskapp.exchange.fhir.reading``; here a message is only put into
its words, so that a T-score means the same whichever way it came.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from riskapp.exchange.clinical_codes import OWN_FIELD
from riskapp.exchange.hl7v2.message import Message, Segment, Value

# HL7 table 0396 as FHIR names the systems (recalled, to be confirmed). Others are a site's own.
SYSTEMS = {
    "LN": "http://loinc.org",
    "SCT": "http://snomed.info/sct",
    "SCT2": "http://snomed.info/sct",
    "SNM": "http://snomed.info/sct",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "I10G2004": "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "UCUM": "http://unitsofmeasure.org",
}
# HL7 table 0085, Observation result status: what FHIR calls it (recalled, to be confirmed).
STATUS = {
    "F": "final", "C": "corrected", "P": "preliminary", "R": "preliminary", "A": "amended",
    "U": "final", "B": "final", "V": "final", "D": "entered-in-error", "W": "entered-in-error",
    "X": "cancelled", "I": "registered", "O": "registered", "S": "preliminary", "N": "cancelled",
}  # fmt: skip
NUMBER = re.compile(r"\s*(?:([<>]=?)|=)?\s*([+-]?\d{1,12}(?:\.\d{1,12})?)\s*")
YES, NO = ("Y", "YES"), ("N", "NO")
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"


def resources_of(
    message: Message, person: str, codes: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The message as resources about one person.

    Parameters
    ----------
    codes : mapping
        A site's own code (OBX-3.1) to "system|code" of a terminology, or to a field of ours.
    """
    yield {"resourceType": "Patient", "id": person}
    order: Segment | None = None
    told: Counter[str] = Counter()
    for number, segment in enumerate(message.segments, 1):
        if segment.name == "OBR":
            order = segment
        elif segment.name == "OBX":
            name = _name(segment, order)
            told[name] += 1
            again = f".{told[name]}" if told[name] > 1 else ""
            yield _observation(segment, f"{name}{again}", person, codes, order)
        elif segment.name == "DG1":
            yield _condition(segment, str(number), person, codes)


def _name(segment: Segment, order: Segment | None) -> str:
    """What a result is called, the same each time it is sent: corrected, or withdrawn.

    The number of its order (OBR-3 or OBR-2; its day where it has none), its code (OBX-3) and its
    sub-id (OBX-4).
    """
    numbers = (order.text(3), order.text(2), order.text(7)) if order else ()
    said = next(filter(None, (*numbers, segment.text(14))), "")
    parts = (said, segment.text(3, 1) or segment.text(3, 2), segment.text(4))
    return ".".join(re.sub(r"[^A-Za-z0-9-]", "-", part) for part in parts if part)


def when(text: str) -> str:
    """A time of HL7 v2 as FHIR writes its day; blank where there is none."""
    digits = re.match(r"\d{4,8}", text, re.ASCII)
    if not digits or len(digits[0]) % 2:
        return ""
    whole = digits[0]
    return "-".join(part for part in (whole[:4], whole[4:6], whole[6:8]) if part)


def _observation(
    segment: Segment, name: str, person: str, codes: Mapping[str, str], order: Segment | None
) -> dict[str, Any]:
    # Before version 2.3 the order alone tells how far it is (OBR-25).
    status = segment.text(11) or (order.text(25) if order else "")
    made = {
        "resourceType": "Observation",
        "id": f"OBX-{name}",
        "status": STATUS.get(status.upper(), "unknown"),
        "subject": {"reference": f"Patient/{person}"},
        "code": _concept(segment.repetitions(3), codes),
        **_value(segment, codes),
    }
    day = when(segment.text(14)) or (when(order.text(7)) if order else "")
    if day:
        made["effectiveDateTime"] = day
    if site := segment.repetitions(20):
        made["bodySite"] = _concept(site, codes)
    if scanner := f"{segment.text(18, 1)} {segment.text(18, 2)}".strip():
        made["device"] = {"display": scanner}
    return made


def _value(segment: Segment, codes: Mapping[str, str]) -> dict[str, Any]:
    kind, values = segment.text(2), segment.repetitions(5)
    if not values:
        return {}
    if kind in ("NM", "SN"):
        # A structured number is comparator^number^separator^number; only the plain ones count.
        value = values[0]
        plain = value.text(1) if kind == "NM" else f"{value.text(1)}{value.text(2)}"
        ranged = kind == "SN" and value.text(3)
        return {} if ranged else _quantity(plain, segment)
    if kind in ("CE", "CWE", "CNE", "IS", "ID"):
        return {"valueCodeableConcept": _answer(values, codes)}
    text = values[0].text()
    if NUMBER.fullmatch(text) and segment.text(6):
        return _quantity(text, segment)
    if text.upper() in (*YES, *NO):
        return {"valueBoolean": text.upper() in YES}
    return {"valueString": text}


def _quantity(text: str, segment: Segment) -> dict[str, Any]:
    found = NUMBER.fullmatch(text)
    if not found:
        return {"valueString": text}
    quantity: dict[str, Any] = {"value": float(found[2])}
    if found[1]:
        quantity["comparator"] = found[1]
    unit = segment.text(6, 1)
    if unit:
        quantity["unit"] = unit
        if SYSTEMS.get(segment.text(6, 3).upper()) == SYSTEMS["UCUM"]:
            quantity |= {"code": unit, "system": SYSTEMS["UCUM"]}
    return {"valueQuantity": quantity}


def _answer(values: list[Value], codes: Mapping[str, str]) -> dict[str, Any]:
    concept = _concept(values, codes)
    word = values[0].text(1).upper()
    if word in ("Y", "N"):
        concept["coding"].append({"system": YES_NO, "code": word})
    return concept


def _condition(
    segment: Segment, number: str, person: str, codes: Mapping[str, str]
) -> dict[str, Any]:
    day = when(segment.text(5))
    # DG1-6, HL7 table 0052: a working diagnosis is not settled yet.
    state = "provisional" if segment.text(6).upper() == "W" else "confirmed"
    return {
        "resourceType": "Condition",
        "id": f"DG1-{number}",
        "subject": {"reference": f"Patient/{person}"},
        "code": _concept(segment.repetitions(3), codes),
        "verificationStatus": {"coding": [{"system": VERIFICATION, "code": state}]},
        **({"recordedDate": day} if day else {}),
    }


def _concept(values: list[Value], codes: Mapping[str, str]) -> dict[str, Any]:
    """CE and CWE: a code, its words and its system, and the same again in another system."""
    coding, words = [], ""
    for value in values:
        for first in (1, 4):
            code, shown, system = (value.text(first + step) for step in range(3))
            words = words or shown
            if code:
                named = SYSTEMS.get(system.upper(), f"hl7v2:{system.upper()}")
                coding.append({"system": named, "code": code, "display": shown})
            if code in codes:
                own_system, _, own_code = codes[code].rpartition("|")
                named = own_system or OWN_FIELD
                coding.append({"system": named, "code": own_code, "display": shown})
    return {"coding": coding, **({"text": words} if words else {})}
