"""Reports in PDF: text where the pages have text, pictures of pages where they have not."""

import math
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pypdf
from PIL import Image

from imaging.broken import BROKEN_FILE
from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.reports.ocr import page_of
from imaging.reports.page_look import looks_like_page
from imaging.reports.pages import report_of_picture, report_of_words
from imaging.reports.pdf_words import words_of_pages
from imaging.reports.printed import Report

PAGES = 10  # as many as were held against the limits when the file was opened
PICTURES_OF_A_PAGE = 3
# A page has numbers that a person can read from about 70 dots to the inch.
SMALLEST = 300  # pixels, the shorter side
# Of all pictures: ten pages at 300 dots to the inch, or three at 600.
MOST_PIXELS = 110_000_000
LARGEST = 40_000_000  # pixels; a letter page at 600 dots to the inch has 34 million
USUAL = 9_000_000  # pixels; a letter page at 300 dots to the inch
SECONDS = 60.0  # of reading pictures; what is left then is left out, and said
# What pypdf and Pillow raise on broken pages and pictures, and on pictures packed as JBIG2, for
# which pypdf asks for a program.
BROKEN_PDF = (
    pypdf.errors.PyPdfError, pypdf.errors.DependencyError, *BROKEN_FILE, AssertionError,
    NotImplementedError, RecursionError, SyntaxError, Image.DecompressionBombError,
)  # fmt: skip


def reports_of_pdf(data: bytes) -> tuple[list[Report], int]:
    """Read each page of a PDF; the second is how many pages were left out.

    Raises
    ------
    UnreadableScan
        If the file is broken.
    UnsuitableScan
        If it is locked, or its pages are pictures and text in pictures cannot be read here.
    """
    begun = time.monotonic()
    reports: list[Report] = []
    pixels = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pages, left_out = _opened(data)
        words = words_of_pages(data, len(pages))
        for number, page in enumerate(pages):
            found = report_of_words(words[number])
            reports.append(found)
            if found.rows:
                continue
            names = _large_pictures(page)
            pixels += sum(names.values())
            if time.monotonic() - begun > SECONDS or pixels > MOST_PIXELS:
                left_out += len(pages) - number
                break
            reports += [report_of_picture(picture) for picture in _pictures(page, list(names))]
    return reports, left_out


def _opened(data: bytes) -> tuple[list[pypdf.PageObject], int]:
    """Give the first pages, and how many more there are."""
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        if reader.is_encrypted:
            raise UnsuitableScan("The PDF is locked with a password: send it unlocked.")
        count = len(reader.pages)
        return [reader.pages[index] for index in range(min(count, PAGES))], max(0, count - PAGES)
    except BROKEN_PDF as error:
        raise UnreadableScan("The PDF is damaged or cut short.") from error


def _text(page: pypdf.PageObject) -> str:
    """Give the words with columns kept by spaces; nothing where a font defeats the reader."""
    try:
        return page.extract_text(extraction_mode="layout")
    except BROKEN_PDF:
        return ""


def _large_pictures(page: pypdf.PageObject) -> dict[str | tuple[str, ...], int]:
    """Find what may be a page of print, with the pixels that each claims, before unpacking any."""
    try:
        claimed = {_plain(name): _claimed(page, name) for name in page.images.keys()}  # noqa: SIM118
    except BROKEN_PDF:
        return {}
    sizes = {
        name: columns * rows
        for name, (columns, rows) in claimed.items()
        if min(columns, rows) >= SMALLEST and columns * rows <= LARGEST
    }
    return dict(list(sizes.items())[:PICTURES_OF_A_PAGE])


def _plain(name: str | Sequence[str]) -> str | tuple[str, ...]:
    return name if isinstance(name, str) else tuple(name)


def _pictures(
    page: pypdf.PageObject, names: Sequence[str | tuple[str, ...]]
) -> Iterator[Image.Image]:
    """Unpack pictures of a page as grey pages, dark on bright."""
    for name in names:
        key = name if isinstance(name, str) else list(name)
        try:
            picture = page.images[key].image
            grey = None if picture is None else np.asarray(picture.convert("L"))
        except BROKEN_PDF:
            continue
        if grey is not None and not _is_large_and_no_page(grey):
            yield page_of(grey)


def _is_large_and_no_page(grey: npt.NDArray[np.uint8]) -> bool:
    """Tell enormous pictures of anything else: reading one takes as long as ten pages."""
    if grey.size <= USUAL:
        return False
    apart = math.ceil(math.sqrt(grey.size / USUAL))
    return not looks_like_page(grey[::apart, ::apart])


def _claimed(page: pypdf.PageObject, name: str | Sequence[str]) -> tuple[int, int]:
    """Columns and rows that a picture says it has; forms hold pictures in themselves."""
    held: pypdf.generic.DictionaryObject = page
    for step in [name] if isinstance(name, str) else name:
        resources = held["/Resources"].get_object()
        held = resources["/XObject"].get_object()[step].get_object()  # type: ignore[index]
    return int(held.get("/Width", 0)), int(held.get("/Height", 0))


@dataclass(frozen=True, slots=True)
class PageWords:
    """The text of a page, or a picture on it."""

    text: str = ""
    picture: Image.Image | None = None


def pages_of_pdf(data: bytes) -> Iterator[PageWords]:
    """Give the text of each of the first pages, then its pictures, which may be of text.

    Raises
    ------
    UnreadableScan
        If the file is broken.
    UnsuitableScan
        If it is locked.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pixels = 0
        for page in _opened(data)[0]:
            yield PageWords(_text(page))
            names = _large_pictures(page)
            pixels += sum(names.values())
            if pixels > MOST_PIXELS:
                return
            for picture in _pictures(page, list(names)):
                yield PageWords(picture=picture)
