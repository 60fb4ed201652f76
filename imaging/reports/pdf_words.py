"""The words of a PDF page with their places, as PDFium finds them."""

import ctypes
from collections.abc import Sequence

import pypdfium2
from pypdfium2 import raw

from imaging.reports.words import Word

LETTERS = 40_000  # of one page; the fullest report has some 6,000
PARTED = 0.25  # of the height of letters: a wider gap parts words that no space parts
CAPITALS = 0.72  # of the height of a font: what words of pictures have as their height
Letter = tuple[str, float, float, float, float]


def words_of_pages(data: bytes, count: int) -> list[list[Word]]:
    """Give the words of the first pages; places are in points from the upper left corner.

    A page that defeats the reader has none.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return [[] for _ in range(count)]
    try:
        return [_words_of_page(document, number) for number in range(count)]
    finally:
        document.close()


def _words_of_page(document: pypdfium2.PdfDocument, number: int) -> list[Word]:
    try:
        page = document[number]
        text = page.get_textpage()
    except (pypdfium2.PdfiumError, IndexError):
        return []
    return _words(_letters(text, page.get_height()))


def _letters(text: pypdfium2.PdfTextPage, height: float) -> list[Letter]:
    letters = []
    for index in range(min(text.count_chars(), LETTERS)):
        box = raw.FS_RECTF()
        raw.FPDFText_GetLooseCharBox(text.raw, index, ctypes.byref(box))
        letters.append(
            (
                chr(raw.FPDFText_GetUnicode(text.raw, index)),
                box.left,
                box.right,
                height - box.top,
                height - box.bottom,
            )
        )
    return letters


def _words(letters: Sequence[Letter]) -> list[Word]:
    words: list[Word] = []
    held: list[Letter] = []
    for letter in (*letters, (" ", 0.0, 0.0, 0.0, 0.0)):
        blank = not letter[0].strip() or not letter[0].isprintable()
        if held and (blank or _is_apart(held[-1], letter)):
            words.append(_word(held))
            held = []
        if not blank:
            held.append(letter)
    return words


def _is_apart(before: Letter, after: Letter) -> bool:
    height = before[4] - before[3]
    beside = after[1] - before[2]
    return beside > PARTED * height or beside < -height or abs(after[4] - before[4]) > 0.5 * height


def _word(letters: Sequence[Letter]) -> Word:
    top, bottom = min(letter[3] for letter in letters), max(letter[4] for letter in letters)
    spare = (1 - CAPITALS) / 2 * (bottom - top)
    return Word(
        "".join(letter[0] for letter in letters),
        min(letter[1] for letter in letters),
        max(letter[2] for letter in letters),
        top + spare,
        bottom - spare,
    )
