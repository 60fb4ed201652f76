"""Whose page it is, by what stands behind labels such as "Patient:" or "Geburtsdatum:".

Only what a label announces is taken: a name anywhere else on a page may be a physician's. What is
read goes into the identity record alone (``imaging.keeping.splitting``) and never into a result.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from difflib import SequenceMatcher
from itertools import combinations

from imaging.errors import UnsuitableScan
from imaging.identity.whose import FILLED_IN, plain_words, same_identifier, same_name

# Labels by what follows them, in the languages whose reports are read (docs/reading-reports.md)
# and their neighbours. Each must be followed by a colon, or by a gap as wide as a column.
LABELS: dict[str, str] = {
    "birth": (
        r"d\.?o\.?b\.?|date\s+of\s+birth|birth\s*-?date|born(?:\s+on)?|geb(?:oren)?\.?(?:\s+am)?|"
        r"geburts(?:datum|tag)|geb\.?-?datum|date\s+de\s+naissance|n[ée]e?\s*(?:\(e\))?\s+le|"
        r"fecha\s+de\s+nacimiento|f\.?\s*nac(?:imiento)?\.?|data\s+di\s+nascita|"
        r"data\s+de\s+nascimento|geboorte\s*datum|f[öø]delse?sdat(?:um|o)|syntymäaika|"
        r"data\s+urodzenia|datum\s+narozen[ií]|生年月日|出生日期|생년월일"
    ),
    "identifier": (
        r"patient(?:'s|en)?[\s-]*(?:id|no\.?|nr\.?|number|nummer|identifier|identifikation)|"
        r"pat\.?[\s-]*(?:id|nr\.?|no\.?)|p\.?i\.?d\.?|m\.?r\.?n\.?|medical\s+record\s+n(?:umber|o\.?)|"
        r"(?:id|n°|no\.?|num[ée]ro)\s+(?:de\s+|du\s+|del\s+)?(?:patiente?|paciente|paziente)|"
        r"codice\s+paziente|患者\s*id|患者番号|病歴号|病历号"
    ),
    "given": r"first\s+name|given\s+name|forename|vorname|pr[ée]nom|nombre\s+de\s+pila|voornaam",
    "family": (
        r"last\s+name|sur\s*name|family\s+name|nachname|familienname|apellidos?|cognome|achternaam"
    ),
    "name": (
        r"patient(?:'s|en)?[\s-]*na(?:me|amn|vn)|(?:nom|nombre|nome|name)\s+(?:du|de|del|des)\s+"
        r"(?:patiente?|paciente|paziente|patienten)|nom\s+et\s+pr[ée]nom|nombre\s+y\s+apellidos|"
        r"cognome\s+e\s+nome|naam|name|nom|nombre|nome|namn|navn|imi[ęe]\s+i\s+nazwisko|"
        r"patiente?|paciente|paziente|pacjent|氏名|患者氏名|患者名|姓名|환자명"
    ),
    "sex": r"sex(?:\s*/\s*ethnic(?:ity)?)?|gender|geschlecht|sexe|sexo|sesso|geslacht|kön",
    # Names that are somebody else's or no person's, so that "Physician Name:" is not the patient's.
    "other": (
        r"(?:(?:referring|ordering|reading|attending|requesting|interpreting|performing)\s+)?"
        r"(?:physician|doctor|dr\.?|clinician|operator|technologist|technician|radiologist|"
        r"radiographer|hospital|institution|facility|station|study|series|scan(?:ner)?|file|"
        r"protocol|site|clinic|user|system|device|model|reference|database|insurance|contact|"
        r"mother(?:'s)?|father(?:'s)?|spouse|arzt|zuweiser|untersucher|überweiser|klinik|praxis|"
        r"m[ée]decin|m[ée]dico|medico|arts|läkare)\s*(?:name|id|no\.?|nr\.?)?"
    ),
}  # fmt: skip
# These words alone are read only before a colon: as the head of a column they are too common.
COMMON = re.compile(r"(?:name|nom|nombre|nome|naam|namn|navn|patiente?|paciente|paziente)", re.I)
LABEL = re.compile(
    r"(?<![^\W_])(?:"
    + "|".join(f"(?P<{field}>{words})" for field, words in LABELS.items())
    + r"|(?P<any>[^\W\d_][\w.'/-]*))(?P<mark>\s{0,3}[:;：]|\s{2,}|\t)",
    re.IGNORECASE,
)
# "geboren 3.2.1941" needs no colon: what follows has to be a date.
BORN = re.compile(
    rf"(?<![^\W_])(?:{LABELS['birth']})\s{{0,3}}[:;：]?\s{{0,40}}(?P<value>[^\n]*)", re.I
)
END_OF_VALUE = re.compile(r"\n|\t|\s{2,}|[|]")
# Words that stand beside a name and are none: sex, position, part of the body.
NOT_A_NAME = FILLED_IN | set(
    "female male femme homme frau mann weiblich mannlich mujer hombre woman man left right prone "
    "supine spine hip forearm femur lumbar total body years year jahre ans anos age sex id dob "
    "report date scan white asian black hispanic caucasian physician doctor hospital clinic "
    "scanner reference data of the information details demographics".split()
)
PARTICLES = set("van von de der den la le di da del du dos das ter zu bin al el ibn y af".split())
MOST_WORDS = 6
IDENTIFIER = re.compile(r"[\w./-]*\d[\w./-]*(?: \d{2,4}(?!\d|[./-])){0,3}")
SEXES = {
    "female": "female", "f": "female", "w": "female", "weiblich": "female", "femme": "female",
    "feminin": "female", "femenino": "female", "feminino": "female", "femmina": "female",
    "mujer": "female", "vrouw": "female", "kvinna": "female", "kobieta": "female",
    "male": "male", "m": "male", "mannlich": "male", "homme": "male", "masculin": "male",
    "masculino": "male", "maschio": "male", "hombre": "male", "varon": "male", "mezczyzna": "male",
}  # fmt: skip
# Month names by how they begin, without accents, in the languages above.
MONTHS = (
    ("jan", "ene", "gen", "sty"), ("feb", "fev", "lut"), ("mar", "mrt", "maa"),
    ("apr", "avr", "abr", "kwi"), ("may", "mai", "mei", "mag", "maj"), ("jun", "juin", "giu"),
    ("jul", "juil", "lug", "lip"), ("aug", "ago", "aou", "sie"), ("sep", "set", "wrz"),
    ("oct", "okt", "ott", "out", "paz"), ("nov", "lis"), ("dec", "dez", "dic", "des", "gru"),
)  # fmt: skip
YEAR_FIRST = re.compile(r"(\d{4})\s?[-./年]\s?(\d{1,2})\s?[-./月]\s?(\d{1,2})")
FIGURES = re.compile(r"(?<!\d)(\d{1,2})\s?([-./])\s?(\d{1,2})\s?[-./]\s?(\d{4}|\d{2})(?!\d)")
EIGHT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)")
DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|\.)?[\s-]*(?:de\s+)?([^\W\d_]{3,})\.?,?[\s-]*(?:de\s+)?(\d{4})"
)
MONTH_DAY = re.compile(r"([^\W\d_]{3,})\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?\s*,?[\s-]+(\d{4})")
FIRST_YEAR = 1880
# As far into a value as a date reaches.
DATE_LETTERS = 40
# Readings of one word in pictures that share so much of it are of the same word.
SAME_READING = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What one page says of the person; blank where it says nothing.

    Attributes
    ----------
    name : str
        family^given where the page tells them apart, else as printed.
    birth_dates : tuple of str
        ISO 8601; two where 03/02/1941 is a day of February or of March.
    """

    identifier: str = ""
    name: str = ""
    birth_dates: tuple[str, ...] = ()
    sex: str = ""

    @property
    def is_told(self) -> bool:
        return bool(self.identifier or self.name or self.birth_dates)


