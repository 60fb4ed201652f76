"""A page of the documentation as the product shows it: the few forms of Markdown that it uses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from riskapp.risk.limits import in_print

PARTS = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\([^)]*\)")
KINDS = ("text", "code", "strong", "text")  # of each group of PARTS; a link's address is dropped
FENCE = "```"
# Cells end at a bar with spaces around it; bars within code have none.
CELLS = " | "


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line; ``kind`` is text, code or strong."""

    kind: str
    text: str


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, list, table (its first row names the columns), code or paragraph."""

    kind: str
    rows: tuple[tuple[Line, ...], ...]
    text: str = ""  # of code, as it stands


@dataclass(frozen=True, slots=True)
class Guide:
    """One page: what it is called, and all that follows."""

    title: str
    blocks: tuple[Block, ...]


def guide(text: str) -> Guide:
    """Split a page that starts with its heading."""
    title, _, rest = text.partition("\n")
    return Guide(title.lstrip("# "), tuple(_fenced(rest)))


def _fenced(text: str) -> Iterator[Block]:
    for index, part in enumerate(text.split(FENCE)):
        if index % 2:
            # The first line of code names its language.
            yield Block("code", (), part.partition("\n")[2])
        else:
            for kind, lines in groupby(part.splitlines(), key=_kind):
                yield from _blocks(kind, list(lines))


def _kind(line: str) -> str:
    for start, kind in (("#", "heading"), ("|", "table"), ("- ", "list"), ("  ", "list")):
        if line.startswith(start):
            return kind
    return "paragraph" if line.strip() else "gap"


def _blocks(kind: str, lines: list[str]) -> Iterator[Block]:
    if kind == "heading":
        for line in lines:
            yield Block(kind, ((_spans(line.lstrip("# ")),),))
    elif kind == "table":
        cells = [[cell.strip() for cell in line.strip("| ").split(CELLS)] for line in lines]
        shown = [row for row in cells if set("".join(row)) - set("-:| ")]
        yield Block(kind, tuple(tuple(map(_spans, row)) for row in shown))
    elif kind == "list":
        joined = " ".join(f"\n{each[2:]}" if each[:2] == "- " else each.strip() for each in lines)
        items = [item.strip() for item in joined.strip().split("\n")]
        yield Block(kind, tuple((_spans(item),) for item in items))
    elif kind == "paragraph":
        yield Block(kind, ((_spans(" ".join(line.strip() for line in lines)),),))


def _spans(text: str) -> Line:
    found: list[Span] = []
    end = 0
    for one in PARTS.finditer(text):
        code, strong, link = one.groups()
        found.append(Span("text", text[end : one.start()]))
        found.append(
            Span("code" if code else "strong" if strong else "text", one.group(one.lastindex or 0))
        )
        end = one.end()
    found.append(Span("text", text[end:]))
    told = (span if span.kind == "code" else Span(span.kind, in_print(span.text)) for span in found)
    return tuple(span for span in told if span.text)
