"""Small files that were made to exhaust whoever opens them, by name."""

import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from io import BytesIO

import pydicom
from PIL import Image
from pydicom.encaps import encapsulate

from tests.drawn import spine_file

SCAN = spine_file(1)
EMPTY = zlib.compress(bytes(48 * 2**20), 9)  # 48 MiB in 48 kB


def zipped(*members: bytes) -> bytes:
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for at, data in enumerate(members):
            archive.writestr(str(at), data)
    return sink.getvalue()


def archive_of_one_file_named_often() -> bytes:
    one = zipped(bytes(2**20))
    begin, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    names = one[begin:end] * 2900
    return one[:begin] + names + struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, 2900, 2900, len(names), begin, 0
    )  # fmt: skip


def archive_that_lies() -> bytes:
    lies = bytearray(zipped(bytes(48 * 2**20)))
    at = lies.index(b"PK\x01\x02")
    lies[at + 24 : at + 28] = lies[22:26] = struct.pack("<I", 100)
    return bytes(lies)


def png(side: int, *chunks: tuple[bytes, bytes]) -> bytes:
    head = (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    data = (b"IDAT", zlib.compress(bytes(65 * 64)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(held)) + name + held + struct.pack(">I", zlib.crc32(name + held))
        for name, held in (head, *chunks, data, (b"IEND", b""))
    )


def nifti(*sides: int, bits: int = 16) -> bytes:
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, len(sides), *sides, *[1] * (7 - len(sides)))
    struct.pack_into("<hh", head, 70, 4, bits)
    struct.pack_into("<8f", head, 76, *[1.0] * 8)
    struct.pack_into("<f", head, 108, 352)
    head[344:348] = b"n+1\0"
    return bytes(head)


def tiff(columns: int, rows: int, strip: int, pages: int = 1, loops: bool = False) -> bytes:
    tags = ((256, columns), (257, rows), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1),
            (278, rows), (279, strip))  # fmt: skip
    table = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags
    )
    out = b"II*\0" + struct.pack("<I", 8)
    for page in range(pages):
        after = 8 + (page + 1) * (len(table) + 4)
        out += table + struct.pack("<I", 8 if loops else after if page < pages - 1 else 0)
    return out + bytes(100)


def jpeg(side: int) -> bytes:
    sink = BytesIO()
    Image.new("L", (64, 64)).save(sink, "JPEG")
    data = bytearray(sink.getvalue())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    return bytes(data)


def codestream(side: int) -> bytes:
    sink = BytesIO()
    Image.new("L", (64, 64)).save(sink, "JPEG2000", no_jp2=True)
    data = bytearray(sink.getvalue())
    at = data.index(b"\xff\x51")
    for place in (6, 22):  # the picture and its only tile
        data[at + place : at + place + 8] = struct.pack(">II", side, side)
    return bytes(data)


def dicom_around(stream: bytes, uid: str, side: int) -> bytes:
    dataset = pydicom.dcmread(BytesIO(SCAN))
    dataset.Rows = dataset.Columns = side
    dataset.file_meta.TransferSyntaxUID = uid
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].is_undefined_length = True
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


def nested(depth: int) -> bytes:
    begin = b"\x08\x00\x40\x11\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    end = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    return bytes(128) + b"DICM" + begin * depth + end * depth


def report_of_many_items(count: int) -> bytes:
    item = b"\xfe\xff\x00\xe0\x10\x00\x00\x00" + b"\x40\x00\x10\xa0CS\x08\x00CONTAINS"
    length = struct.pack("<I", len(item) * count)
    head = SCAN[: SCAN.index(b"\xe0\x7f\x10\x00")].replace(
        b"1.2.840.10008.5.1.4.1.1.1\x00", b"1.2.840.10008.5.1.4.1.1.88"
    )
    return head + b"\x40\x00\x30\xa7SQ\0\0" + length + item * count


def pdf(objects: Sequence[bytes]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, held in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + held + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + (
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(out))
    )  # fmt: skip


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
FONT = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >>"


def stream(data: bytes, about: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(data), about) + data + b"\nendstream"


