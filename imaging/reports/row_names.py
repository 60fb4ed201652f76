"""Which regions the rows of a table in a picture are: all of them together, never one alone.

A page is of one part of the body, so its labels agree on it; and vertebrae stand in order, so a
poor reading is resolved by its neighbours. A row that cannot be named is not read, and leaves it
open what a total is of.
"""

from collections.abc import Sequence

from imaging.reports.headings import is_before
from imaging.reports.regions import LEVELS, Label, levels_of, part_of, read_label

PARTS = ("spine", "hip", "forearm", "whole_body")
SECTIONS = {"33", "ud", "mid"}  # of a forearm, of either bone
Readings = Sequence[Sequence[str]]


def part_told(rows: Readings, page: str | None) -> str | None:
    """Say which part of the body a table is of; None where labels and page disagree.

    Parameters
    ----------
    rows : readings of the label of each row
    page : str or None
        What the other words of the page say.
    """
    counts = {
        part: sum(any(_names(text, part) for text in texts) for texts in rows) for part in PARTS
    }
    most = max(counts.values())
    told = [part for part, count in counts.items() if count == most]
    if most == 0:
        return page
    if page is None:
        return told[0] if len(told) == 1 else None
    return page if page in told else None


def _names(text: str, part: str) -> bool:
    label = read_label(text, part)
    if label is None or label.bone is None:
        return False
    return part_of(label.bone) == part or (part == "forearm" and label.bone in SECTIONS)


def labels_of(rows: Readings, part: str | None) -> list[Label | None]:
    """Read the label of each row by all that was read of it; None where that is not certain."""
    if part == "spine":
        return list(_in_order([_choices(texts, part) for texts in rows]))
    return [_single(_choices(texts, part)) for texts in rows]


def _choices(texts: Sequence[str], part: str | None) -> list[Label]:
    """Give what a label can be: what is exactly one if any reading is, else what looks like one."""
    if any(is_before(text) for text in texts):
        return []
    for guess in (False, True):
        found = [read_label(text, part, guess=guess) for text in texts if text]
        known = [label for label in found if label is not None]
        if known:
            return known
    return []


def _single(choices: Sequence[Label]) -> Label | None:
    """Take the reading that occurs most; two as often are none."""
    if not choices:
        return None
    different = sorted(dict.fromkeys(choices), key=choices.count, reverse=True)
    if len(different) > 1 and choices.count(different[0]) == choices.count(different[1]):
        return None
    return different[0]


def _in_order(rows: Sequence[Sequence[Label]]) -> list[Label | None]:
    """Name vertebrae so that they follow each other downwards; none where they cannot."""
    named = [_single(choices) for choices in rows]
    numbers = [_number(label) for label in named]
    given = [number for number in numbers if number]
    if given != sorted(set(given)):
        return [None] * len(rows)
    # What was not read is named where just as many vertebrae are missing between its neighbours.
    at = 0
    while at < len(named):
        if named[at] is not None:
            at += 1
            continue
        end = next((i for i in range(at, len(named)) if named[i] is not None), len(named))
        above = numbers[at - 1] if at else 0
        below = numbers[end] if end < len(named) else None
        if above is not None and below is not None and below - above - 1 == end - at:
            for step in range(end - at):
                named[at + step] = Label(LEVELS[above + step])
        at = end
    return named


def _number(label: Label | None) -> int | None:
    """Number of a single lumbar vertebra; None for anything else."""
    levels = levels_of(label.bone or "") if label else ()
    return int(levels[0][1:]) if len(levels) == 1 else None
