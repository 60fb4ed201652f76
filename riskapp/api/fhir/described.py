"""The doors of FHIR in the OpenAPI description, told from the tables that they obey."""

from collections.abc import Iterator, Mapping
from typing import Any

from riskapp.actions.sent_twice import KEY
from riskapp.api.fhir import described_bulk
from riskapp.api.fhir.describing import (
    OF_A_BODY,
    OUTCOME,
    Json,
    answered,
    example,
    header,
    operation,
    parameters,
    query,
    refused,
    resource,
)
from riskapp.api.fhir.media import FHIR_JSON, JSON, PDF
from riskapp.api.fhir.parameters import DIGITS, MOST_COUNT, RESULT_CHOICES, USUAL_COUNT
from riskapp.api.fhir.search_shapes import shape, words
from riskapp.api.fhir.served import DEFINED, SERVED
from riskapp.api.keyed import KEY_SHAPE
from riskapp.exchange.fhir.writing.operation import PARAMETERS

TAG = {
    "name": "FHIR",
    "description": "FHIR R4 as JSON: assessments, what they rest on, reports. Profiles and codes: "
    "docs/fhir.md.",
}
UNANSWERABLE = {
    "422": "The record was understood and cannot be answered: it says of nobody, of whom is not "
    "told enough, or of a person whom no published result covers."
}
ANSWERS = ("RiskAssessment", "Bundle", "OperationOutcome")
SAME = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "ETag of the version that you hold; where it is still so, 304 and no body.",
}


VERSION = {
    "ETag": {"description": "Name of this version.", "schema": {"type": "string"}},
    "Last-Modified": {"schema": {"type": "string"}},
}


def add_doors(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """Add every door of FHIR to the description."""
    result["tags"] = [*result.get("tags", []), TAG]
    result["components"]["schemas"]["OperationOutcome"] = OUTCOME
    for path, method, one in (*_operations(), *described_bulk.operations()):
        result["paths"].setdefault(path, {})[method] = one
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
        url = query("url", {"type": "string"}, "Its name.")
        yield (
            f"/fhir/{kind}",
            "get",
            operation(
                f"fhir_search_{kind}",
                f"What is defined here: {kind}",
                [url],
                "Bundle",
                is_open=True,
            ),
        )


def _metadata() -> Json:
    mode = query("mode", {"type": "string", "enum": ["full", "normative"]}, "full unless said.")
    made = operation(
        "fhir_capabilities",
        "What can be done here",
        [mode, SAME],
        "CapabilityStatement",
        is_open=True,
    )
    _versioned(made)
    return made


def _assess() -> Json:
    prefer = header(
        "Prefer", "return=minimal, return=representation or return=OperationOutcome (what was not "
        "used)."
    )  # fmt: skip
    name = "fhir_assess"
    made = operation(
        name,
        "Estimate from a person’s record",
        [
            *parameters(PARAMETERS),
            prefer,
            header(KEY, "A name of your own for this request; where it is stored, it is so once.")
            | {"schema": KEY_SHAPE},
        ],
        *ANSWERS,
        description="A Bundle of one person’s record in, their RiskAssessment out. Which resource "
        "gave which input, and what was not used and why, is told in notes and extensions. Nothing "
        "is stored unless persist is asked; the stored one is then under Location (201).",
        needs="RiskAssessment.c",
    )
    content = {"schema": resource("Bundle", "Parameters"), "example": example(name, "request")}
    made["requestBody"] = {"required": True, "content": {FHIR_JSON: content, JSON: content}}
    made["responses"] |= refused(OF_A_BODY | UNANSWERABLE) | {
        "201": answered(name, *ANSWERS)
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
    made = operation(
        f"fhir_read_{kind}",
        f"Read one {kind}",
        [id, SAME],
        kind,
        description=SERVED[kind].words if kind in SERVED else "",
        needs=f"{kind}.r" if kind != "Binary" else "Binary.r RiskAssessment.r Patient.r",
        is_open=is_open,
    )
    if kind == "Binary":
        made["responses"]["200"]["content"] |= {PDF: {"schema": {}}}
    _versioned(made)
    return made


def _versioned(made: Json) -> None:
    made["responses"]["200"]["headers"] = VERSION
    made["responses"]["304"] = {"description": "You hold this version already.", "headers": VERSION}


def _search(kind: str, known: Mapping[str, str], means: str) -> Json:
    asked = [query(name, shape(kind_), words(kind_)) for name, kind_ in known.items()]
    strict = header("Prefer", "handling=strict refuses what is not known; else it is left out.")
    return operation(
        f"fhir_search_{kind}",
        f"Search for {kind}",
        [*asked, *_about_results(), strict],
        "Bundle",
        description=means,
        needs=f"{kind}.s",
    )


def _search_by_form(kind: str, known: Mapping[str, str]) -> Json:
    made = operation(
        f"fhir_search_{kind}_by_form",
        f"Search for {kind} without a number of a person in the address",
        [],
        "Bundle",
        needs=f"{kind}.s",
    )
    fields = {name: shape(kind_) for name, kind_ in known.items()}
    fields |= {one["name"]: one["schema"] for one in _about_results()}
    form = {"type": "object", "properties": fields}
    asked = {"_id": "17", "_count": 20}
    made["requestBody"] = {
        "content": {"application/x-www-form-urlencoded": {"schema": form, "example": asked}}
    }
    made["responses"] |= refused(OF_A_BODY)
    return made


def _about_results() -> list[Json]:
    # Another value is told of and passed over, unless handling is strict: so these are no enum.
    named = [
        query(name, {"type": "string", "examples": list(choices)}, f"{choices[0]} unless said.")
        for name, choices in RESULT_CHOICES.items()
    ]
    whole = {"type": "integer", "minimum": 0, "maximum": 10**DIGITS - 1}
    count = query("_count", whole, f"At most {MOST_COUNT}; {USUAL_COUNT} unless said.")
    return [count, query("_offset", whole, "How many to skip; next links have it."), *named]
