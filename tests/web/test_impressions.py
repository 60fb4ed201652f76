"""A clinician's own impression is kept beside the number, and a low number is no all-clear."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.actions.errors import Refused
from riskapp.actions.impressions import IMPRESSIONS, agreement
from riskapp.models import Assessment, Patient
from riskapp.web.presenters import guideline, worklist
from tests.web.reading import text_of

pytestmark = pytest.mark.django_db


def test_an_own_impression_is_kept_and_changes_no_number(
    pages: Client, patient: Patient, owner: User
) -> None:
    age = patient.age_years_on(patient.registered_at.date())
    sent = {"population": "gb", "age_years": str(age), "own_impression": "high", "save": "1"}
    address = f"/patients/{patient.pk}/assessments/new/"
    assert "My own impression of the risk" in text_of(pages, address)
    assert pages.post(address, sent).status_code == 302
    told = Assessment.objects.get()
    silent = assess(by=owner, patient=patient, answers={"population": "gb"})
    assert (told.own_impression, silent.own_impression) == ("high", "")
    outcomes = [one.estimates[0]["outcomes"] for one in (told, silent)]
    assert outcomes[0] == outcomes[1]
    assert "written down by the clinician: high" in text_of(pages, f"/assessments/{told.pk}/")
    assert "Own impression" not in text_of(pages, f"/assessments/{silent.pk}/")


def test_an_impression_that_is_none_is_refused(patient: Patient, owner: User) -> None:
    with pytest.raises(Refused, match="An impression is one of low, middle, high, very_high"):
        assess(by=owner, patient=patient, answers={"population": "gb"}, own_impression="so so")


def test_how_often_impressions_agree_is_counted_for_the_clinic(
    pages: Client, browser_of: object, patient: Patient, owner: User, stranger: User
) -> None:
    made = [
        assess(by=owner, patient=patient, answers={"population": "gb"}, own_impression=one)
        for one in ("", *IMPRESSIONS)
    ]
    level = made[0].estimates[0]["guidelines"][0]["level"]
    counted = agreement(by=owner)
    assert (counted.asked, counted.given) == (5, 4)
    if level is None:
        assert counted.undecided == 4
    else:
        assert (counted.lower, counted.same, counted.higher) == (level, 1, 3 - level)
    assert "Given with 4 of 5 stored assessments." in text_of(pages, "/safety/")
    assert agreement(by=stranger).asked == 0


def test_no_category_is_drawn_as_an_all_clear() -> None:
    assert "is-good" not in (*guideline.TONES, *worklist.TONES)
    assert "good" not in worklist.ICONS
