"""Words by which patients are searched, as keyed hashes: of a word its beginnings as well.

Their birth dates stand among them too, with month and year alone: no word of a name has a colon.
"""

import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import models

from riskapp import keys
from riskapp.models.keyed_hash import hashed
from riskapp.models.patient import Patient

# From so many letters a beginning finds, and up to so many; a longer word by its first letters.
SHORTEST, LONGEST = 2, 10
# So many words are looked for; each asks the database within the one before.
MOST_WORDS = 6
# Of Chinese, Japanese and Korean names one character is a word.
IDEOGRAPHS_FROM = "\N{CJK RADICAL REPEAT}"
APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}`"


class SearchWord(models.Model):
    """One beginning of one word of a patient's name, or of the birth date.

    ``word`` is the first 64 bits of the keyed hash: of a million patients about one search in
    ten million shows somebody by chance.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="search_words")
    word = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["word", "patient"], name="patients_of_a_word")]

    def __str__(self) -> str:
        return f"word of {self.patient_id}"


def write_words(patient: Patient) -> None:
    """Write anew what finds a patient; call it inside the transaction that names them."""
    SearchWord.objects.filter(patient=patient).delete()
    SearchWord.objects.bulk_create(
        SearchWord(patient=patient, word=_number(one))
        for one in sorted(beginnings(patient.name) | births(patient.date_of_birth))
    )


def births(day: date) -> set[str]:
    """What finds a birth date: the day, its month, its year."""
    return {f"born:{day.isoformat()[:length]}" for length in (4, 7, 10)}


def born_on(*days: date | str) -> models.Q:
    """Patients who were born on one of these days; a month is 1950-01, a year 1950."""
    asked = [number for day in days for number in _numbers(f"born:{day}")]
    return models.Q(pk__in=SearchWord.objects.filter(word__in=asked).values("patient"))


def matching(text: str, of: str = "pk") -> models.Q:
    """Patients of whose names each word begins as one of the text's, or whose number it is.

    ``of`` is the way to the patient from the rows that are asked for.
    """
    found = Patient.objects.filter(hashed(Patient, "number_folded", text)).order_by().values("pk")
    those = _with_words(words(text))
    # As a union, since with "or" a database goes through everybody; whoever is in both is in it.
    return models.Q((f"{of}__in", found if those is None else those.union(found, all=True)))


def named(text: str) -> models.Q | None:
    """Patients whose names have words that begin so; None where the text is too short for any."""
    found = _with_words([one for one in words(text) if _is_kept(one)])
    return None if found is None else models.Q(pk__in=found)


def _with_words(asked: list[str]) -> "models.QuerySet[Any] | None":
    found: models.QuerySet[Any] | None = None
    for word in asked[:MOST_WORDS]:
        rows = SearchWord.objects.filter(word__in=_numbers(word[:LONGEST]))
        if found is not None:
            rows = rows.filter(patient__in=found)
        found = rows.values("patient")
    return found


def _is_kept(beginning: str) -> bool:
    """Whether every word that begins so is found by it."""
    return len(beginning) >= SHORTEST or beginning[0] >= IDEOGRAPHS_FROM


def words(text: str) -> list[str]:
    """Small letters without accents and apostrophes, cut at blanks and hyphens.

    "Ödön" is odon, "Groß" gross, "O’Brien-Smith" obrien and smith.
    """
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter) and letter not in APOSTROPHES
    )
    return "".join(letter if letter.isalnum() else " " for letter in plain).split()


def beginnings(name: str) -> set[str]:
    """All that finds a name: each word, and its beginnings from two letters on."""
    found = set()
    for word in [*words(name), *words(name.translate({ord(one): " " for one in APOSTROPHES}))]:
        found.update(_beginnings(word))
    return found


def _beginnings(word: str) -> Iterator[str]:
    shortest = 1 if word[0] >= IDEOGRAPHS_FROM else SHORTEST
    for length in range(min(shortest, len(word)), min(len(word), LONGEST) + 1):
        yield word[:length]


def _number(word: str) -> int:
    return _numbers(word)[0]


def _numbers(word: str) -> list[int]:
    """64 bits of the hash by each key, the active one first, as a database counts."""
    hashes = keys.keyed_hashes("search", f"word:{word}")
    return [int.from_bytes(bytes.fromhex(one[:16]), "big", signed=True) for one in hashes]
