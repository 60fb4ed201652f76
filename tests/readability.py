"""How hard a text is to read, by counting words, sentences and syllables.

Kincaid, Fishburne, Rogers and Chissom 1975, Derivation of new readability formulas for Navy
enlisted personnel, Research Branch Report 8-75 (recalled; the formula as at
https://en.wikipedia.org/wiki/Flesch%E2%80%93Kincaid_readability_tests, seen).
"""

import re
from html.parser import HTMLParser

WORD = re.compile(r"[A-Za-z\u2019']+|\d[\d.,]*\d|\d")
# What rules get wrong: mostly an e that is spoken, or two vowels that are.
SPOKEN = {
    "area": 3, "being": 2, "doing": 2, "going": 2, "idea": 3, "people": 2, "someone": 2,
    "something": 2, "quiet": 2, "doesn\u2019t": 2, "every": 2, "steroid": 2, "steroids": 2,
    "rheumatoid": 3, "arthritis": 3, "alcoholic": 4, "alendronate": 4, "risedronate": 4,
    "zoledronate": 4, "denosumab": 4, "estrogen": 3, "progestin": 3, "menopausal": 4,
    "menopause": 3, "heartburn": 2, "another": 3, "whose": 1, "sometimes": 2, "lifestyle": 2,
    "yes": 1, "does": 1, "goes": 1, "use": 1, "likely": 2, "safe": 1, "whole": 1,
}  # fmt: skip


def syllables(word: str) -> int:
    """Of one word; a number counts a syllable for each digit, so that it is never too easy."""
    told = word.lower().replace("'", "\u2019")
    if told[0].isdigit():
        return sum(letter.isdigit() for letter in told)
    if told in SPOKEN:
        return SPOKEN[told]
    told = told.replace("\u2019s", "s").replace("\u2019", "")
    groups = len(re.findall(r"[aeiouy]+", told))
    if re.search(r"[^aeiouyl]e$", told) or re.search(r"[aeiou]le$", told):
        groups -= 1  # a final e is silent, but for that of "table"
    elif re.search(r"[^aeioutd]ed$", told) or re.search(r"[^aeiouscgxzh]es$", told):
        groups -= 1  # "tried", "makes"; but not "wanted", "places"
    groups += len(re.findall(r"(?<![ctgs])i[ao]|ual|uat", told))
    return max(groups, 1)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade: years of American schooling; 6 is about age 11 to 12."""
    sentences = [one for one in re.split(r"[.!?]+(?:\s|$)|\n", text) if WORD.search(one)]
    words = WORD.findall(text)
    return (
        0.39 * len(words) / len(sentences)
        + 11.8 * sum(syllables(word) for word in words) / len(words)
        - 15.59
    )


class Blocks(HTMLParser):
    """A page as blocks of a section: what the patient reads, each with the twin that follows it.

    ``sections`` holds, for each section by its heading, the patient's text; ``blocks`` says of
    every block of a section what it is and whether it is a twin.
    """

    ENDS_A_SENTENCE = frozenset({"p", "li", "h1", "h2", "h3", "h4", "td", "th", "caption",
                                 "figcaption", "legend", "label", "span", "section"})  # fmt: skip
    EMPTY = frozenset({"input", "br", "col", "meta", "link", "use", "path", "circle"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []  # name, and whether all in it is skipped
        self.sections: dict[str, str] = {}
        self.blocks: list[tuple[str, str, bool]] = []
        self._section = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if tag == "section":
            self._section = given["aria-labelledby"] or ""
            self.sections[self._section] = ""
        elif self.open and self.open[-1][0] == "section":
            self.blocks.append((self._section, tag, "clinician-words" in classes))
        if tag not in self.EMPTY:
            skips = tag == "svg" or "clinician-words" in classes
            self.open.append((tag, skips or bool(self.open and self.open[-1][1])))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Holds nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag in self.EMPTY:
            return
        assert self.open.pop()[0] == tag, tag
        if self._section and tag in self.ENDS_A_SENTENCE:
            self.sections[self._section] += "\n"
        if tag == "section":
            self._section = ""

    def handle_data(self, data: str) -> None:
        if self._section and not self.open[-1][1]:
            self.sections[self._section] += " ".join(data.split()) + " "
