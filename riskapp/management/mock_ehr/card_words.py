"""The little of Markdown that cards are written in, as safe HTML."""

import re

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

BOLD = re.compile(r"\*\*(.+?)\*\*")
LINK = re.compile(r"\[(.+?)\]\((https?://[^)\s]+)\)")


def as_html(text: str) -> SafeString:
    """Paragraphs, lists, bold words and links; everything else stays as it is written."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    return format_html_join("\n", "{}", ((_block(block),) for block in blocks))


def _block(block: str) -> SafeString:
    lines = block.splitlines()
    if all(line.lstrip().startswith(("- ", "* ")) for line in lines):
        items = format_html_join("", "<li>{}</li>", ((_line(line.lstrip()[2:]),) for line in lines))
        return mark_safe(f"<ul>{items}</ul>")  # noqa: S308 every item is escaped
    return mark_safe(f"<p>{_line(' '.join(lines))}</p>")  # noqa: S308 escaped by _line


def _line(text: str) -> SafeString:
    safe = escape(text.lstrip("# "))
    safe = BOLD.sub(r"<strong>\1</strong>", safe)
    return mark_safe(LINK.sub(r'<a href="\2">\1</a>', safe))  # noqa: S308 escaped above
