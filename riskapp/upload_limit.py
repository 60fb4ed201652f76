"""The size of an upload, refused before any of it is read."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

from imaging.limits import LIMITS

# Part headers and form fields around the files.
ENVELOPE_BYTES = 4 * 2**20


class Onlooker(FileUploadHandler):
    """A handler that keeps nothing: whatever comes goes on to the next one."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class UploadLimit(Onlooker):
    """First of the handlers: looks at the announced length."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        *rest: Any,
        **named: Any,
    ) -> None:
        if content_length > LIMITS.upload_bytes + ENVELOPE_BYTES:
            raise RequestDataTooBig
