"""Words by which patients are searched, as keyed hashes: of a word its beginnings as well."""

import unicodedata
from collections.abc import Iterator

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
    """One beginning of one word of a patient's name.

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
        SearchWord(patient=patient, word=_number(one)) for one in sorted(beginnings(patient.name))
    )


def matching(text: str) -> models.Q:
    """Patients of whose names each word begins as one of the text's, or whose number it is."""
    found = Patient.objects.filter(hashed(Patient, "number_folded", text)).order_by().values("pk")
    named: models.QuerySet | None = None  # type: ignore[type-arg]
    for word in words(text)[:MOST_WORDS]:
        rows = SearchWord.objects.filter(word__in=_numbers(word[:LONGEST]))
        if named is not None:
            rows = rows.filter(patient__in=named)
        named = rows.values("patient")
    # As a union, since with "or" a database goes through everybody.
    return models.Q(pk__in=found if named is None else named.union(found))


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
