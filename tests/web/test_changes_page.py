"""Two visits of one person on a page: drawn, in numbers, and in words."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.confirming import confirm
from riskapp.models import Patient, Scan
from tests.web.reading import text_of
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
HIP = {"modality": "dxa", "body_part": "hip", "view": "ap", "laterality": "unknown"}


def density(region: str, value: float) -> dict[str, Any]:
    return {
        "name": "areal_bmd", "region": region, "value": value, "unit": "g/cm2",
        "method": "read from the report", "source": "densitometer", "precision": "-",
    }  # fmt: skip


def hip(patient: Patient, by: User, day: str, neck: float, maker: str = "hologic") -> Scan:
    scan = stored_scan(
        patient, by, kind=HIP, regions=[], quality=[],
        measurements=[density("femoral_neck_left", neck), density("total_hip_left", 0.801)],
        acquired={"on": day, "manufacturer": maker, "t_reference": None, "model": "Horizon"},
    )  # fmt: skip
    confirm(by=by, scan=scan, number=1)
    return scan


def test_a_change_is_drawn_and_judged_in_words(
    pages: Client, patient: Patient, owner: User
) -> None:
    hip(patient, owner, "2021-03-12", 0.627)
    assert "Change over time" not in text_of(pages, f"/patients/{patient.pk}/")
    hip(patient, owner, "2023-03-12", 0.580)
    assert "Change over time" in text_of(pages, f"/patients/{patient.pk}/")
    page = text_of(pages, f"/patients/{patient.pk}/changes/")
    assert "12 March 2021" in page
    assert "2.0 years" in page
    neck, total = page.split("left femoral neck")[1].split("left total hip")
    assert "\u22127.5&nbsp;%" in neck
    assert "0.627" in neck
    assert "More than repeating the scan alone changes" in neck
    assert "Cannot be told from no change" in total
    assert "not tried on real scans" in neck
    assert 'class="interval"' in neck


def test_two_scans_that_are_not_compared_say_why(
    pages: Client, patient: Patient, owner: User
) -> None:
    hip(patient, owner, "2021-03-12", 0.627)
    hip(patient, owner, "2023-03-12", 0.580, maker="ge_lunar")
    page = text_of(pages, f"/patients/{patient.pk}/changes/")
    assert "Not compared" in page
    assert "scanner" in page


def test_nothing_to_compare_says_what_is_needed(
    pages: Client, patient: Patient, browser_of: Any, stranger: User
) -> None:
    assert "Nothing to compare yet" in text_of(pages, f"/patients/{patient.pk}/changes/")
    foreign = browser_of(stranger).get(f"/patients/{patient.pk}/changes/")
    assert foreign.status_code == 404