def printed_in(text: str, today: date | None = None) -> Printed:
    """Read whose page it is from its text, columns kept apart by two spaces or more."""
    found: dict[str, str] = {}
    for field, value in _labelled(text):
        read = _READ[field](value) if field in _READ else ""
        if read and field not in found:
            found[field] = read
    # "Apellidos: ... Nombre: ..." and "Nom: ... Prénom: ..." tell the parts apart as well.
    whole = found.get("name", "")
    family, given = found.get("family") or whole, found.get("given") or whole
    name = f"{family}^{given}" if family != given else whole
    latest = today or datetime.now(UTC).date()
    births = (days_in(match["value"][:DATE_LETTERS], latest) for match in BORN.finditer(text))
    return Printed(
        identifier=found.get("identifier", ""),
        name=name,
        birth_dates=next((days for days in births if days), ()),
        sex=found.get("sex", ""),
    )


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    """Give each label's field and what stands behind it, up to the next label or column."""
    labels = [found for found in LABEL.finditer(text) if _is_label(found)]
    for at, found in enumerate(labels):
        after = labels[at + 1].start() if at + 1 < len(labels) else len(text)
        behind = text[found.end() : after].lstrip(" ")
        yield _field(found), END_OF_VALUE.split(behind)[0]


def _field(found: re.Match[str]) -> str:
    return next((field for field in LABELS if found[field]), "any")


