"""A person's regions: corrected, refused, or placed where measuring found none."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from imaging.intake.accepted import MEASURED
from imaging.measure import PROJECTION_WAYS
from imaging.result import ScanMeasurement, Status
from riskapp.models import Patient, Scan, ScanPicture
from riskapp.web.presenters.placing import PLACEABLE
from tests.people import add_version
from tests.web.reading import text_of
from tests.web.scans import result, stored_scan

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["refused", "failed"])
def test_after_a_correction_that_did_not_work_the_earlier_regions_can_be_corrected(
    pages: Client, patient: Patient, owner: User, status: str
) -> None:
    scan = stored_scan(patient, owner)
    if status == "refused":
        refused = ScanMeasurement(status=Status.REFUSED, reason="The outline is empty.")
        add_version(scan, owner, refused)
    Scan.objects.update(status=status, reason="The outline is empty.")
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert "The outline is empty." in page
    assert 'name="region-3-corners"' in page
    assert page.count('id="image.png-title"') == 1
    assert "Measure again" in page
    assert "Every measurement is kept" in page
    assert "Confirm regions" not in page


def test_a_refused_flat_picture_takes_regions_and_a_volume_does_not(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner, status="refused", reason="Draw a line.")
    ScanPicture.objects.filter(version__scan=scan).update(name="projection")
    assert "Place regions yourself" in text_of(pages, f"/scans/{scan.pk}/")
    sent = {
        "region-0-id": "femoral_shaft_line", "region-0-outline": "line",
        "region-0-corners": "10, 20\n100, 25",
    }  # fmt: skip
    assert pages.post(f"/scans/{scan.pk}/regions/", sent).status_code == 302
    (line,) = scan.jobs.get(status="queued").regions
    assert (line["outline"], line["polygon"]) == ("line", [[10, 20], [100, 25]])

    volume = stored_scan(patient, owner, status="refused", reason="No spine.")
    ScanPicture.objects.filter(version__scan=volume).update(name="sagittal")
    assert "Place regions yourself" not in text_of(pages, f"/scans/{volume.pk}/")
    assert pages.post(f"/scans/{volume.pk}/regions/", sent).status_code == 400


def test_a_region_that_was_added_and_refused_is_still_there(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    sent = {
        "region-0-id": "L1", "region-0-corners": "50, 50\n90, 50\n90, 95",
        "region-4-id": "my_mark", "region-4-outline": "points", "region-4-corners": "x",
    }  # fmt: skip
    page = pages.post(f"/scans/{scan.pk}/regions/", sent).content.decode()
    assert 'name="region-4-id" value="my mark"' in page
    assert "x</textarea>" in page


@pytest.mark.parametrize("outline", ["circle", "Area"])
def test_an_unknown_outline_is_refused(
    pages: Client, patient: Patient, owner: User, outline: str
) -> None:
    scan = stored_scan(patient, owner)
    sent = {
        "region-0-id": "L1",
        "region-0-corners": "1, 1\n9, 1\n9, 9",
        "region-0-outline": outline,
    }
    reply = pages.post(f"/scans/{scan.pk}/regions/", sent)
    assert reply.status_code == 400
    assert "is one of area, line, points" in reply.content.decode()


def test_corrected_numbers_stand_beside_automatic_ones(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    moved = result()
    moved["measurements"][0]["value"] = 0.7
    corrected = add_version(scan, owner, ScanMeasurement.from_json(moved))
    corrected.origin = "corrected"
    corrected.save()
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert "Automatic beside corrected." in page
    assert all(number in page for number in ("0.713", "0.700", "\u22120.013"))


def test_every_way_of_measuring_a_picture_says_what_can_be_placed_for_it() -> None:
    assert set(PLACEABLE) == set(PROJECTION_WAYS)
    names = [name for things in PLACEABLE.values() for thing in things for name in thing.names]
    assert {"T4", "T12", "L1", "L4", "radius_33", "neck_axis"} <= set(names)
    assert not any(" " in name for name in names)


@pytest.mark.parametrize(
    ("kind", "is_offered"),
    [
        ({"modality": "dxa", "body_part": "lumbar_spine", "view": "ap"}, True),
        ({"modality": "dxa", "body_part": "knee", "view": "ap"}, False),
        ({"modality": "radiograph", "body_part": "hand", "view": "unknown"}, True),
        ({"modality": "radiograph", "body_part": "knee", "view": "ap"}, False),
        ({"modality": "unknown", "body_part": "unknown", "view": "unknown"}, True),
    ],
)
def test_a_refused_picture_offers_regions_only_where_they_would_be_measured(
    pages: Client, patient: Patient, owner: User, kind: dict[str, str], is_offered: bool
) -> None:
    scan = stored_scan(
        patient, owner, status="refused", reason=f"This is a picture; {MEASURED}.",
        kind=kind | {"laterality": "unknown"},
    )  # fmt: skip
    ScanPicture.objects.filter(version__scan=scan).update(name="projection")
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert ("Place regions yourself" in page) is is_offered
    assert "This is a picture." in page
    assert MEASURED not in page  # the list stands below
    assert "What can be measured" in page
    assert 'versions/1/pictures/projection"' in page  # and the picture is shown


def test_a_picture_that_lies_the_wrong_way_round_is_to_be_turned_not_drawn_in(
    pages: Client, patient: Patient, owner: User
) -> None:
    stop = {"code": "not_upright", "severity": "stop", "advice": "It stands on its head."}
    hip = {"modality": "dxa", "body_part": "hip", "view": "ap", "laterality": "left"}
    scan = stored_scan(
        patient, owner, status="refused", reason="It stands on its head.", kind=hip, quality=[stop]
    )
    ScanPicture.objects.filter(version__scan=scan).update(name="projection")
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert "It stands on its head." in page
    assert "Place regions" not in page
    sent = {"region-0-id": "femoral_neck", "region-0-corners": "1, 1\n90, 1\n90, 90"}
    assert pages.post(f"/scans/{scan.pk}/regions/", sent).status_code == 400
