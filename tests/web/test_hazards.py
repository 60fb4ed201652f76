"""What HAZARDS.md promises of the pages, hazard by hazard."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.exchange.wording import SAFETY
from riskapp.models import Assessment, Patient
from tests.web.reading import text_of
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
ANSWERS = {"population": "gb", "femoral_neck_t_score": "-2.2"}
COMPARABLE = "Comparable with FRAX, but not FRAX: a threshold set for it"
NOT_KNOWN = "Osteoporosis treatment is not known: the estimate is for people who take none."


def results(pages: Client, patient: Patient, **more: str) -> dict[str, str]:
    """Every page that shows an estimate, after saving one."""
    age = patient.age_years_on(patient.registered_at.date())
    sent = ANSWERS | {"age_years": str(age)} | more
    live = pages.post(f"/patients/{patient.pk}/assessments/new/", sent | {"calculate": "1"})
    pages.post(f"/patients/{patient.pk}/assessments/new/", sent)
    stored = f"/assessments/{Assessment.objects.get().pk}/"
    return {
        "live": live.content.decode(),
        "stored": text_of(pages, stored),
        "decide": text_of(pages, f"{stored}decide/"),
        "engines": text_of(pages, f"{stored}engines/"),
        "worklist": text_of(pages, "/"),
        "timeline": text_of(pages, f"/patients/{patient.pk}/"),
    }


def test_h3_a_page_says_that_density_was_given_and_not_read_from_an_image(
    pages: Client, patient: Patient, owner: User
) -> None:
    shown = results(pages, patient)["stored"]
    said = "as typed or sent, not read from an image"
    assert shown.count(said) == 1
    assert shown.index("Femoral neck T-score") < shown.index(said)
    scan = text_of(pages, f"/scans/{stored_scan(patient, owner).pk}/")
    assert "areal density cannot be read from" in scan


def test_h8_no_page_passes_a_number_off_as_that_of_frax(pages: Client, patient: Patient) -> None:
    shown = results(pages, patient)
    for name in ("live", "stored"):
        assert COMPARABLE in shown[name]
    for name in ("live", "stored", "decide"):
        assert "evidence set frax-2008" in shown[name]
    assert "comparable with FRAX, not FRAX itself" in shown["live"]
    assert "comparable with FRAX, not FRAX itself" in shown["stored"]
    # Beside that it is named for what it is: whose effects were followed, whose thresholds are met.
    for name, page in shown.items():
        for said in (COMPARABLE, "not FRAX itself", "comparable with FRAX", "compare with FRAX"):
            page = page.replace(said, "")
        page = page.replace("FRAX\u2019s effects", "")
        assert "FRAX" not in page, name


@pytest.mark.parametrize("treatment", ["denosumab", "other"])
def test_h9_a_treated_person_is_warned_of_on_every_page_with_reasons(
    pages: Client, patient: Patient, treatment: str
) -> None:
    shown = results(pages, patient, osteoporosis_treatment=treatment)
    for name in ("live", "stored"):
        assert "On osteoporosis treatment: the estimate is for people who take none" in shown[name]
        assert NOT_KNOWN not in shown[name]
    assert "You take a bone medicine." in shown["decide"]
    said = shown["engines"].split("<li>")
    (names,) = (one.split(":")[0] for one in said if ": On osteoporosis treatment" in one)
    assert names == "Each learned engine"


def test_h9_a_treatment_that_is_not_known_is_said(pages: Client, patient: Patient) -> None:
    shown = results(pages, patient)
    for name in ("live", "stored"):
        assert NOT_KNOWN in shown[name]
    assert "We do not know if you take a bone medicine." in shown["decide"]


def test_h9_nothing_is_said_of_treatment_where_there_is_none(
    pages: Client, patient: Patient
) -> None:
    shown = results(pages, patient, osteoporosis_treatment="none")
    for page in shown.values():
        assert "On osteoporosis treatment" not in page
        assert NOT_KNOWN not in page
        assert "bone medicine. These numbers" not in page


def test_h10_every_page_with_a_number_says_what_it_is_not(pages: Client, patient: Patient) -> None:
    shown: dict[str, Any] = results(pages, patient)
    del shown["engines"]  # a part of the stored page
    for name, page in shown.items():
        assert page.count(SAFETY) == 1, name
