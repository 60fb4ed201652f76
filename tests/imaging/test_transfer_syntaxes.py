"""Every way of packing pixels in the table is read back; every other one is named and refused."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import gdcm
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    AllTransferSyntaxes,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from imaging.errors import UnreadableScan
from imaging.intake.dicom import read_dicom, stored_values, syntax_of
from imaging.intake.transfer_syntaxes import READ, checked_syntax
from imaging.measure import measure
from imaging.phantoms.writing import header, with_pixels
from imaging.result import Status
from tests.imaging import htj2k

# Smooth as anatomy is, so that what lossy packing loses stays small; 8 bit, as JPEG Baseline has.
PLANE = np.add.outer(np.arange(64), 2 * np.arange(48)).astype(np.uint8)
PLAIN = with_pixels(
    header("syntaxes", pydicom.uid.ComputedRadiographyImageStorage, "CR"), PLANE, 8, signed=False
)
LARGEST_LOSS = {
    "1.2.840.10008.1.2.4.50": 4,
    "1.2.840.10008.1.2.4.51": 4,
    JPEGLSNearLossless: 2,
    JPEG2000: 4,
    HTJ2K: 2,
}
STREAMS = {
    HTJ2KLossless: htj2k.LOSSLESS,
    HTJ2KLosslessRPCL: htj2k.WITH_LENGTHS,
    HTJ2K: htj2k.LOSSY,
}
BY_GDCM = {
    "1.2.840.10008.1.2.4.50": gdcm.TransferSyntax.JPEGBaselineProcess1,
    "1.2.840.10008.1.2.4.51": gdcm.TransferSyntax.JPEGExtendedProcess2_4,
    "1.2.840.10008.1.2.4.57": gdcm.TransferSyntax.JPEGLosslessProcess14,
    "1.2.840.10008.1.2.4.70": gdcm.TransferSyntax.JPEGLosslessProcess14_1,
}
OPTIONS: dict[str, dict[str, object]] = {
    RLELossless: {},
    JPEGLSLossless: {},
    JPEGLSNearLossless: {"jls_error": 2},
    JPEG2000Lossless: {},
    JPEG2000: {"j2k_cr": [4]},
}


def packed_by_gdcm(uid: str, folder: Path) -> bytes:
    plain, packed = folder / "plain.dcm", folder / "packed.dcm"
    plain.write_bytes(PLAIN)
    reader, change, writer = (
        gdcm.ImageReader(),
        gdcm.ImageChangeTransferSyntax(),
        gdcm.ImageWriter(),
    )
    reader.SetFileName(str(plain))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(BY_GDCM[uid]))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(packed))
    assert writer.Write()
    return packed.read_bytes()


def packed_by_pydicom(uid: str) -> bytes:
    dataset = pydicom.dcmread(BytesIO(PLAIN))
    if uid in OPTIONS:
        dataset.compress(uid, generate_instance_uid=False, **OPTIONS[uid])  # type: ignore[arg-type]
    sink = BytesIO()
    dataset.file_meta.TransferSyntaxUID = UID(uid)
    if UID(uid).is_little_endian:
        dataset.save_as(sink, enforce_file_format=True)
    else:
        # The reader only turns what is made anew.
        fresh = Dataset()
        fresh.update({element.tag: element for element in dataset})
        fresh.file_meta = dataset.file_meta
        fresh.save_as(sink, enforce_file_format=True)
    return sink.getvalue()


def around_a_stream(uid: str) -> bytes:
    dataset = pydicom.dcmread(BytesIO(PLAIN))
    dataset.file_meta.TransferSyntaxUID = UID(uid)
    dataset.PixelData = encapsulate([STREAMS[uid]])
    dataset["PixelData"].is_undefined_length = True
    sink = BytesIO()
    dataset.save_as(sink, enforce_file_format=True)
    return sink.getvalue()


def packed(uid: str, folder: Path) -> bytes:
    if uid in STREAMS:
        return around_a_stream(uid)
    return packed_by_gdcm(uid, folder) if uid in BY_GDCM else packed_by_pydicom(uid)


@pytest.mark.parametrize("uid", list(READ))
def test_every_syntax_of_the_table_is_read_back(uid: str, tmp_path: Path) -> None:
    data = packed(uid, tmp_path)
    image = read_dicom(data)
    assert (syntax_of(image).packed, UID(uid).is_encapsulated) in {(True, True), (False, False)}
    loss = np.abs(stored_values(image)[0] - PLANE).max()
    assert loss <= LARGEST_LOSS.get(uid, 0)


def test_the_table_is_what_the_installed_decoders_read() -> None:
    def readable(uid: UID) -> bool:
        try:
            return bool(get_decoder(uid).is_available)
        except NotImplementedError:
            return False

    assert {str(uid) for uid in AllTransferSyntaxes if readable(uid)} == set(READ)
    assert all(READ[uid].uid == uid for uid in READ)


@pytest.mark.parametrize("uid", [str(uid) for uid in AllTransferSyntaxes if str(uid) not in READ])
def test_every_other_syntax_of_the_standard_is_named_and_refused(uid: str) -> None:
    with pytest.raises(UnreadableScan, match="which is not read here"):
        checked_syntax(uid)


@pytest.mark.parametrize(
    ("uid", "words"),
    [("1.2.840.10008.1.2.4.100", "as MPEG2"), ("1.2.840.113619.5.2", "does not list")],
)
def test_a_film_or_a_syntax_of_a_vendor_is_one_sentence(
    uid: str, words: str, tmp_path: Path
) -> None:
    dataset = pydicom.dcmread(BytesIO(PLAIN))
    old, new = dataset.file_meta.TransferSyntaxUID, uid
    data = PLAIN.replace(
        b"UI" + len(_even(old)).to_bytes(2, "little") + _even(old),
        b"UI" + len(_even(new)).to_bytes(2, "little") + _even(new),
    )
    length = int.from_bytes(data[140:144], "little") + len(_even(new)) - len(_even(old))
    data = data[:140] + length.to_bytes(4, "little") + data[144:]
    (tmp_path / "scan").write_bytes(data)
    result = measure([tmp_path / "scan"]).measurement
    assert result.status is Status.UNREADABLE
    assert words in (result.reason or "")


def _even(uid: str) -> bytes:
    return uid.encode() + b"\x00" * (len(uid) % 2)


@pytest.mark.parametrize(
    "name",
    ["SC_rgb_jpeg.dcm", "JPEG2000.dcm", "693_J2KI.dcm", "MR_small_RLE.dcm", "ExplVR_BigEnd.dcm"],
)
def test_files_of_other_writers_are_decoded(name: str, odd: Callable[[str], Path]) -> None:
    image = read_dicom(odd(name).read_bytes())
    values = stored_values(image)
    assert values.shape[1:] == (image.number("Rows"), image.number("Columns"))
    assert values.std() > 0


@pytest.mark.parametrize("name", ["JPEG-lossy.dcm", "JPGExtended.dcm"])
def test_jpeg_of_twelve_bits_is_named_and_refused(name: str, odd: Callable[[str], Path]) -> None:
    with pytest.raises(UnreadableScan, match="JPEG Extended with 12 bits"):
        read_dicom(odd(name).read_bytes())
