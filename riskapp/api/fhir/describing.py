"""How one door of FHIR is described in OpenAPI: operations, refusals, parameters, examples."""

from collections.abc import Iterable, Mapping
from typing import Any

from riskapp.api.fhir.asked import LONGEST
from riskapp.api.fhir.examples import examples
from riskapp.api.fhir.media import FHIR_JSON, JSON
from riskapp.exchange.fhir.writing.operation import RECORD, Parameter
from riskapp.risk import evidence_sets
from riskapp.risk.guideline_data import listed

Json = dict[str, Any]
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


def operation(
    name: str,
    summary: str,
    takes: list[Json],
    *kinds: str,
    description: str = "",
    needs: str = "",
    is_open: bool = False,
) -> Json:
    """One operation that answers 200 with one of these kinds of FHIR, and refuses as FHIR.

    Without kinds it is the caller's to say what is answered.
    """
    made: Json = {
        "operationId": name,
        "summary": summary,
        "tags": ["FHIR"],
        "parameters": takes,
        "responses": ({"200": answered(name, *kinds)} if kinds else {}) | refused(REFUSALS),
        "security": [{}] if is_open else security(needs),
    }
    return made | ({"description": description} if description else {})


def security(needs: str) -> list[Json]:
    scopes = [f"system/{scope}" for scope in needs.split()]
    return [{"oauth2": scopes}, {"tokenAuth": []}, {"cookieAuth": []}]


def answered(name: str, *kinds: str) -> Json:
    content = {"schema": resource(*kinds), "example": example(name, "answer")}
    return {"description": "FHIR R4.", "content": {FHIR_JSON: content, JSON: content}}


def refused(words: Mapping[str, str]) -> Json:
    schema = {"$ref": "#/components/schemas/OperationOutcome"}
    content = {media_type: {"schema": schema} for media_type in (FHIR_JSON, JSON)}
    return {status: {"description": told, "content": content} for status, told in words.items()}


def resource(*kinds: str) -> Json:
    """What is in it, FHIR R4 says; no shape of our own repeats it."""
    return {
        "type": "object",
        "description": f"FHIR R4 {' or '.join(kinds)}.",
        "required": ["resourceType"],
        "properties": {"resourceType": {"type": "string", "enum": list(kinds)}},
    }


def example(name: str, part: str) -> Any:
    kind = name.removesuffix("_by_form").rpartition("_")[2]
    known = examples()
    if name.startswith("fhir_search"):
        return known["search"][kind]
    return known["read"][kind] if name.startswith("fhir_read") else known[name][part]


def parameters(known: Mapping[str, Parameter]) -> list[Json]:
    """What an operation takes in its address: all but the record itself."""
    word = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"\S"}
    id = {"type": "string", "pattern": "^(Patient/)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
    types: dict[str, Json] = {"boolean": {"type": "boolean"}, "Reference": id}
    choices = {
        "population": [one.code for one in evidence_sets.choosable()],
        "evidence-set": evidence_sets.listed(),
        "guideline": [one.code for one in listed()],
        "include": ["all"],
    }
    return [
        query(name, types.get(one.type, word) | _among(choices.get(name)), one.means)
        for name, one in known.items()
        if name != RECORD
    ]


def _among(choices: Iterable[str] | None) -> Json:
    return {"enum": list(choices)} if choices else {}


def query(name: str, schema: Json, words: str) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": words}


def header(name: str, words: str) -> Json:
    return {"name": name, "in": "header", "schema": {"type": "string"}, "description": words}
