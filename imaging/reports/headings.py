"""What the heading of a column says: one quantity in one unit, or nothing that is read.

Every word of a heading must be known. "BMD" and "BMD (g/cm2)" are today's density; "Previous BMD",
"BMD 2019", "sBMD", "BMD change" and "Young-Adult (%)" are something else, whatever it is.
"""

import re
import unicodedata
from dataclasses import dataclass

from imaging.reports.printed import Quantity


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands in a column; ``factor`` takes its numbers to our units."""

    quantity: Quantity | None
    factor: float = 1.0


NOTHING = Heading(None)
# Units as they are printed and as poor readings have them, with the factor to g/cm2, g and cm2.
UNITS: tuple[tuple[re.Pattern[str], Quantity, float], ...] = tuple(
    (re.compile(pattern), quantity, factor)
    for pattern, quantity, factor in (
        (r"[\[(]?\s*\bmgm?\s*[/|l]\s*[ce]m\W?[2z?'\"*]?\s*[\])]?", Quantity.BMD, 0.001),
        (r"[\[(]?\s*\bgm?\s*[/|l]\s*(?:[ce]m|sq\.?\s*cm)\W?[2z?'\"*]?\s*[\])]?", Quantity.BMD, 1.0),
        (r"[\[(]?\s*\b\w{1,2}\s*/\s*[ce]\w{0,2}\W?\s*[\])]?", Quantity.BMD, 1.0),
        (r"[\[(]?\s*\bmg\s*[\])]|\bmg\s*$", Quantity.BMC, 0.001),
        (r"[\[(]?\s*\b[g9]m?\s*[\])]|\bgm?\s*$", Quantity.BMC, 1.0),
        (r"[\[(]?\s*\bmm\W?[2z?'\"*]?\W*(?=\s|$)", Quantity.AREA, 0.01),
        (r"[\[(]?\s*\b[ce]m\W?[2z?'\"*]?[\W_]*(?=\s|$)", Quantity.AREA, 1.0),
    )
)
# Names in English, German, French, Spanish, Italian and Dutch, without accents.
NAMES: dict[Quantity, frozenset[str]] = {
    Quantity.BMD: frozenset(
        "bmd abmd dmo kmd density dichte knochendichte knochenmineraldichte densite densidad "
        "densita botdichtheid botmineraaldichtheid".split()
    ),
    Quantity.BMC: frozenset(
        "bmc cmo kmg content gehalt knochenmineralgehalt contenu contenido contenuto".split()
    ),
    Quantity.AREA: frozenset(
        "area flache flaeche surface superficie oppervlak oppervlakte knochenflache".split()
    ),
    Quantity.T: frozenset(("t", "tt", "tscore", "twert")),
    Quantity.Z: frozenset(("z", "zscore", "zwert")),
}
# Words that change nothing about what is meant.
OF_DENSITY = frozenset("bone mineral minerale osseuse osea ossea osseo oseo osseux".split())
OF_AREA = frozenset(("bone", "projected", "osseuse", "osea"))
OF_SCORES = frozenset("wert valeur valor waarde punteggio puntuacion indice index".split())
OF_T = frozenset(
    "ya young adult adults junge erwachsene jeune adulte joven adulto giovane giovani adulti "
    "jong volwassene volwassenen".split()
)
OF_Z = frozenset("am age matched alter alters altersgleiche edad edat eta leeftijd".split())
HARMLESS: dict[Quantity, frozenset[str]] = {
    Quantity.BMD: OF_DENSITY,
    Quantity.BMC: OF_DENSITY,
    Quantity.AREA: OF_AREA,
    Quantity.T: OF_SCORES | OF_T,
    Quantity.Z: OF_SCORES | OF_Z,
}
# A name that a poor reading joins to its unit, with a bracket misread: "BMDIg/cm2]".
JOINED = re.compile(
    r"\b(bmd|dmo|bmc|cmo|area|flache|surface|oppervlak)\s?[il|1]?(?=\s*[\[(]?(?:m?g|[ce]m|mm)\b|"
    r"\s*[\[(]?(?:m?g\s*/|[ce]m|mm))"
)
TODAY = frozenset("current today aktuell heute actuel actuelle actual attuale huidig".split())
# "score", also with its first letters misread.
SCORE = re.compile(r"\w{0,2}[ce]?ore")
# Words and dates that say a visit before this one, in the same languages.
BEFORE = re.compile(
    r"\b(?:previous|prior|baseline|last\s+(?:visit|scan|exam)|earlier|history|trend|"
    r"vor(?:wert|befund|untersuchung|aufnahme|herig)\w*|fruher\w*|"
    r"precedent\w*|anterieur\w*|anterior\w*|previ[oa]s?|precedente|vorige|vroegere?|eerdere?)\b"
)
DATE = re.compile(r"\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d|(?:19|20)\d\d)\b")


def plain_words(text: str) -> str:
    """Write a heading without accents, raised figures and capitals."""
    apart = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).lower()


def heading_of(text: str) -> Heading:
    """Understand the heading of one column, all its lines put together."""
    plain = JOINED.sub(r"\1 ", plain_words(text))
    plain = re.sub(r"\b2z\b", "z", plain)
    units: list[tuple[Quantity, float]] = []
    for pattern, quantity, factor in UNITS:
        plain, count = pattern.subn(" ", plain)
        units += [(quantity, factor)] * min(count, 1)
    # A figure behind a word is that of a footnote; one that stands alone is not known.
    words = re.findall(r"[a-z]+(?=\d?\b)|\d+|%", plain)
    named = {quantity for quantity, names in NAMES.items() if names & set(words)}
    if len(named) != 1:
        return NOTHING
    quantity = named.pop()
    known = NAMES[quantity] | HARMLESS[quantity] | TODAY
    rest = [word for word in words if word not in known]
    if quantity in (Quantity.T, Quantity.Z):
        rest = [word for word in rest if not SCORE.fullmatch(word)]
    if any(not _of_a_footnote(word, plain) for word in rest):
        return NOTHING
    if any(of is not quantity for of, _ in units) or len(units) > 1:
        return NOTHING
    return Heading(quantity, units[0][1] if units else 1.0)


def _of_a_footnote(word: str, plain: str) -> bool:
    return len(word) == 1 and word.isdigit() and re.search(rf"[a-z]{word}\b", plain) is not None


def names_quantity(text: str) -> bool:
    """Say whether words name any quantity at all, known or not: a heading and no row."""
    return bool(quantities_in(text))


def quantities_in(text: str) -> set[Quantity]:
    """Give all quantities that words name."""
    words = set(re.findall(r"[a-z]+", JOINED.sub(r"\1 ", plain_words(text))))
    return {quantity for quantity, names in NAMES.items() if names & words}


def is_before(text: str) -> bool:
    """Say whether words are about a visit before this one."""
    return BEFORE.search(plain_words(text)) is not None


def is_only_date(text: str) -> bool:
    """Say whether words are a date or a year and nothing else."""
    return bool(DATE.search(text)) and not re.search(r"[^\W\d_]", DATE.sub("", text))
