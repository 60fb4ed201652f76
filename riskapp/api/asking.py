"""What addresses ask behind their question mark: read in one way, refused in one sentence."""

from typing import TypeVar

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from riskapp.actions.errors import Refused

Default = TypeVar("Default")
# A number that every database takes.
LARGEST = 10**9
VERSION = OpenApiParameter(
    "version",
    {"type": "integer", "minimum": 1, "maximum": LARGEST},
    description="Newest unless given.",
)


def whole(request: Request, name: str, default: Default, low: int, high: int) -> int | Default:
    """A whole number that the address asks for, or the default where it does not.

    Raises
    ------
    Refused
        With the range, if it is something else.
    """
    asked = request.query_params.get(name)
    if asked is None:
        return default
    # isdigit alone also holds of digits that int() does not read.
    if not (asked.isascii() and asked.isdigit() and len(asked) < 12 and low <= int(asked) <= high):
        raise Refused({name: f"{name} is a whole number from {low} to {high:,}."})
    return int(asked)


def version_asked(request: Request) -> int | None:
    return whole(request, "version", None, 1, LARGEST)
