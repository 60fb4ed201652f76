"""The part of GitHub's Markdown that cards are written in, as safe HTML."""

import re
from collections.abc import Sequence

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

BOLD = re.compile(r"\*\*(.+?)\*\*")
ITALIC = re.compile(r"(?<![\w\\])_(.+?)_(?!\w)")
LINK = re.compile(r"\[([^\[\]]+)\]\((https?://[^)\s]+)\)")
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
RULE = re.compile(r"[|\s:-]+")


def as_html(text: str) -> tuple[SafeString, SafeString]:
    """The first block, and all that follows it: paragraphs, lists and tables."""
    blocks = [_block(one.strip()) for one in re.split(r"\n\s*\n", text) if one.strip()]
    return _joined(blocks[:1]), _joined(blocks[1:])


def _joined(blocks: Sequence[SafeString]) -> SafeString:
    return format_html_join("\n", "{}", ((one,) for one in blocks))


def _block(block: str) -> SafeString:
    lines = block.splitlines()
    if all(line.lstrip().startswith(("- ", "* ")) for line in lines):
        items = format_html_join("", "<li>{}</li>", ((_line(line.lstrip()[2:]),) for line in lines))
        return format_html("<ul>{}</ul>", items)
    if len(lines) > 1 and all(line.startswith("|") for line in lines):
        return _table([line.strip("| ").split("|") for line in lines if not RULE.fullmatch(line)])
    return format_html("<p>{}</p>", _line(" ".join(lines)))


def _table(rows: Sequence[Sequence[str]]) -> SafeString:
    head, *body = ([_line(cell.strip()) for cell in row] for row in rows)
    cells = format_html_join("", '<th scope="col">{}</th>', ((one,) for one in head))
    lines = (
        (first, format_html_join("", "<td>{}</td>", ((one,) for one in others)))
        for first, *others in body
    )
    told = format_html_join("", '<tr><th scope="row">{}</th>{}</tr>', lines)
    return format_html(
        '<table class="table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>', cells, told
    )


def _line(text: str) -> SafeString:
    safe = ITALIC.sub(r"<em>\1</em>", BOLD.sub(r"<strong>\1</strong>", escape(text.lstrip("# "))))
    safe = LINK.sub(r'<a href="\2">\1</a>', safe)
    return mark_safe(ESCAPED.sub(r"\1", safe))  # noqa: S308 escaped before anything is marked up
