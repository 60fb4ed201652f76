"""Confirming a scan: what of it goes into the record, and what the page says of the rest."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.actions.confirming import confirm
from riskapp.models import Patient
from tests.web.reading import text_of
from tests.web.scans import CT, stored_scan

pytestmark = pytest.mark.django_db

CONTRAST = {"code": "contrast_medium", "severity": "warning", "advice": "Contrast was given."}


def test_confirming_leads_to_the_record_and_is_kept(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    reply = pages.post(f"/scans/{scan.pk}/confirm/", {"version": "1"}, follow=True)
    assert reply.redirect_chain[-1][0] == f"/patients/{patient.pk}/assessments/new/"
    version = scan.versions.get()
    assert version.confirmed_by == owner


@pytest.mark.parametrize("number", ["7", "", "x", "-1", "9" * 400, "\u00b2"])
def test_confirming_a_version_that_is_not_there_changes_nothing(
    pages: Client, patient: Patient, owner: User, number: str
) -> None:
    scan = stored_scan(patient, owner)
    reply = pages.post(f"/scans/{scan.pk}/confirm/", {"version": number})
    assert reply.status_code in (400, 404)
    assert "invalid literal" not in reply.content.decode()
    assert scan.versions.get().confirmed_at is None


def _vertebra(hu: float, region: str = "L1") -> dict[str, object]:
    return {
        "name": "trabecular_attenuation_hu", "region": region, "value": hu, "unit": "[hnsf'U]",
        "method": "-", "source": "-", "precision": "-",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("quality", "region", "words", "state"),
    [
        ([], "L1", "Used in the record below: L1 attenuation 142", "is-good"),
        (
            [CONTRAST],
            "L1",
            "used in the record (L1 attenuation 142\u00a0HU: held back because of contrast medium)",
            "is-caution",
        ),
        ([], "V1", "it needs a vertebra known to be L1", "is-caution"),
    ],
)
def test_confirming_says_what_of_the_scan_is_used(
    pages: Client, patient: Patient, owner: User,
    quality: list[dict[str, str]], region: str, words: str, state: str,
) -> None:  # fmt: skip
    numbers = [_vertebra(142.3, region)]
    scan = stored_scan(patient, owner, kind=CT, quality=quality, measurements=numbers)
    before = text_of(pages, f"/scans/{scan.pk}/")
    assert ("Confirm regions and use" in before) is (state == "is-good")
    assert ("Not used" in before) is (state != "is-good")
    reply = pages.post(f"/scans/{scan.pk}/confirm/", {"version": "1"}, follow=True)
    page = reply.content.decode()
    message = page[page.index('class="messages"') :]
    assert words in message
    assert f'class="finding {state}"' in message.split("<p>")[0]


def _scanned(days_ago: int) -> dict[str, object]:
    day = timezone.localdate() - timedelta(days=days_ago)
    return {"on": day.isoformat(), "manufacturer": None, "t_reference": None}


@pytest.mark.parametrize(("days_ago", "is_used"), [(1826, True), (1827, False)])
def test_a_scan_too_old_to_be_used_by_itself_says_so_and_how_to_use_it(
    pages: Client, patient: Patient, owner: User, days_ago: int, is_used: bool
) -> None:
    scan = stored_scan(patient, owner, acquired=_scanned(days_ago))
    before = text_of(pages, f"/scans/{scan.pk}/")
    assert ("Confirm regions and use" in before) is is_used
    assert ("the scan is older than 5 years" in before) is not is_used
    assert ("Once confirmed, you can choose it" in before) is not is_used
    reply = pages.post(f"/scans/{scan.pk}/confirm/", {"version": "1"}, follow=True)
    page = reply.content.decode()
    assert ("Used in the record below: Lumbar texture score 0.713" in page) is is_used
    assert ("You can choose it under" in page) is not is_used
    # The choice stands open where something waits for it.
    assert ('id="measurements" open' in page) is not is_used


def test_a_scan_says_so_where_a_newer_one_is_used(
    pages: Client, patient: Patient, owner: User
) -> None:
    newer = stored_scan(patient, owner, acquired=_scanned(10))
    confirm(by=owner, scan=newer, number=1)
    scan = stored_scan(patient, owner, acquired=_scanned(400))
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert "Lumbar texture score 0.713: a newer one is used." in page
    assert "Confirm regions and use" not in page
