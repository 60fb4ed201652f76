"""Catalogues of the patient's page are whole and compiled, and say what is amiss."""

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.core.management import call_command
from django.core.management.base import CommandError

from riskapp.exchange import languages as listed
from riskapp.management.commands import patient_words as command
from riskapp.management.patient_words import renewed, write

FIRST = "Questions to ask"
COUNTED = "%(n)s of %(of)s"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The catalogues in a folder of the test's own."""
    shutil.copytree(listed.LOCALE, tmp_path / "locale")
    monkeypatch.setattr(listed, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(listed, "LISTED", tmp_path / "locale" / "languages.json")
    monkeypatch.setattr(command, "LISTED", tmp_path / "locale" / "languages.json")
    listed.languages.cache_clear()
    yield tmp_path / "locale"
    listed.languages.cache_clear()


def amiss() -> str:
    said = StringIO()
    with pytest.raises(CommandError, match="amiss"):
        call_command("patient_words", check=True, stdout=said)
    return said.getvalue()


def test_every_language_is_whole_and_compiled() -> None:
    call_command("patient_words", check=True)


def test_what_is_not_translated_loses_a_number_or_is_stale_is_named(copied: Path) -> None:
    german = renewed("de")
    german.get(FIRST).string = ""
    german.get(COUNTED).string = "%(n)s von 100"
    write("de", german)
    told = amiss()
    assert f"de: not translated: {FIRST}" in told
    assert COUNTED in told
    po = copied / "fr" / "LC_MESSAGES" / "django.po"
    po.write_text(
        po.read_text(encoding="utf-8").replace("Me débrouiller", "Se débrouiller"), "utf-8"
    )
    assert "fr: the compiled catalogue is not that of the words" in amiss()
    shutil.rmtree(copied / "es")
    assert "es: there is no catalogue yet." in amiss()


def test_writing_anew_keeps_the_words_and_drops_what_is_no_longer_said(copied: Path) -> None:
    german = renewed("de")
    german.add("A sentence that went", "Ein Satz von früher")
    write("de", german)
    call_command("patient_words")
    with (copied / "de" / "LC_MESSAGES" / "django.po").open("rb") as file:
        words = read_po(file)
    assert words.get("A sentence that went") is None
    assert words.get(FIRST).string == "Fragen, die Sie stellen können"
    call_command("patient_words", check=True)


def test_a_review_is_recorded_with_its_name_and_ends_the_draft(copied: Path) -> None:
    with pytest.raises(CommandError, match="both the language and a name"):
        call_command("patient_words", reviewed="pt")
    assert listed.languages()["pt"].is_draft
    call_command("patient_words", reviewed="pt", by="A speaker", stdout=StringIO())
    listed.languages.cache_clear()
    assert not listed.languages()["pt"].is_draft
    assert listed.languages()["pt"].reviewed_by == "A speaker"
