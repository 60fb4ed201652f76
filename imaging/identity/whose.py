"""Whose scan it is, as the file says: read apart from everything that is measured or kept."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from pydicom.dataset import Dataset

from imaging.broken import BROKEN_FILE
from imaging.errors import UnsuitableScan
from imaging.limits import LIMITS, Limits

SEXES = {"F": "female", "M": "male"}  # PS3.3 C.7.1.1; O and blank say nothing
# What programs write where a name or identifier was taken out.
FILLED_IN = {
    "anonymous", "anonymized", "anonymised", "anon", "unknown", "none", "noname", "no name", "n/a",
    "na", "nil", "deidentified", "de-identified", "removed", "redacted", "xxx", "xxxx",
}  # fmt: skip
# Others whom a description may name.
OTHER_PERSONS = (
    "OtherPatientNames", "OtherPatientIDs", "PatientBirthName", "PatientMotherBirthName",
    "ReferringPhysicianName", "PerformingPhysicianName", "PhysiciansOfRecord", "OperatorsName",
    "NameOfPhysiciansReadingStudy", "RequestingPhysician", "ResponsiblePerson",
)  # fmt: skip
# In how many ways the files of one upload may write one person's name.
MOST_SPELLINGS = 5
# Short words of the technique are kept although they may be names as well.
TECHNICAL = {"ap", "pa", "ct", "mr", "cr", "lt", "rt", "kv", "no", "in", "of", "to", "hr"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What one file says of the person and of itself; blank where it says nothing.

    Attributes
    ----------
    name : str
        As DICOM writes names: family^given^middle^prefix^suffix.
    birth_date : date or None
    sex : str
        ``female``, ``male`` or blank.
    age : str
        As DICOM writes ages, such as ``059Y``.
    frame_uid : str
        The frame of reference of its positions, which results that are sent back repeat.
    removed : bool
        The file says itself that it is no longer about a named person.
    """

    identifier: str = ""
    issuer: str = ""
    name: str = ""
    birth_date: date | None = None
    sex: str = ""
    age: str = ""
    accession_number: str = ""
    study_uid: str = ""
    series_uid: str = ""
    instance_uid: str = ""
    frame_uid: str = ""
    removed: bool = False


def read_identity(dataset: Dataset, limits: Limits = LIMITS) -> Identity:
    """Read the identity of one file; what is malformed counts as not told."""

    def text(name: str) -> str:
        return _text(dataset, name, limits.identity_letters)

    def told(name: str) -> str:
        given = text(name)
        return "" if given.replace("^", " ").strip().lower() in FILLED_IN else given

    return Identity(
        identifier=told("PatientID"),
        issuer=text("IssuerOfPatientID"),
        name=told("PatientName").rstrip("^"),
        birth_date=_day(text("PatientBirthDate")),
        sex=SEXES.get(text("PatientSex").upper(), ""),
        age=text("PatientAge"),
        accession_number=text("AccessionNumber"),
        study_uid=text("StudyInstanceUID"),
        series_uid=text("SeriesInstanceUID"),
        instance_uid=text("SOPInstanceUID"),
        frame_uid=text("FrameOfReferenceUID"),
        removed=text("PatientIdentityRemoved").upper() == "YES",
    )


def names_somebody(name: str, identifier: str) -> bool:
    """Whether a name can be a person's, and is no code of a study or the identifier again.

    Files that say that names were taken out of them carry such codes in their place.
    """
    words = plain_words(name)
    return (
        bool(words)
        and not same_identifier(name, identifier)
        and all(word.isalpha() for word in words)
        and not words[0].startswith(("anon", "deid", "pseudo", "subject", "patient"))
    )


def _text(dataset: Dataset, name: str, most: int) -> str:
    try:
        value = dataset.get(name)
        text = "" if value is None else str(value)
    except BROKEN_FILE:
        return ""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:most]


def _day(text: str) -> date | None:
    """Read YYYYMMDD, or the dotted form of files before 1993 (PS3.5 section 6.2)."""
    digits = text.replace(".", "")
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def check_one_person(identities: Sequence[Identity]) -> None:
    """Refuse files of which some name another person than others.

    Raises
    ------
    UnsuitableScan
        If two identifiers, names, birth dates or sexes do not go together.
    """
    named: tuple[tuple[set[str], Callable[[str, str], bool]], ...] = (
        ({one.identifier for one in identities}, same_identifier),
        ({one.name for one in identities}, same_name),
        ({str(one.birth_date or "") for one in identities}, str.__eq__),
        ({one.sex for one in identities}, str.__eq__),
    )
    for values, same in named:
        told = sorted(values - {""})
        agree = all(same(*pair) for pair in combinations(told[:MOST_SPELLINGS], 2))
        if len(told) > MOST_SPELLINGS or not agree:
            raise UnsuitableScan(
                "The files name more than one patient: send the scan of one patient alone."
            )


def same_identifier(one: str, other: str) -> bool:
    """Compare identifiers as they are written, but for capitals."""
    return one.strip().casefold() == other.strip().casefold()


def same_name(one: str, other: str) -> bool:
    """Tell whether two ways of writing a name can be of one person.

    The order of the parts, accents, capitals, titles and further given names do not count, and an
    initial stands for a name that begins with it.
    """
    fewer, more = sorted((_parts(one), _parts(other)), key=len)
    left = list(more)
    # Whole names take their partner before initials do.
    for part in sorted(fewer, key=len, reverse=True):
        found = next((each for each in left if _same_part(part, each)), None)
        if found is None:
            return False
        left.remove(found)
    return bool(fewer)


def _same_part(one: str, other: str) -> bool:
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


def _parts(name: str) -> list[str]:
    """Split into plain words; of DICOM's five components the last two are titles."""
    alphabetic = name.split("=")[0] or name.replace("=", " ")
    return plain_words(" ".join(alphabetic.split("^")[:3]))


def plain_words(text: str) -> list[str]:
    """Split into words of small letters without accents, German umlauts in either spelling."""
    folded = text.casefold().replace("ß", "ss")
    apart = unicodedata.normalize("NFKD", folded)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    for pair, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        bare = bare.replace(pair, letter)
    return "".join(letter if letter.isalnum() else " " for letter in bare).split()


def personal_words(dataset: Dataset, limits: Limits = LIMITS) -> frozenset[str]:
    """Collect the words of names, identifiers and the birth date, to take them out of texts."""
    identity = read_identity(dataset, limits)
    words = set(plain_words(identity.name)) | _days(identity.birth_date)
    for name in OTHER_PERSONS:
        words |= set(plain_words(_text(dataset, name, limits.identity_letters)))
    for number in (identity.identifier, identity.accession_number):
        words |= {number.casefold(), *(part for part in plain_words(number) if len(part) > 2)}
    return frozenset(word for word in words if len(word) > 1) - TECHNICAL


def _days(day: date | None) -> set[str]:
    if day is None:
        return set()
    forms = ("%Y%m%d", "%d%m%Y", "%m%d%Y", "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
    return {day.strftime(form) for form in forms}


def without_persons(text: str, personal: Iterable[str]) -> str:
    """Drop the words of a text that name somebody; a word with a caret is a DICOM name."""
    named = frozenset(personal)

    def names(word: str) -> bool:
        inside = {word.casefold(), word.casefold().strip(".,;:()[]"), *plain_words(word)}
        return "^" in word or bool(inside & named)

    return " ".join(word for word in text.split() if not names(word))
