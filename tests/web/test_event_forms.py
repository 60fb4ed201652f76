"""Writing down a fracture, a treatment and a discussion by small forms."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.actions.discussing import record_discussion
from riskapp.actions.recording_events import record_fracture, record_treatment
from riskapp.actions.striking_out import strike_out
from riskapp.models import Discussion, Fracture, Patient, Treatment
from riskapp.risk.estimate import EstimateOptions
from riskapp.web.presenters.event_forms import written_date
from tests.web.reading import text_of

WRIST = {
    "site": "forearm",
    "happened_on_year": "2024",
    "happened_on_month": "9",
    "circumstance": "standing_fall",
    "is_fragility": "true",
}


@pytest.mark.parametrize(
    ("boxes", "written"),
    [
        (("", "", ""), ""),
        (("", "", "2024"), "2024"),
        (("", "9", "2024"), "2024-09"),
        (("2", "9", "2024"), "2024-09-02"),
        (("2", "", "2024"), "2024--02"),
        (("2", "9", ""), "0000-09-02"),
        (("", "", "24"), "0024"),
    ],
)
def test_three_boxes_make_one_date(boxes: tuple[str, str, str], written: str) -> None:
    day, month, year = boxes
    sent = {"on_day": day, "on_month": month, "on_year": year}
    assert written_date(sent, "on") == written


def test_a_fracture_is_added_and_struck_out(pages: Client, patient: Patient) -> None:
    address = f"/patients/{patient.pk}/fractures/"
    assert "Which bone" in text_of(pages, f"{address}new/")
    saved = pages.post(f"{address}new/", WRIST, follow=True).content.decode()
    assert "The fracture is in the record." in saved
    fracture = Fracture.objects.get()
    assert (str(fracture.happened), fracture.is_fragility) == ("2024-09", True)
    question = text_of(pages, f"{address}{fracture.pk}/strike-out/")
    assert "Forearm fracture, September 2024" in question
    pages.post(f"{address}{fracture.pk}/strike-out/")
    assert not Fracture.objects.standing().exists()


def test_a_form_that_is_sent_twice_writes_one_entry(
    pages: Client, owner: User, patient: Patient
) -> None:
    quick = EstimateOptions(explain=False, interval=False)
    made = assess(by=owner, patient=patient, answers={"population": "gb"}, options=quick)
    about = f"/patients/{patient.pk}"
    for address, sent, other, kind in (
        (f"{about}/fractures/new/", WRIST, {"site": "hip"}, Fracture),
        (
            f"{about}/treatments/new/",
            {"agent": "denosumab", "started_on_year": "2024"},
            {"agent": "zoledronate"},
            Treatment,
        ),
        (
            f"/assessments/{made.pk}/discussed/",
            {"decided": "refer"},
            {"decided": "decide_later"},
            Discussion,
        ),
    ):
        form = pages.get(address).content.decode()
        sent = sent | {"save_as": form.split('name="save_as" value="')[1].split('"')[0]}
        for _ in range(2):
            assert pages.post(address, sent).status_code == 302
        assert kind.objects.count() == 1
        # Whoever goes back and tells of another means another, as after striking one out.
        pages.post(address, sent | other)
        assert kind.objects.count() == 2
        strike_out(by=owner, entry=kind.objects.get(pk=sent["save_as"]))
        pages.post(address, sent)
        assert (kind.objects.count(), kind.objects.standing().count()) == (3, 2)


def test_a_refused_fracture_keeps_what_was_typed(pages: Client, patient: Patient) -> None:
    wrong = WRIST | {"site": "", "happened_on_month": "13"}
    reply = pages.post(f"/patients/{patient.pk}/fractures/new/", wrong)
    page = reply.content.decode()
    assert reply.status_code == 400
    for sentence in ("Say which bone broke.", "The date is no day of the calendar."):
        assert page.count(sentence) == 2  # summary and field
    assert 'name="happened_on_month" inputmode="numeric" autocomplete="off" value="13"' in page
    assert '<option value="standing_fall" selected' in page
    assert 'value="true" checked' in page
    assert not Fracture.objects.exists()


def test_a_treatment_is_added_ended_and_struck_out(pages: Client, patient: Patient) -> None:
    address = f"/patients/{patient.pk}/treatments/"
    refused = pages.post(f"{address}new/", {"agent": "denosumab", "ended_on_year": "2022"})
    assert "Say why it ended" in refused.content.decode()
    pages.post(f"{address}new/", {"agent": "denosumab", "started_on_year": "2020"})
    course = Treatment.objects.get()
    assert "taken now" in text_of(pages, f"/patients/{patient.pk}/")
    end = {"ended_on_year": "2019", "why_ended": "switched"}
    refused = pages.post(f"{address}{course.pk}/end/", end)
    assert refused.status_code == 400
    assert "It ends before it starts" in refused.content.decode()
    pages.post(f"{address}{course.pk}/end/", end | {"ended_on_year": "2022"})
    assert "changed for another" in text_of(pages, f"/patients/{patient.pk}/")
    pages.post(f"{address}{course.pk}/strike-out/")
    assert not Treatment.objects.standing().exists()


def test_a_discussion_is_written_down_beside_its_assessment(
    pages: Client, owner: User, patient: Patient
) -> None:
    quick = EstimateOptions(explain=False, interval=False)
    made = assess(by=owner, patient=patient, answers={"population": "gb"}, options=quick)
    address = f"/assessments/{made.pk}/discussed/"
    assert "Record what was decided" in text_of(pages, f"/assessments/{made.pk}/")
    for wrong in ({}, {"decided": "refer", "review_on": "soon"}, {"review_on": "2000-01-01"}):
        assert pages.post(address, wrong).status_code == 400
    pages.post(address, {"decided": "refer", "review_on": ""})
    assert "refer to a specialist" in text_of(pages, f"/assessments/{made.pk}/")
    pages.post(f"{address}{Discussion.objects.get().pk}/strike-out/")
    assert "refer to a specialist" not in text_of(pages, f"/assessments/{made.pk}/")


def test_strangers_find_none_of_the_forms(
    browser_of: Any, owner: User, stranger: User, patient: Patient
) -> None:
    quick = EstimateOptions(explain=False, interval=False)
    made = assess(by=owner, patient=patient, answers={"population": "gb"}, options=quick)
    broken = record_fracture(by=owner, patient=patient, site="hip", happened_on="2020")
    course = record_treatment(by=owner, patient=patient, agent="other", started_on="2020")
    talk = record_discussion(by=owner, assessment=made, decided="refer")
    here = f"/patients/{patient.pk}"
    other = browser_of(stranger)
    for address in (
        f"{here}/fractures/new/",
        f"{here}/fractures/{broken.pk}/strike-out/",
        f"{here}/treatments/new/",
        f"{here}/treatments/{course.pk}/end/",
        f"{here}/treatments/{course.pk}/strike-out/",
        f"/assessments/{made.pk}/discussed/",
        f"/assessments/{made.pk}/discussed/{talk.pk}/strike-out/",
    ):
        assert other.get(address).status_code == 404
        assert other.post(address, WRIST).status_code == 404
    assert broken.stands
