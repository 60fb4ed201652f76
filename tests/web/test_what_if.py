"""What-if: both numbers are the API's, what is sent is all there is, and nothing is stored."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from riskapp.actions.assessing import assess
from riskapp.models import Assessment, AuditEvent, Patient
from riskapp.web.presenters.numbers import percent, percent_range
from tests.web.reading import text_of
from tests.web.test_supposing import HTMX, person, program

__all__ = ["program"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored(owner: User, patient: Patient) -> Assessment:
    answers = {
        "population": "gb",
        "weight_kg": 61.5,
        "height_cm": 160,
        "current_smoker": False,
        "femoral_neck_bmd_g_cm2": 0.594,
        "dxa_manufacturer": "hologic",
    }
    return assess(by=owner, patient=patient, answers=answers)


def rows(page: str) -> list[list[str]]:
    """Probability and interval of each row, major first."""
    found = re.findall(r'<td class="number(?: soft)?">([^<]*)</td>', page)
    return [found[at : at + 2] for at in range(0, len(found), 2)]


def by_api(program: APIClient, profile: dict[str, Any]) -> list[list[str | None]]:
    reply = program.post("/api/v1/scores/", {"profile": profile}, format="json")
    outcomes = reply.json()["results"][0]["estimates"][0]["outcomes"]
    told = [outcomes[name] for name in ("major_osteoporotic", "hip")]
    return [[percent(one["probability_10y"]), percent_range(one["interval_95"])] for one in told]


def test_both_people_have_the_numbers_that_the_api_gives(
    pages: Client, stored: Assessment, program: APIClient
) -> None:
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    address = f"/assessments/{stored.pk}/what-if/?if-weight_kg=80&if-current_smoker=true"
    page = text_of(pages, address)
    assert "A woman like this one who weighs 80\u00a0kg and who smokes" in page
    base = by_api(program, stored.profile)
    other = by_api(program, stored.profile | {"weight_kg": 80, "current_smoker": True})
    assert rows(page) == [base[0], other[0], base[1], other[1]]
    # A T-score gives way to none beside it: the density from which it came is left out.
    page = text_of(pages, f"/assessments/{stored.pk}/what-if/?if-femoral_neck_t_score=-1")
    moved = {**stored.profile, "femoral_neck_t_score": -1}
    del moved["femoral_neck_bmd_g_cm2"]
    assert rows(page)[1::2] == by_api(program, moved)
    since = AuditEvent.objects.exclude(pk__in=before).values_list("action", flat=True)
    assert {action.split(".")[0] for action in since} == {"read", "score"}
    assert Assessment.objects.count() == 1


def test_what_is_sent_as_it_is_recorded_moves_nothing(pages: Client, stored: Assessment) -> None:
    page = text_of(pages, f"/assessments/{stored.pk}/what-if/")
    assert 'value="\u22122.2"' not in page
    sent = dict(
        re.findall(r'name="(if-\w+)" inputmode="decimal" autocomplete="off" value="(.*?)"', page)
    )
    assert sent["if-weight_kg"] == "61.5"
    assert sent["if-femoral_neck_t_score"] == "-2.2"
    assert sent["if-falls_last_year"] == ""
    assert "recorded: not known" in page
    again = pages.get(f"/assessments/{stored.pk}/what-if/", sent).content.decode()
    assert "Nothing is moved yet" in again
    assert "not the effect of changing" in again
    # Not known again is a move too, and never "no".
    unknown = pages.get(f"/assessments/{stored.pk}/what-if/", {"if-current_smoker": ""})
    assert "of whom it is not known: current smoking" in unknown.content.decode()


def test_an_address_to_pass_on_holds_the_moved_answers_alone(
    pages: Client, patient: Patient, stored: Assessment
) -> None:
    asked = {"if-weight_kg": "80", "if-falls_last_year": "", "name": "x"}
    page = pages.get(
        f"/assessments/{stored.pk}/what-if/", asked, headers=HTMX | {"HX-Target": "what-if-answer"}
    ).content.decode()
    (query,) = re.findall(r'what-if/\?([^"]*)"', page)
    assert query == "if-weight_kg=80"
    assert patient.name not in page
    assert "<form" not in page  # the sliders stay where they are
    assert "hx-swap-oob" in page


def test_a_value_that_cannot_be_is_said_in_words_and_kept(
    pages: Client, stored: Assessment
) -> None:
    address = f"/assessments/{stored.pk}/what-if/"
    refused = (
        ("femoral_neck_t_score", "-8.1", "expected \u22128 to 6"),
        ("weight_kg", "heavy", "should be a plain number"),
    )
    for name, sent, told in refused:
        page = pages.get(address, {f"if-{name}": sent}).content.decode()
        assert told in page
        assert f'value="{sent}"' in page
        assert rows(page) == []
    assert rows(pages.get(address, {"if-femoral_neck_t_score": "-8"}).content.decode())


def test_a_record_that_is_not_saved_is_moved_without_script(
    pages: Client, patient: Patient, program: APIClient
) -> None:
    address = f"/patients/{patient.pk}/assessments/what-if/"
    page = pages.post(address, person(patient) | {"if-falls_last_year": "2"}).content.decode()
    assert "with 2 falls in the last year" in page
    base = by_api(program, person(patient))
    other = by_api(program, person(patient) | {"falls_last_year": 2})
    assert rows(page) == [base[0], other[0], base[1], other[1]]
    # The record goes along, so that moving again asks about the same person.
    assert re.findall(r'type="hidden" name="height_cm" value="(.*?)"', page) == ["160"]
    anew = pages.post(address, person(patient) | {"if-falls_last_year": "2", "anew": "1"})
    assert "Nothing is moved yet" in anew.content.decode()
    assert pages.get(address).status_code == 302
    assert not Assessment.objects.exists()


def test_without_a_height_the_index_is_moved_instead_of_the_weight(
    pages: Client, patient: Patient, owner: User
) -> None:
    answers = {"population": "gb", "body_mass_index": 24}
    made = assess(by=owner, patient=patient, answers=answers)
    page = text_of(pages, f"/assessments/{made.pk}/what-if/")
    assert "if-body_mass_index" in page
    assert "if-weight_kg" not in page


def test_a_stranger_moves_nothing(
    browser_of: Any, stored: Assessment, patient: Patient, stranger: User
) -> None:
    other = browser_of(stranger)
    assert other.get(f"/assessments/{stored.pk}/what-if/").status_code == 404
    assert other.post(f"/patients/{patient.pk}/assessments/what-if/", {}).status_code == 404


def test_evidence_that_changed_since_is_said_beside_the_numbers_of_today(
    pages: Client, stored: Assessment
) -> None:
    address = f"/assessments/{stored.pk}/what-if/?if-weight_kg=80"
    line = f"/assessments/{stored.pk}/another/current_smoker/"
    said = "published evidence has changed since this assessment"
    assert said not in text_of(pages, address)
    assert said not in text_of(pages, line)
    stored.model_ids["evidence"] = "evidence-of-before"
    stored.save(update_fields=["model_ids"])
    assert said in text_of(pages, address)
    assert said in text_of(pages, line)
