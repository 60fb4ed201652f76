"""What the generator of the OpenAPI description does not see.

How requests are refused, and that a profile may hold the columns of a site.
"""

from typing import Any

from riskapp.api.problems import MEDIA_TYPE

MIGHT_BE_REFUSED = {
    "401": "There is no key, or it is not valid.",
    "403": "This account belongs to no organisation.",
}
BODY_MIGHT_BE_REFUSED = {
    "400": "The request can be mended: a sentence for each field.",
    "413": "Larger than this service takes.",
    "415": "Another media type than the one named here.",
}
OWN_COLUMNS = (
    "A column of your site, by its own name: a number in the unit and range that site_columns at "
    "/api/v1/models/ tells, or true or false. Taken while a model that reads it is in shadow or "
    "serving, or is asked for; any other name is refused."
)
# An operation cannot say what methods beside it answer (405), so that it stands here.
ANYTHING_ELSE = "Whatever else is refused, such as a method that is not offered (405)."


def with_refusals(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Declare each refusal, and all of them as problem details (RFC 9457)."""
    for operations in result["paths"].values():
        for operation in operations.values():
            _declare(operation)
    return result


def with_site_columns(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Say that a profile may hold what the caller's own models ask beyond our fields."""
    result["components"]["schemas"]["Profile"]["additionalProperties"] = {
        "type": ["number", "boolean", "string", "null"],
        "description": OWN_COLUMNS,
    }
    return result


def _declare(operation: dict[str, Any]) -> None:
    possible = {**MIGHT_BE_REFUSED, "4XX": ANYTHING_ELSE}
    if "requestBody" in operation:
        possible |= BODY_MIGHT_BE_REFUSED
    responses = operation["responses"]
    for status, words in possible.items():
        responses.setdefault(status, {"description": words})
    for status, response in responses.items():
        if not status.startswith("2"):
            schema = {"$ref": "#/components/schemas/ProblemShape"}
            response["content"] = {MEDIA_TYPE: {"schema": schema}}
            response["description"] = response["description"] or possible.get(status, "Refused.")
    operation["responses"] = dict(sorted(responses.items()))
