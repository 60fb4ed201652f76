"""The first elements of a DICOM file: what it is and whose, without the rest being touched.

What receives files has to answer for each while its sender waits, so that this runs where the file
arrives and not in a child process. It looks at a bounded number of bytes and elements, decodes no
pixels and unpacks no more than that many bytes.
"""

import warnings
import zlib
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset
from pydicom.filereader import read_partial
from pydicom.tag import BaseTag

from imaging.broken import BROKEN_FILE
from imaging.errors import ScanError, UnreadableScan
from imaging.identity.whose import Identity, read_identity
from imaging.intake.dicom import checked_uids
from imaging.intake.nesting import Counted
from imaging.intake.preamble import check_preamble
from imaging.intake.storage_classes import SLICES
from imaging.intake.transfer_syntaxes import (
    DEFLATED,
    EXPLICIT_LITTLE_ENDIAN,
    IMPLICIT_LITTLE_ENDIAN,
)
from imaging.limits import LIMITS, Limits

LAST = 0x0020000E  # SeriesInstanceUID: everything that is looked at here stands before it
NEEDED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
MODALITY_LETTERS = 16  # of a code string, PS3.5 section 6.2


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself before its picture.

    Attributes
    ----------
    meta_bytes : int
        Length of preamble and file meta information, which differ with who wrote the file; what
        follows is the object.
    """

    sop_class_uid: str
    transfer_syntax: str
    modality: str
    manufacturer: str
    study_day: str
    identity: Identity
    meta_bytes: int

    @property
    def is_slice(self) -> bool:
        return self.sop_class_uid in SLICES


def read_head(source: Path | BinaryIO, limits: Limits = LIMITS) -> Head:
    """Read the head of a DICOM file in the form of PS3.10.

    Raises
    ------
    UnreadableScan
        If it is no such file, hides another one, lacks an identifier or breaks a limit.
    """
    with source.open("rb") if isinstance(source, Path) else nullcontext(source) as file:
        data = file.read(limits.head_bytes)
    if data[128:132] != b"DICM":
        raise UnreadableScan("This is not a DICOM file with preamble and file meta information.")
    check_preamble(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = _end_of_meta(data)
            dataset = _parsed(data, start, limits)
            return _head(dataset, start, limits)
    except ScanError:
        raise
    except BROKEN_FILE as error:
        raise UnreadableScan("The first elements of the DICOM file are damaged.") from error


def _head(dataset: FileDataset, start: int, limits: Limits) -> Head:
    checked_uids(dataset, limits)
    missing = [name for name in NEEDED if not str(dataset.get(name) or "").strip()]
    if missing:
        raise UnreadableScan(f"The DICOM file has no {' and no '.join(missing)}.")
    syntax = dataset.file_meta.get("TransferSyntaxUID") or IMPLICIT_LITTLE_ENDIAN
    return Head(
        sop_class_uid=str(dataset.SOPClassUID)[: limits.uid_letters],
        transfer_syntax=str(syntax)[: limits.uid_letters],
        modality=str(dataset.get("Modality") or "")[:MODALITY_LETTERS],
        manufacturer=str(dataset.get("Manufacturer") or "")[: limits.text_letters],
        study_day=str(dataset.get("StudyDate") or "")[:8],
        identity=read_identity(dataset, limits),
        meta_bytes=start,
    )


def _end_of_meta(data: bytes) -> int:
    """Give where the object begins. (0002,0000) UL 4 comes first: PS3.10 section 7.1."""
    if data[132:140] != b"\x02\x00\x00\x00UL\x04\x00":
        raise UnreadableScan("The file meta information of the DICOM file has no length.")
    start = 144 + int.from_bytes(data[140:144], "little")
    if start > len(data):
        raise UnreadableScan("The file meta information of the DICOM file is cut short.")
    return start


def _parsed(data: bytes, start: int, limits: Limits) -> FileDataset:
    if DEFLATED.encode() in data[132:start]:
        data = _inflated_head(data, start, limits)
    source = Counted(data, replace(limits, elements=limits.head_elements))
    return _cut(read_partial(source, stop_when=_is_behind), limits)


def _cut(dataset: FileDataset, limits: Limits) -> FileDataset:
    """Cut what is too long to be read value by value: a name may have a million of them."""
    for tag in list(dataset.keys()):
        raw = dataset.get_item(tag)
        if isinstance(raw, RawDataElement) and raw.value:
            value = raw.value[: limits.head_value_bytes]
            dataset[tag] = raw._replace(value=value, length=len(value))
    return dataset


def _is_behind(tag: BaseTag, vr: str | None, length: int) -> bool:
    return bool(tag > LAST)


def _inflated_head(data: bytes, start: int, limits: Limits) -> bytes:
    """Unpack the first bytes only, under the name of the same syntax not deflated."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    plain = unpacker.decompress(data[start:], limits.head_bytes)
    # One UID is longer than the other, and a UID is padded with a zero.
    name = EXPLICIT_LITTLE_ENDIAN.encode().ljust(len(DEFLATED), b"\x00")
    return data[:start].replace(DEFLATED.encode(), name) + plain
