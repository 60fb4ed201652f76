"""The page of a long record opens and draws so many assessments and no more."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.models import Assessment, Patient
from riskapp.web.presenters import patient_page
from tests.web.reading import text_of

pytestmark = pytest.mark.django_db
ANSWERS: dict[str, object] = {"population": "gb", "weight_kg": 61, "height_cm": 160}
MANY, PER_PAGE, DRAWN = 7, 3, 2


@pytest.fixture
def long_record(owner: User, patient: Patient, monkeypatch: pytest.MonkeyPatch) -> list[Assessment]:
    """An assessment of each of some days, the latest first."""
    monkeypatch.setattr(patient_page, "PER_PAGE", PER_PAGE)
    monkeypatch.setattr(patient_page, "MOST_DRAWN", DRAWN)
    first = datetime(2025, 3, 1, 12, tzinfo=UTC)
    for day in range(MANY):
        made = assess(by=owner, patient=patient, answers=ANSWERS)
        Assessment.objects.filter(pk=made.pk).update(created_at=first + timedelta(days=day))
    return list(patient.assessments.all())


def test_the_story_is_told_in_pages_and_the_latest_days_are_drawn(
    pages: Client, patient: Patient, long_record: list[Assessment]
) -> None:
    told = []
    for number in (1, 2, 3):
        page = text_of(pages, f"/patients/{patient.pk}/?page={number}")
        story = page.split('id="events-heading"')[1].split("</section>")[0]
        told += [one for one in long_record if f'"/assessments/{one.pk}/"' in story]
        assert f"Page {number} of 3" in story
        assert page.count('class="dot hip"') == DRAWN
        assert "The latest 2 days are drawn; the assessments of 5 earlier days" in page
    assert told == long_record


def test_no_more_assessments_are_opened_than_are_shown(
    pages: Client,
    patient: Patient,
    long_record: list[Assessment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    field, opened = Assessment._meta.get_field("estimates"), set()
    really = field.opened
    monkeypatch.setattr(field, "opened", lambda one, row: opened.add(row) or really(one, row))
    text_of(pages, f"/patients/{patient.pk}/?page=2")
    shown = {*long_record[:DRAWN], *long_record[PER_PAGE : 2 * PER_PAGE]}
    assert opened == {str(one.pk) for one in shown}


def test_a_short_record_says_nothing_of_pages(pages: Client, owner: User, patient: Patient) -> None:
    assess(by=owner, patient=patient, answers=ANSWERS)
    page = text_of(pages, f"/patients/{patient.pk}/")
    assert "Pages of the list" not in page
    assert "are drawn" not in page
