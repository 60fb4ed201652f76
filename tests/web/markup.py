"""What is wrong with one page: its markup, its words, and what screen readers are told."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tinyhtml5.parser import HTMLParser

from riskapp.exchange.wording import SAFETY

SVG = "{http://www.w3.org/2000/svg}"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
CONTROLS = frozenset({"input", "select", "textarea", "button", "meter", "output", "progress"})
POINTS_AT = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-details")
# Words in these are somebody's file, a program's log or an example to copy.
VERBATIM = frozenset({"pre", "code", "script", "style", "template", "textarea"})
READ_ALOUD = ("alt", "aria-label", "title", "placeholder", "aria-description")
LEFT_BY_A_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
LEFT_BY_A_PROGRAM = re.compile(
    r"\[object|\bundefined\b|\bnull\b|\bnan\b|\bNaN\b|\bTraceback\b|<\w+ object at"
    r"|&(?:lt|amp|quot);"
    # "None" begins a sentence; Python's own stands alone, before a unit or in brackets.
    r"|^None$|\bNone\W*$|[:(]\s*None\b|\bNone\s*(?:%|kg|cm|g/cm)"
)
CODES = {
    "a snake_case name": re.compile(r"(?<![\w./-])[A-Za-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w/])"),
    "an identifier": re.compile(
        r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    ),
    "a date for machines": re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:"),
    "an unrounded number": re.compile(r"(?<![\w./])\d+\.\d{6,}"),
    "a capitalised constant": re.compile(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b"),
    "a typed apostrophe": re.compile(r"[A-Za-z]'[a-z]"),
}
BLOCKS = frozenset(
    {*HEADINGS, "div", "p", "ul", "ol", "dl", "table", "section", "form", "fieldset"}
)
ONLY_WORDS = frozenset({"p", "span", "strong", "em", "label", "button", *HEADINGS})
IN_A_LIST = frozenset({"li", "template", "script"})
PRESSED = frozenset({"a", "button", "select", "textarea"})


@dataclass(frozen=True, slots=True)
class Read:
    """A page as a browser takes it: a whole one, or a fragment that is put into one."""

    tree: Element
    is_whole: bool
    errors: tuple[str, ...]

    @property
    def title(self) -> str:
        title = self.tree.find("head/title")
        return "" if title is None else text_of(title)


def read(html: str) -> Read:
    parser = HTMLParser(namespace_html_elements=False)
    is_whole = html.lstrip()[:9].upper() == "<!DOCTYPE"
    if is_whole:
        tree = parser.parse(html)
    else:
        tree = Element("div")
        tree.extend(parser.parse_fragment(html))
    told = (f"{code} {detail}" for _, code, detail in parser.errors)
    return Read(tree, is_whole, tuple(told))


def problems_of(page: Read, *, codes: bool = True, typed: bool = False) -> list[str]:
    """Sentences about one page.

    ``codes`` are looked for among its words; where anything was ``typed``, they may be any.
    """
    parts = [_nesting, _ids, _names, _policy, _tables]
    parts += [] if typed else [_left_over, *([_codes] if codes else [])]
    if page.is_whole:
        parts += [_references, _labels, _frame, _headings]
    errors = [one for one in page.errors if not (typed and one.startswith("invalid-codepoint"))]
    return [*errors, *(problem for part in parts for problem in part(page.tree))]


def text_of(element: Element) -> str:
    """What a person reads of an element, in one line."""
    return " ".join("".join(element.itertext()).split())


def _frame(tree: Element) -> Iterator[str]:
    if not tree.get("lang"):
        yield "does not say its language"
    titles = [one for one in tree.iter("title") if text_of(one)]
    if len(titles) != 1:
        yield f"{len(titles)} titles"
    if len(list(tree.iter("main"))) != 1:
        yield "not one main part"
    if not any(meta.get("name") == "viewport" for meta in tree.iter("meta")):
        yield "no viewport"
    if tree.get("lang", "").startswith("en") and SAFETY not in text_of(tree):
        yield "lacks the safety words"


def _headings(tree: Element) -> Iterator[str]:
    seen = [
        (HEADINGS.index(one.tag) + 1, text_of(one)) for one in tree.iter() if one.tag in HEADINGS
    ]
    first = [text for level, text in seen if level == 1]
    if len(first) != 1:
        yield f"{len(first)} first headings {first}"
    before = 0
    for level, text in seen:
        if not text:
            yield f"an empty heading of level {level}"
        if level > before + 1:
            yield f"the heading {text!r} skips from level {before} to {level}"
        before = level


def _nesting(tree: Element) -> Iterator[str]:
    for outer in tree.iter():
        if outer.tag in ("ul", "ol"):
            yield from (f"<{one.tag}> in a list" for one in outer if one.tag not in IN_A_LIST)
        forbidden = BLOCKS if outer.tag in ONLY_WORDS else frozenset()
        if outer.tag in ("a", "button"):
            forbidden |= PRESSED
        if forbidden:
            inside = (one.tag for one in outer.iter() if one is not outer)
            yield from (f"<{tag}> inside <{outer.tag}>" for tag in inside if tag in forbidden)


def _ids(tree: Element) -> Iterator[str]:
    counted = Counter(one.get("id") for one in tree.iter() if one.get("id") is not None)
    for name, times in counted.items():
        if times > 1 or not name or " " in name:
            yield f"the id {name!r} {times} times"


def _references(tree: Element) -> Iterator[str]:
    there = {one.get("id"): one for one in tree.iter() if one.get("id")}
    for one in tree.iter():
        for name in POINTS_AT:
            for target in one.get(name, "").split():
                if target not in there:
                    yield f"{name} points at {target!r}, which is not there"
        for name in ("form", "list"):
            if one.tag in CONTROLS and one.get(name) and one.get(name) not in there:
                yield f"{name} of <{one.tag}> points at {one.get(name)!r}, which is not there"
        if one.tag == "label" and one.get("for"):
            labelled = there.get(one.get("for"))
            if labelled is None or labelled.tag not in CONTROLS:
                yield f"the label {text_of(one)!r} is for {one.get('for')!r}, which is no control"
        href = one.get("href", "")
        if one.tag == "a" and href.startswith("#") and href[1:] not in there:
            yield f"the link {text_of(one)!r} leads to {href}, which is not there"


def _names(tree: Element) -> Iterator[str]:
    for one in tree.iter():
        said = one.get("aria-label") or one.get("aria-labelledby") or one.get("title")
        if one.tag == "img" and one.get("alt") is None:
            yield f"the picture {one.get('src')} has no alternative"
        if one.tag == f"{SVG}svg" and one.get("role") == "img" and not said:
            if one.find(f"{SVG}title") is None:
                yield "a drawing without a name"
        if one.tag in ("a", "button", "summary") and not (said or text_of(one)):
            yield f"a <{one.tag}> without words"
        if one.tag == "iframe" and not one.get("title"):
            yield "a frame without a title"


def _labels(tree: Element) -> Iterator[str]:
    """Of a whole page: a field that a fragment replaces has its label there."""
    labelled = {one.get("for") for one in tree.iter("label")}
    within = {id(inner) for label in tree.iter("label") for inner in label.iter()}
    for one in tree.iter():
        said = one.get("aria-label") or one.get("aria-labelledby") or one.get("title")
        asks = one.tag in ("select", "textarea") or (
            one.tag == "input" and one.get("type") not in ("hidden", "submit", "button")
        )
        if asks and not (said or one.get("id") in labelled or id(one) in within):
            yield f"the field {one.get('name') or one.get('id')!r} has no label"


def _policy(tree: Element) -> Iterator[str]:
    for one in tree.iter():
        if one.tag == "style" or one.get("style") is not None:
            yield f"a style inside <{one.tag}>"
        if one.tag == "script" and not one.get("src"):
            yield "a script inside the page"
        if (
            one.tag == "script"
            and one.get("src")
            and not ("defer" in one.attrib or "async" in one.attrib)
        ):
            yield f"the script {one.get('src')} holds up the page"
        for name in one.attrib:
            if name.startswith("on") or name.startswith("hx-on"):
                yield f"{name} of <{one.tag}>"


def _tables(tree: Element) -> Iterator[str]:
    for one in tree.iter("th"):
        if one.get("scope") is None:
            yield f"the heading cell {text_of(one)!r} has no scope"
        if not text_of(one):
            yield "an empty heading cell"


def _left_over(tree: Element) -> Iterator[str]:
    for text in _said(tree):
        if found := LEFT_BY_A_TEMPLATE.search(text) or LEFT_BY_A_PROGRAM.search(text):
            yield f"{found[0]!r} in {text[:90]!r}"


def _codes(tree: Element) -> Iterator[str]:
    for text in _said(tree):
        for what, pattern in CODES.items():
            if found := pattern.search(text):
                yield f"{what}, {found[0]!r}, in {text[:90]!r}"


def _said(tree: Element) -> Iterator[str]:
    """Every piece of text that somebody sees or hears."""
    for one in tree.iter():
        for name in READ_ALOUD:
            if one.get(name):
                yield one.get(name)
        if one.tag not in VERBATIM and one.text:
            yield " ".join(one.text.split())
    for outer in tree.iter():
        if outer.tag not in VERBATIM:
            yield from (" ".join(one.tail.split()) for one in outer if one.tail)
