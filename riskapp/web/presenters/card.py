"""A model card as the page shows it: the few forms of Markdown that our cards use."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from riskapp.exchange.naming import in_words
from riskapp.risk.design_row import COLUMNS

# As people write what UCUM writes shortly.
SHOWN_UNITS = {"1": "", "a": "years", "1/10 a": "per 10 years", "HU/10 a": "HU per 10 years"}
# How firmly each part was held back in training: for the model's own file, where it is in full.
HELD_BACK = re.compile(r"; chosen: [^;]*\.$")
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
        head, *rest = shown
        shown = [head, *(_with_units(head, row) for row in rest)]
        yield Block(kind, tuple(tuple(_spans(cell) for cell in row) for row in shown))
    elif kind == "list":
        items = " ".join(
            line.strip() if line.startswith(" ") else f"\n{line[2:]}" for line in lines
        )
        told = (HELD_BACK.sub(".", item.strip()) for item in items.strip().split("\n"))
        yield Block(kind, tuple((_spans(item),) for item in told))
    elif kind == "paragraph":
        yield Block(kind, ((_spans(" ".join(line.strip() for line in lines)),),))


def _with_units(head: list[str], row: list[str]) -> list[str]:
    return [
        SHOWN_UNITS.get(cell, cell) if head[index : index + 1] == ["unit"] else cell
        for index, cell in enumerate(row)
    ]


def fields_in_words(text: str) -> str:
    """With labels in place of the names that programs and training tables use for fields."""
    return in_words(_COLUMN.sub(_field, text))


def _spans(text: str) -> Spans:
    parts = fields_in_words(text.replace("`", "")).split("**")
    return tuple((part, index % 2 == 1) for index, part in enumerate(parts) if part)


# Columns of the training table that are not called as the contract calls their field.
_OWN_NAMES = {each.name: each.field for each in COLUMNS.values() if each.name != each.field}
_COLUMN = re.compile("|".join(rf"\b{name}\b" for name in _OWN_NAMES if "_" in name))


def _field(found: re.Match[str]) -> str:
    return _OWN_NAMES[found.group()]
