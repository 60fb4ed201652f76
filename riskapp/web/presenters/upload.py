"""What may be sent as one scan, said beside the box that takes it."""

from dataclasses import dataclass

from imaging.intake.accepted import FORMATS
from imaging.limits import LIMITS


@dataclass(frozen=True, slots=True)
class UploadBox:
    """Limits as numbers for the script, and as a person reads them."""

    files: int = LIMITS.files
    bytes: int = LIMITS.upload_bytes
    file_bytes: int = LIMITS.file_bytes
    formats: str = FORMATS

    @property
    def files_text(self) -> str:
        return f"{self.files:,}"

    @property
    def bytes_text(self) -> str:
        return _mebibytes(self.bytes)

    @property
    def file_bytes_text(self) -> str:
        return _mebibytes(self.file_bytes)


def _mebibytes(count: int) -> str:
    return f"{count // 2**20:,}\u00a0MiB"
