"""Parsing a DICOM file that may have been made to exhaust whoever parses it."""

from io import BytesIO

import pydicom
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_sequence
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from imaging.errors import UnreadableScan
from imaging.limits import Limits

# The reader asks for the head of an element, at times for its length, for its value, and for the
# head of the item that it may stand alone in.
READS_OF_AN_ELEMENT = 3
READS_OF_A_HEADER = 256


class Counted(BytesIO):
    """Bytes that can be asked for only so often: every element is at least one reading.

    Never for all of them at once: the reader does so to unpack what is deflated, without a limit.
    Whoever reads has unpacked it before, by the length that the file's head says it has.
    """

    def __init__(self, data: bytes, limits: Limits, read_before: int = 0) -> None:
        super().__init__(data)
        self.count = read_before
        self._limits = limits

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            raise UnreadableScan("The deflated DICOM file does not say truly where its head ends.")
        self.count += 1
        if self.count > READS_OF_AN_ELEMENT * self._limits.elements + READS_OF_A_HEADER:
            raise UnreadableScan(_too_many(self._limits))
        return super().read(size)


def parsed(data: bytes, limits: Limits) -> Dataset:
    """Parse one file down to every sequence, within the limits on elements and depth.

    Raises
    ------
    UnreadableScan
        If there are more elements, or deeper ones, than any scanner writes; what is malformed
        raises whatever the reader raises (``imaging.broken``).
    """
    source = Counted(data, limits)
    dataset: Dataset = pydicom.dcmread(source, force=True)
    reads, elements = source.count, 0
    waiting = [(dataset, 1)]
    while waiting:
        here, depth = waiting.pop()
        if depth > limits.sequence_depth:
            raise UnreadableScan(
                f"The DICOM file nests sequences more than {limits.sequence_depth} deep, "
                "which no scanner does."
            )
        elements += len(here)
        if elements > limits.elements:
            raise UnreadableScan(_too_many(limits))
        for tag in list(here.keys()):
            item = here.get_item(tag)
            if isinstance(item, RawDataElement) and _is_sequence(tag, item.VR):
                # Parsed here and not by the reader, whose own parsing of it is not counted.
                reads = _parse(here, item, limits, reads)
            if here.get_item(tag).VR == "SQ":
                waiting.extend((each, depth + 1) for each in here[tag].value or ())
    return dataset


def _is_sequence(tag: BaseTag, vr: str | None) -> bool:
    """Without a type of its own, as in implicit files, the dictionary says what an element is."""
    if vr in (None, "UN"):
        return bool(dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ")
    return vr == "SQ"


def _parse(here: Dataset, raw: RawDataElement, limits: Limits, reads: int) -> int:
    value = raw.value or b""
    source = Counted(value, limits, reads)
    # What is inside an unknown type is implicit little endian (PS3.5 section 6.2.2).
    implicit = raw.is_implicit_VR or raw.VR == "UN"
    little = raw.is_little_endian or raw.VR == "UN"
    encoding = here.original_character_set or "iso8859"
    items: Sequence = read_sequence(source, implicit, little, len(value), encoding)
    here[raw.tag] = DataElement(raw.tag, "SQ", items)
    return source.count


def _too_many(limits: Limits) -> str:
    return f"The DICOM file has more than {limits.elements:,} elements, which no scanner writes."
