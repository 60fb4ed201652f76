"""The doors of FHIR in the OpenAPI description, told from the tables that they obey."""

from collections.abc import Iterator, Mapping
from typing import Any

from riskapp.actions.sent_twice import KEY
from riskapp.api.fhir.examples import examples
from riskapp.api.fhir.media import FHIR_JSON, JSON, PDF
from riskapp.api.fhir.parameters import MOST_COUNT, RESULT_CHOICES, USUAL_COUNT
from riskapp.api.fhir.served import DEFINED, SERVED
from riskapp.exchange.fhir.writing.operation import PARAMETERS, RECORD

Json = dict[str, Any]
TAG = {
    "name": "FHIR",
    "description": "FHIR R4 as JSON: assessments, what they rest on, reports. Profiles and codes: "
    "docs/fhir.md.",
}
OUTCOME = {
    "type": "object",
    "description": "FHIR R4 OperationOutcome: a sentence for each issue, and what it is about.",
    "required": ["resourceType", "issue"],
    "properties": {
        "resourceType": {"const": "OperationOutcome"},
        "issue": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["severity", "code", "diagnostics"],
                "properties": {
                    "severity": {"type": "string"},
                    "code": {"type": "string"},
                    "details": {"type": "object"},
                    "diagnostics": {"type": "string"},
                    "expression": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}
REFUSALS = {
    "400": "The request can be mended: a sentence for each issue.",
    "401": "There is no key, or it is not valid.",
    "403": "This account belongs to no organisation, or may not do this.",
    "404": "There is nothing here for you.",
    "406": "FHIR is spoken here as JSON in version 4.0.",
    "4XX": "Whatever else is refused, such as a method that is not offered (405).",
}
OF_A_BODY = {
    "413": "Larger than this service takes.",
    "415": "Another media type than FHIR’s JSON.",
}
UNANSWERABLE = {
    "422": "The record was understood and cannot be answered: it says of nobody, of whom is not "
    "told enough, or of a person whom no published result covers."
}
TYPES = {"boolean": {"type": "boolean"}, "code": {"type": "string"}, "string": {"type": "string"}}
SAME = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "ETag of the version that you hold; where it is still so, 304 and no body.",
}


def add_doors(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """Add every door of FHIR to the description."""
    result["tags"] = [*result.get("tags", []), TAG]
    result["components"]["schemas"]["OperationOutcome"] = OUTCOME
    for path, method, operation in _operations():
        result["paths"].setdefault(path, {})[method] = operation
    return result


def _operations() -> Iterator[tuple[str, str, Json]]:
    yield "/fhir/metadata", "get", _metadata()
    yield "/fhir/RiskAssessment/$assess", "post", _assess()
    for kind, one in SERVED.items():
        yield f"/fhir/{kind}/{{id}}", "get", _read(kind)
        if "search-type" in one.interactions:
            yield f"/fhir/{kind}", "get", _search(kind, one.parameters, one.words)
            yield f"/fhir/{kind}/_search", "post", _search_by_form(kind, one.parameters)
    for kind in DEFINED:
        yield f"/fhir/{kind}/{{id}}", "get", _read(kind, is_open=True)
        url = _query("url", {"type": "string", "format": "uri"}, "Its name.")
        yield (
            f"/fhir/{kind}",
            "get",
            _operation(f"fhir_search_{kind}", f"What is defined here: {kind}", [url], is_open=True),
        )


def _metadata() -> Json:
    mode = _query("mode", {"type": "string", "enum": ["full", "normative"]}, "full unless said.")
    return _operation("fhir_capabilities", "What can be done here", [mode, SAME], is_open=True)


def _assess() -> Json:
    asked = [
        _query(name, TYPES[one.type], one.means)
        for name, one in PARAMETERS.items()
        if name != RECORD
    ]
    prefer = _header(
        "Prefer", "return=minimal, return=representation or return=OperationOutcome (what was not "
        "used)."
    )  # fmt: skip
    name = "fhir_assess"
    made = _operation(
        name,
        "Estimate from a person’s record",
        [
            *asked,
            prefer,
            _header(KEY, "A name of your own for this request; where it is stored, it is so once."),
        ],
        description="A Bundle of one person’s record in, their RiskAssessment out. Which resource "
        "gave which input, and what was not used and why, is told in notes and extensions. Nothing "
        "is stored unless persist is asked; the stored one is then under Location (201).",
        needs="RiskAssessment.c",
    )
    content = {"schema": _resource("Bundle or Parameters"), "example": _example(name, "request")}
    made["requestBody"] = {"required": True, "content": {FHIR_JSON: content, JSON: content}}
    made["responses"] |= _refused(OF_A_BODY | UNANSWERABLE) | {
        "201": _answered(name, "RiskAssessment or Bundle")
        | {"description": "Stored.", "headers": {"Location": {"schema": {"type": "string"}}}},
    }
    return made


def _read(kind: str, *, is_open: bool = False) -> Json:
    id = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"},
    }
    made = _operation(
        f"fhir_read_{kind}",
        f"Read one {kind}",
        [id, SAME],
        description=SERVED[kind].words if kind in SERVED else "",
        needs=f"{kind}.r" if kind != "Binary" else "Binary.r RiskAssessment.r Patient.r",
        is_open=is_open,
    )
    if kind == "Binary":
        made["responses"]["200"]["content"] |= {PDF: {"schema": {}}}
    made["responses"]["304"] = {"description": "You hold this version already."}
    return made


def _search(kind: str, known: Mapping[str, str], words: str) -> Json:
    asked = [_query(name, {"type": "string"}, f"A FHIR {type_}.") for name, type_ in known.items()]
    strict = _header("Prefer", "handling=strict refuses what is not known; else it is left out.")
    return _operation(
        f"fhir_search_{kind}",
        f"Search for {kind}",
        [*asked, *_about_results(), strict],
        description=words,
        needs=f"{kind}.s",
    )


def _search_by_form(kind: str, known: Mapping[str, str]) -> Json:
    made = _operation(
        f"fhir_search_{kind}_by_form",
        f"Search for {kind} without a number of a person in the address",
        [],
        needs=f"{kind}.s",
    )
    shape = {"type": "object", "properties": {name: {"type": "string"} for name in known}}
    example = {"_lastUpdated": "ge2026-01-01", "_count": "20"}
    made["requestBody"] = {
        "content": {"application/x-www-form-urlencoded": {"schema": shape, "example": example}}
    }
    made["responses"] |= _refused(OF_A_BODY)
    return made


def _about_results() -> list[Json]:
    named = [
        _query(name, {"type": "string", "enum": list(choices)}, f"{choices[0]} unless said.")
        for name, choices in RESULT_CHOICES.items()
    ]
    whole = {"type": "integer", "minimum": 0}
    count = _query("_count", whole, f"At most {MOST_COUNT}; {USUAL_COUNT} unless said.")
    return [count, _query("_offset", whole, "How many to skip; next links have it."), *named]


def _operation(
    name: str,
    summary: str,
    parameters: list[Json],
    *,
    description: str = "",
    needs: str = "",
    is_open: bool = False,
) -> Json:
    """One operation that answers 200 with FHIR, and refuses as FHIR."""
    made: Json = {
        "operationId": name,
        "summary": summary,
        "tags": ["FHIR"],
        "parameters": parameters,
        "responses": {"200": _answered(name, "FHIR R4"), **_refused(REFUSALS)},
        "security": [{}] if is_open else _security(needs),
    }
    return made | ({"description": description} if description else {})


def _security(needs: str) -> list[Json]:
    scopes = [f"system/{scope}" for scope in needs.split()]
    return [{"oauth2": scopes}, {"tokenAuth": []}, {"cookieAuth": []}]


def _answered(name: str, what: str) -> Json:
    content = {"schema": _resource(what), "example": _example(name, "answer")}
    return {"description": "FHIR R4.", "content": {FHIR_JSON: content, JSON: content}}


def _refused(words: Mapping[str, str]) -> Json:
    schema = {"$ref": "#/components/schemas/OperationOutcome"}
    content = {FHIR_JSON: {"schema": schema}}
    return {status: {"description": told, "content": content} for status, told in words.items()}


def _resource(what: str) -> Json:
    return {
        "type": "object",
        "description": what,
        "required": ["resourceType"],
        "properties": {"resourceType": {"type": "string"}},
    }


def _example(name: str, part: str) -> Any:
    kind = name.removesuffix("_by_form").rpartition("_")[2]
    known = examples()
    if name.startswith("fhir_search"):
        return known["search"][kind]
    return known["read"][kind] if name.startswith("fhir_read") else known[name][part]


def _query(name: str, schema: Json, words: str) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": words}


def _header(name: str, words: str) -> Json:
    return {"name": name, "in": "header", "schema": {"type": "string"}, "description": words}
