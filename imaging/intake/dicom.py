"""DICOM bytes into a checked dataset and its pixels."""

import warnings
import zlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import UID, ImplicitVRLittleEndian

from imaging.broken import BROKEN_FILE
from imaging.errors import ScanError, UnreadableScan, UnsuitableScan
from imaging.identity.deidentify import kept_tags
from imaging.identity.tagged import Tagged
from imaging.identity.tags import UIDS
from imaging.identity.whose import Identity, read_identity
from imaging.intake.codestream import agrees
from imaging.intake.gathering import inflated
from imaging.intake.nesting import parsed
from imaging.intake.palette import looked_up
from imaging.intake.pixel_claims import check_claims, whole
from imaging.intake.preamble import check_preamble
from imaging.intake.transfer_syntaxes import (
    DEFLATED,
    EXPLICIT_LITTLE_ENDIAN,
    Syntax,
    checked_syntax,
)
from imaging.limits import LIMITS, Limits

# Modalities (PS3.3 C.7.3.1.1.1) whose files are always pictures.
PICTURE_MODALITIES = {"BMD", "CR", "CT", "DX", "MR", "RG"}
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
# Letters of an identifier (PS3.5 section 9.1 has digits and dots; writers have added to them).
IDENTIFIER = frozenset("0123456789.-_ ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class DicomImage(Tagged):
    """A checked dataset: its plain tags without identity, and the dataset for its pixels."""

    dataset: Dataset = field(repr=False)
    series: str = ""
    has_pixels: bool = True
    identity: Identity = field(default_factory=Identity, repr=False)


def read_dicom(data: bytes, limits: Limits = LIMITS) -> DicomImage:
    """Parse and check one file; pixels stay packed until asked for.

    Raises
    ------
    UnreadableScan
        If the file is broken, contradicts itself, hides another file or breaks a limit.
    """
    check_preamble(data)
    data = _plain_deflate(data, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = parsed(data, limits)
            tags = kept_tags(dataset)
            image = DicomImage(
                tags,
                dataset,
                series=checked_uids(dataset, limits),
                has_pixels=any(name in dataset for name in PIXELS),
                identity=read_identity(dataset, limits),
            )
            if image.has_pixels:
                packed = syntax_of(image).packed
                check_claims(image, held_bytes(image), packed=packed, limits=limits)
                if packed:
                    _check_streams(image)
            lost = not image.has_pixels and (
                image.text("Modality") in PICTURE_MODALITIES or not _is_another_object(dataset)
            )
    except ScanError:
        raise
    except BROKEN_FILE as error:
        raise UnreadableScan(
            "The DICOM file is damaged or cut short: export it again from the scanner or archive."
        ) from error
    if not tags and data[128:132] != b"DICM":
        raise UnreadableScan("The file is not a DICOM image, nor any other kind that is read here.")
    if lost:
        raise UnreadableScan(
            "No picture can be found in the DICOM file, nor is it whole as anything else: it is "
            "damaged or cut short, so export it again from the scanner or archive."
        )
    return image


def _check_streams(image: DicomImage) -> None:
    rows, columns = whole(image, "Rows"), whole(image, "Columns")
    if not agrees(image.dataset["PixelData"].value or b"", rows, columns):
        raise UnreadableScan(
            f"The file claims {columns} × {rows} pixels, and its compressed picture another size: "
            "it contradicts itself."
        )


def _is_another_object(dataset: Dataset) -> bool:
    """Tell a report, a plan or a directory from a broken picture, by the class of the object."""
    meta = getattr(dataset, "file_meta", None) or Dataset()
    given = [meta.get("MediaStorageSOPClassUID"), dataset.get("SOPClassUID")]
    classes = [UID(str(uid)) for uid in given if uid]
    return bool(classes) and all(
        uid.is_valid
        # A name of its own means that the standard lists it; private classes have none.
        and (uid.is_private or uid.name != uid)
        and "Image Storage" not in uid.name
        for uid in classes
    )


def _plain_deflate(data: bytes, limits: Limits) -> bytes:
    """Unpack the deflated transfer syntax ourselves: the reader has no limit of its own."""
    # File meta begins with its own length: (0002,0000) UL 4, PS3.10 section 7.1. Where it is not
    # true, the reader is kept from unpacking (``nesting.Counted``).
    is_told = data[132:140] == b"\x02\x00\x00\x00UL\x04\x00"
    start = 144 + int.from_bytes(data[140:144], "little") if is_told else 1024
    if data[128:132] != b"DICM" or DEFLATED.encode() not in data[132:start]:
        return data
    if not is_told:
        raise UnreadableScan("The deflated DICOM file has no length of its header.")
    plain = inflated(data[start:], wbits=-zlib.MAX_WBITS, limits=limits)
    # The plain twin of the deflated syntax is explicit little endian, one UID shorter.
    plain_name = EXPLICIT_LITTLE_ENDIAN.encode().ljust(len(DEFLATED), b"\x00")
    header = data[:start].replace(DEFLATED.encode(), plain_name)
    return header + plain


def checked_uids(dataset: Dataset, limits: Limits) -> str:
    """Refuse identifiers that are paths or endless; give that of the series."""
    for name, number in UIDS.items():
        text = str(dataset[number].value or "") if number in dataset else ""
        if not set(text) <= IDENTIFIER or ".." in text:
            raise UnreadableScan(f"The {name} of the file is not an identifier but a path.")
        if len(text) > limits.uid_letters:
            raise UnreadableScan(
                f"The {name} of the file has {len(text)} letters, and no identifier has more than "
                f"{limits.uid_letters}."
            )
    series = UIDS["SeriesInstanceUID"]
    return str(dataset[series].value or "") if series in dataset else ""


def held_bytes(image: DicomImage) -> int:
    """Count the bytes of pixels in the file, compressed or not."""
    return sum(len(image.dataset[name].value or b"") for name in PIXELS if name in image.dataset)


def syntax_of(image: DicomImage) -> Syntax:
    """Find out how the pixels are packed.

    Raises
    ------
    UnreadableScan
        If pixels packed that way are not read here.
    """
    meta = getattr(image.dataset, "file_meta", None)
    uid = str(meta.get("TransferSyntaxUID") or "") if meta is not None else ""
    return checked_syntax(uid, int(image.number("BitsStored") or 8))


def stored_values(image: DicomImage) -> npt.NDArray[np.float32]:
    """Decode the numbers as they are stored; shape (frames, rows, columns)."""
    if not image.has_pixels:
        raise UnsuitableScan("The DICOM file holds no picture.")
    frames, rows, columns = (
        whole(image, "NumberOfFrames", 1),
        whole(image, "Rows"),
        whole(image, "Columns"),
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if "TransferSyntaxUID" not in image.dataset.file_meta:
                image.dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
            decoded = np.array(image.dataset.pixel_array, dtype=np.float32)
    except BROKEN_FILE as error:
        raise UnreadableScan(
            "The compressed pixels of the DICOM file cannot be decoded: "
            "export it again, uncompressed if possible."
        ) from error
    if decoded.size == frames * rows * columns * 3:
        decoded = decoded.reshape(frames, rows, columns, 3).mean(axis=-1)
    if decoded.size != frames * rows * columns:
        raise UnreadableScan("The decoded picture has not the size that the file claims.")
    if not np.isfinite(decoded).all():
        raise UnreadableScan("The picture holds values that are not numbers.")
    return decoded.reshape(frames, rows, columns)


def hounsfield_values(image: DicomImage) -> npt.NDArray[np.float32]:
    """Decode a CT image in Hounsfield units; how it would be displayed plays no part.

    Raises
    ------
    UnsuitableScan
        If the file does not say how stored numbers become Hounsfield units (PS3.3 C.8.2.1).
    """
    slope, intercept = image.number("RescaleSlope"), image.number("RescaleIntercept")
    if not slope or intercept is None:
        raise UnsuitableScan(
            "The CT does not say how its numbers become Hounsfield units (rescale slope or "
            "intercept missing): export the original series."
        )
    values = stored_values(image)
    values *= np.float32(slope)
    values += np.float32(intercept)
    return values


def signal_values(image: DicomImage) -> npt.NDArray[np.float32]:
    """Decode an MR image: signal on the scanner's own scale, rescaled where the file says how.

    Slices of one series may each have a slope of their own, so leaving it out would put bands
    into the volume (PS3.3 C.11.1).
    """
    slope, intercept = image.number("RescaleSlope"), image.number("RescaleIntercept")
    return stored_values(image) * np.float32(slope or 1) + np.float32(intercept or 0)


def shown_values(image: DicomImage) -> npt.NDArray[np.float32]:
    """Decode a flat image, rescaled where its tags say how.

    MONOCHROME1 is turned, so that brighter always means more absorption.

    Raises
    ------
    UnsuitableScan
        If the numbers are places in a table of colours that is not there.
    """
    photometric = image.text("PhotometricInterpretation")
    values = stored_values(image)
    if photometric == "PALETTE COLOR":
        return looked_up(values, image.dataset)
    if photometric == "MONOCHROME1":
        values = _both_ends(image, values) - values
    slope, intercept = image.number("RescaleSlope"), image.number("RescaleIntercept")
    return values * np.float32(slope or 1) + np.float32(intercept or 0)


def _both_ends(image: DicomImage, values: npt.NDArray[np.float32]) -> np.float32:
    """Add the least and largest number that can be stored, or that is there where untold."""
    bits = image.number("BitsStored")
    if bits is None or not 1 <= bits <= 32 or "PixelData" not in image.dataset:
        return np.float32(values.max() + values.min())
    # Signed numbers run from -2^(bits - 1) to 2^(bits - 1) - 1, unsigned ones from 0.
    return np.float32(-1 if image.number("PixelRepresentation") == 1 else 2**bits - 1)
