"""One id for each request: in its answer, in what is refused, and in every line logged meanwhile.

An id that a proxy in front has given is taken on where it is a UUID, with or without hyphens (as
nginx's ``$request_id``); anything else might hold what must not be in a log, and is replaced.
"""

import re
import uuid
from contextvars import ContextVar
from typing import Any

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"(?i)[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Of the request that is being answered; blank outside of one."""
    return _current.get()


def begin(sent: str) -> str:
    """Take on the id that was sent, or make one."""
    given = sent if WELL_FORMED.fullmatch(sent) else uuid.uuid4().hex
    _current.set(given)
    return given


def end(**_: Any) -> None:
    """Forget it; called when an answer is on its way, after Django has logged a refusal."""
    _current.set("")
