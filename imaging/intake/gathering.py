"""Files as they come in: what each one is, by content, unpacked within the limits."""

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path

from imaging.errors import UnreadableScan
from imaging.limits import LIMITS, Limits


class Format(StrEnum):
    DICOM = "DICOM"
    PNG = "PNG"
    JPEG = "JPEG"
    TIFF = "TIFF"
    NIFTI = "NIfTI"
    PDF = "PDF"
    ZIP = "zip"
    GZIP = "gzip"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one file. Its name is left behind: it may carry a patient, or a wish."""

    data: bytes
    format: Format


MAGIC = (
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"\xff\xd8\xff", Format.JPEG),
    (b"II*\x00", Format.TIFF),
    (b"MM\x00*", Format.TIFF),
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),
    (b"\x1f\x8b\x08", Format.GZIP),
)

# A DICOM file without preamble begins with an element of group 0002 or 0008: low element
# numbers, in either byte order.
BARE_DICOM = (
    *(bytes([2, 0, element, 0]) for element in (0x00, 0x01, 0x02, 0x10)),
    b"\x08\x00",
    b"\x00\x08\x00",
)
# What begins each line of a zip archive's table of contents; folders have one too.
ZIP_LINE, ZIP_LINES_OF_A_FILE = b"PK\x01\x02", 4
# Offset of the magic in NIfTI-1 and NIfTI-2 headers, https://nifti.nimh.nih.gov
NIFTI_MAGIC = ((344, (b"n+1\x00", b"ni1\x00")), (4, (b"n+2\x00", b"ni2\x00")))


def recognise(data: bytes) -> Format:
    """Say what a file is from its bytes alone."""
    if data[128:132] == b"DICM":
        return Format.DICOM
    for magic, known in MAGIC:
        if data.startswith(magic):
            return known
    if b"%PDF-" in data[:1024]:
        return Format.PDF
    if any(data[at : at + 4] in magics for at, magics in NIFTI_MAGIC):
        return Format.NIFTI
    if data.startswith(BARE_DICOM):
        return Format.DICOM
    return Format.UNKNOWN


def gather(paths: Iterable[Path], limits: Limits = LIMITS) -> list[Source]:
    """Read files, folders and archives into recognised bytes, within the limits.

    Raises
    ------
    UnreadableScan
        If nothing is there, or there is more than the limits allow.
    """
    sources: list[Source] = []
    total = 0
    for path in _files(paths, limits):
        for data in _opened(_read(path, limits), limits):
            total += len(data)
            if total > limits.upload_bytes:
                raise UnreadableScan(
                    f"The files hold more than {limits.upload_bytes // 2**20} MiB: "
                    "send one series at a time."
                )
            sources.append(Source(data, recognise(data)))
            if len(sources) > limits.files:
                raise UnreadableScan(_too_many(limits))
    if not sources:
        raise UnreadableScan("There is no file here: choose an image, or a folder with one series.")
    return sources


def _too_many(limits: Limits) -> str:
    return f"There are more than {limits.files} files: send one series at a time."


def _too_large(limits: Limits) -> str:
    return (
        f"The file is larger than {limits.file_bytes // 2**20} MiB, more than any scan that can be "
        "measured here."
    )


def _files(paths: Iterable[Path], limits: Limits) -> Iterator[Path]:
    """Walk in a fixed order; links out of a folder and hidden files are not followed."""
    count = 0
    for path in paths:
        if not path.exists():
            raise UnreadableScan("There is no such file or folder.")
        found: Iterable[Path] = _walk(path) if path.is_dir() else [path]
        for file in found:
            count += 1
            if count > limits.files:
                raise UnreadableScan(_too_many(limits))
            yield file


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in sorted(names):
            file = Path(here, name)
            if not name.startswith(".") and not file.is_symlink():
                yield file


def _read(path: Path, limits: Limits) -> bytes:
    try:
        about = path.stat()
        # A named pipe or a device would never end.
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableScan("This is not an ordinary file.")
        if about.st_size > limits.file_bytes:
            raise UnreadableScan(_too_large(limits))
        return path.read_bytes()
    except OSError as error:
        raise UnreadableScan("The file cannot be read from the disk.") from error


def _opened(data: bytes, limits: Limits) -> Iterator[bytes]:
    """Unpack one layer of zip or gzip; an archive inside an archive stays closed."""
    kind = recognise(data)
    if kind is Format.ZIP:
        yield from _unzipped(data, limits)
    elif kind is Format.GZIP:
        yield inflated(data, wbits=31, limits=limits)
    else:
        yield data


# What reading a broken archive has been seen to raise; ValueError where places lie before it.
BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, OSError,
    ValueError,
)  # fmt: skip


def _unzipped(data: bytes, limits: Limits) -> Iterator[bytes]:
    # Its table of contents is read whole before anything else: not one of millions of lines.
    if data.count(ZIP_LINE) > ZIP_LINES_OF_A_FILE * limits.files:
        raise UnreadableScan(_too_many(limits))
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = [
                member
                for member in archive.infolist()
                if not member.is_dir() and not Path(member.filename).name.startswith(".")
            ]
            if len(members) > limits.files:
                raise UnreadableScan(_too_many(limits))
            if any(member.file_size > limits.file_bytes for member in members):
                raise UnreadableScan(_too_large(limits))
            if any(member.flag_bits & 1 for member in members):
                raise UnreadableScan("The zip file is locked with a password: send it unlocked.")
            check_ratio(len(data), sum(member.file_size for member in members), limits)
            for member in members:
                with archive.open(member) as packed:
                    # Never more than what the archive declared, which is within the limits.
                    yield packed.read(member.file_size)
    except BROKEN_ZIP as error:
        raise UnreadableScan("The zip file is damaged or of a kind that is not read.") from error


def check_ratio(packed: int, plain: int, limits: Limits = LIMITS) -> None:
    """Refuse what unpacks to absurdly more than was sent."""
    too_large = plain > limits.upload_bytes
    bomb = plain > limits.ratio_free_bytes and plain > limits.ratio * max(packed, 1)
    if too_large or bomb:
        raise UnreadableScan(
            f"The file would unpack from {packed / 2**20:.1f} MiB to {plain / 2**20:.0f} MiB, "
            "more than a real scan does."
        )


def inflated(data: bytes, *, wbits: int, limits: Limits = LIMITS) -> bytes:
    """Unpack a deflate stream, stopping where a bomb would begin."""
    allowed = min(limits.image_bytes, max(limits.ratio_free_bytes, limits.ratio * len(data)))
    unpacker = zlib.decompressobj(wbits)
    try:
        plain = unpacker.decompress(data, allowed)
    except zlib.error as error:
        raise UnreadableScan("The compressed file is damaged.") from error
    if unpacker.unconsumed_tail:
        raise UnreadableScan(
            f"The compressed file unpacks to more than {allowed // 2**20} MiB, "
            "more than a real scan does."
        )
    if not unpacker.eof:
        raise UnreadableScan("The compressed file ends too early.")
    return plain
