"""What leaves an assessment: as text for another record."""

import html
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.models import Assessment, AuditEvent, Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment(owner: User, patient: Patient) -> Assessment:
    answers = {"population": "gb", "femoral_neck_t_score": -2.4, "current_smoker": True}
    return assess(by=owner, patient=patient, answers=answers)


def test_the_text_is_plain_and_names_nobody_unless_asked(
    pages: Client, assessment: Assessment, patient: Patient
) -> None:
    home = f"/assessments/{assessment.pk}/"
    reply = pages.get(f"{home}text/")
    assert reply["Content-Type"] == "text/plain; charset=utf-8"
    assert reply["Cache-Control"] == "private, no-store"
    text = reply.content.decode()
    for name in (patient.name, patient.record_number, "1955", str(patient.pk)):
        assert name not in text
    named = pages.get(f"{home}text/?named=1").content.decode()
    assert "Ada Example, born 1 June 1955, record A-1" in named
    assert AuditEvent.objects.filter(action="text.take", target=str(assessment.pk)).count() == 1
    page = pages.get(home).content.decode()
    assert f'href="{home}text/" data-copy-from' in page


def test_page_text_and_interface_tell_the_same_paragraph(
    pages: Client, assessment: Assessment
) -> None:
    told = pages.get(f"/api/v1/assessments/{assessment.pk}/").json()
    paragraph = told["narrative"]
    major = told["estimates"][0]["outcomes"]["major_osteoporotic"]["probability_10y"]
    assert f"{100 * major:.1f}\u00a0%" in paragraph
    page = html.unescape(pages.get(f"/assessments/{assessment.pk}/").content.decode())
    assert paragraph in page


def test_without_published_epidemiology_there_is_nothing_to_tell(
    pages: Client, assessment: Assessment
) -> None:
    assessment.estimates = []
    assessment.save()
    home = f"/assessments/{assessment.pk}/"
    assert pages.get(f"{home}text/").status_code == 404
    assert "In words" not in pages.get(home).content.decode()
    assert pages.get(f"/api/v1{home}").json()["narrative"] == ""


def test_a_stranger_is_told_nothing(
    browser_of: Any, stranger: User, assessment: Assessment
) -> None:
    assert browser_of(stranger).get(f"/assessments/{assessment.pk}/text/").status_code == 404
