"""Every odd file that can be had: no crash, no hang, little memory, one sentence each."""

import gzip
import io
import resource
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pydicom.data
import pytest
from PIL import Image

from imaging.isolated.asking import CHILD_LIMITS, measure_isolated
from imaging.isolated.storing import keep_isolated
from imaging.measure import measure
from imaging.result import Status
from tests.drawn import spine_file

LONGEST_S = 10.0
MOST_BYTES = CHILD_LIMITS.memory_bytes
SCAN = spine_file(1)
MIB = 2**20


def assert_answered(file: Path) -> Status:
    """Measure in this process, where a crash is seen, within the limits on time and memory."""
    started = time.process_time()  # of this process alone, however busy the machine is
    result = measure([file]).measurement
    assert time.process_time() - started < LONGEST_S
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < MOST_BYTES
    assert (result.status is Status.MEASURED) == (result.reason is None)
    if result.reason is not None:
        assert result.reason.endswith(".")
        assert "\n" not in result.reason
    return result.status


def test_every_file_of_the_readers_own_tests_is_answered() -> None:
    folder = Path(pydicom.data.__file__).parent / "test_files"
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    assert len(files) >= 79
    answers = {assert_answered(file) for file in files}
    assert answers == {Status.REFUSED, Status.UNREADABLE}


def test_every_shared_fault_is_answered(shared: Callable[[str], Path]) -> None:
    for file in sorted(shared("faults").rglob("*")):
        if file.is_file():
            assert assert_answered(file) in {Status.REFUSED, Status.UNREADABLE}


def _zip(data: bytes, times: int = 1) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(times):
            archive.writestr(f"../../{number}", data)
    return sink.getvalue()


def _elements(count: int) -> bytes:
    return SCAN + b"\x41\x00\x10\x00LO\x00\x00" * count


def _items(count: int) -> bytes:
    opening = b"\x40\x00\x30\xa7SQ\x00\x00\xff\xff\xff\xff"
    return SCAN + opening + b"\xfe\xff\x00\xe0\x00\x00\x00\x00" * count


def _nested(depth: int) -> bytes:
    opening = b"\x40\x00\x30\xa7SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    return SCAN + opening * depth


def _png(rows: int, columns: int) -> bytes:
    """A picture of the size that its header claims and of nothing else."""
    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\x00" * 100)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def _nifti(side: int) -> bytes:
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, side, side, side, 1, 1, 1, 1)
    struct.pack_into("<hh", header, 70, 4, 16)
    struct.pack_into("<f", header, 108, 352.0)
    header[344:348] = b"n+1\x00"
    return bytes(header)


def _j2k(side: int, before: bytes = b"") -> bytes:
    """Compressed pixels whose own header claims far more than the file's."""
    dataset = pydicom.dcmread(BytesIO(SCAN))
    dataset.compress(pydicom.uid.JPEG2000Lossless, generate_instance_uid=False)
    pixels = bytearray(dataset.PixelData)
    size = pixels.index(b"\xff\x4f\xff\x51") + 8
    struct.pack_into(">II", pixels, size, side, side)
    stream = before + bytes(pixels[size - 8 :])
    dataset.PixelData = pydicom.encaps.encapsulate([stream + b"\x00" * (len(stream) % 2)])
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


def _tiff(side: int) -> bytes:
    sink = BytesIO()
    Image.fromarray(np.zeros((side, side), dtype=np.uint8)).save(
        sink, format="TIFF", compression="tiff_deflate"
    )
    return sink.getvalue()


def _pdf(pages: int) -> bytes:
    kids = b" ".join(b"1 0 R" for _ in range(pages))
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Pages/Kids["
        + kids
        + b"]/Count %d>>endobj\n" % pages
        + b"2 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\ntrailer<</Root 2 0 R>>\n%%EOF"
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "zip": lambda: _zip(b"\x00" * 150 * MIB),
    "zip of many": lambda: _zip(b"\x00", 4000),
    "zip in zip": lambda: _zip(_zip(b"\x00" * 64 * MIB)),
    "gzip": lambda: gzip.compress(b"\x00" * 150 * MIB, 1),
    "elements": lambda: _elements(600_000),
    "items": lambda: _items(600_000),
    "nesting": lambda: _nested(20_000),
    "picture of 60,000 x 60,000": lambda: _png(60_000, 60_000),
    "picture of 16,000 x 16,000": lambda: _png(16_000, 16_000),
    "NIfTI of 30,000 x 30,000 x 30,000": lambda: _nifti(30_000),
    "JPEG 2000 of 2^31": lambda: _j2k(2**31 - 1),
    "JPEG 2000 of 60,000": lambda: _j2k(60_000),
    "JPEG 2000 in boxes": lambda: _j2k(60_000, b"\x00\x00\x00\x0cjP  \r\n\x87\n"),
    "TIFF": lambda: _tiff(12_000),
    "PDF that is its own page": lambda: _pdf(100_000),
    "program": lambda: b"MZ" + SCAN[2:],
    "length beyond the file": lambda: SCAN[:132] + b"\x08\x00\x05\x00UN\x00\x00\xfe\xff\xff\xff",
}


@pytest.mark.parametrize("name", BOMBS)
def test_every_bomb_is_answered(name: str, tmp_path: Path) -> None:
    file = tmp_path / "bomb"
    file.write_bytes(BOMBS[name]())
    assert assert_answered(file) in {Status.REFUSED, Status.UNREADABLE}


def test_the_child_answers_bombs_as_well_and_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(_png(16_000, 16_000))
    assert measure_isolated([tmp_path]).measurement.status is Status.UNREADABLE
    (tmp_path / "scan").write_bytes(_elements(450_000))
    kept: list[bytes] = []
    answer = keep_isolated([tmp_path], b"key", lambda pieces: (str(kept.extend(pieces)), 0))
    assert answer.status is Status.UNREADABLE
    assert not kept
