"""Broken, absurd and hostile files: an answer in one sentence, never a traceback."""

import struct
import warnings
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging.measure import measure
from imaging.result import ScanMeasurement, Status
from tests.drawn import spine_file

SCAN = spine_file(1)
Try = Callable[[bytes], ScanMeasurement]


@pytest.fixture
def attempt(tmp_path: Path) -> Try:
    def measured(data: bytes) -> ScanMeasurement:
        file = tmp_path / "scan"
        file.write_bytes(data)
        return measure([file]).measurement

    return measured


def changed(edit: Callable[[Dataset], None]) -> bytes:
    dataset = pydicom.dcmread(BytesIO(SCAN))
    edit(dataset)
    sink = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.save_as(sink)
    return sink.getvalue()


def absurd(name: str, value: object) -> Callable[[Dataset], None]:
    return lambda dataset: setattr(dataset, name, value)


@pytest.mark.parametrize(
    ("edit", "word"),
    [
        (absurd("Rows", 65535), "claims"),
        (absurd("Columns", 65535), "claims"),
        (absurd("Rows", 0), "Rows"),
        (absurd("NumberOfFrames", 2_000_000_000), "claims"),
        (absurd("NumberOfFrames", 2), "holds"),
        (absurd("SamplesPerPixel", 3), "contradicts"),
        (absurd("BitsAllocated", 16), "holds"),
        (absurd("PixelData", b"\x00" * 10), "holds"),
        (absurd("PixelData", b"\x00" * 10_000_000), "holds"),
        (absurd("BitsAllocated", 12), "12 bits"),
        (absurd("BitsStored", 9), "9 bits"),
        (absurd("HighBit", 3), "highest"),
        (absurd("PixelRepresentation", 2), "sign"),
        (absurd("PhotometricInterpretation", "RGB"), "RGB has 3"),
        (absurd("SeriesInstanceUID", "1.2%2e%2e3"), "path"),
        (absurd("StudyInstanceUID", "1.2; rm -rf"), "path"),
        (absurd("SeriesInstanceUID", "1.2.../../etc/passwd"), "path"),
        (absurd("SOPInstanceUID", "1.2\\..\\windows"), "path"),
    ],
)
def test_contradictions_are_unreadable(
    edit: Callable[[Dataset], None], word: str, attempt: Try
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = changed(edit)
    result = attempt(data)
    assert result.status is Status.UNREADABLE
    assert word in (result.reason or "")


@pytest.mark.parametrize(
    "magic",
    [
        b"MZ",
        b"\x7fELF",
        b"#!/bin/sh",
        b"<html>",
        b"PK\x03\x04",
        b"  <html>",
        b"\n<ScRiPt>",
        b"\xef\xbb\xbf<b>",
        b"note: <?php",
        b"\x00\x00%PDF-1.4",
        b"\xfe\xed\xfa\xcf",
        b"dex\n035",
        b"\x00asm\x01",
        b"Rar!\x1a",
        b"\x1f\x8b\x08",
        b"\xd0\xcf\x11\xe0",
        b"GIF89a",
        b":; rm -rf /\n",
        b"@echo off\r\n",
    ],
)
def test_a_program_in_the_preamble_is_refused(magic: bytes, attempt: Try) -> None:
    result = attempt(magic + SCAN[len(magic) :])
    assert result.status is Status.UNREADABLE
    assert "attack" in (result.reason or "")


@pytest.mark.parametrize("harmless", [b"II*\x00", b"MM\x00*", b"EXPORTED BY PACS 7"])
def test_a_tiff_or_a_few_words_before_it_are_no_harm(harmless: bytes, attempt: Try) -> None:
    assert attempt(harmless + SCAN[len(harmless) :]).status is Status.MEASURED


def test_colours_without_an_order_are_unreadable(attempt: Try) -> None:
    def edit(dataset: Dataset) -> None:
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 3, "RGB"
        dataset.PixelData = dataset.PixelData * 3

    assert "colours" in (attempt(changed(edit)).reason or "")


def test_compressed_pixels_of_another_size_than_claimed_are_unreadable(attempt: Try) -> None:
    def edit(dataset: Dataset) -> None:
        dataset.compress(pydicom.uid.JPEG2000Lossless, generate_instance_uid=False)
        dataset.Rows //= 2

    result = attempt(changed(edit))
    assert result.status is Status.UNREADABLE
    assert (result.reason or "").endswith(".")


def test_a_film_of_many_tiffs_is_refused(attempt: Try) -> None:
    sink = BytesIO()
    pages = [Image.new("L", (64, 64), 40 * number) for number in range(3)]
    pages[0].save(sink, format="TIFF", save_all=True, append_images=pages[1:])
    assert "stack of 3 pictures" in (attempt(sink.getvalue()).reason or "")


@pytest.mark.parametrize("depth", [20, 3000])
def test_deep_nesting_is_unreadable(depth: int, attempt: Try) -> None:
    # Sequences of undefined length, (0040,A730), each in an item of the one above.
    opening = b"\x40\x00\x30\xa7SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    closing = b"\xfe\xff\x0d\xe0\x00\x00\x00\x00\xfe\xff\xdd\xe0\x00\x00\x00\x00"
    result = attempt(SCAN + opening * depth + closing * depth)
    assert result.status is Status.UNREADABLE


def test_ordinary_nesting_is_read(attempt: Try) -> None:
    inner = Dataset()
    inner.CodeValue = "1"
    for _ in range(8):
        outer = Dataset()
        outer.ContentSequence = Sequence([inner])
        inner = outer
    data = changed(lambda dataset: setattr(dataset, "ContentSequence", Sequence([inner])))
    assert attempt(data).status is Status.MEASURED


def test_a_deflated_scan_is_read_and_a_deflated_bomb_is_not(attempt: Try) -> None:
    dataset = pydicom.dcmread(BytesIO(SCAN))
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    sink = BytesIO()
    dataset.save_as(sink)
    deflated = sink.getvalue()
    assert attempt(deflated).status is Status.MEASURED
    start = 144 + struct.unpack("<I", deflated[140:144])[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(b"\x00" * (64 * 2**20)) + packer.flush()
    result = attempt(deflated[:start] + bomb)
    assert result.status is Status.UNREADABLE
    assert "unpacks to more" in (result.reason or "")


def test_a_file_without_preamble_is_read(attempt: Try) -> None:
    assert attempt(SCAN[132:]).kind.modality == "dxa"


@pytest.mark.parametrize("part", [0.001, 0.01, 0.3, 0.999])
def test_truncated_files_are_unreadable(part: float, attempt: Try) -> None:
    assert attempt(SCAN[: int(len(SCAN) * part)]).status is Status.UNREADABLE


@pytest.mark.parametrize("length", [132, 140, 200, 400, 800])
def test_a_header_cut_short_is_unreadable(length: int, attempt: Try) -> None:
    assert attempt(SCAN[:length]).status is Status.UNREADABLE


def test_noise_behind_a_dicom_mark_is_unreadable(attempt: Try) -> None:
    for seed in range(4):
        noise = np.random.default_rng(seed).bytes(5000)
        assert attempt(SCAN[:132] + noise).status is Status.UNREADABLE


def test_a_file_in_another_byte_order_than_it_says_is_unreadable(attempt: Try) -> None:
    little, big = b"1.2.840.10008.1.2.1\x00", b"1.2.840.10008.1.2.2\x00"
    assert attempt(SCAN.replace(little, big, 1)).status is Status.UNREADABLE


def test_a_header_whose_pixels_cannot_be_reached_is_unreadable(attempt: Try) -> None:
    # An element before the pixels that claims to be as long as everything behind it.
    manufacturer = SCAN.index(b"\x08\x00\x70\x00LO")
    broken = SCAN[: manufacturer + 4] + b"OB\x00\x00\xff\xff\xff\x7f" + SCAN[manufacturer + 8 :]
    broken = broken.replace(b"CS\x02\x00CR", b"CS\x02\x00C!")
    assert attempt(broken).status is Status.UNREADABLE


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(position=st.integers(0, 1500), junk=st.binary(min_size=1, max_size=8))
def test_damaged_headers_always_give_an_answer(position: int, junk: bytes, attempt: Try) -> None:
    result = attempt(SCAN[:position] + junk + SCAN[position + len(junk) :])
    assert (result.status is Status.MEASURED) == (result.reason is None)


def test_a_picture_bomb_is_unreadable(attempt: Try) -> None:
    sink = BytesIO()
    Image.fromarray(np.zeros((15000, 15000), dtype=np.uint8)).save(sink, format="PNG")
    result = attempt(sink.getvalue())
    assert result.status is Status.UNREADABLE
    assert "damaged" not in (result.reason or "")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_plain_pictures_are_described_and_refused(kind: str, attempt: Try) -> None:
    sink = BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (300, 200), dtype=np.uint8)
    Image.fromarray(noise).save(sink, format=kind)
    result = attempt(sink.getvalue())
    assert result.status is Status.REFUSED
    assert "plain picture of 200 × 300" in (result.reason or "")
    assert attempt(sink.getvalue()[:100]).status is Status.UNREADABLE


# One file for each transfer syntax and oddity that the decoders are to read or refuse.
ODD = (
    "CT_small.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_jp2klossless.dcm",
    "MR_truncated.dcm", "JPEG2000.dcm", "JPEGLSNearLossless_16.dcm", "SC_rgb_rle_32bit.dcm",
    "SC_ybr_full_422_uncompressed.dcm", "badVR.dcm", "image_dfl.dcm", "nested_priv_SQ.dcm",
    "no_meta.dcm", "rtplan_truncated.dcm", "test-SR.dcm", "liver_1frame.dcm", "DICOMDIR",
    "examples_palette.dcm", "waveform_ecg.dcm", "SC_rgb_jpeg_lossy_gdcm.dcm",
)  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_files_get_a_sentence(name: str) -> None:
    file = get_testdata_file(name, download=False)
    if file is None:
        pytest.skip(f"{name} is not among the installed test files")
    result = measure([str(file)]).measurement
    assert result.status in {Status.REFUSED, Status.UNREADABLE}
    assert (result.reason or "").endswith(".")


def test_every_shared_fault_gets_a_sentence(shared: Callable[[str], Path]) -> None:
    for file in sorted(shared("faults").rglob("*")):
        if file.is_file():
            result = measure([file]).measurement
            assert result.status in {Status.REFUSED, Status.UNREADABLE}
            assert (result.reason or "").endswith(".")


def test_scans_that_are_not_measured_are_described(shared: Callable[[str], Path]) -> None:
    def reason(relative: str) -> str:
        result = measure([shared(f"scans/{relative}")]).measurement
        assert result.status is Status.REFUSED
        return result.reason or ""

    assert "plain picture" in reason("knee_radiographs_jpeg/normal_10.jpg")
    assert "label map" in reason("ct_lumbar_labelled/example_seg.nii.gz")
    assert "200 TIFF pictures" in reason("microct_trabecular")
    assert "more than one patient" in reason("dxa_ge_lunar")
    assert "vertebrae" in reason("ct_lumbar_labelled/example_ct_dicom")
