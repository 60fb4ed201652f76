"""Words with their places: what the text of a PDF and the reading of a picture have in common."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One word in a rectangle; letters and lines of text, or pixels of a picture."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def height(self) -> float:
        return self.bottom - self.top


Line = tuple[Word, ...]


def words_of_text(text: str) -> list[Word]:
    """Take the words of text that keeps its columns by spaces."""
    return [
        Word(found.group(), found.start(), found.end(), row, row + 1)
        for row, line in enumerate(text.splitlines())
        for found in re.finditer(r"\S+", line)
    ]


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Put words that stand side by side into lines, top to bottom, left to right."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.top + word.bottom):
        centre = (word.top + word.bottom) / 2
        last = lines[-1][0] if lines else None
        if last is not None and last.top < centre < last.bottom:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [tuple(sorted(line, key=lambda word: word.left)) for line in lines]


def text_of(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)
