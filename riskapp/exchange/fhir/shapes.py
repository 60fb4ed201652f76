"""Parts of a FHIR resource, whatever somebody put in their place: never an exception."""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from riskapp.exchange.fhir.limits import LONGEST_TEXT, MOST_PARTS

Resource = Mapping[str, Any]


class Coding(NamedTuple):
    """One code of a concept; free words have the system ``text``."""

    system: str
    code: str
    display: str

    @property
    def key(self) -> str:
        return f"{self.system}|{self.code}"


def mapping(given: object) -> Resource:
    """The object, or an empty one."""
    return given if isinstance(given, Mapping) else {}


def mappings(given: object) -> list[Resource]:
    """The objects of a list; one object stands for a list of one."""
    many = given if isinstance(given, list | tuple) else [given]
    return [each for each in many[:MOST_PARTS] if isinstance(each, Mapping)]


def text(given: object) -> str:
    """A string without control characters and no longer than is kept; blank for anything else."""
    if not isinstance(given, str):
        return ""
    plain = given[: 4 * LONGEST_TEXT]
    if not plain.isprintable():  # hardly ever, and letter by letter is slow
        plain = "".join(
            " " if unicodedata.category(letter).startswith("C") else letter for letter in plain
        )
    return " ".join(plain.split())[:LONGEST_TEXT]


def number(given: object) -> float | None:
    """A JSON number; None for text, truth values, and what is not finite."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    try:
        found = float(given)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def codings(concept: object) -> list[Coding]:
    """Codes of a CodeableConcept or of a list of them, then its words as a code of ``text``."""
    found, words = [], []
    for each in mappings(concept):
        for coding in mappings(each.get("coding")):
            code = text(coding.get("code"))
            if code:
                system = text(coding.get("system"))
                found.append(Coding(system, code, text(coding.get("display"))))
            words.append(text(coding.get("display")))
        words.insert(0, text(each.get("text")))
    said = dict.fromkeys(each for each in words if each)
    return found + [Coding("text", each.lower(), each) for each in said]


def words_of(concept: object) -> str:
    """A concept as the record words it, for a sentence."""
    each = mapping(concept if isinstance(concept, Mapping) else _first(concept))
    said = text(each.get("text"))
    for coding in mappings(each.get("coding")):
        said = said or text(coding.get("display")) or text(coding.get("code"))
    return said


def codes_of(concept: object) -> set[str]:
    """The bare codes of a concept whose system is fixed by FHIR; a plain string is one too."""
    if isinstance(concept, str):
        return {concept}
    return {coding.code for coding in codings(concept)}


def extensions(given: Resource, ending: str) -> list[Resource]:
    """Extensions whose URL ends so."""
    return [
        each
        for each in mappings(given.get("extension"))
        if text(each.get("url")).rstrip("/").endswith(ending)
    ]


def _first(given: object) -> object:
    return given[0] if isinstance(given, Sequence) and not isinstance(given, str) and given else {}
