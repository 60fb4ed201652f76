"""How much text of a PDF would have to be read, counted before it is: forms may repeat forms."""

import re

import pypdf
from pypdf.generic import DictionaryObject, IndirectObject, StreamObject

from imaging.errors import UnreadableScan
from imaging.limits import Limits

# Operators that show a piece of text, and that draw a form or picture by name (PDF 1.7, 9.4, 8.8).
SHOWN = re.compile(rb"T[jJ]|['\"]\s")
DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]{1,127})\s+Do\b")
DEEPEST = 12  # forms within forms; printer drivers nest two or three


def check_text(pages: list[pypdf.PageObject], limits: Limits) -> None:
    """Refuse pages that draw more than any report does, each form as often as it is drawn.

    Raises
    ------
    UnreadableScan
    """
    known: dict[int, int] = {}
    shown = 0
    for page in pages:
        contents = page.get_contents()
        data = b"" if contents is None else contents.get_data()
        shown += _shown(data, page, known, limits, 0)
        if shown > limits.shown_texts:
            raise UnreadableScan("The PDF holds more text than any report does.")


def _shown(
    data: bytes, holder: DictionaryObject, known: dict[int, int], limits: Limits, depth: int
) -> int:
    if len(data) > limits.page_bytes or depth > DEEPEST:
        raise UnreadableScan("A page of the PDF holds more to draw than any report does.")
    count = len(SHOWN.findall(data))
    names = [name.decode("latin-1") for name in DRAWN.findall(data)]
    objects = _objects(holder) if names else {}
    for name in names:
        form = objects.get(f"/{name}")
        count += 1 + _of_form(form, known, limits, depth) if form is not None else 0
    return count


def _objects(holder: DictionaryObject) -> DictionaryObject:
    resources = holder.get("/Resources", DictionaryObject()).get_object()
    found = resources.get("/XObject", DictionaryObject()).get_object()
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _of_form(form: object, known: dict[int, int], limits: Limits, depth: int) -> int:
    """Count the text of a form once; forms that draw themselves end at the deepest level."""
    held = form.get_object() if isinstance(form, IndirectObject) else form
    if not isinstance(held, StreamObject) or held.get("/Subtype") != "/Form":
        return 0
    if id(held) not in known:
        known[id(held)] = _shown(held.get_data(), held, known, limits, depth + 1)
    return known[id(held)]
