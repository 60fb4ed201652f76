"""Another person like this one: the same number as by the API, and nothing stored."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from riskapp.actions.assessing import assess
from riskapp.actions.registering import issue_token
from riskapp.models import Assessment, AuditEvent, Patient
from riskapp.risk.neighbours import has_neighbours
from riskapp.risk.profile import FACTORS
from riskapp.web.presenters.numbers import percent
from riskapp.web.presenters.same_age import times
from tests.web.reading import text_of
from tests.web.record import ANSWERS, answer

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def program(owner: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(by=owner, label='test')}")
    return client


def by_api(program: APIClient, profile: dict[str, Any], **options: Any) -> tuple[str, str]:
    """Major and hip of a person as the API answers, written as a page writes them."""
    reply = program.post("/api/v1/scores/", {"profile": profile, **options}, format="json")
    outcomes = reply.json()["results"][0]["estimates"][0]["outcomes"]
    major, hip = (outcomes[name]["probability_10y"] for name in ("major_osteoporotic", "hip"))
    return percent(major), percent(hip)


def person(patient: Patient) -> dict[str, Any]:
    age = patient.age_years_on(patient.registered_at.date())
    known = {name: value for name, value in ANSWERS.items() if value}
    return known | {"age_years": str(age), "sex": "female"}


def shown(page: str) -> list[tuple[str, str]]:
    return re.findall(r"<strong>([^<]*)</strong> major,</span>.*?<strong>([^<]*)</strong>", page)


def test_another_person_has_the_number_that_the_api_gives_for_them(
    pages: Client, patient: Patient, program: APIClient
) -> None:
    asked = f"/patients/{patient.pk}/assessments/another/prior_fragility_fracture/"
    page = pages.post(asked, person(patient), headers=HTMX).content.decode()
    assert "A woman like this one without a prior fragility fracture" in page
    assert "Another person like this one, not the effect of changing." in page
    other = person(patient) | {"prior_fragility_fracture": False}
    assert shown(page) == [by_api(program, other)]
    asked = asked.replace("prior_fragility_fracture", "femoral_neck_t_score")
    page = pages.post(asked, person(patient), headers=HTMX).content.decode()
    higher = person(patient) | {"femoral_neck_t_score": -1.2}
    assert shown(page)[0] == by_api(program, higher)
    assert "usual at this age" in page
    assert not Assessment.objects.exists()


def test_a_stored_persons_other_is_asked_by_the_options_of_then(
    pages: Client, owner: User, patient: Patient, program: APIClient
) -> None:
    made = assess(
        by=owner,
        patient=patient,
        answers={"population": "gb", "glucocorticoids": True, "glucocorticoid_dose_mg_daily": 10},
    )
    page = text_of(pages, f"/assessments/{made.pk}/another/glucocorticoids/")
    # Without script the same stands on a page of its own.
    assert "<h1>Another person like this one</h1>" in page
    assert "who takes no glucocorticoids" in page
    other = {**made.profile, "glucocorticoids": False}
    del other["glucocorticoid_dose_mg_daily"]
    assert shown(page) == [by_api(program, other)]
    assert AuditEvent.objects.filter(action="read.another_then", patient_id=patient.pk).count() == 1


def test_every_line_that_offers_another_person_has_one_to_show(
    pages: Client, patient: Patient
) -> None:
    answers = person(patient) | {"falls_last_year": "1", "lumbar_spine_t_score": "-1.5"}
    page = pages.post(answer(patient), answers).content.decode()
    offered = set(re.findall(r"/assessments/another/(\w+)/", page))
    assert offered == {
        "prior_fragility_fracture",
        "current_smoker",
        "body_mass_index",
        "femoral_neck_t_score",
        "falls_last_year",
        "lumbar_spine_t_score",
    }
    for field in offered:
        asked = f"/patients/{patient.pk}/assessments/another/{field}/"
        assert shown(pages.post(asked, answers, headers=HTMX).content.decode()), field
    assert not has_neighbours("age_years")
    asked = f"/patients/{patient.pk}/assessments/another/age_years/"
    assert pages.post(asked, answers).status_code == 404


def test_the_readers_guideline_is_drawn_where_it_treats(pages: Client, patient: Patient) -> None:
    def why(**chosen: str) -> str:
        page = pages.post(answer(patient), person(patient) | chosen).content.decode()
        return page.split('id="why-heading"')[1]

    assert why().count("<caption>Percentage points") == 2
    assert why().count("NOGG 2024 speaks of high risk") == 2  # of major and of hip
    assert 'class="threshold"' in why()
    assert "speaks of high risk" not in why(guideline="who-1994")


def test_a_record_that_cannot_be_used_says_why(
    pages: Client, patient: Patient, browser_of: Any, stranger: User
) -> None:
    asked = f"/patients/{patient.pk}/assessments/another/current_smoker/"
    reply = pages.post(asked, person(patient) | {"height_cm": "1.6"}, headers=HTMX)
    assert "expected 100 to 230 cm" in reply.content.decode()
    assert browser_of(stranger).post(asked, person(patient)).status_code == 404


def test_a_person_is_set_beside_others_of_their_age_with_the_apis_numbers(
    pages: Client, patient: Patient, program: APIClient
) -> None:
    page = pages.post(answer(patient), person(patient)).content.decode()
    told = page.split('class="same-age"')[1].split("</section>")[0]
    alike = {name: person(patient)[name] for name in ("population", "age_years", "sex")}
    average = by_api(program, alike)
    (index,) = re.findall(r"a body mass index of ([\d.]+)", told)
    plain = by_api(program, alike | dict.fromkeys(FACTORS, False) | {"body_mass_index": index})
    own = by_api(program, person(patient))
    numbers = re.findall(r'<td class="number">([^<]*)</td>', told)
    assert numbers == [average[0], plain[0], own[0], average[1], plain[1], own[1]]
    times = float(own[0].split()[0]) / float(average[0].split()[0])
    assert f"{times:.1f} times as likely" in told


def test_what_was_stored_is_compared_with_what_was_stored(
    pages: Client, owner: User, patient: Patient
) -> None:
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    made.estimates[0]["explanation"]["baseline"]["major_osteoporotic"] = 0.4321
    made.model_ids["evidence"] = "evidence-of-then"
    made.save()
    told = text_of(pages, f"/assessments/{made.pk}/").split('class="same-age"')[1]
    assert "43.2\u00a0%" in told
    # Other evidence answers by now: its number would not belong beside the stored one.
    assert "None of the seven risk factors" not in told


@pytest.mark.parametrize(
    ("own", "other", "told"),
    [
        (0.276, 0.166, "1.7 times as likely"),
        (0.105, 0.1, "about as likely"),
        (0.1051, 0.1, "1.1 times as likely"),
        (0.06, 0.1, "0.6 times as likely"),
    ],
)
def test_how_many_times_is_of_unrounded_numbers(own: float, other: float, told: str) -> None:
    assert times({"probability_10y": own}, {"probability_10y": other}) == told
