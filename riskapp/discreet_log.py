"""Log lines without patient data, and without the secrets that open a page or a session.

As lines to read, or (TRABECULA_LOG=json) as one JSON object a line. Both leave out what an
exception says and what stood in an address, because somebody may have typed it; what happened,
where in the code, in which view and under which request id is kept.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from types import TracebackType

from riskapp.request_id import current_request_id

# A shared or a one-time link as it stands in an address, whole, cut or altered; and the shape of
# a shared one's token wherever else it turns up: a secret of 32 letters and a signature of 43
# (actions.sharing).
SECRETS = re.compile(r"(?i)(?<=shared/)[^\s\"']+|(?<=account/link/)[^\s\"']+|[\w-]{32}\.[\w-]{43}")
# What signing in and launching carry in addresses (RFC 6749, OpenID Connect, SMART App Launch).
CARRIED = re.compile(
    r"(?i)(?<=[?&;])((?:code|state|nonce|launch|\w*token\w*|id_token_hint|code_challenge)=)"
    r"[^\s\"'&;]+"
)
# The query of an address, which may hold what somebody searched for.
QUERY = re.compile(r"\?[^\s\"']*")
OF_ADDRESSES = ("django.server", "gunicorn.access")
# What gunicorn quotes of a request that it could not read or answer.
QUOTED = re.compile(r"(?s)(Invalid request from ip=\S+|Error handling request):? .*")
HIDDEN = "(hidden)"
Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def discreet_message(record: logging.LogRecord) -> str:
    """What a line says, less what a caller sent."""
    if record.name.startswith("django.security"):
        return "A request was refused before any view saw it"
    if record.name == "django.request":  # its arguments are a reason and the path
        return f"Answered {getattr(record, 'status_code', '')}".strip()
    said = QUOTED.sub(rf"\1 {HIDDEN}", record.getMessage())
    if record.name in OF_ADDRESSES:
        said = QUERY.sub(f"?{HIDDEN}", said)
    return CARRIED.sub(rf"\1{HIDDEN}", SECRETS.sub(HIDDEN, said))


class DiscreetFormatter(logging.Formatter):
    """Shows where an exception came from and its kind, never what it says."""

    def __init__(self, fmt: str = "%(asctime)s %(levelname)s %(name)s: %(message)s") -> None:
        super().__init__(fmt)

    def format(self, record: logging.LogRecord) -> str:
        # What another handler's formatter made of the exception would be taken over, words and all.
        before, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = before

    def formatMessage(self, record: logging.LogRecord) -> str:  # the name is the library's
        record.message = discreet_message(record)
        asked = current_request_id()
        return super().formatMessage(record) + (f" (request {asked})" if asked else "")

    def formatException(self, ei: Raised) -> str:
        kind, _, frames = ei
        return "".join(traceback.format_tb(frames)) + (kind.__name__ if kind else "")

    def formatStack(self, stack_info: str) -> str:
        return ""


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request id, where an exception was."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": discreet_message(record),
            "process": record.process,
        }
        if asked := current_request_id():
            line["request_id"] = asked
        line |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["frames"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False)
