"""Addresses that will end: told in advance, in headers that programs can read.

``Deprecation`` is the day since which nobody should begin to use it (RFC 9745), ``Sunset`` the
day after which it may be gone (RFC 8594). docs/versioning.md says how long lies between.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from django.http import HttpResponseBase
from django.utils.http import http_date
from drf_spectacular.utils import extend_schema

# docs/versioning.md promises it.
NOTICE = timedelta(days=365)
View = Callable[..., HttpResponseBase]


def retiring(*, since: datetime, instead: str, until: datetime | None = None) -> Callable[..., Any]:
    """Mark a method of a view as one that will end; ``instead`` is the address that explains it.

    Raises
    ------
    ValueError
        If less than a year lies between the two days, or a day has no zone of time.
    """
    end = until or since + NOTICE
    if since.tzinfo is None or end.tzinfo is None or end - since < NOTICE:
        raise ValueError("An address is told to end a year before it does.")
    headers = {
        "Deprecation": f"@{int(since.astimezone(UTC).timestamp())}",
        "Sunset": http_date(end.timestamp()),
        "Link": f'<{instead}>; rel="deprecation", <{instead}>; rel="sunset"',
    }

    def decorated(method: View) -> Any:
        @wraps(method)
        def answered(*args: Any, **kwargs: Any) -> HttpResponseBase:
            response = method(*args, **kwargs)
            for name, value in headers.items():
                before = response.headers.get(name) if name == "Link" else None
                response.headers[name] = f"{before}, {value}" if before else value
            return response

        return extend_schema(deprecated=True)(answered)

    return decorated
