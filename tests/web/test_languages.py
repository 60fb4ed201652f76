"""The patient's page in other languages: marked as drafts, whole, and with the same numbers."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation
from django.utils.formats import date_format

from riskapp.actions.assessing import assess
from riskapp.actions.errors import Refused
from riskapp.actions.sharing import share
from riskapp.exchange.languages import SOURCE, languages
from riskapp.management.patient_words import patient_words, translated
from riskapp.models import Assessment, Patient
from tests.web.lay_people import MADE_ON, PEOPLE, view_of

TAGS = re.compile(r"<svg.*?</svg>|<[^>]+>", re.DOTALL)
NUMBERS = re.compile(r"\d+")
# Between thousands: comma, point or a narrow space.
GROUPING = re.compile(r"(?<=\d)[.,\u00a0\u202f](?=\d{3}(?!\d))")
in_each_language = pytest.mark.parametrize("code", translated())


@pytest.fixture
def assessment(owner: User, patient: Patient) -> Assessment:
    return assess(by=owner, patient=patient, answers={"population": "gb"})


def read(code: str, name: str) -> str:
    with translation.override(code):
        page = render_to_string("decide/_page.html", {"view": view_of(name)})
    return re.sub(r"[ \n]+", " ", TAGS.sub(" ", page))


@in_each_language
@pytest.mark.parametrize("name", PEOPLE)
def test_no_english_is_left_and_each_number_stays(code: str, name: str) -> None:
    page, ours = read(code, name), read(SOURCE, name)
    sentences = {" ".join(TAGS.sub(" ", one.id).split()) for one in patient_words()
                 if isinstance(one.id, str) and one.id}  # fmt: skip
    whole = [one for one in sentences if len(one.split()) > 2 and "%(" not in one]
    assert [one for one in whole if one in page] == []
    assert numbers(page, code) == numbers(ours, SOURCE)


def numbers(page: str, code: str) -> list[str]:
    """Every number on the page but its day, which some languages write with another."""
    with translation.override(code):
        day = date_format(MADE_ON, "DATE_FORMAT")
    assert day in page
    rest = GROUPING.sub("", page.replace(day, ""))
    return sorted(NUMBERS.findall(rest))


def test_no_draft_is_offered_unless_the_site_asks(
    client: Client, owner: User, assessment: Assessment, settings: Any
) -> None:
    client.force_login(owner)
    address = f"/assessments/{assessment.pk}/decide/"
    assert 'hreflang="de"' not in client.get(address).content.decode()
    refused = client.get(address, {"language": "de"}).content.decode()
    assert "Your risk of a broken bone" in refused
    day = date_format(timezone.localdate(), "j M Y")
    assert f"Made on {day}." in refused  # as the British write it

    settings.DRAFT_LANGUAGES = frozenset({"de"})
    page = client.get(address, {"language": "de"}).content.decode()
    assert 'lang="de" dir="ltr"' in page
    assert "Ihr Risiko für einen Knochenbruch" in page
    assert "Draft translation" in page
    assert "Entwurf einer Übersetzung" in page
    assert "Your risk of a broken bone" in client.get(address, {"language": "zz"}).content.decode()


def test_a_link_keeps_the_language_it_was_made_in(
    client: Client, owner: User, assessment: Assessment, settings: Any
) -> None:
    with pytest.raises(Refused, match="not offered in that language"):
        share(by=owner, assessment=assessment, language="fr")
    settings.DRAFT_LANGUAGES = frozenset({"fr"})
    made = share(by=owner, assessment=assessment, language="fr")
    page = client.get(f"/shared/{made.token}/").content.decode()
    assert '<html lang="fr" dir="ltr">' in page
    assert "Traduction provisoire" in page
    assert "Votre risque de vous casser un os" in page


def test_six_languages_are_listed() -> None:
    assert [one.tag for one in languages().values()] == ["en-GB", "de", "fr", "es", "pt", "zh-Hans"]
