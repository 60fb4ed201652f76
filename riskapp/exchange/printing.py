"""Pages as PDF/UA: laid out, fitted to their sheets, and nothing fetched from anywhere."""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import tinycss2

from imaging.errors import ScanError
from riskapp.exchange.tagging import complete_tags

# How large a page may be set to fit its sheet, and with how little detail: 0 is all of it.
SIZES = (
    (1.26, 0), (1.2, 0), (1.14, 0), (1.08, 0), (1.04, 0), (1.0, 0), (0.97, 1), (0.94, 1),
    (0.91, 2), (0.88, 2), (0.85, 3), (0.79, 4), (0.72, 5),
)  # fmt: skip
USUAL = SIZES.index((1.0, 0))
# Of a sheet that is full, as its margins are not written upon; and where its words end.
FULL, END = 0.94, '<div id="end" style="clear: both"></div>'
LENGTH = re.compile(r"(?<![\w#.-])(\d*\.?\d+)(pt|mm|rem|px)\b")
TOKEN = re.compile(r"var\((--[\w-]+)\)")
DRAWING = re.compile(r"<svg\b[^>]*>.*?</svg>", re.DOTALL)
NAMED = re.compile(r"<title[^>]*>(.*?)</title>\s*<desc[^>]*>(.*?)</desc>", re.DOTALL)
ATTRIBUTES = re.compile(r'\s(class|width|height)="([^"]*)"')
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
    shared = _shared()
    fitted = [(part.language, _fitted(part, shared)) for part in parts]
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


def _shared() -> dict[str, Any]:
    """What all layouts of one print share, not two prints: fonts serve one thread at a time."""
    typesetter()
    from weasyprint.text.fonts import FontConfiguration

    return {"font_config": FontConfiguration(), "cache": {}}


def _fitted(part: Part, shared: dict[str, Any]) -> Any:
    """Lay out about as large as fits one sheet; where nothing does, as small as may be.

    Laying out is dear: how far the sheet is filled at size 1 says which size to go on with.
    """

    @cache
    def parsed(html: str) -> Any:
        html_of, _, only_inside = typesetter()
        text = with_drawings(html, part.css).replace("</body>", f"{END}</body>")
        return html_of(string=text, url_fetcher=only_inside)

    @cache
    def laid_out(at: int) -> Any:
        size, level = SIZES[at]
        style = _style(part.css, size)
        return parsed(part.html(level)).render(stylesheets=[style], **shared, **TAGGED)

    sheets = _sheets(laid_out(USUAL))
    # Letters are higher and wider; and what moves to a second sheet takes its whole section along.
    at_most = (FULL / sheets) ** (1 / 2 if sheets < 1 else 1 / 3)
    at = max(0, sum(size > at_most for size, _ in SIZES) - 1)
    while len(laid_out(at).pages) > 1 and at + 1 < len(SIZES):
        at += 1
    return laid_out(at)


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
    """A page whose drawings are pictures with their own style, read once for all layouts.

    A drawing's name is its title and description together. One without a name is told beside it
    in words: it becomes a background, which nobody reads out.
    """
    style = f"<style>{drawing_rules(css)}</style>"

    def as_picture(found: re.Match[str]) -> str:
        head, body = found[0].split(">", 1)
        source = _source(f"{head}>{style}{body}")
        attributes = dict(ATTRIBUTES.findall(head))
        if WITHOUT_NAME in head:
            return _background(source, attributes)
        told = "".join(f'{name}="{value}" ' for name, value in attributes.items())
        name = "".join(f"{title}. {words}" for title, words in NAMED.findall(body))
        name = name.replace('"', "&quot;")
        return f'<img {told}src="{source}" alt="{name}">'

    return DRAWING.sub(as_picture, html)


def _source(drawing: str) -> str:
    """A drawing as an address that holds it: a document of its own, which knows no entities."""
    if "xmlns=" not in drawing.split(">", 1)[0]:
        drawing = drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    plain = drawing.replace("currentColor", "#000").replace("&nbsp;", "\u00a0")
    return f"data:image/svg+xml;base64,{b64encode(plain.encode()).decode()}"


def _background(source: str, attributes: dict[str, str]) -> str:
    wide, high = (attributes.get(side, "16") for side in ("width", "height"))
    return (
        f'<span class="{attributes.get("class", "")}" style="display: inline-block; '
        f"width: {wide}px; height: {high}px; "
        f'background: url({source}) center / contain no-repeat"></span>'
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
