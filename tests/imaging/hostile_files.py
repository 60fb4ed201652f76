"""Small DICOM files in the shapes of several makers, broken in many ways; all made here by name.

Nothing in them is anybody's: the makers' private elements are named as PS3.6 and their conformance
statements name them (recalled, to be confirmed), and hold noughts.
"""

import io
import struct
import warnings
import zipfile
from collections.abc import Iterator

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

CT, CR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.1"
EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
LONG = frozenset({b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UC", b"UN", b"UR", b"UT"})
LIES = (0, 1, 3, 0x7FFE, 0xFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
HEADER = 132  # preamble and mark


def small(maker: str = "ge", syntax: str = EXPLICIT) -> FileDataset:
    """A picture of 8 x 8 that says about as much of itself as the maker's own files do."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CR if maker == "hologic" else CT
    meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    made = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    made.SOPClassUID, made.SOPInstanceUID = meta.MediaStorageSOPClassUID, "1.2.3.4"
    made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.3", "1.2.3.1"
    made.Modality = "OT" if maker == "hologic" else "CT"
    made.Manufacturer = {"ge": "GE MEDICAL SYSTEMS", "hologic": "Hologic", "siemens": "SIEMENS",
                         "philips": "Philips"}[maker]  # fmt: skip
    made.PatientID, made.PatientName, made.PatientSex = "A-1", "Example^Ada", "F"
    made.PatientBirthDate = "19550601"
    made.Rows = made.Columns = 8
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation, made.SamplesPerPixel = 15, 0, 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.PixelSpacing, made.SliceThickness = [1, 1], 1
    made.ImagePositionPatient, made.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    _private(made, maker)
    made.PixelData = bytes(128)
    return made


def _private(made: Dataset, maker: str) -> None:
    """What the maker keeps for itself, and in what shape."""
    if maker == "ge":
        made.private_block(0x0009, "GEMS_IDEN_01", create=True).add_new(0x01, "LO", "CT01")
    elif maker == "siemens":
        csa = b"SV10\4\3\2\1" + struct.pack("<I", 0x7FFFFFFF) + bytes(64)
        block = made.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
        block.add_new(0x10, "OB", csa)
    elif maker == "philips":
        inner = Dataset()
        inner.private_block(0x2001, "Philips Imaging DD 001", create=True).add_new(0x5F, "SQ", [])
        outer = made.private_block(0x2001, "Philips Imaging DD 001", create=True)
        outer.add_new(0x5F, "SQ", Sequence([inner]))
    else:
        made.private_block(0x0023, "HOLOGIC", create=True).add_new(0x00, "OB", bytes(1024))


def written(dataset: FileDataset) -> bytes:
    sink = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.save_as(sink, enforce_file_format=True)
    return sink.getvalue()


def elements(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each element of a file with its VR in it begins; where its length stands, how long."""
    at = HEADER
    while at + 8 <= len(data):
        is_long = data[at + 4 : at + 6] in LONG
        place, size = (at + 8, 4) if is_long else (at + 6, 2)
        length = int.from_bytes(data[place : place + size], "little")
        yield at, place, size
        if length == 0xFFFFFFFF:
            return
        at = place + size + length


def cut_short(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Ended before each element, within its head, and one byte into its value."""
    for at, place, size in elements(data):
        for end in (at, at + 5, place + size + 1):
            if end < len(data):
                yield f"ends at {end}", data[:end]


def lying(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each length in turn says something else."""
    for number, (at, place, size) in enumerate(elements(data)):
        lie = LIES[number % len(LIES)] & (0xFFFF if size == 2 else 0xFFFFFFFF)
        told = lie.to_bytes(size, "little")
        if told != data[place : place + size]:
            yield f"length at {at} says {lie}", data[:place] + told + data[place + size :]


def of_another_kind(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Each element in turn claims another representation, or one that there is none of."""
    for number, (at, _, _) in enumerate(elements(data)):
        kind = (b"SQ", b"OB", b"US", b"ZZ", b"UN", b"\0\0", b"DS")[number % 7]
        yield f"element at {at} is {kind!r}", data[: at + 4] + kind + data[at + 6 :]


def compressed(stream: bytes, syntax: str, frames: int = 1) -> bytes:
    made = small("hologic", syntax)
    made.NumberOfFrames = frames
    made.PixelData = stream
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    return written(made)


def item(data: bytes, length: int | None = None) -> bytes:
    return b"\xfe\xff\x00\xe0" + struct.pack("<I", len(data) if length is None else length) + data


END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def fragments() -> Iterator[tuple[str, bytes]]:
    """Compressed pixels whose parts are not what is said of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield "no fragment", compressed(item(b"") + END, RLELossless)
        yield "a fragment beyond the file", compressed(item(b"") + item(b"x", 2**31), RLELossless)
        yield (
            "places beyond the fragments",
            compressed(item(struct.pack("<2I", 0, 2**31)) + item(bytes(64)) + END, RLELossless, 2),
        )
        yield "no end", compressed(item(b"") + item(bytes(64)), JPEGBaseline8Bit)
        begun = compressed(encapsulate([bytes(64)]), JPEG2000Lossless)
        yield "no item", begun.replace(item(b""), b"\1\2\3\4\5\6\7\x08")
        yield "more frames than fragments", compressed(encapsulate([bytes(64)]), RLELossless, 2_999)
        run = struct.pack("<16I", 15, *[2**31] * 15)
        yield "runs of RLE beyond their fragment", compressed(encapsulate([run]), RLELossless)
        yield "a JPEG of nothing", compressed(encapsulate([b"\xff\xd8\xff\xd9"]), JPEGBaseline8Bit)


def of_two_kinds() -> Iterator[tuple[str, bytes]]:
    """A scan that other programs take for a page, a document, an archive or a program."""
    data = written(small())
    for name, begin in {
        "a page": b"<!DOCTYPE html><script>alert(1)</script><!--",
        "a document": b"%PDF-1.7\n1 0 obj",
        "an archive": b"PK\x03\x04\x14\0\0\0",
        "a program": b"\x7fELF\2\1\1",
        "a script": b"#!/bin/sh\nrm -rf /\n",
    }.items():
        yield f"{name} and a scan", begin + data[len(begin) :]
    sink = io.BytesIO(data)
    with zipfile.ZipFile(sink, "a") as archive:  # behind the scan
        archive.writestr("x.sh", "rm -rf /")
    yield "a scan with an archive behind it", sink.getvalue()
    yield "two scans behind each other", data + data


def archives() -> Iterator[tuple[str, bytes]]:
    data = written(small())
    for name in ("/etc/passwd", "../../x", "C:\\x", "a/../../x", "x\0.dcm", "." * 300, "con"):
        yield f"an archive that names {name[:20]!r}", _zip((zipfile.ZipInfo(name or "x"), data))
    link = zipfile.ZipInfo("scan.dcm")
    link.external_attr = 0o120777 << 16
    yield "an archive with a link", _zip((link, b"/etc/passwd"))
    inner = data
    for _ in range(6):
        inner = _zip((zipfile.ZipInfo("x.zip"), inner))
    yield "archives in archives", inner
    yield "an archive with a password", _with_password(_zip((zipfile.ZipInfo("x"), data)))
    yield "an archive of one name twice", _zip(*[(zipfile.ZipInfo("x"), data)] * 2)


def _zip(*members: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    sink = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one name twice
        with zipfile.ZipFile(sink, "w") as archive:
            for about, data in members:
                archive.writestr(about, data)
    return sink.getvalue()


def _with_password(archive: bytes) -> bytes:
    """The flag that says so, in both heads of its only member."""
    changed = bytearray(archive)
    changed[6] |= 1
    changed[archive.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def odd() -> Iterator[tuple[str, bytes]]:
    """What is written soundly and says what cannot be."""

    def changed(**told: object) -> bytes:
        made = small()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, value in told.items():
                setattr(made, name, value)
            return written(made)

    yield "frames without number", changed(NumberOfFrames=2**31 - 1)
    yield "frames below nothing", changed(NumberOfFrames=-1)
    yield "a picture of 65,535", changed(Rows=65_535, Columns=65_535)
    yield "spacing without end", changed(PixelSpacing=["1e308", "1e308"])
    yield "spacing of nothing", changed(PixelSpacing=["0", "-1"])
    yield "a place that is none", changed(ImagePositionPatient=["nan", "inf", "1e999"])
    yield (
        "letters of another kind than said",
        changed(SpecificCharacterSet="ISO_IR 192", PatientName=b"\xff\xfe\xfa"),
    )
    yield "letters of a kind that is none", changed(SpecificCharacterSet=["\\", "ISO 9999 IR 1"])
    yield (
        "turned letters",
        changed(
            SpecificCharacterSet=["", "ISO 2022 IR 87", "ISO 2022 IR 149"],
            PatientName=b"\x1b$B\x1b(J\x1b$)C\xff",
        ),
    )
    yield (
        "a syntax that is none",
        written(small()).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.99999.1.2.1\0"),
    )
    yield "without a preamble", written(small())[HEADER:]
    yield "the mark and nothing", bytes(128) + b"DICM"
    noise = np.random.default_rng(1).bytes(4_000)
    yield "noise behind the mark", bytes(128) + b"DICM" + noise


def every() -> Iterator[tuple[str, bytes]]:
    """All of them; those that break one place after another for the shapes of four makers."""
    for maker in ("ge", "hologic", "siemens", "philips"):
        data = written(small(maker))
        for break_up in (cut_short, lying, of_another_kind):
            yield from ((f"{maker}: {what}", broken) for what, broken in break_up(data))
    for made in (fragments, of_two_kinds, archives, odd):
        yield from made()
