"""What a printed file tells those who listen to it, beyond what the typesetter says by itself."""

from collections.abc import Sequence
from typing import Any

from riskapp.exchange.languages import ENGLISH


def complete_tags(pdf: Any, page_languages: Sequence[str]) -> None:
    """Name the language of each page, hang in what stands in margins, say what headers head.

    The typesetter names one language for the whole file, leaves margins out of the structure
    (ISO 14289-1, 7.1: all that is real content belongs there), gives headers no scope (7.5), and
    keeps empty elements, as for icons. What stands in a margin is for the clinic, so in English.

    Parameters
    ----------
    pdf : pydyf.PDF
        Right before it is written.
    page_languages : sequence of str
        BCP 47 tag of each page, in order.
    """
    objects: list[Any] = [one for one in pdf.objects if isinstance(one, dict)]
    elements = {one.reference: one for one in objects if one.get("Type") == "/StructElem"}
    pages = {page: number for number, page in enumerate(pdf.page_references)}
    (top,) = (one for one in elements.values() if one["S"] == "/Document")
    hung = {kid for one in elements.values() for kid in one["K"]} | {top.reference}
    margins = [reference for reference in elements if reference not in hung]
    # A margin is heard before its page.
    top["K"].extend(margins)
    top["K"].sort(key=lambda kid: (pages[elements[kid]["Pg"]], kid in hung))
    for kid in top["K"]:
        of_page = page_languages[pages[elements[kid]["Pg"]]]
        elements[kid]["Lang"] = f"({ENGLISH if kid in margins else of_page})"
    empty = {
        name for name, one in elements.items() if one["S"] in ("/Span", "/Div") and not one["K"]
    }
    for one in elements.values():
        one["K"][:] = [kid for kid in one["K"] if kid not in empty]
        if one["S"] == "/TH":
            above = elements[elements[one["P"]]["P"]]
            one["A"]["Scope"] = "/Column" if above["S"] == "/THead" else "/Row"