def _is_label(found: re.Match[str]) -> bool:
    """Whether it is one: words that a text is full of need their colon."""
    if found["mark"].strip():
        return True
    words = found.group()[: -len(found["mark"])]
    return _field(found) not in ("any", "other", "sex") and not COMMON.fullmatch(words)


def _name(value: str) -> str:
    """Take the words of a name from the beginning, blank where it does not begin with one."""
    words: list[str] = []
    for word in value.replace(",", ", ").split()[:MOST_WORDS]:
        plain = plain_words(word)
        if not plain or any(part in NOT_A_NAME or not part.isalpha() for part in plain):
            break
        if word[0].islower() and plain[0] not in PARTICLES:
            break  # prose
        words.append(word.strip("()[]"))
    text = " ".join(words).strip(" ,.")
    family, comma, given = text.partition(",")
    if len("".join(plain_words(text))) < 2:
        return ""
    return f"{family.strip()}^{given.strip()}" if comma and given.strip() else text


def _identifier(value: str) -> str:
    found = IDENTIFIER.match(value.strip())
    return found.group().strip(" .-/") if found else ""


def _sex(value: str) -> str:
    words = plain_words(value)
    return SEXES.get(words[0], "") if words else ""


_READ = {"name": _name, "family": _name, "given": _name, "identifier": _identifier, "sex": _sex}


def days_in(text: str, today: date) -> tuple[str, ...]:
    """Read the first date of a text, as every day that it can mean; none after today."""
    for pattern, read in (
        (YEAR_FIRST, lambda m: [(m[1], m[2], m[3])]),
        (FIGURES, _by_figures),
        (EIGHT, lambda m: [(m[1], m[2], m[3])]),
        (DAY_MONTH, lambda m: [(m[3], _month(m[2]), m[1])]),
        (MONTH_DAY, lambda m: [(m[3], _month(m[1]), m[2])]),
    ):
        match = pattern.search(text)
        if match is None:
            continue
        days = {day for parts in read(match) if (day := _day(parts, today))}
        if days:
            return tuple(sorted(days))
    return ()


def _by_figures(found: re.Match[str]) -> list[tuple[str, str, str]]:
    """Give both orders of day and month where the country is not known; dots are day first."""
    first, mark, second, year = found.groups()
    years = [year] if len(year) == 4 else [f"19{year}", f"20{year}"]
    orders = [(second, first)] if mark == "." else [(second, first), (first, second)]
    return [(each, month, day) for each in years for month, day in orders]


def _month(word: str) -> str:
    plain = "".join(plain_words(word))
    # The longer beginnings first: juin and juillet.
    best = max(
        ((len(name), at) for at, names in enumerate(MONTHS, 1) for name in names
         if plain.startswith(name)),
        default=(0, 0),
    )  # fmt: skip
    return str(best[1])


def _day(parts: tuple[str, str, str], today: date) -> str:
    try:
        found = date(*(int(part) for part in parts))
    except ValueError:
        return ""
    return found.isoformat() if FIRST_YEAR <= found.year and found <= today else ""


def check_one_printed(pages: Sequence[Printed]) -> None:
    """Refuse pages of text of which some name another person than others.

    Raises
    ------
    UnsuitableScan
    """
    for one, other in combinations(pages, 2):
        if not _can_be_one(one, other):
            raise UnsuitableScan(
                "The pages name more than one patient: send the report of one patient alone."
            )


def _can_be_one(one: Printed, other: Printed) -> bool:
    numbers, names = (one.identifier, other.identifier), (one.name, other.name)
    births = set(one.birth_dates), set(other.birth_dates)
    return (
        (not all(numbers) or same_identifier(*numbers))
        and (not all(names) or same_name(*names))
        and (not all(births) or bool(births[0] & births[1]))
    )


def one_reading(pages: Sequence[Printed]) -> tuple[Printed, ...]:
    """Settle what was read differently on pictures of pages, by what was read most often.

    One letter that was misread on a page is no other person; names that differ by more are.
    """
    names, numbers = (Counter(getattr(one, of) for one in pages) for of in ("name", "identifier"))
    return once(
        replace(page, name=_usual(page.name, names), identifier=_usual(page.identifier, numbers))
        for page in pages
    )


def _usual(value: str, read: Counter[str]) -> str:
    alike = [other for other in read if SequenceMatcher(None, value, other).ratio() >= SAME_READING]
    return max(alike, key=lambda other: read[other]) if value and alike else value


def once(pages: Iterable[Printed]) -> tuple[Printed, ...]:
    """Leave out pages that say nothing of a person, or the same as one before."""
    return tuple(dict.fromkeys(page for page in pages if page.is_told))
