"""The record and its answer: one number at two doors, and nothing stored before it is saved."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from riskapp.actions.confirming import confirm
from riskapp.actions.registering import issue_token
from riskapp.models import Assessment, AuditEvent, Patient
from riskapp.web.presenters.fields import ASKED
from tests.web.record import ANSWERS, answer, figures, new
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db


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
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    page = pages.post(answer(patient), ANSWERS).content.decode()
    assert "<form" not in page
    assert "<html" not in page
    assert "Over ten years" in page
    assert patient.name not in page
    assert not Assessment.objects.exists()
    (read,) = AuditEvent.objects.exclude(pk__in=before)
    assert read.action.startswith("read.")


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
    assert engines.content.decode().count("date of birth gives an age") == 6
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
    assert 'value="0.713"' not in pages.get(new(patient)).content.decode()
    confirm(by=owner, scan=scan, number=1)
    page = pages.get(new(patient)).content.decode()
    assert 'value="0.713"' in page
    assert "From the scan received on" in page

    pages.post(new(patient), ANSWERS | {"lumbar_texture_score": "0.713"})
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
