"""Words with their places: what the text of a PDF and the reading of a picture have in common."""

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
# A space is about half as wide as capitals are high, in print of one width as wide as 0.85.
BETWEEN_PHRASES = 1.1


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


def phrases_of(line: Sequence[Word]) -> list[list[Word]]:
    """Put words together that only a space parts: the words of one heading."""
    if not line:
        return []
    height = max(word.height for word in line)
    phrases = [[line[0]]]
    for word in line[1:]:
        if word.left - phrases[-1][-1].right <= BETWEEN_PHRASES * height:
            phrases[-1].append(word)
        else:
            phrases.append([word])
    return phrases
