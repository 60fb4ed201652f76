"""Files as they come in: what each one is, by content, and every limit on it."""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path

from imaging.errors import UnreadableScan


@dataclass(frozen=True, slots=True)
class Limits:
    """What a scan may cost. One table, so that a reader cannot forget one."""

    files: int = 3000  # a thin-slice CT of the trunk has about 1,500 slices
    file_bytes: int = 768 * 2**20
    upload_bytes: int = 1536 * 2**20
    side_pixels: int = 16_384  # the largest digital radiograph detectors have about 4,300
    frames: int = 3000
    image_bytes: int = 768 * 2**20  # rows x columns x frames x samples x bits / 8: 1,500 slices
    sequence_depth: int = 12  # enhanced CT nests 3 deep, structured reports about 8
    # Deflate cannot do better than 1,032 to 1; an empty picture comes near it, a real one stays
    # under 20. Small files may be as empty as they like.
    ratio: int = 150
    ratio_free_bytes: int = 32 * 2**20
    # What a person may draw: a spine has 24 movable vertebrae, a hip a handful of regions.
    regions: int = 40
    corners: int = 400
    region_id_letters: int = 20
    region_label_letters: int = 80


LIMITS = Limits()


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


# The first 128 bytes of a DICOM file are free, so that it can be a second kind of file as well.
# TIFF is the one honest use (whole-slide images); programs and pages are not.
# CERT/CC and NEMA on CVE-2019-11687: executables in the DICOM preamble.
HIDDEN_IN_PREAMBLE = {
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
    b"\xcf\xfa\xed\xfe": "a macOS program",
    b"\xca\xfe\xba\xbe": "a macOS or Java program",
    b"#!": "a script",
    b"<": "a web page",
    b"PK\x03\x04": "an archive",
    b"%PDF": "a PDF",
}

# Browsers and interpreters skip what stands before these.
HIDDEN_ANYWHERE = {
    b"<html": "a web page",
    b"<!doctype": "a web page",
    b"<script": "a web page",
    b"<svg": "a web page",
    b"<?php": "a script",
    b"%pdf-": "a PDF",
    b"pk\x03\x04": "an archive",
}
BLANK = b" \t\r\n\x0b\x0c\x00\xef\xbb\xbf"  # white space and the mark of UTF-8

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


def check_preamble(data: bytes) -> None:
    """Refuse a DICOM file whose free first bytes make it another file too."""
    if data[128:132] != b"DICM":
        return
    preamble = data[:128]
    begins = preamble.lstrip(BLANK)
    found = [what for magic, what in HIDDEN_IN_PREAMBLE.items() if begins.startswith(magic)]
    found += [what for magic, what in HIDDEN_ANYWHERE.items() if magic in preamble.lower()]
    if found:
        raise UnreadableScan(
            f"The file is {found[0]} and a DICOM image at once, which can be an attack: "
            "ask the sender to export it again."
        )


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
            raise UnreadableScan(
                f"The file is larger than {limits.file_bytes // 2**20} MiB, "
                "more than any scan that can be measured here."
            )
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


def _unzipped(data: bytes, limits: Limits) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = [
                member
                for member in archive.infolist()
                if not member.is_dir() and not Path(member.filename).name.startswith(".")
            ]
            if len(members) > limits.files:
                raise UnreadableScan(_too_many(limits))
            if any(member.flag_bits & 1 for member in members):
                raise UnreadableScan("The zip file is locked with a password: send it unlocked.")
            check_ratio(len(data), sum(member.file_size for member in members), limits)
            for member in members:
                with archive.open(member) as packed:
                    # Never more than what the archive declared, and never more than allowed.
                    yield packed.read(min(member.file_size, limits.file_bytes))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
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