def pages(drawing: bytes, *more: bytes, often: int = 1, about: bytes = b"") -> bytes:
    kids = b"<< /Type /Pages /Kids [" + b"3 0 R " * often + b"] /Count %d >>" % often
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << "
    page += FONT + b" /XObject << /I 5 0 R >> >> >>"
    return pdf([CATALOG, kids, page, stream(drawing, about), *more])


def forms_of_forms(deep: int) -> bytes:
    forms = [
        stream(
            b"/I Do\n" * 10 if at < deep - 1 else b"BT /F1 9 Tf (L1 0.8) Tj ET",
            b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /I %d 0 R "
            b">> >>" % (6 + at),
        )
        for at in range(deep)
    ]
    return pages(b"/I Do\n" * 10, *forms)


WORDS = b"BT /F1 9 Tf\n" + b"1 0 0 1 30 760 Tm (L1 0.81) Tj\n" * 9000 + b"ET"
PICTURE = b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceGray "
SCANNED = b"/Type /XObject /Subtype /Image /Width 2500 /Height 3300 /BitsPerComponent 1 "
BOMBS: dict[str, Callable[[], bytes]] = {
    "archives in an archive": lambda: zipped(*[zipped(bytes(48 * 2**20))] * 16),
    "an archive of nothing": lambda: zipped(bytes(48 * 2**20)),
    "an archive that lies": archive_that_lies,
    "an archive of one file named often": archive_of_one_file_named_often,
    "a PNG of 60,000 pixels": lambda: png(60_000),
    "a PNG with a text of nothing": lambda: png(64, (b"zTXt", b"k\0\0" + EMPTY)),
    "a NIfTI of nothing": lambda: gzip.compress(nifti(512, 512, 90) + bytes(48 * 2**20)),
    "a NIfTI of five long sides": lambda: nifti(*[32_767] * 5),
    "a NIfTI with a side below nothing": lambda: nifti(-5, 100, 100),
    "a TIFF with a strip of 4 GiB": lambda: tiff(4000, 4000, 0xFFFFFFF0),
    "a TIFF of 4 thousand million columns": lambda: tiff(0xFFFFFFF0, 0xFFFFFFF0, 100),
    "a TIFF whose pages go round": lambda: tiff(100, 100, 100, loops=True),
    "a TIFF of 20,000 pages": lambda: tiff(20, 20, 100, pages=20_000),
    "a JPEG of 65,500 pixels": lambda: jpeg(65_500),
    "JPEG 2000 of 60,000 pixels": lambda: dicom_around(
        codestream(60_000), "1.2.840.10008.1.2.4.90", 60_000
    ),
    "JPEG 2000 larger than its file says": lambda: dicom_around(
        codestream(60_000), "1.2.840.10008.1.2.4.90", 64
    ),
    "JPEG of 16,000 pixels": lambda: dicom_around(jpeg(16_000), "1.2.840.10008.1.2.4.50", 16_000),
    "sequences 100,000 deep": lambda: nested(100_000),
    "a report of 100,000 items": lambda: report_of_many_items(100_000),
    "a PDF of 5,000 pages": lambda: pages(b"BT ET", often=5000),
    "a PDF whose pages go round": lambda: pdf(
        [CATALOG, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]
    ),
    "a PDF that draws nothing for long": lambda: pages(EMPTY, about=b"/Filter /FlateDecode"),
    "a PDF of too many words": lambda: pages(WORDS, often=10),
    "a PDF of forms of forms": lambda: forms_of_forms(10),
    "a PDF of a form of itself": lambda: forms_of_forms(20),
    "a PDF with a picture packed as JBIG2": lambda: pages(
        b"/I Do", stream(bytes(99), SCANNED + b"/Filter /JBIG2Decode")
    ),
    "a PDF with a page packed as JBIG2": lambda: pages(bytes(99), about=b"/Filter /JBIG2Decode"),
    "a PDF with a picture of 60,000 pixels": lambda: pages(
        b"/I Do", stream(EMPTY, PICTURE + b"/BitsPerComponent 8 /Filter /FlateDecode")
    ),
}
