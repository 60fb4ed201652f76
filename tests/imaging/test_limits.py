"""Each limit of the table lets pass what just fits and refuses one more, in a sentence."""

import warnings
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from io import BytesIO

import pydicom
import pypdf
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from imaging.errors import UnreadableScan
from imaging.identity.deidentify import kept_tags
from imaging.identity.whose import read_identity
from imaging.intake.dicom import read_dicom
from imaging.intake.gathering import check_ratio
from imaging.intake.other_formats import read_pdf
from imaging.intake.pictures import read_picture
from imaging.limits import LIMITS, Limits
from tests.drawn import spine_file

SCAN = spine_file(1)


def scan(
    edit: Callable[[Dataset], None] = lambda dataset: None, *, implicit: bool = False
) -> bytes:
    dataset = pydicom.dcmread(BytesIO(SCAN))
    edit(dataset)
    if implicit:
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    sink = BytesIO()
    dataset.save_as(sink)
    return sink.getvalue()


ROWS, COLUMNS = (int(pydicom.dcmread(BytesIO(SCAN)).get(name)) for name in ("Rows", "Columns"))


@pytest.mark.parametrize(
    ("just_fits", "word"),
    [
        (Limits(side_pixels=max(ROWS, COLUMNS)), "claims"),
        (Limits(image_bytes=ROWS * COLUMNS), "memory"),
    ],
)
def test_the_size_of_a_picture(just_fits: Limits, word: str) -> None:
    read_dicom(SCAN, just_fits)
    name = "side_pixels" if just_fits.side_pixels != LIMITS.side_pixels else "image_bytes"
    one_less = replace(just_fits, **{name: getattr(just_fits, name) - 1})
    with pytest.raises(UnreadableScan, match=word):
        read_dicom(SCAN, one_less)


def test_the_number_of_frames() -> None:
    def three(dataset: Dataset) -> None:
        dataset.NumberOfFrames, dataset.PixelData = 3, dataset.PixelData * 3

    read_dicom(scan(three), replace(LIMITS, frames=3))
    with pytest.raises(UnreadableScan, match="3 pictures"):
        read_dicom(scan(three), replace(LIMITS, frames=2))


def test_padding_behind_the_pixels() -> None:
    def padded(count: int) -> Callable[[Dataset], None]:
        return lambda dataset: setattr(dataset, "PixelData", dataset.PixelData + b"\x00" * count)

    read_dicom(scan(padded(LIMITS.padding_bytes)))
    with pytest.raises(UnreadableScan, match="holds"):
        read_dicom(scan(padded(LIMITS.padding_bytes + 2)))


def nested(depth: int, *, undefined: bool) -> Callable[[Dataset], None]:
    def edit(dataset: Dataset) -> None:
        inner = Dataset()
        inner.CodeValue = "1"
        for _ in range(depth - 1):
            outer = Dataset()
            outer.ContentSequence = Sequence([inner])
            outer["ContentSequence"].is_undefined_length = undefined
            inner = outer
        dataset.update(inner)

    return edit


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("undefined", [False, True])
def test_the_depth_of_sequences(implicit: bool, undefined: bool) -> None:
    deepest = LIMITS.sequence_depth
    read_dicom(scan(nested(deepest, undefined=undefined), implicit=implicit))
    with pytest.raises(UnreadableScan, match="deep"):
        read_dicom(scan(nested(deepest + 1, undefined=undefined), implicit=implicit))


@pytest.mark.parametrize("undefined", [False, True])
def test_the_number_of_elements(undefined: bool) -> None:
    def crowded(dataset: Dataset) -> None:
        dataset.ContentSequence = Sequence([Dataset() for _ in range(50)])
        dataset["ContentSequence"].is_undefined_length = undefined
        for item in dataset.ContentSequence:
            item.CodeValue = "1"

    data = scan(crowded)
    count = len(pydicom.dcmread(BytesIO(SCAN))) + 1 + 50
    assert read_dicom(data, replace(LIMITS, elements=count)).has_pixels
    with pytest.raises(UnreadableScan, match="elements"):
        read_dicom(data, replace(LIMITS, elements=count - 1))


@pytest.mark.parametrize("opening", [b"", b"\x40\x00\x30\xa7SQ\x00\x00\xff\xff\xff\xff"])
def test_a_file_of_nothing_but_elements_is_given_up_early(opening: bytes) -> None:
    # Empty elements, at the top or in one sequence without a length, until the reader is asked
    # more often than the limit allows.
    item = b"\xfe\xff\x00\xe0\xff\xff\xff\xff" if opening else b""
    bomb = SCAN + opening + item + b"\x41\x00\x10\x00LO\x00\x00" * 100_000
    with pytest.raises(UnreadableScan, match="elements"):
        read_dicom(bomb, replace(LIMITS, elements=10_000))


