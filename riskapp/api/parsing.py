"""Bodies as they arrive: bounded, UTF-8, strict JSON."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class StrictJsonParser(BaseParser):
    """JSON as RFC 8259 has it: no NaN, no names given twice, no half characters, never too much.

    The framework's own parser reads a body of any size and lets deep nesting exhaust the stack.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        try:
            read = json.loads(
                body.decode(), parse_constant=_refuse_constant, object_pairs_hook=_object
            )
            # An escape can name half a character, which no encoding can send back or store.
            json.dumps(read, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except ValueError:
            raise ParseError(
                "The body is not valid JSON in UTF-8, or holds half a character."
            ) from None
        if not isinstance(read, dict):
            raise ParseError("The body is a JSON object, with names and values.")
        return read


class JsonAlways(BaseContentNegotiation):
    """One representation for everyone, whatever the caller says it accepts."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser | None:
        given = (request.content_type or "").partition(";")[0].strip().lower()
        return next((each for each in parsers if each.media_type == given), None)

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ParseError("A name occurs twice in one JSON object, so that one value would be lost.")
    return read
