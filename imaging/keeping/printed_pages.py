"""The words of a file that consists of printed pages, to read whose they are."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from imaging.broken import BROKEN_FILE
from imaging.errors import ScanError, UnsuitableScan
from imaging.intake.dicom import DicomImage
from imaging.intake.flat import projection_from_dicom
from imaging.intake.gathering import Format, Source
from imaging.intake.opening import FLAT, PICTURES
from imaging.intake.pictures import read_picture
from imaging.keeping.printed_identity import Printed, once, one_reading, printed_in
from imaging.projection import Projection
from imaging.quality.burnt_in import find_print
from imaging.reports.ocr import page_of, read_page
from imaging.reports.page_look import looks_like_page
from imaging.reports.pages import PAGE_PIXELS
from imaging.reports.pdf import PageWords, pages_of_pdf
from imaging.reports.words import Line, lines_of

# Reading whose page it is takes a share of the time that measuring may take, not all of it.
SECONDS = 60.0
PICTURES_READ = 3
# Words further apart than this, in heights of a letter, stand in different columns.
COLUMN_GAP = 1.2


@dataclass(frozen=True, slots=True)
class Print:
    """Whose pages they are.

    Attributes
    ----------
    by_text : tuple of Printed
        What pages say as text, which leaves nothing to misread.
    by_picture : tuple of Printed
        What was read in pictures of pages (OCR).
    is_unread : bool
        There is print of which it was not read whose it is.
    """

    by_text: tuple[Printed, ...] = ()
    by_picture: tuple[Printed, ...] = ()
    is_unread: bool = False


def print_of(source: Source, image: DicomImage | None) -> Print:
    """Read whose pages a file holds; nothing where it is no page and shows no print.

    Parameters
    ----------
    image : DicomImage or None
        What the file was read as, where it is DICOM.
    """
    if image is None and source.format is Format.PDF:
        return _of_pdf(source.data)
    if image is not None and not image.has_pixels:
        held = _encapsulated(image)
        return _of_pdf(held) if held else Print()
    try:
        picture = _flat(source, image)
    except ScanError:
        return Print()  # measuring says what is wrong with it
    return Print() if picture is None else _of_picture(picture)


def _encapsulated(image: DicomImage) -> bytes:
    try:
        held = image.dataset["EncapsulatedDocument"].value
    except BROKEN_FILE:
        return b""
    return held.rstrip(b"\x00") if isinstance(held, bytes) and b"%PDF-" in held[:1024] else b""


def _flat(source: Source, image: DicomImage | None) -> Projection | None:
    if image is not None:
        is_flat = image.text("Modality") in FLAT and image.has_pixels
        return projection_from_dicom(image) if is_flat else None
    return read_picture(source.data) if source.format in PICTURES else None


def _of_picture(picture: Projection) -> Print:
    if not looks_like_page(picture.pixels):
        return Print(is_unread=bool(find_print(picture.pixels)))
    read = once([_read(PageWords(picture=page_of(picture.pixels)))])
    return Print(by_picture=read, is_unread=not read)


def _of_pdf(data: bytes) -> Print:
    by_text: list[Printed] = []
    by_picture: list[Printed] = []
    begun, left_out = time.monotonic(), False
    try:
        for words in pages_of_pdf(data):
            if words.picture is None:
                by_text.append(printed_in(words.text))
            elif not _known(by_text) and looks_like_page(np.asarray(words.picture)):
                if len(by_picture) == PICTURES_READ or time.monotonic() - begun > SECONDS:
                    left_out = True
                    break
                by_picture.append(_read(words))
    except ScanError:
        return Print(is_unread=True)  # measuring says what is wrong with it
    told = once(by_text), one_reading(by_picture)
    return Print(*told, is_unread=left_out or not any(told))


def _known(pages: list[Printed]) -> bool:
    """Whether text already says whose the pages are: then pictures of bone are not read too."""
    return any(page.is_told for page in pages)


def _read(words: PageWords) -> Printed:
    assert words.picture is not None
    try:
        lines = lines_of(read_page(words.picture, PAGE_PIXELS[0]))
    except UnsuitableScan:
        return Printed()  # nothing reads text in pictures here
    return printed_in("\n".join(_text(line) for line in lines))


def _text(line: Line) -> str:
    """Join words, columns kept apart by spaces."""
    return "".join(_spaced(line))


def _spaced(line: Line) -> Iterator[str]:
    right: float | None = None
    for word in line:
        if right is not None:
            yield "   " if word.left - right > COLUMN_GAP * word.height else " "
        yield word.text
        right = word.right
