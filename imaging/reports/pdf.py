"""Reports in PDF: text where the pages have text, pictures of pages where they have not."""

import time
import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO

import numpy as np
import pypdf
from PIL import Image

from imaging.broken import BROKEN_FILE
from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.reports.ocr import page_of
from imaging.reports.pages import report_of_picture, report_of_text
from imaging.reports.printed import Report

PAGES = 10  # as many as were held against the limits when the file was opened
PICTURES_OF_A_PAGE = 3
# A page has numbers that a person can read from about 70 dots to the inch.
SMALLEST = 300  # pixels, the shorter side
LARGEST = 40_000_000  # pixels; a letter page at 600 dots to the inch has 34 million
SECONDS = 120.0  # of reading pictures; what is left then is left out, and said
# What pypdf and Pillow raise on broken pages and pictures.
BROKEN_PDF = (
    pypdf.errors.PyPdfError, *BROKEN_FILE, AssertionError, NotImplementedError, RecursionError,
    SyntaxError, Image.DecompressionBombError,
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pages, left_out = _opened(data)
        for number, page in enumerate(pages):
            found = report_of_text(_text(page))
            if found.rows:
                reports.append(found)
                continue
            if time.monotonic() - begun > SECONDS:
                left_out += len(pages) - number
                break
            reports += [report_of_picture(picture) for picture in _pictures(page)]
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


def _pictures(page: pypdf.PageObject) -> Iterator[Image.Image]:
    """Unpack the large pictures of a page, after a look at what they claim to be."""
    try:
        names = [name for name in page.images.keys() if _has_good_size(page, name)]  # noqa: SIM118
    except BROKEN_PDF:
        return
    for name in names[:PICTURES_OF_A_PAGE]:
        try:
            picture = page.images[name].image
            grey = None if picture is None else np.asarray(picture.convert("L"))
        except BROKEN_PDF:
            continue
        if grey is not None:
            yield page_of(grey)


def _has_good_size(page: pypdf.PageObject, name: str | Sequence[str]) -> bool:
    """Look at what a picture claims before it is unpacked; forms hold pictures in themselves."""
    held: pypdf.generic.DictionaryObject = page
    for step in [name] if isinstance(name, str) else name:
        resources = held["/Resources"].get_object()
        held = resources["/XObject"].get_object()[step].get_object()  # type: ignore[index]
    columns, rows = int(held.get("/Width", 0)), int(held.get("/Height", 0))
    return min(columns, rows) >= SMALLEST and columns * rows <= LARGEST
