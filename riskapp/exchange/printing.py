"""Pages as PDF/UA: laid out, fitted to their sheets, and nothing fetched from anywhere."""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tinycss2

from imaging.errors import ScanError
from riskapp.exchange.tagging import complete_tags

# How large a page may be set to fit its sheet, and with how little detail: 0 is all of it.
SIZES = (
    (1.26, 0), (1.2, 0), (1.14, 0), (1.08, 0), (1.04, 0), (1.0, 0), (0.97, 1), (0.94, 1),
    (0.91, 2), (0.88, 2), (0.85, 3), (0.79, 4), (0.72, 5),
)  # fmt: skip
# Of a sheet that is full, as its margins are not written upon; and where its words end.
FULL, END = 0.94, '<div id="end" style="clear: both"></div>'
LENGTH = re.compile(r"(?<![\w#.-])(\d*\.?\d+)(pt|mm|rem|px)\b")
TOKEN = re.compile(r"var\((--[\w-]+)\)")
DRAWING = re.compile(r"<svg\b[^>]*>.*?</svg>", re.DOTALL)
NAMED = re.compile(r"<title([^>]*)>(.*?)</title>\s*<desc[^>]*>(.*?)</desc>", re.DOTALL)
WITHOUT_NAME = 'aria-hidden="true"'
# Asked for twice: when a page is laid out, and again when it is written.
TAGGED = {"pdf_variant": "pdf/ua-1"}
NO_FONT = (
    "The page cannot be printed here: no installed font holds “{letter}”. On Debian, install a "
    "package of fonts that does, such as fonts-noto-cjk for Chinese."
)
# What a drawing is styled by, in the style sheets of the pages.
OF_DRAWINGS = (".people", ".chart")


class CannotPrint(ScanError):
    """What is to be printed is well, but this machine cannot make a page of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a print.

    Attributes
    ----------
    html : callable of int to str
        The whole document, which is to fit one sheet, at a level of detail.
    css : str
        Its style sheets.
    language : str
        BCP 47, as the document itself says it.
    """

    html: Callable[[int], str]
    css: str
    language: str


def typesetter() -> tuple[Any, Any, Any]:
    """The library that sets letters, which takes a second to load.

    Raises
    ------
    CannotPrint
        If this machine lacks what it needs.
    """
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except OSError as missing:
        raise CannotPrint(
            "The page cannot be printed here: on Debian, install the package libpangoft2-1.0-0."
        ) from missing
    # Nothing but what the page holds itself is ever opened.
    return HTML, CSS, URLFetcher(allowed_protocols=["data"])


def printed(parts: Sequence[Part]) -> bytes:
    """Print documents one after the other into one file, tagged for those who listen to it.

    Raises
    ------
    CannotPrint
        If this machine cannot set letters, or has no font for some of them.
    """
    fitted = [(part.language, _fitted(part)) for part in parts]
    pages = [(language, page) for language, document in fitted for page in document.pages]
    whole = fitted[0][1].copy([page for _, page in pages])
    return written(whole, [language for language, _ in pages])


def written(document: Any, page_languages: Sequence[str]) -> bytes:
    """A laid-out document as a file, with nothing in it that no font can show.

    Raises
    ------
    CannotPrint
        If no installed font holds some of its letters.
    """

    def finish(document: Any, pdf: Any) -> None:
        for font in document.fonts.values():
            if font.missing:
                raise CannotPrint(NO_FONT.format(letter=chr(next(iter(font.missing)))))
        complete_tags(pdf, page_languages)

    return bytes(document.write_pdf(finisher=finish, **TAGGED))


def _fitted(part: Part) -> Any:
    """Lay out about as large as fits one sheet; where nothing does, as small as may be.

    Laying out is dear: how far the sheet is filled at size 1 says which size to begin with.
    """
    usual = SIZES.index((1.0, 0))
    laid_out = {usual: _laid_out(part, usual)}
    sheets = _sheets(laid_out[usual])
    # Letters are higher and wider; and what moves to a second sheet takes its whole section along.
    at_most = (FULL / sheets) ** (1 / 2 if sheets < 1 else 1 / 3)
    for at in range(max(0, sum(size > at_most for size, _ in SIZES) - 1), len(SIZES)):
        document = laid_out.get(at) or _laid_out(part, at)
        if len(document.pages) == 1:
            break
    return document


def _laid_out(part: Part, at: int) -> Any:
    html_of, _, only_inside = typesetter()
    size, level = SIZES[at]
    html = with_drawings(part.html(level), part.css).replace("</body>", f"{END}</body>")
    page = html_of(string=html, url_fetcher=only_inside)
    return page.render(stylesheets=[_style(part.css, size)], **TAGGED)


def _sheets(document: Any) -> float:
    """How many sheets it takes, the last as far as it is filled."""
    last = document.pages[-1]
    return float(len(document.pages) - 1 + last.anchors["end"][1] / last.height)


@lru_cache(maxsize=32)
def _style(css: str, size: float) -> Any:
    _, style_of, only_inside = typesetter()
    return style_of(string=scaled(css, size), url_fetcher=only_inside)


def scaled(css: str, size: float) -> str:
    """Style sheets with every length so much smaller; percentages and plain numbers stay."""
    if size == 1.0:
        return css
    return LENGTH.sub(lambda found: f"{float(found[1]) * size:.4g}{found[2]}", css)


def with_drawings(html: str, css: str) -> str:
    """A page whose drawings carry their own style, as a typesetter wants it.

    A drawing's name is its title and description together. One without a name is told beside it
    in words: it becomes a background, which nobody reads out.
    """
    style = f"<style>{drawing_rules(css)}</style>"

    def told(found: re.Match[str]) -> str:
        drawing = found[0]
        head, body = drawing.split(">", 1)
        if WITHOUT_NAME in head:
            return _background(f"{head}>{style}{body}")
        return NAMED.sub(r"<title\1>\2. \3</title>", f"{head}>{style}{body}")

    return DRAWING.sub(told, html)


def _background(drawing: str) -> str:
    head = drawing.split(">", 1)[0]
    attributes = dict(re.findall(r'\s(class|width|height)="([^"]*)"', head))
    if "xmlns" not in head:
        drawing = drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    source = b64encode(drawing.replace("currentColor", "#000").encode()).decode()
    wide, high = (attributes.get(side, "16") for side in ("width", "height"))
    return (
        f'<span class="{attributes.get("class", "")}" style="display: inline-block; '
        f"width: {wide}px; height: {high}px; "
        f'background: url(data:image/svg+xml;base64,{source}) center / contain no-repeat"></span>'
    )


@lru_cache(maxsize=4)
def drawing_rules(css: str) -> str:
    """Rules for drawings alone, with the tokens' values for paper in their places."""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    plain = [
        (tinycss2.serialize(rule.prelude).strip(), tinycss2.serialize(rule.content))
        for rule in rules
        if rule.type == "qualified-rule"
    ]
    tokens = {
        one.name: tinycss2.serialize(one.value).strip()
        for prelude, content in plain
        if prelude == ":root"
        for one in tinycss2.parse_blocks_contents(content)
        if one.type == "declaration" and one.name.startswith("--")
    }

    def valued(text: str) -> str:
        while found := TOKEN.search(text):
            text = text.replace(found[0], tokens.get(found[1], "#000"))
        return text

    return "".join(
        f"{prelude}{{{valued(content)}}}"
        for prelude, content in plain
        if prelude.startswith(OF_DRAWINGS)
    )
