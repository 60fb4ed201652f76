"""A page of a report, as words or as a picture, into rows of numbers."""

import re
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from imaging.reports.cells import rows_in_picture
from imaging.reports.facts import LATERAL_SPINE, PARTS, date_in, facts_in, part_in
from imaging.reports.headings import plain_words
from imaging.reports.heads import Head, heads_of
from imaging.reports.ocr import read_page
from imaging.reports.printed import Facts, Report, Row
from imaging.reports.regions import part_of
from imaging.reports.table import rows_under
from imaging.reports.upright import upright
from imaging.reports.words import Line, Word, lines_of, text_of

PRINTED = "read from the text of the report"
SEEN = "read from the picture of the report (OCR)"
PAIRED = {"hip", "forearm"}
# Letters of a page so many pixels wide are about 30 high, which the reader likes best; what it
# misses at one size it often finds at another.
PAGE_PIXELS = (2400, 3000)
SECOND_LOOK = 2000
ABOUT_BONE = re.compile(
    r"\b(?:bmd|dmo|dexa|dxa|t-?\s?(?:score|wert))\b|bone (?:mineral )?density|densitom|"
    r"knochendichte|osteodensit|densite (?:minerale )?osseuse|densidad (?:mineral )?osea|"
    r"densita (?:minerale )?ossea|botdichtheid"
)


def report_of_words(words: Sequence[Word]) -> Report:
    """Read a page of text of which every word has its place."""
    lines = lines_of(words)
    text = "\n".join(text_of(line) for line in lines)
    return _report(tables_in(lines, part_in(text)), text, PRINTED)


def tables_in(lines: Sequence[Line], part: str | None) -> list[Row]:
    """Read all tables among the words of a page."""
    return [row for head, below in under_heads(lines) for row in rows_under(head, below, part)]


def under_heads(lines: Sequence[Line]) -> list[tuple[Head, Sequence[Line]]]:
    """Find the heads of tables, each with the lines down to the next one."""
    heads = heads_of(lines)
    found = []
    for head in heads:
        later = [other.first_line for other in heads if other.first_line > head.last_line]
        found.append((head, lines[head.last_line + 1 : min(later, default=len(lines))]))
    return found


def report_of_picture(page: Image.Image) -> Report:
    """Read a picture of a page, dark on bright.

    Raises
    ------
    UnsuitableScan
        If text in pictures cannot be read on this machine.
    """
    page = upright(page)
    rows, text = _rows_seen(page)
    if not is_about_bone(text):
        turned = page.transpose(Image.Transpose.ROTATE_180)
        other_rows, other_text = _rows_seen(turned)
        if is_about_bone(other_text):
            page, rows, text = turned, other_rows, other_text
    report = _report(rows, text, SEEN)
    if report.facts.measured_on is not None and report.rows:
        # One misread figure makes another day: it has to be read twice alike.
        again = "\n".join(text_of(line) for line in lines_of(read_page(page, SECOND_LOOK)))
        if date_in(again) != report.facts.measured_on:
            report = replace(report, facts=replace(report.facts, measured_on=None))
    return report


def _rows_seen(page: Image.Image) -> tuple[list[Row], str]:
    """Read the tables of an upright page, at one size and if need be at another; and its words."""
    rows: list[Row] = []
    text = ""
    for wide in PAGE_PIXELS:
        lines = lines_of(read_page(page, wide))
        text = "\n".join(text_of(line) for line in lines)
        part = part_in(text)
        for head, below in under_heads(lines):
            words = [word for line in below for word in line]
            numbered = head.over_numbers(words)
            over = head_words(lines[head.first_line : head.last_line + 1], numbered.boundary)
            bottom = max(word.bottom for word in over)
            rows += rows_in_picture(page, numbered, head.label, bottom, words, part)
        if rows or not is_about_bone(text):
            break
    return rows, text


def is_about_bone(text: str) -> bool:
    """Say whether a page speaks of bone density at all."""
    return ABOUT_BONE.search(plain_words(text)) is not None


def head_words(lines: Sequence[Line], boundary: float) -> list[Word]:
    """Words of a head that stand over its numbers."""
    return [word for line in lines for word in line if word.right >= boundary]


def _report(rows: Sequence[Row], text: str, method: str) -> Report:
    facts = facts_in(text)
    if LATERAL_SPINE.search(text) and not PARTS[0][1].search(text):
        rows = [row for row in rows if part_of(row.region) != "spine"]
    return Report(
        rows=with_side(rows, facts),
        facts=facts,
        method=method,
        from_picture=method == SEEN,
        about_bone=is_about_bone(text),
    )


def with_side(rows: Sequence[Row], facts: Facts) -> tuple[Row, ...]:
    """Add the side that the page names to regions that come in pairs and have none."""
    if facts.side is None:
        return tuple(rows)
    return tuple(
        Row(f"{row.region}_{facts.side}", row.numbers)
        if part_of(row.region) in PAIRED and not row.region.endswith(("_left", "_right", "_mean"))
        else row
        for row in rows
    )
