"""The form filled in from the fractures and treatments of the record."""

import re

from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.recording_events import record_fracture, record_treatment
from riskapp.models import Assessment, Patient
from tests.web.reading import text_of
from tests.web.record import ANSWERS, new

UNTOUCHED = {name: text for name, text in ANSWERS.items() if name != "prior_fragility_fracture"}


def picked(page: str, field: str) -> str:
    found = re.search(rf'name="{field}" value="(\w*)" checked', page)
    return found.group(1) if found else "nothing"


def test_the_form_says_which_fracture_an_answer_is_from(
    pages: Client, owner: User, patient: Patient
) -> None:
    assert picked(text_of(pages, new(patient)), "prior_fragility_fracture") == ""
    record_fracture(
        by=owner, patient=patient, site="forearm", happened_on="2024-09", is_fragility=True
    )
    record_treatment(by=owner, patient=patient, agent="denosumab", started_on="2021")
    page = text_of(pages, new(patient))
    assert picked(page, "prior_fragility_fracture") == "true"
    assert "From the fracture of September 2024, recorded on" in page
    assert "From the treatment since 2021, recorded on" in page
    assert '<option value="denosumab" selected' in page


def test_what_is_set_to_not_known_stays_not_known(
    pages: Client, owner: User, patient: Patient
) -> None:
    record_fracture(
        by=owner, patient=patient, site="forearm", happened_on="2024-09", is_fragility=True
    )
    pages.post(new(patient), UNTOUCHED | {"save": "1"})
    assert Assessment.objects.get().profile["prior_fragility_fracture"] is True
    pages.post(new(patient), UNTOUCHED | {"prior_fragility_fracture": "", "save": "1"})
    newest = Assessment.objects.latest("created_at")
    assert "prior_fragility_fracture" not in newest.profile
    assert "prior_fracture_site" not in newest.profile


def test_a_fracture_recorded_since_beats_the_answer_taken_over(
    pages: Client, owner: User, patient: Patient
) -> None:
    denied = UNTOUCHED | {"prior_fragility_fracture": "false", "save": "1"}
    pages.post(new(patient), denied)
    earlier = Assessment.objects.get()
    again = f"{new(patient)}?from={earlier.pk}"
    assert picked(text_of(pages, again), "prior_fragility_fracture") == "false"
    record_fracture(
        by=owner, patient=patient, site="forearm", happened_on="2024-09", is_fragility=True
    )
    assert picked(text_of(pages, again), "prior_fragility_fracture") == "true"
