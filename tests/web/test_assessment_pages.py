"""The record and its answer: one number at two doors, and nothing stored before it is saved."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from riskapp.actions.assessing import assess
from riskapp.actions.confirming import confirm
from riskapp.actions.registering import issue_token
from riskapp.models import Assessment, AuditEvent, Patient
from riskapp.risk.estimate import EstimateOptions
from riskapp.web.presenters.fields import ASKED
from tests.web.reading import text_of
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
ANSWERS = {
    "population": "gb",
    "age_years": "71",
    "weight_kg": "61.5",
    "height_cm": "160",
    "prior_fragility_fracture": "true",
    "current_smoker": "false",
    "parent_hip_fracture": "",
    "femoral_neck_t_score": "-2.2",
}


def figures(page: bytes) -> list[str]:
    """The two big numbers, as a person reads them."""
    return re.findall(r'<p class="outcome-figure"><strong>([^<]*)</strong>', page.decode())


def new(patient: Patient) -> str:
    return f"/patients/{patient.pk}/assessments/new/"


def answer(patient: Patient) -> str:
    return f"/patients/{patient.pk}/assessments/answer/"


def test_form_and_api_give_the_same_number_for_the_same_person(
    pages: Client, patient: Patient, owner: User
) -> None:
    age = patient.age_years_on(patient.registered_at.date())
    sent = ANSWERS | {"age_years": str(age)}
    live = pages.post(answer(patient), sent)
    saved = pages.post(new(patient), sent, follow=True)
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(by=owner, label='test')}")
    reply = program.post(
        "/api/v1/scores/",
        {
            "profile": {
                "population": "gb",
                "age_years": age,
                "sex": "female",
                "weight_kg": 61.5,
                "height_cm": 160,
                "prior_fragility_fracture": True,
                "current_smoker": False,
                "femoral_neck_t_score": -2.2,
            }
        },
        format="json",
    )

    outcomes = reply.json()["results"][0]["estimates"][0]["outcomes"]
    shown = live.context["answer"].estimate["outcomes"]
    stored = Assessment.objects.get().estimates[0]["outcomes"]
    assert shown == outcomes == stored
    written = [
        f"{100 * outcomes[name]['probability_10y']:.1f}\u00a0%"
        for name in ("major_osteoporotic", "hip")
    ]
    assert figures(live.content) == figures(saved.content) == written


def test_the_fragment_holds_only_the_answer_and_stores_nothing(
    pages: Client, patient: Patient
) -> None:
    before = AuditEvent.objects.count()
    page = pages.post(answer(patient), ANSWERS).content.decode()
    assert "<form" not in page
    assert "<html" not in page
    assert "Over ten years" in page
    assert patient.name not in page
    assert not Assessment.objects.exists()
    assert AuditEvent.objects.count() == before


def test_blank_is_not_no(pages: Client, patient: Patient) -> None:
    unknown = pages.post(answer(patient), ANSWERS)
    denied = pages.post(answer(patient), ANSWERS | {"parent_hip_fracture": "false"})
    assert figures(unknown.content) != figures(denied.content)
    assert "parent_hip_fracture" in unknown.context["answer"].estimate["unknown"]
    assert "parent_hip_fracture" not in denied.context["answer"].estimate["unknown"]


def test_nothing_is_scored_until_the_population_is_chosen(pages: Client, patient: Patient) -> None:
    page = pages.get(new(patient))
    assert page.context["answer"] is None
    assert "Still needed for an answer" in page.content.decode()
    assert page.context["problems"] == {}
    assert '<option value="" selected>Choose</option>' in page.content.decode()


def test_the_last_population_is_offered_again_and_said_so(pages: Client, patient: Patient) -> None:
    pages.post(new(patient), ANSWERS)
    page = pages.get(new(patient))
    assert '<option value="gb" selected>' in page.content.decode()
    assert "As you chose last time" in page.content.decode()


def test_age_and_sex_come_from_the_record(pages: Client, patient: Patient) -> None:
    page = pages.get(new(patient)).content.decode()
    age = patient.age_years_on(patient.registered_at.date())
    assert f'name="age_years" inputmode="decimal" autocomplete="off" value="{age}"' in page
    sent = pages.post(answer(patient), ANSWERS | {"sex": "male"})
    assert sent.context["answer"].is_woman


def test_an_error_stands_beside_its_field_with_a_summary_first(
    pages: Client, patient: Patient
) -> None:
    reply = pages.post(new(patient), ANSWERS | {"height_cm": "1.6"})
    page = reply.content.decode()
    assert reply.status_code == 400
    assert not Assessment.objects.exists()
    summary = page.index('id="error-summary"')
    field = page.index('id="height_cm"')
    assert summary < field
    assert page.count("expected 100 to 230 cm") >= 2
    assert 'value="1.6" aria-describedby="height_cm-note" aria-invalid="true"' in page


@pytest.mark.parametrize(
    "nonsense", ["x", "nan", "1e999", "-1", "\u22122.2", "<b>", "\x00", "9" * 5000, "true"]
)
def test_nonsense_in_any_field_gets_an_answer_or_a_sentence(
    pages: Client, patient: Patient, nonsense: str
) -> None:
    everywhere = dict.fromkeys(ASKED, nonsense)
    live = pages.post(answer(patient), everywhere)
    assert live.status_code == 200
    assert live.context["outcome"].problems
    assert "<b>" not in live.content.decode()
    assert pages.post(new(patient), everywhere).status_code == 400
    for name in ASKED:
        assert pages.post(answer(patient), ANSWERS | {name: nonsense}).status_code == 200, name
    assert not Assessment.objects.exists()


def test_saving_without_a_population_says_what_is_needed(pages: Client, patient: Patient) -> None:
    reply = pages.post(new(patient), ANSWERS | {"population": ""})
    assert reply.status_code == 400
    assert 'href="#population"' in reply.content.decode()
    assert not Assessment.objects.exists()


def test_an_age_that_contradicts_the_birth_date_is_not_filed(
    pages: Client, patient: Patient
) -> None:
    reply = pages.post(new(patient), ANSWERS | {"age_years": "45"})
    assert reply.status_code == 400
    assert "date of birth gives an age" in reply.content.decode()
    assert not Assessment.objects.exists()


def test_no_number_is_shown_for_an_age_that_contradicts_the_birth_date(
    pages: Client, patient: Patient
) -> None:
    own = patient.age_years_on(timezone.localdate())
    for age, shown in ((own - 2, 0), (own - 1, 2), (own + 1, 2), (own + 2, 0)):
        live = pages.post(answer(patient), ANSWERS | {"age_years": str(age)})
        assert len(figures(live.content)) == shown
        said = 'data-problem-for="age_years"' in live.content.decode()
        assert said == (not shown)
    engines = pages.post(
        f"/patients/{patient.pk}/assessments/engines/", ANSWERS | {"age_years": "45"}
    )
    assert engines.content.decode().count("date of birth gives an age") == 4
    assert "simulated</span>" not in engines.content.decode()


def test_calculating_without_script_answers_and_stores_nothing(
    pages: Client, patient: Patient
) -> None:
    reply = pages.post(new(patient), ANSWERS | {"calculate": "1"})
    assert reply.status_code == 200
    assert len(figures(reply.content)) == 2
    assert not Assessment.objects.exists()


def test_a_confirmed_scan_fills_in_its_value_and_says_where_from(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    assert "0.7125" not in pages.get(new(patient)).content.decode()
    confirm(by=owner, scan=scan, number=1)
    page = pages.get(new(patient)).content.decode()
    assert 'value="0.7125"' in page
    assert "From the scan received on" in page

    pages.post(new(patient), ANSWERS | {"lumbar_texture_score": "0.7125"})
    stored = Assessment.objects.get()
    assert stored.profile["lumbar_texture_score"] == 0.71251234567  # in full, though shown rounded
    assert stored.provenance["lumbar_texture_score"] == f"scan {scan.pk} version 1"
    assert list(stored.scans.all()) == [scan]


def test_a_scan_value_that_was_cleared_is_not_known_again(
    pages: Client, patient: Patient, owner: User
) -> None:
    confirm(by=owner, scan=stored_scan(patient, owner), number=1)
    pages.post(new(patient), ANSWERS | {"lumbar_texture_score": ""})
    stored = Assessment.objects.get()
    assert "lumbar_texture_score" not in stored.profile
    assert not stored.scans.exists()


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
    for secret in (patient.name, patient.record_number, "1955", str(patient.pk)):
        assert secret not in page
    assert "simulated" not in page
    assert page.count("not a cleared medical device") == 1
    assert page.count('class="breaks"') + page.count('class="stays-well"') == 2 * (100 + 2)
    # Somebody who breaks no hip may break another bone: each picture has a key of its own.
    assert "does not break a bone" not in page
    assert (page.count("breaks none of them</li>"), page.count("does not break a hip</li>")) == (
        1,
        1,
    )
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
    assert "the numbers leave it out" in page
    first = page.index("You take a bone medicine")
    assert first < page.index("Do not stop your medicine on your own") < page.index("100 people")


def test_too_few_to_count_are_told_in_words(pages: Client, owner: User, patient: Patient) -> None:
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    made.estimates[0]["outcomes"]["hip"] |= {"probability_10y": 0.009, "interval_95": [0, 0.031]}
    made.save()
    page = text_of(pages, f"/assessments/{made.pk}/decide/")
    assert "it could be fewer than 1 or as many as 3" in page
    assert "1 of 100</span><br>breaks a hip" in page
    assert "as few as 0" not in page


def test_an_assessment_without_published_epidemiology_breaks_no_page(
    pages: Client, patient: Patient, owner: User
) -> None:
    made = assess(by=owner, patient=patient, answers={"population": "gb"}, engines=("cox",))
    assert len(made.estimates) == 2
    made.estimates = made.estimates[1:]  # as one stored before every assessment had it
    made.save()
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
    # How far they differ is read before the table, which scrolls sideways on a phone.
    assert text.index("They differ from the evidence engine by up to") < text.index("table-scroll")
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
    assert len(of_today) == 2
    assert not any("Cox" in row or "Evidence" in row for row in of_today)
    for name in ("Cox", "XGBoost", "LightGBM"):  # a learned engine's warnings are shown too
        assert f"{name}: On osteoporosis treatment" in page
