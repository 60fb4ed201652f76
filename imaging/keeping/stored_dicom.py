"""A DICOM image without identity: the keep-list, new identifiers, the same pixels."""

import hashlib
import hmac
import warnings
from collections.abc import Iterable
from io import BytesIO

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.uid import UID

from imaging.identity.deidentify import element_of
from imaging.identity.tags import FRAME_GROUPS, SHARED_GROUPS, TAGS, UIDS, Tag
from imaging.identity.whose import personal_words, without_persons
from imaging.intake.codestream import without_notes
from imaging.intake.dicom import PIXELS, DicomImage, syntax_of
from imaging.intake.palette import TABLES, whole_table
from imaging.intake.pixel_claims import plain_bytes
from imaging.intake.transfer_syntaxes import DEFLATED, EXPLICIT_LITTLE_ENDIAN
from imaging.keeping.kept_results import add_results

NUMBERS = {"DS", "IS", "US", "SS", "UL", "SL", "FL", "FD"}
# Groups of functional groups that place a frame and its numbers (PS3.3 C.7.6.16.2), and what of
# each is kept: numbers only.
KEPT_OF_GROUP: dict[int, tuple[int, ...]] = {
    0x00289110: (0x00280030, 0x00180050, 0x00180088),  # pixel measures
    0x00209113: (0x00200032,),  # plane position
    0x00209116: (0x00200037,),  # plane orientation
    0x00289145: (0x00281052, 0x00281053),  # pixel value transformation
}
FRAME_OFFSETS = (0x7FE00001, 0x7FE00002)  # where packed frames begin, and how long they are


def stored_dicom(image: DicomImage, key: bytes) -> bytes:
    """Write one image with nothing in it that says whose it is.

    Parameters
    ----------
    key : bytes
        Secret of the site by which identifiers are made anew: the same one always becomes the
        same, and only who has the key can tell which it was.
    """
    source = image.dataset
    kept = Dataset()
    personal = personal_words(source)
    for tag in TAGS:
        element = element_of(source, tag)
        if element is not None and tag.name in image.tags:
            kept.add(_kept(element, tag, image, personal))
    for name, number in UIDS.items():
        given = str(source[number].value or "") if number in source else ""
        if given or name == "SOPInstanceUID":
            kept.add_new(number, "UI", _renewed(given or _content(image), key))
    for groups in (SHARED_GROUPS, FRAME_GROUPS):
        if groups in source:
            kept.add_new(groups, "SQ", [_group(item) for item in source[groups].value or ()])
    add_results(kept, source, personal)
    if image.text("PhotometricInterpretation") == "PALETTE COLOR" and whole_table(source):
        for number in TABLES:
            kept.add(source[number])
    _add_pixels(kept, image)
    return _written(kept, image)


def _kept(
    element: DataElement, tag: Tag, image: DicomImage, personal: Iterable[str]
) -> DataElement:
    vr = dictionary_VR(tag.number)
    if tag.type in {"number", "numbers"}:
        if element.VR in NUMBERS:
            return DataElement(tag.number, element.VR, element.value)
        value = image.tags[tag.name]
        numbers = value if isinstance(value, tuple) else (value,)
        return DataElement(tag.number, "DS", [f"{number:.10g}" for number in numbers])
    if not isinstance(element.value, MultiValue):
        return DataElement(tag.number, vr, image.tags[tag.name])
    texts = [str(value) for value in element.value]
    if tag.type == "text":
        texts = [without_persons(text, personal) for text in texts]
    return DataElement(tag.number, vr, texts)


def _renewed(uid: str, key: bytes) -> str:
    """Make a UID of an unguessable number (PS3.5 annex B.2)."""
    digest = hmac.digest(key, uid.encode(), "sha256")
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def _content(image: DicomImage) -> str:
    """Tell a file without an identifier of its own from the others of its series."""
    digest = hashlib.sha256(repr(sorted(image.tags.items())).encode())
    for name in PIXELS:
        if name in image.dataset:
            digest.update(image.dataset[name].value or b"")
    return digest.hexdigest()


def _group(item: Dataset) -> Dataset:
    """Keep the numbers of one frame's groups."""
    kept = Dataset()
    for group, numbers in KEPT_OF_GROUP.items():
        if group not in item or not item[group].value:
            continue
        inner = Dataset()
        for number in numbers:
            if number in item[group].value[0] and item[group].value[0][number].VR in NUMBERS:
                element = item[group].value[0][number]
                inner.add(DataElement(number, element.VR, element.value))
        kept.add_new(group, "SQ", [inner])
    return kept


def _add_pixels(kept: Dataset, image: DicomImage) -> None:
    packed = syntax_of(image).packed
    for name in PIXELS:
        if name not in image.dataset:
            continue
        element = image.dataset[name]
        value = element.value or b""
        if packed:
            value = without_notes(value)
        else:
            # Nothing that somebody hid behind the pixels.
            plain = plain_bytes(image)
            value = value[: plain + plain % 2].ljust(plain + plain % 2, b"\x00")
        kept.add(DataElement(element.tag, element.VR, value))
        kept[element.tag].is_undefined_length = packed
    for number in FRAME_OFFSETS:
        if number in image.dataset:
            kept.add(image.dataset[number])


def _written(kept: Dataset, image: DicomImage) -> bytes:
    syntax = syntax_of(image).uid
    # What came deflated was unpacked for reading.
    syntax = EXPLICIT_LITTLE_ENDIAN if syntax == DEFLATED else syntax
    kept.file_meta = FileMetaDataset()
    kept.file_meta.FileMetaInformationGroupLength = 0  # worked out in writing
    kept.file_meta.FileMetaInformationVersion = b"\x00\x01"
    kept.file_meta.MediaStorageSOPClassUID = kept.get("SOPClassUID", "")
    kept.file_meta.MediaStorageSOPInstanceUID = kept.SOPInstanceUID
    kept.file_meta.TransferSyntaxUID = UID(syntax)
    kept.SpecificCharacterSet = "ISO_IR 192"
    kept.PatientIdentityRemoved = "YES"
    kept.DeidentificationMethod = "Keep-list of tags, renewed identifiers, same pixels"
    kept.preamble = b"\x00" * 128
    sink = BytesIO()
    with warnings.catch_warnings():
        # What was kept of an odd file may be odd still.
        warnings.simplefilter("ignore")
        kept.save_as(sink, enforce_file_format=False)
    return sink.getvalue()
