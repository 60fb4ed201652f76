"""What FHIR R4 asks of resources and the typed library does not hold: our own reading of it.

Invariants and required value sets are typed from https://hl7.org/fhir/R4 (RiskAssessment,
Observation, DomainResource, Bundle, Extension, Reference, OperationOutcome and datatypes).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

UCUM = "http://unitsofmeasure.org"
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
# Binary and Parameters are no DomainResources; an outcome is text already.
WITHOUT_TEXT = ("Binary", "Parameters", "OperationOutcome")
STATUS = {
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
}
# Element -> codes of the value set that is required there.
REQUIRED: dict[str, set[str]] = {
    "RiskAssessment.status": STATUS,
    "Observation.status": STATUS,
    "DiagnosticReport.status": {*STATUS, "partial", "appended"},
    "Device.status": {"active", "inactive", "entered-in-error", "unknown"},
    "Device.deviceName.type": {
        "udi-label-name",
        "user-friendly-name",
        "patient-reported-name",
        "manufacturer-name",
        "model-name",
        "other",
    },
    "Patient.gender": {"male", "female", "other", "unknown"},
    "Patient.identifier.use": {"usual", "official", "temp", "secondary", "old"},
    "Patient.name.use": {"usual", "official", "temp", "nickname", "anonymous", "old", "maiden"},
    "Provenance.entity.role": {"derivation", "revision", "quotation", "source", "removal"},
    "Bundle.type": {
        "document",
        "message",
        "transaction",
        "transaction-response",
        "batch",
        "batch-response",
        "history",
        "searchset",
        "collection",
    },
    "Bundle.entry.search.mode": {"match", "include", "outcome"},
    "OperationOutcome.issue.severity": {"fatal", "error", "warning", "information"},
    "OperationOutcome.issue.code": {
        "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown",
        "expired", "forbidden", "suppressed", "processing", "not-supported", "duplicate",
        "multiple-matches", "not-found", "deleted", "too-long", "code-invalid", "extension",
        "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store",
        "exception", "timeout", "incomplete", "throttled", "informational",
    },
    "text.status": {"generated", "extensions", "additional", "empty"},
    "CapabilityStatement.status": {"draft", "active", "retired", "unknown"},
    "CapabilityStatement.kind": {"instance", "capability", "requirements"},
    "CapabilityStatement.rest.mode": {"client", "server"},
    "CapabilityStatement.rest.resource.versioning": {"no-version", "versioned", "versioned-update"},
    "CapabilityStatement.rest.resource.conditionalRead": {
        "not-supported", "modified-since", "not-match", "full-support",
    },
    "CapabilityStatement.rest.resource.interaction.code": {
        "read", "vread", "update", "patch", "delete", "history-instance", "history-type",
        "create", "search-type",
    },
    "CapabilityStatement.rest.resource.searchParam.type": {
        "number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special",
    },
}  # fmt: skip


def problems(resource: Mapping[str, Any]) -> list[str]:
    """Everything that our reading of the specification finds wrong with a resource."""
    kind = resource["resourceType"]
    found = [*_anywhere(resource, kind), *_codes(resource, kind, kind)]
    if kind == "Bundle":
        found += _bundle(resource)
        for entry in resource.get("entry", []):
            found += problems(entry["resource"])
        return found
    found += _domain(resource)
    if kind == "RiskAssessment":
        found += _risk(resource)
    if kind == "Observation":
        found += _observation(resource)
    return found


def _anywhere(value: Any, path: str) -> Iterator[str]:
    """ele-1, ext-1, references, ids, and no empty text, list or object."""
    if isinstance(value, Mapping):
        if not value:
            yield f"ele-1: {path} is empty"
        if _is_extension(value, path) and _has_value(value) == ("extension" in value):
            yield f"ext-1: {path} needs either a value or extensions"
        if "id" in value and "resourceType" in value and not ID.fullmatch(value["id"]):
            yield f"id: {path} has {value['id']!r}"
        for key, inner in value.items():
            yield from _anywhere(inner, f"{path}.{key}")
    elif isinstance(value, list):
        if not value:
            yield f"{path} is an empty list"
        for number, inner in enumerate(value):
            yield from _anywhere(inner, f"{path}[{number}]")
    elif value is None or (isinstance(value, str) and not value.strip()):
        yield f"{path} is blank"


def _is_extension(value: Mapping[str, Any], path: str) -> bool:
    return "url" in value and path.rstrip("]0123456789[").endswith("xtension")


def _has_value(value: Mapping[str, Any]) -> bool:
    return any(key.startswith("value") for key in value)


def _codes(value: Any, path: str, kind: str) -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _codes(inner, path, kind)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("contained", "resource", "extension"):
                continue
            yield from _codes(inner, f"{path}.{key}", kind)
    else:
        allowed = REQUIRED.get(path) or REQUIRED.get(path.removeprefix(f"{kind}."))
        if allowed is not None and value not in allowed:
            yield f"{path}: {value!r} is not of the required value set"


def _domain(resource: Mapping[str, Any]) -> Iterator[str]:
    inner = resource.get("contained", [])
    names = {one["reference"] for one in references(resource) if one.get("reference")}
    for one in inner:
        if "contained" in one:
            yield "dom-2: a contained resource contains another"
        if {"versionId", "lastUpdated"} & set(one.get("meta", {})):
            yield "dom-4: a contained resource has a version"
        if f"#{one['id']}" not in names:
            yield f"dom-3: nothing refers to the contained {one['id']}"
    for name in names:
        if name.startswith("#") and name[1:] not in {one["id"] for one in inner}:
            yield f"ref-1: {name} is not contained"
    if "text" not in resource and resource["resourceType"] not in WITHOUT_TEXT:
        yield "dom-6: there is no narrative"
    if "text" in resource and not re.search(r">\s*[^<\s]", resource["text"]["div"]):
        yield "txt-2: the narrative says nothing"


def _risk(resource: Mapping[str, Any]) -> Iterator[str]:
    for one in resource["prediction"]:
        if "probabilityDecimal" in one and "probabilityRange" in one:
            yield "probability[x] is given twice"
        if not 0 <= one["probabilityDecimal"] <= 100:
            yield "ras-2: a probability is at most 100 per cent"
        if "whenPeriod" in one and one["whenPeriod"]["start"] > one["whenPeriod"]["end"]:
            yield "per-1: a period ends before it starts"
        for extra in one["extension"]:
            ends = extra.get("valueRange", {})
            for end in ends.values():
                if (end["code"], end["system"]) != ("%", UCUM):
                    yield "ras-1: a range is in per cent"
            if ends and ends["low"]["value"] > ends["high"]["value"]:
                yield "rng-2: low is above high"


def _observation(resource: Mapping[str, Any]) -> Iterator[str]:
    value = [key for key in resource if key.startswith("value")]
    if len(value) > 1:
        yield "value[x] is given twice"
    if "dataAbsentReason" in resource and value:
        yield "obs-6: a reason for no value beside a value"
    codes = {(one["system"], one["code"]) for one in resource["code"]["coding"]}
    for one in resource.get("component", []):
        if value and codes & {(each["system"], each["code"]) for each in one["code"]["coding"]}:
            yield "obs-7: a component repeats the code beside a value"
    quantity = resource.get("valueQuantity", {})
    if "code" in quantity and "system" not in quantity:
        yield "qty-3: a code of a unit needs its system"


def _bundle(bundle: Mapping[str, Any]) -> Iterator[str]:
    entries = bundle.get("entry", [])
    if "total" in bundle and bundle["type"] not in ("searchset", "history"):
        yield "bdl-1: a total where nothing was searched"
    urls = [one["fullUrl"] for one in entries if "fullUrl" in one]
    if len(set(urls)) < len(urls):
        yield "bdl-7: two entries have one address"
    for one in entries:
        if "search" in one and bundle["type"] != "searchset":
            yield "bdl-2: a search mode where nothing was searched"
        if "/_history/" in one.get("fullUrl", ""):
            yield "bdl-8: an address of a version"


def references(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every Reference in a resource."""
    if isinstance(value, list):
        for inner in value:
            yield from references(inner)
    elif isinstance(value, Mapping):
        if "reference" in value and isinstance(value["reference"], str):
            yield value
        for inner in value.values():
            yield from references(inner)


def unresolved(bundle: Mapping[str, Any]) -> set[str]:
    """References that lead to nothing in the bundle; a relative one is looked for as an address."""
    urls = {one["fullUrl"] for one in bundle["entry"]}
    ends = {"/".join(url.rsplit("/", 2)[1:]) for url in urls}
    names = {one["reference"] for entry in bundle["entry"] for one in references(entry["resource"])}
    return {name for name in names if not name.startswith("#") and name not in urls | ends}
