"""What the generator of the OpenAPI description does not see.

How requests are refused, which headers answers carry, that unknown names are refused, that a
profile may hold the columns of a site, and an example of every request and answer.
"""

from typing import Any

from riskapp.actions.sent_twice import KEY
from riskapp.api.examples import examples
from riskapp.api.narrower import narrow
from riskapp.api.problem_types import PROBLEM_TYPES
from riskapp.api.problems import MEDIA_TYPE
from riskapp.exchange.stow_answer import MEDIA_TYPE as DICOM

Json = dict[str, Any]
REFUSAL = {"$ref": "#/components/schemas/ProblemShape"}
MIGHT_BE_REFUSED = {
    "401": "There is no key, or it is not valid.",
    "403": "This account belongs to no organisation, or may not do this.",
}
BODY_MIGHT_BE_REFUSED = {
    "400": "The request can be mended: a sentence for each field.",
    "413": "Larger than this service takes.",
    "415": "Another media type than the one named here.",
}
WORDS = {
    "304": "You hold this state already.",
    "404": "There is nothing here for you.",
    "409": "In conflict with what is stored.",
    "411": "A body of unknown length cannot be read here; send Content-Length.",
    "412": "It was changed since you read it.",
    "422": f"No ground to speak about this person, or the {KEY} is another request's.",
    "428": "The header If-Match is missing.",
}
OWN_COLUMNS = (
    "A column of your site, by its own name: a number in the unit and range that site_columns at "
    "/api/v1/models/ tells, or true or false. Taken while a model that reads it is in shadow or "
    "serving, or is asked for; any other name is refused."
)
# An operation cannot say what methods beside it answer (405), so that it stands here.
ANYTHING_ELSE = "Whatever else is refused, such as a method that is not offered (405)."
TAGS = {
    "Scores": "Estimates for other programs; nothing about the people is kept.",
    "Patients": "Who is looked after, and what happened to them.",
    "Scans": "Uploads, what was measured of them, and files about them.",
    "Assessments": "Stored estimates with their reasons, reports, discussions and shared pages.",
    "Lists": "Who waits for what, and who is due.",
    "Catalogue": "What answers, and for whom.",
    "Laboratory": "For statisticians: training runs, outcomes, precision studies.",
    "CDS Hooks": "Advice in a hospital's record, as cards (CDS Hooks 2.0).",
    "DICOM": "Scans that an archive or a program sends (DICOMweb). docs/dicom-receiving.md.",
    "Webhooks": "Messages to your own program when something happened here.",
}
PLACES = {
    "scores": "Scores", "patients": "Patients", "scans": "Scans", "assessments": "Assessments",
    "worklist": "Lists", "recall": "Lists", "models": "Catalogue", "populations": "Catalogue",
    "trainings": "Laboratory", "outcomes": "Laboratory", "precisions": "Laboratory",
    "webhooks": "Webhooks", "cds-services": "CDS Hooks", "cds-feedback": "CDS Hooks",
    "expected-scans": "Scans", "dicomweb": "DICOM",
}  # fmt: skip
HEADERS: dict[str, Json] = {
    "Location": {
        "description": "Address of what was made.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "ETag": {
        "description": "Name of this state; for If-None-Match and If-Match.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": "Addresses of the next and the previous page, where there are any.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before the same request is sent again.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "The scheme in which a key is sent.",
        "schema": {"type": "string"},
    },
}


def complete(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """Add what is the same for all operations, and each one's examples."""
    result["tags"] = [{"name": name, "description": words} for name, words in TAGS.items()]
    shapes = result["components"]["schemas"]
    shapes["Profile"]["additionalProperties"] = {
        "type": ["number", "boolean", "string", "null"],
        "description": OWN_COLUMNS,
    }
    narrow(shapes)
    shapes["ProblemShape"]["properties"]["type"]["examples"] = [
        kind.address for kind in PROBLEM_TYPES
    ]
    for path, operations in result["paths"].items():
        for operation in operations.values():
            operation["tags"] = [_tag(path)]
            _refusals(operation)
            _headers(operation)
            _examples(operation)
    _closed(result)
    return result


def _tag(path: str) -> str:
    return next((PLACES[place] for place in path.split("/") if place in PLACES), "Other")


def _refusals(operation: Json) -> None:
    """Declare each refusal, and all of them as problem details (RFC 9457)."""
    possible = {**MIGHT_BE_REFUSED, "4XX": ANYTHING_ELSE}
    if "requestBody" in operation:
        if "multipart/related" in operation["requestBody"]["content"]:
            # A body that is no shape of ours; the generator does not know that it is needed.
            operation["requestBody"]["required"] = True
        possible |= BODY_MIGHT_BE_REFUSED
    if any(one["name"] == KEY for one in operation.get("parameters", ())):
        possible |= {"422": WORDS["422"], "400": BODY_MIGHT_BE_REFUSED["400"]}
    responses = operation["responses"]
    for status, words in possible.items():
        responses.setdefault(status, {"description": words})
    for status, response in responses.items():
        words = possible.get(status) or WORDS.get(status, "")
        # STOW-RS tells in the same form what of a message was stored and that nothing was.
        is_told_so = DICOM in response.get("content", {})
        if not status.startswith(("2", "3")) and not is_told_so:
            response["content"] = {MEDIA_TYPE: {"schema": REFUSAL}}
        response["description"] = response["description"] or words or "Done."
    responses["401"]["headers"] = {"WWW-Authenticate": HEADERS["WWW-Authenticate"]}
    operation["responses"] = dict(sorted(responses.items()))


def _headers(operation: Json) -> None:
    names = {one["name"] for one in operation.get("parameters", ())}
    for status, response in operation["responses"].items():
        said = []
        if status in ("201", "202"):
            said += ["Location"]
        if names & {"If-None-Match", "If-Match"} and status in ("200", "304"):
            said += ["ETag"]
        if "offset" in names and status == "200":
            said += ["Link"]
        if status == "4XX":
            said += ["Retry-After"]
        if said:
            response["headers"] = {name: HEADERS[name] for name in said}


def _examples(operation: Json) -> None:
    known = examples().get(operation["operationId"], {})
    for body in operation.get("requestBody", {}).get("content", {}).values():
        if "request" in known:
            body["example"] = known["request"]
    for status, response in operation["responses"].items():
        for media_type, body in response.get("content", {}).items():
            if media_type.endswith("json") and status in known.get("responses", {}):
                body["example"] = known["responses"][status]


def _closed(result: Json) -> None:
    """Say of every body that is read strictly that other names are refused."""
    shapes = result["components"]["schemas"]
    asked = [
        body["schema"]["$ref"]
        for operations in result["paths"].values()
        for operation in operations.values()
        # Each hook has a context of its own, and anything may carry an extension.
        if operation["tags"] != ["CDS Hooks"]
        for body in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in body["schema"]
    ]
    while asked:
        shape = shapes[asked.pop().rpartition("/")[2]]
        if "additionalProperties" in shape:
            continue
        shape["additionalProperties"] = False
        asked += [
            inner["$ref"]
            for one in shape.get("properties", {}).values()
            for inner in (one, one.get("items", {}))
            if "$ref" in inner and _is_object(shapes, inner)
        ]


def _is_object(shapes: Json, one: Json) -> bool:
    return bool(shapes[one["$ref"].rpartition("/")[2]].get("type") == "object")
