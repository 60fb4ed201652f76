"""Stored assessments, and the page on which patient and clinician decide."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.actions.looking import look_again
from riskapp.models import Assessment, Patient
from riskapp.risk.estimate import EstimateOptions
from tests.web.reading import text_of
from tests.web.record import ANSWERS, answer, new

pytestmark = pytest.mark.django_db


def test_the_stored_assessment_shows_its_record_and_answer(pages: Client, patient: Patient) -> None:
    page = pages.post(new(patient), ANSWERS, follow=True).content.decode()
    assert "Record as it was used" in page
    assert "61.5\u00a0kg" in page
    assert "evidence-frax-2008" in page
    assert "United Kingdom" in page
    # On paper both outcomes are explained, one below the other, of a person born on a day.
    assert '<h3 class="only-in-print">Hip fracture</h3>' in page
    born = patient.date_of_birth
    assert f"{born.day} {born:%B %Y}" in page
    assert page.count("not a cleared medical device") == 1
    assert (
        "<input"
        not in page.split('<main id="main"')[1]
        .replace('type="radio"', "")
        .split("record-facts")[1]
        .split("</section>")[0]
    )


def test_the_page_for_deciding_names_nobody(pages: Client, patient: Patient) -> None:
    pages.post(new(patient), ANSWERS)
    stored = Assessment.objects.get()
    page = pages.get(f"/assessments/{stored.pk}/decide/").content.decode()
    for secret in (patient.name, patient.record_number, " 1955", "1955-", str(patient.pk)):
        assert secret not in page
    assert "simulated" not in page
    assert page.count("not a cleared medical device") == 1
    # Somebody who breaks no hip may break another bone: each picture has a key of its own.
    assert "does not break a bone" not in page
    assert page.count("Breaks none of them</li>") == 1
    # Low density that is better than expected is not good news.
    assert "Denser bone" not in page
    view: Any = stored.estimates[0]["outcomes"]["major_osteoporotic"]
    assert f"{round(100 * view['probability_10y'])} of them" in page


def test_the_page_for_deciding_keeps_what_changes_the_meaning(
    pages: Client, owner: User, patient: Patient
) -> None:
    patient.date_of_birth = patient.date_of_birth.replace(year=patient.registered_at.year - 94)
    patient.save()
    made = assess(
        by=owner,
        patient=patient,
        answers={
            "population": "gb",
            "femoral_neck_t_score": -2,
            "dxa_date": "2009-05-01",
            "number_of_prior_fractures": 1,
            "osteoporosis_treatment": "denosumab",
        },
        options=EstimateOptions(interval=False),
        clamp_age=True,
    )
    page = text_of(pages, f"/assessments/{made.pk}/decide/")
    assert f"You are {patient.age_years_on(made.created_at.date())}." in page
    assert "people of <strong>90</strong>" in page
    assert "years ago. They may have changed since" in page
    assert "the numbers leave them out" in page
    first = page.index("You take a bone medicine")
    assert first < page.index("Do not stop your medicine on your own") < page.index("100 women")


def test_too_few_to_count_are_told_in_words(pages: Client, owner: User, patient: Patient) -> None:
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    made.estimates[0]["outcomes"]["hip"] |= {"probability_10y": 0.009, "interval_95": [0, 0.031]}
    made.save()
    page = text_of(pages, f"/assessments/{made.pk}/decide/")
    assert "It could be fewer than 1 or as many as 3" in page
    assert "1 of 100 people breaks a hip in 10 years</title>" in page
    assert "as few as 0" not in page


def test_an_assessment_without_published_epidemiology_breaks_no_page(
    pages: Client, patient: Patient, owner: User
) -> None:
    made = assess(by=owner, patient=patient, answers={"population": "gb"}, engines=("cox",))
    assert len(made.estimates) == 2
    made.estimates = made.estimates[1:]  # as one stored before every assessment had it
    made.save()
    look_again(patient.id)
    assert "not yet" in text_of(pages, "/")
    assert "no answer from published epidemiology" in text_of(pages, f"/patients/{patient.pk}/")
    shown = text_of(pages, f"/assessments/{made.pk}/")
    assert "No answer to show" in shown
    assert "outcome-figure" not in shown
    assert "Decide together</a></p>" not in shown
    reply = pages.get(f"/assessments/{made.pk}/decide/")
    assert (reply.status_code, reply.headers["Location"]) == (302, f"/assessments/{made.pk}/")


def test_a_stranger_sees_nothing(
    browser_of: Any, pages: Client, patient: Patient, stranger: User
) -> None:
    pages.post(new(patient), ANSWERS)
    stored = Assessment.objects.get()
    other = browser_of(stranger)
    for address in (
        new(patient),
        f"/assessments/{stored.pk}/",
        f"/assessments/{stored.pk}/decide/",
        f"/assessments/{stored.pk}/engines/",
    ):
        reply = other.get(address)
        assert reply.status_code == 404
        assert patient.name not in reply.content.decode()
    assert other.post(answer(patient), ANSWERS).status_code == 404
    assert other.post(new(patient), ANSWERS).status_code == 404
    assert Assessment.objects.count() == 1


def test_other_engines_are_marked_and_one_that_is_silent_says_why(
    pages: Client, patient: Patient
) -> None:
    page = pages.post(f"/patients/{patient.pk}/assessments/engines/", ANSWERS)
    assert page.status_code == 200
    text = page.content.decode()
    for name in ("Cox", "XGBoost", "LightGBM"):
        assert name in text
    # How far they differ is read before they are drawn; simulated ones are dashed.
    assert text.index("They differ from the evidence engine by up to") < text.index("drawn-rows")
    assert text.count('class="chart major is-simulated"') == 5
    assert "the verdict is the evidence’s alone" in text
    assert not Assessment.objects.exists()


def test_stored_engines_show_what_was_stored_and_say_what_is_of_today(
    pages: Client, patient: Patient, owner: User
) -> None:
    made = assess(
        by=owner,
        patient=patient,
        answers={"population": "gb", "osteoporosis_treatment": "denosumab"},
        engines=("cox",),
        options=EstimateOptions(explain=False, interval=False),
    )
    for estimate, probability in zip(made.estimates, (0.4321, 0.3214), strict=True):
        estimate["outcomes"]["major_osteoporotic"]["probability_10y"] = probability
    made.save()  # as models of then may have answered
    page = text_of(pages, f"/assessments/{made.pk}/engines/")
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    assert "Evidence (used above)" in rows[0]
    assert "43.2" in rows[0]
    assert "32.1" in next(row for row in rows if "Cox" in row)
    of_today = [row for row in rows if "computed today" in row]
    assert len(of_today) == 4
    assert not any("Cox" in row or "Evidence" in row for row in of_today)
    # What learned engines say is said once for all who say it.
    assert page.count("trained on simulated people") == 1
    assert "<li>Each learned engine: This engine was trained on simulated people" in page
    assert "<li>Each learned engine: On osteoporosis treatment" in page
