"""Files out of a multipart answer as it streams in: on the disk, within limits, or not at all."""

from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import BinaryIO

from riskapp.exchange.archive.answers import Declined, Silent
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS, ArchiveLimits

DICOM = "application/dicom"
CUT_SHORT = "The archive broke off in the middle of an answer."
LONGEST_BOUNDARY = 70  # RFC 2046 section 5.1.1


def save_files(
    content_type: str,
    pieces: Iterable[bytes],
    folder: Path,
    limits: ArchiveLimits = ARCHIVE_LIMITS,
) -> Iterator[Path]:
    """Write each DICOM file of an answer into a folder, and name it once it is whole.

    Parameters
    ----------
    content_type : str
        Of the answer: multipart/related (PS3.18 section 8.7.3.3), or one file bare, as some send.

    Raises
    ------
    Silent
        If the answer ends before it says so.
    Declined
        If it is no DICOM, or larger or longer than a scan may be.
    """
    kind, boundary = _kind_of(content_type)
    if kind == DICOM:
        yield _bare(pieces, folder, limits)
    elif kind == "multipart/related" and 0 < len(boundary) <= LONGEST_BOUNDARY:
        yield from _Parts(boundary, folder, limits).read(pieces)
    else:
        raise Declined("The archive answered with something else than DICOM files.")


def _kind_of(content_type: str) -> tuple[str, bytes]:
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary", "")
    told = boundary if isinstance(boundary, str) else ""
    return header.get_content_type(), told.encode("ascii", "replace")


def _bare(pieces: Iterable[bytes], folder: Path, limits: ArchiveLimits) -> Path:
    path = folder / "0.part"
    with path.open("wb") as file:
        for piece in pieces:
            _write(file, piece, limits)
    return path


def _write(file: BinaryIO, piece: bytes, limits: ArchiveLimits) -> None:
    if file.tell() + len(piece) > limits.instance_bytes:
        raise Declined(f"A file has more than {limits.instance_bytes // 2**20:,} MiB.")
    file.write(piece)


class _Parts:
    """Cuts a stream at its boundaries, holding back no more than could be one."""

    def __init__(self, boundary: bytes, folder: Path, limits: ArchiveLimits) -> None:
        self._delimiter = b"\r\n--" + boundary
        self._folder, self._limits = folder, limits
        self._held = bytearray(b"\r\n")  # the first boundary needs no line before it
        self._file: BinaryIO | None = None
        self._in_header, self._is_over, self._files = False, False, 0

    def read(self, pieces: Iterable[bytes]) -> Iterator[Path]:
        try:
            for piece in pieces:
                self._held += piece
                yield from self._cut()
                if self._is_over:
                    return
        finally:
            if self._file is not None:
                self._file.close()
        raise Silent(CUT_SHORT)

    def _cut(self) -> Iterator[Path]:
        while not self._is_over:
            if self._in_header and not self._take_header():
                return
            at = self._held.find(self._delimiter)
            behind = at + len(self._delimiter)
            if at < 0 or len(self._held) < behind + 2:
                self._take(at if at >= 0 else len(self._held) - len(self._delimiter) + 1)
                return
            after = bytes(self._held[behind : behind + 2])
            if after not in (b"--", b"\r\n"):
                self._take(behind)  # only begins like a boundary
                continue
            self._take(at)
            del self._held[: len(self._delimiter)]
            self._is_over, self._in_header = after == b"--", after != b"--"
            if self._file is not None:
                self._file.close()
                yield Path(self._file.name)
                self._file = None

    def _take(self, length: int) -> None:
        """Write what stands before; what stands before the first boundary says nothing."""
        if length <= 0:
            return
        if self._file is not None:
            _write(self._file, bytes(self._held[:length]), self._limits)
        del self._held[:length]

    def _take_header(self) -> bool:
        """Begin a file once the whole header of its part is here."""
        end = self._held.find(b"\r\n\r\n")
        if end < 0 and len(self._held) <= self._limits.part_header_bytes:
            return False
        if not 0 <= end <= self._limits.part_header_bytes:
            raise Declined("A part of the archive’s answer has no end of its header.")
        told = message_from_bytes(bytes(self._held[:end]).lstrip())
        if told.get_content_type() != DICOM and "content-type" in told:
            raise Declined("The archive answered with something else than DICOM files.")
        if self._files == self._limits.instances:
            raise Declined(f"A series has more than {self._limits.instances:,} files.")
        del self._held[: end + 4]
        self._file = (self._folder / f"{self._files}.part").open("wb")
        self._in_header, self._files = False, self._files + 1
        return True
