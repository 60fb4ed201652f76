"""Languages of the patient's page: drafts until a speaker has reviewed the words as they are."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from riskapp.exchange import languages as module
from riskapp.exchange.languages import Language, languages, offered, with_review


@pytest.fixture
def two_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """English and a language read from right to left, with three words of a catalogue."""
    monkeypatch.setattr(module, "LOCALE", tmp_path)
    monkeypatch.setattr(module, "LISTED", tmp_path / "languages.json")
    listed = {
        "en": {"name": "English", "english": "English", "direction": "ltr"},
        "ar": {"name": "العربية", "english": "Arabic", "direction": "rtl"},
    }
    (tmp_path / "languages.json").write_text(json.dumps(listed), encoding="utf-8")
    folder = tmp_path / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_bytes(b"three words")
    languages.cache_clear()
    yield tmp_path
    languages.cache_clear()


def codes(found: tuple[Language, ...]) -> list[str]:
    return [one.code for one in found]


def test_a_language_that_nobody_reviewed_is_a_draft_and_offered_only_where_it_is_asked_for(
    two_languages: Path,
) -> None:
    assert not languages()["en"].is_draft
    assert languages()["ar"].is_draft
    assert codes(offered()) == ["en"]
    assert codes(offered({"ar"})) == ["en", "ar"]
    assert languages()["ar"].direction == "rtl"


def test_a_review_holds_for_the_words_that_were_read_and_no_others(two_languages: Path) -> None:
    told = with_review("ar", by="A speaker", on=date(2026, 11, 1))
    (two_languages / "languages.json").write_text(told, encoding="utf-8")
    languages.cache_clear()
    reviewed = languages()["ar"]
    assert (reviewed.is_draft, reviewed.reviewed_by) == (False, "A speaker")
    assert reviewed.reviewed_on == date(2026, 11, 1)
    assert codes(offered()) == ["en", "ar"]

    (two_languages / "ar" / "LC_MESSAGES" / "django.mo").write_bytes(b"four other words")
    languages.cache_clear()
    assert languages()["ar"].is_draft
    assert codes(offered()) == ["en"]


def test_no_language_of_ours_claims_a_review_that_nobody_made() -> None:
    for one in languages().values():
        assert one.is_draft == (one.code != "en" and one.reviewed_by is None)


def test_tags_are_those_of_pages() -> None:
    assert languages()["zh-hans"].tag == "zh-Hans"
    assert languages()["de"].tag == "de"
