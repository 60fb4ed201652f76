"""The side that was scanned stands in words, and one in doubt is not used until it is checked."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.models import Patient, Scan
from tests.web.reading import text_of
from tests.web.scans import stored_scan

pytestmark = pytest.mark.django_db
DOUBT = {
    "code": "laterality_contradicts",
    "severity": "warning",
    "advice": "The tags of the file say left, its words right: check which side was scanned.",
    "regions": [],
}


def hip(patient: Patient, owner: User, laterality: str, *quality: dict[str, object]) -> Scan:
    kind = {"modality": "dxa", "body_part": "hip", "view": "ap", "laterality": laterality}
    return stored_scan(patient, owner, kind=kind, quality=list(quality))


@pytest.mark.parametrize(
    ("laterality", "words"),
    [("left", "left side of the body"), ("unknown", "side of the body not stated")],
)
def test_the_side_stands_in_words_beside_the_site(
    pages: Client, patient: Patient, owner: User, laterality: str, words: str
) -> None:
    scan = hip(patient, owner, laterality)
    heading = text_of(pages, f"/scans/{scan.pk}/").partition("<h1>")[2].partition("</h1>")[0]
    assert heading.strip() == f"Hip, DXA, front view, {words}"


def test_a_side_in_doubt_is_asked_about_before_the_scan_is_used(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = hip(patient, owner, "left", DOUBT)
    assert "I checked which side was scanned" in text_of(pages, f"/scans/{scan.pk}/")
    refused = pages.post(f"/scans/{scan.pk}/confirm/", {"version": "1"})
    assert refused.status_code == 400
    assert "check the side, say that you did" in refused.content.decode()
    assert Scan.objects.get().confirmed_version is None
    sent = {"version": "1", "side_checked": "1"}
    assert pages.post(f"/scans/{scan.pk}/confirm/", sent).status_code == 302
    assert Scan.objects.get().confirmed_version is not None
