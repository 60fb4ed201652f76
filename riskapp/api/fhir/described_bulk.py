"""`$assess-all` in the OpenAPI description: asked for, waited for, fetched and taken away."""

from collections.abc import Iterator
from typing import Any

from riskapp.actions.fhir.bulk_answering import FILES
from riskapp.api.fhir.bulk import NDJSON
from riskapp.api.fhir.describing import (
    OF_A_BODY,
    Json,
    example,
    header,
    operation,
    parameters,
    refused,
    resource,
)
from riskapp.api.fhir.media import FHIR_JSON, JSON
from riskapp.exchange.fhir.writing.operation import ALL_PARAMETERS

ADDRESS = "/fhir/RiskAssessment/$assess-all"
ASKING, READING = "RiskAssessment.c Patient.s", "RiskAssessment.rs"
ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}
URL = {"type": "string", "format": "uri"}
SECONDS = {"type": "integer", "minimum": 0}
FILE_SHAPE: Json = {
    "type": "object",
    "required": ["type", "url", "count"],
    "properties": {
        "type": {"type": "string", "enum": list(FILES)},
        "url": URL,
        "count": {"type": "integer", "minimum": 1},
    },
}
MANIFEST: Json = {
    "type": "object",
    "description": "FHIR Bulk Data Access 2.0, complete status.",
    "required": ["transactionTime", "request", "requiresAccessToken", "output", "error"],
    "properties": {
        "transactionTime": {"type": "string", "format": "date-time"},
        "request": URL,
        "requiresAccessToken": {"const": True},
        "output": {"type": "array", "items": FILE_SHAPE},
        "error": {"type": "array", "items": FILE_SHAPE},
    },
}


def operations() -> Iterator[tuple[str, str, Json]]:
    """Address, method and description of each."""
    yield ADDRESS, "post", _ask()
    yield f"{ADDRESS}/{{id}}", "get", _status()
    yield f"{ADDRESS}/{{id}}", "delete", _take_away()
    yield f"{ADDRESS}/{{id}}/{{name}}.ndjson", "get", _file()


def _ask() -> Json:
    name = "fhir_assess_all"
    prefer = header("Prefer", "So many answers do not fit into one.")
    prefer |= {"required": True, "schema": {"type": "string", "enum": ["respond-async"]}}
    made = operation(
        name,
        "Estimate for many people at once",
        [
            *parameters(ALL_PARAMETERS),
            prefer,
        ],
        description="Of everybody, or of those who are named, from what is known of them here. The "
        "address under Content-Location tells how far it is, and then where the files lie.",
        needs=ASKING,
    )
    body = {"schema": resource("Parameters"), "example": example(name, "request")}
    made["requestBody"] = {"content": {FHIR_JSON: body, JSON: body}}
    _answers(made, "202", "It is under way.", {"Content-Location": URL})
    made["responses"] |= refused(OF_A_BODY | {"429": "As many as may be are under way already."})
    made["responses"]["429"]["headers"] = _headers({"Retry-After": SECONDS})
    return made


def _status() -> Json:
    name = "fhir_all_answers"
    made = operation(name, "Whether they are there, and where", [ID], needs=READING)
    content = {JSON: {"schema": MANIFEST, "example": example(name, "answer")}}
    _answers(made, "200", "All are there.", {"Expires": {"type": "string"}}, content)
    under_way = {"X-Progress": {"type": "string"}, "Retry-After": SECONDS}
    made["responses"]["202"] = {
        "description": "It is still under way.",
        "headers": _headers(under_way),
    }
    made["responses"] |= refused({"500": "Answering failed here; a sentence says how."})
    return made


def _take_away() -> Json:
    made = operation(
        "fhir_take_answers_away", "Take the answers away, or stop them", [ID], needs=ASKING
    )
    _answers(made, "202", "They are gone.", {})
    return made


def _file() -> Json:
    name = "fhir_answers_file"
    which = {
        "name": "name",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": list(FILES)},
    }
    made = operation(
        name, "One file of answers: a resource on each line", [ID, which], needs=READING
    )
    line = {"schema": {"type": "string"}, "example": example(name, "answer")}
    _answers(made, "200", "NDJSON.", {}, {NDJSON: line})
    return made


def _answers(
    made: Json, status: str, words: str, headers: dict[str, Any], content: Json | None = None
) -> None:
    """Say how it is answered when it is taken."""
    told: Json = {"description": words} | ({"headers": _headers(headers)} if headers else {})
    made["responses"][status] = told | ({"content": content} if content else {})


def _headers(schemas: dict[str, Any]) -> Json:
    return {name: {"schema": schema} for name, schema in schemas.items()}
