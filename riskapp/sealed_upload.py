"""Uploads too large for memory wait on the disk encrypted, in files that have no name."""

import io
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from riskapp.sealed_file import PIECE_BYTES, SealedReader, Sealer


class SealedUpload(FileUploadHandler):
    """Takes what the handler for small files left; whoever ends the process ends the files."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._file = TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115
        self._sealer = Sealer()
        self._file.write(self._sealer.head)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        for piece in self._sealer.pieces(raw_data):
            self._file.write(piece)

    def file_complete(self, file_size: int) -> UploadedFile:
        self._file.write(self._sealer.last())
        self._file.seek(0)
        return UploadedFile(
            file=io.BufferedReader(SealedReader(self._file), PIECE_BYTES),  # type: ignore[arg-type]
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()
