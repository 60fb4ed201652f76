"""What a clinic's own models ask beyond our fields, on the pages."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions import registry
from riskapp.models import Assessment, Patient
from tests.model_copies import site_model
from tests.web.reading import text_of
from tests.web.record import ANSWERS, answer, new

HEADING = "For this clinic\u2019s own models"
FIELD = "site-reach"


@pytest.fixture
def served(model_folder: Path, statistician: User, second_statistician: User) -> None:
    site_model(model_folder, "clinic-reach")
    model = registry.adopt(by=statistician, model_id="clinic-reach")
    registry.change(by=second_statistician, model=model, step="approve", why="Good.")
    registry.change(by=statistician, model=model, step="serve", why="Good.")


def test_nothing_more_is_asked_without_such_a_model(pages: Client, patient: Patient) -> None:
    assert HEADING not in text_of(pages, new(patient))


@pytest.mark.usefixtures("served")
def test_it_is_asked_saved_shown_and_taken_over(pages: Client, patient: Patient) -> None:
    page = text_of(pages, new(patient))
    assert HEADING in page
    assert f'name="{FIELD}"' in page
    assert "From 60 to 160 kg." in page
    reply = pages.post(new(patient), ANSWERS | {FIELD: "95"})
    stored = Assessment.objects.get()
    assert reply.status_code == 302
    assert stored.site_values[0]["value"] == 95
    shown = text_of(pages, f"/assessments/{stored.pk}/")
    assert HEADING in shown
    assert "Reach of the arm" in shown
    assert "95\u00a0kg" in shown
    again = text_of(pages, f"{new(patient)}?from={stored.pk}")
    assert 'value="95.0"' in again
    engines = text_of(pages, f"/assessments/{stored.pk}/engines/")
    assert "Reach of the arm: " in engines
    beside = pages.post(f"/patients/{patient.pk}/assessments/engines/", ANSWERS | {FIELD: "95"})
    assert "Reach of the arm: " in beside.content.decode()


@pytest.mark.usefixtures("served")
def test_a_value_out_of_range_is_said_beside_its_question(pages: Client, patient: Patient) -> None:
    wrong = ANSWERS | {FIELD: "1000"}
    sentence = "Reach of the arm is 1000; expected 60 to 160 kg."
    page = pages.post(new(patient), wrong)
    assert page.status_code == 400
    assert f'<a href="#{FIELD}">{sentence}</a>' in page.content.decode()
    live = pages.post(answer(patient), wrong).content.decode()
    assert f'data-problem-for="{FIELD}"' in live
    assert not Assessment.objects.exists()