def test_the_length_of_an_identifier() -> None:
    def named(length: int) -> Callable[[Dataset], None]:
        uid = "1." + "2" * (length - 2)
        return lambda dataset: setattr(dataset, "SOPInstanceUID", uid)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits, too_long = scan(named(LIMITS.uid_letters)), scan(named(LIMITS.uid_letters + 1))
    read_dicom(fits)
    with pytest.raises(UnreadableScan, match="letters"):
        read_dicom(too_long)


def test_long_texts_are_cut() -> None:
    dataset = Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.Manufacturer = "m" * 200
        dataset.PatientID = "p" * 300
    assert len(str(kept_tags(dataset)["Manufacturer"])) == LIMITS.text_letters
    assert len(read_identity(dataset).identifier) == LIMITS.identity_letters


def test_the_ratio_of_compressed_pixels() -> None:
    dataset = pydicom.dcmread(BytesIO(SCAN))
    dataset.PixelData = bytes(len(dataset.PixelData))
    dataset.compress(pydicom.uid.RLELossless, generate_instance_uid=False)
    sink = BytesIO()
    dataset.save_as(sink)
    plain, held = ROWS * COLUMNS, len(dataset.PixelData)
    fits = replace(LIMITS, ratio_free_bytes=0, ratio=-(-plain // held))
    read_dicom(sink.getvalue(), fits)
    with pytest.raises(UnreadableScan, match="unpack"):
        read_dicom(sink.getvalue(), replace(fits, ratio=fits.ratio - 1))


def test_the_bytes_of_an_upload_once_it_is_unpacked() -> None:
    check_ratio(LIMITS.upload_bytes, LIMITS.upload_bytes)
    with pytest.raises(UnreadableScan, match="unpack"):
        check_ratio(LIMITS.upload_bytes, LIMITS.upload_bytes + 1)


def test_the_size_of_a_plain_picture() -> None:
    sink = BytesIO()
    Image.linear_gradient("L").save(sink, format="PNG")  # 256 x 256
    read_picture(sink.getvalue(), replace(LIMITS, side_pixels=256))
    with pytest.raises(UnreadableScan, match="256 × 256"):
        read_picture(sink.getvalue(), replace(LIMITS, side_pixels=255))
    read_picture(sink.getvalue(), replace(LIMITS, image_bytes=65_536))
    with pytest.raises(UnreadableScan, match="256 × 256"):
        read_picture(sink.getvalue(), replace(LIMITS, image_bytes=65_535))


def test_the_pages_of_a_report() -> None:
    writer, sink = pypdf.PdfWriter(), BytesIO()
    for _ in range(3):
        writer.add_blank_page(100, 100)
    writer.write(sink)
    assert read_pdf(sink.getvalue(), replace(LIMITS, pages=3)).pages == 3
    with pytest.raises(UnreadableScan, match="3 pages"):
        read_pdf(sink.getvalue(), replace(LIMITS, pages=2))


def test_what_a_page_draws() -> None:
    writer, sink = pypdf.PdfWriter(), BytesIO()
    page = writer.add_blank_page(100, 100)
    drawing = pypdf.generic.DecodedStreamObject()
    drawing.set_data(b"0 0 m " * 100)
    page[pypdf.generic.NameObject("/Contents")] = writer._add_object(drawing)
    writer.write(sink)
    assert read_pdf(sink.getvalue(), replace(LIMITS, page_bytes=600)).pages == 1
    with pytest.raises(UnreadableScan, match="more to draw"):
        read_pdf(sink.getvalue(), replace(LIMITS, page_bytes=599))


def test_every_limit_is_a_number_above_nothing() -> None:
    assert all(getattr(LIMITS, one.name) > 0 for one in fields(Limits))


def test_an_archive_of_millions_of_names_is_refused_before_they_are_read() -> None:
    from imaging.intake.gathering import ZIP_LINES_OF_A_FILE, _unzipped

    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for number in range(ZIP_LINES_OF_A_FILE):
            archive.writestr(f"{number}/", b"")
        archive.writestr("scan", b"1")
    data = sink.getvalue()
    assert list(_unzipped(data, replace(LIMITS, files=2))) == [b"1"]
    with pytest.raises(UnreadableScan, match="more than 1 files"):
        list(_unzipped(data, replace(LIMITS, files=1)))
