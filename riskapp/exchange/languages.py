"""In which languages the patient's page can be read, and whether a speaker has reviewed each."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).resolve().parents[1] / "locale"
LISTED = LOCALE / "languages.json"
SOURCE = "en"  # what the words are written in; nobody has to translate it
ENGLISH = "en-GB"  # as pages name it


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    Attributes
    ----------
    code : str
        BCP 47, in lower case, as Django writes it: ``zh-hans``.
    name, english : str
        Its own name for itself, and ours.
    direction : str
        ``ltr`` or ``rtl``.
    is_draft : bool
        No speaker has reviewed the words as they are now.
    reviewed_by, reviewed_on : str and date, or None
        Who did, and when; of what they read, should it have changed since.
    """

    code: str
    name: str
    english: str
    direction: str
    is_draft: bool
    reviewed_by: str | None
    reviewed_on: date | None

    @property
    def locale(self) -> str:
        """As Django calls it, whose plain English writes dates as Americans do."""
        return "en-gb" if self.code == SOURCE else self.code

    @property
    def tag(self) -> str:
        """As pages name it: script subtags are capitalised, and English is British."""
        if self.code == SOURCE:
            return ENGLISH
        language, _, script = self.code.partition("-")
        return f"{language}-{script.title()}" if script else language


def folder_of(code: str) -> Path:
    """Where a language's catalogue lies, in the place where Django looks."""
    language, _, script = code.partition("-")
    return LOCALE / (f"{language}_{script.title()}" if script else language) / "LC_MESSAGES"


def hash_of_words(code: str) -> str:
    """SHA-256 of the catalogue as it is read; a review holds for these words and no others."""
    return hashlib.sha256((folder_of(code) / "django.mo").read_bytes()).hexdigest()


@cache
def languages() -> dict[str, Language]:
    """Every language with a catalogue, English first, by code."""
    listed = json.loads(LISTED.read_text(encoding="utf-8"))
    return {code: _language(code, told) for code, told in listed.items()}


def offered(drafts: Collection[str] = ()) -> tuple[Language, ...]:
    """English, what a speaker has reviewed, and those drafts that the site asked for."""
    return tuple(one for one in languages().values() if not one.is_draft or one.code in drafts)


def with_review(code: str, *, by: str, on: date) -> str:
    """The list of languages as text, with a review of one of them as its words are now.

    Raises
    ------
    KeyError
        If no such language is listed.
    """
    listed = json.loads(LISTED.read_text(encoding="utf-8"))
    listed[code] |= {
        "reviewed_by": by,
        "reviewed_on": on.isoformat(),
        "reviewed_sha256": hash_of_words(code),
    }
    lines = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(told, ensure_ascii=False)}"
        for name, told in listed.items()
    )
    return f"{{\n{lines}\n}}\n"


def _language(code: str, told: dict[str, str]) -> Language:
    reviewed = told.get("reviewed_sha256")
    return Language(
        code=code,
        name=told["name"],
        english=told["english"],
        direction=told["direction"],
        is_draft=code != SOURCE and (reviewed is None or reviewed != hash_of_words(code)),
        reviewed_by=told.get("reviewed_by"),
        reviewed_on=date.fromisoformat(told["reviewed_on"]) if "reviewed_on" in told else None,
    )
