"""An upload is taken whole or not at all.

Django takes a form that was cut off for one that ended, and passes over files whose name it cannot
use: a scan would come in with fewer slices, and a cohort with fewer people, than were sent.
"""

import re
from typing import Any

from django.http.multipartparser import MultiPartParserError

from riskapp.upload_limit import Onlooker

CUT_OFF = "The upload was cut off before its end, so nothing of it was kept: send it again."
UNNAMED = (
    "One of the files has a name that cannot be used, so nothing was kept: rename it in plain "
    "letters and send all of them again."
)
# Django itself refuses a longer head (MAX_TOTAL_HEADER_SIZE).
HEAD_BYTES = 1_024
# A field of a form in which no file was chosen has a blank name.
A_FILE = re.compile(rb'filename\*?\s*=\s*(?!""|\s|;)', re.IGNORECASE)


class WholeUpload(Onlooker):
    """Looks at what goes by, before any other handler, and says at its end what is missing."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: bytes,
        encoding: str | None = None,
    ) -> None:
        self._sent, self._taken = PartsSent(boundary), 0
        if hasattr(input_data, "getvalue"):  # it was read before
            self._sent.see(input_data.getvalue())
            return
        read = input_data.read

        def seen(*size: int) -> bytes:
            piece: bytes = read(*size)
            self._sent.see(piece)
            return piece

        input_data.read = seen

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._taken += 1

    def upload_complete(self) -> None:
        if not self._sent.has_ended:
            raise MultiPartParserError(CUT_OFF)
        if self._taken < self._sent.files:
            raise MultiPartParserError(UNNAMED)


class PartsSent:
    """Counts the files of a multipart message (RFC 7578) as its bytes go by."""

    def __init__(self, boundary: bytes) -> None:
        self._mark = b"--" + boundary
        self._held = b""
        self.files = 0
        self.has_ended = False

    def see(self, piece: bytes) -> None:
        held, at = self._held + piece, 0
        while (found := held.find(self._mark, at)) >= 0:
            begin = found + len(self._mark)
            end = held.find(b"\r\n\r\n", begin, begin + HEAD_BYTES)
            self.has_ended = self.has_ended or held.startswith(b"--", begin)
            if end < 0 and len(held) < begin + HEAD_BYTES:
                self._held = held[found:]  # the rest of its head is still to come
                return
            head = held[begin : end if end >= 0 else begin + HEAD_BYTES]
            self.files += bool(A_FILE.search(head))
            at = begin
        # The beginning of a mark may be among the last bytes.
        self._held = held[max(at, len(held) - len(self._mark) + 1) :]
