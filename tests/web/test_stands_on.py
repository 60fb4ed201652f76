"""Beside each number stands what it rests on, how old that is, and that it rules nothing out."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.actions.assessing import assess
from riskapp.actions.changing_patient import change_patient
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.reporting import ReportPart, take_report
from riskapp.actions.sharing import open_shared, share
from riskapp.actions.telling import text_of as plain_text_of
from riskapp.models import Assessment, Patient
from riskapp.web.presenters.stands_on import stands_on
from tests.web.reading import text_of

TODAY = date(2026, 3, 1)
KNOWN = {"femoral_neck_t_score": -2.5}


@pytest.mark.parametrize(
    ("known", "said", "caution"),
    [
        ({}, "Not known: averaged", ""),
        (KNOWN, "Of a day that is not given", "Check that it is recent."),
        ({**KNOWN, "dxa_date": "2026-02-20"}, "Of 20 February 2026, 9\u00a0days old", ""),
        ({**KNOWN, "dxa_date": "2021-03-02"}, "Of 2 March 2021, 4\u00a0years old", ""),
        ({**KNOWN, "dxa_date": "2021-02-20"}, "Of 20 February 2021", "More than 5 years"),
    ],
)
def test_an_old_or_undated_density_is_said_beside_the_number(
    known: dict[str, object], said: str, caution: str
) -> None:
    found = stands_on(known, TODAY, TODAY)
    assert found.density.startswith(said)
    assert found.density_caution.startswith(caution)
    assert bool(found.density_caution) == bool(caution)


def test_an_assessment_of_long_ago_says_so() -> None:
    def made(days: int) -> tuple[str, str]:
        found = stands_on({}, TODAY - timedelta(days=days), TODAY)
        return found.made, found.made_caution

    assert made(0) == ("", "")
    assert made(730) == ("Assessed 23\u00a0months ago", "")
    assert made(731)[1].startswith("Made more than 2 years ago: what has happened since")


@pytest.mark.django_db
def test_an_older_assessment_leads_to_the_newer_one(
    pages: Client, patient: Patient, owner: User
) -> None:
    older, newer = (assess(by=owner, patient=patient, answers={"population": "gb"}) for _ in "12")
    then = timezone.now() - timedelta(days=900)
    Assessment.objects.filter(pk=older.pk).update(created_at=then)
    shown = text_of(pages, f"/assessments/{older.pk}/")
    assert "Made more than 2 years ago" in shown
    assert f'<a href="/assessments/{newer.pk}/">There is a newer one</a>' in shown
    assert "There is a newer one" not in text_of(pages, f"/assessments/{newer.pk}/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("corrected", "said"),
    [
        ({"sex": "male"}, "by it the patient is male"),
        ({"date_of_birth": date(1938, 6, 1)}, "this estimate is for female, 7"),
    ],
)
def test_an_estimate_of_before_a_correction_is_not_passed_off_as_this_persons(
    pages: Client, patient: Patient, owner: User, corrected: dict[str, Any], said: str
) -> None:
    stored = assess(by=owner, patient=patient, answers={"population": "gb"})
    link = share(by=owner, assessment=stored)
    address = f"/assessments/{stored.pk}/"
    assert "was corrected since" not in text_of(pages, address)
    change_patient(by=owner, patient=patient, name="Ada Other", **corrected)
    for one in (address, f"/patients/{patient.pk}/"):
        assert said in text_of(pages, one)
    assert said in plain_text_of(by=owner, id=stored.pk)
    # What is for the patient gives no number at all.
    assert pages.get(f"{address}decide/").status_code == 302
    with pytest.raises(NotFound):
        open_shared(link.token)
    for deed in (
        lambda: share(by=owner, assessment=stored),
        lambda: take_report(by=owner, id=stored.pk, parts=(ReportPart.PATIENT,)),
    ):
        with pytest.raises(Refused, match="was corrected since"):
            deed()


@pytest.mark.django_db
def test_whom_it_was_validated_on_is_said(pages: Client, patient: Patient, owner: User) -> None:
    stored = assess(by=owner, patient=patient, answers={"population": "gb"})
    shown = text_of(pages, f"/assessments/{stored.pk}/")
    assert "Published results. Not validated on patients of this clinic." in shown
    assert stored.model_ids["evidence"] in shown
    assert "people. Not validated" in stands_on({}, TODAY, TODAY, "cohort clinic").validated


@pytest.mark.django_db
def test_a_low_number_is_said_to_rule_nothing_out(
    pages: Client, patient: Patient, owner: User
) -> None:
    stored = assess(by=owner, patient=patient, answers={"population": "gb"})
    shown = text_of(pages, f"/assessments/{stored.pk}/")
    told = "A low number does not rule out osteoporosis or fracture; a vertebral fracture decides"
    # Before the reasons, so that whoever reads these has passed it.
    assert shown.index(told) < shown.index('id="why-heading"')
