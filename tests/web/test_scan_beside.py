"""The scan that a value comes from stands beside the reasons, small and with a link."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.confirming import confirm
from riskapp.models import Assessment, Patient, ScanPicture
from tests.web.reading import text_of
from tests.web.record import ANSWERS, answer, new
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
TEXTURE = "0.713"


def test_the_scan_that_gave_a_value_is_shown_live_and_stored(
    pages: Client, patient: Patient, owner: User
) -> None:
    assert "The scan behind these values" not in text_of(pages, new(patient))
    scan = stored_scan(patient, owner)
    confirm(by=owner, scan=scan, number=1)
    live = text_of(pages, new(patient))
    beside = live.split('class="section scans-beside"')[1]
    assert f'href="/scans/{scan.pk}/versions/1/pictures/image.png"' in beside
    assert beside.count('class="region"') == 4
    assert "Taken from it: <strong>" in beside
    assert f'href="/scans/{scan.pk}/"' in beside
    # Nothing of it is asked for again with each key that is pressed.
    assert "scans-beside" not in pages.post(answer(patient), ANSWERS).content.decode()
    # No network spoke about this scan, so nothing is said of one.
    assert "network" not in beside.split("</section>")[0]
    pages.post(new(patient), ANSWERS | {"lumbar_texture_score": TEXTURE})
    stored = Assessment.objects.get()
    assert "The scan behind these values" in text_of(pages, f"/assessments/{stored.pk}/")


def test_where_a_network_looked_is_shown_with_what_it_does_not_mean(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    (picture,) = ScanPicture.objects.all()
    picture.pk, picture.position, picture.name = None, 1, "network-looked-at"
    picture.save()
    confirm(by=owner, scan=scan, number=1)
    page = text_of(pages, new(patient))
    assert "It does not show weak bone, and nothing in the probability comes from it." in page
    assert "Grad-CAM" in page
    assert 'id="beside-network-looked-at-title"' in page


def test_a_record_without_a_scan_shows_none(pages: Client, patient: Patient) -> None:
    pages.post(new(patient), ANSWERS)
    stored = Assessment.objects.get()
    assert "scans-beside" not in text_of(pages, f"/assessments/{stored.pk}/")
