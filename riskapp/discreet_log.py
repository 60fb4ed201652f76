"""Log lines without patient data, and without the secrets that open a page or a session."""

import logging
import re
import traceback
from types import TracebackType

# A shared link as it stands in an address, whole, cut or altered; and the shape of its token
# wherever else it turns up: a secret of 32 letters and a signature of 43 (actions.sharing).
SECRETS = re.compile(r"(?i)(?<=shared/)[^\s\"']+|[\w-]{32}\.[\w-]{43}")
# What signing in and launching carry in addresses (RFC 6749, OpenID Connect, SMART App Launch).
CARRIED = re.compile(
    r"(?i)(?<=[?&;])((?:code|state|nonce|launch|\w*token\w*|id_token_hint|code_challenge)=)"
    r"[^\s\"'&;]+"
)
HIDDEN = "(hidden)"


class DiscreetFormatter(logging.Formatter):
    """Shows where an exception came from and its kind, never what it says."""

    def __init__(self, fmt: str = "%(asctime)s %(levelname)s %(name)s: %(message)s") -> None:
        super().__init__(fmt)

    def format(self, record: logging.LogRecord) -> str:
        line = SECRETS.sub(HIDDEN, super().format(record))
        return CARRIED.sub(rf"\1{HIDDEN}", line)

    def formatException(  # the name is the standard library's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        kind, _, frames = ei
        return "".join(traceback.format_tb(frames)) + (kind.__name__ if kind else "")
