"""A model card as the page shows it: the few forms of Markdown that our cards use."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

Spans = tuple[tuple[str, bool], ...]  # text, and whether it is strong


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a list, a table (its first row names the columns) or a paragraph."""

    kind: str
    rows: tuple[tuple[Spans, ...], ...]


def card_blocks(text: str) -> tuple[Block, ...]:
    """Split a card; its first heading is left out, as the page says the name already."""
    kinds = groupby(text.splitlines(), key=_kind)
    blocks = [block for kind, lines in kinds for block in _blocks(kind, list(lines))]
    return tuple(blocks[1:] if blocks and blocks[0].kind == "heading" else blocks)


def _kind(line: str) -> str:
    if line.startswith("#"):
        return "heading"
    if line.startswith("|"):
        return "table"
    if line.startswith(("- ", "  ")):
        return "list"
    return "paragraph" if line.strip() else "gap"


def _blocks(kind: str, lines: list[str]) -> Iterator[Block]:
    if kind == "heading":
        for line in lines:
            yield Block(kind, ((_spans(line.lstrip("# ")),),))
    elif kind == "table":
        cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
        shown = [row for row in cells if set("".join(row)) - set("-:| ")]
        yield Block(kind, tuple(tuple(_spans(cell) for cell in row) for row in shown))
    elif kind == "list":
        items = " ".join(
            line.strip() if line.startswith(" ") else f"\n{line[2:]}" for line in lines
        )
        yield Block(kind, tuple((_spans(item.strip()),) for item in items.strip().split("\n")))
    elif kind == "paragraph":
        yield Block(kind, ((_spans(" ".join(line.strip() for line in lines)),),))


def _spans(text: str) -> Spans:
    parts = text.replace("`", "").split("**")
    return tuple((part, index % 2 == 1) for index, part in enumerate(parts) if part)
