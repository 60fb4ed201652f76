"""A scan's page: waiting, measured, refused, confirmed and corrected."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from imaging.accepted import MEASURED
from imaging.measure import PROJECTION_WAYS
from imaging.result import ScanMeasurement, Status
from riskapp.actions.confirming import confirm
from riskapp.models import Patient, Scan, ScanPicture
from riskapp.web.presenters.placing import PLACEABLE
from tests.people import add_version
from tests.web.reading import text_of
from tests.web.scans import ONE_PIXEL, result, stored_scan

pytestmark = pytest.mark.django_db


def test_an_upload_is_kept_and_its_page_asks_again_until_it_is_measured(
    pages: Client, patient: Patient
) -> None:
    file = SimpleUploadedFile("anything.dcm", b"bytes")
    reply = pages.post(f"/patients/{patient.pk}/scans/", {"files": [file]}, follow=True)
    scan = Scan.objects.get()
    page = reply.content.decode()
    assert reply.redirect_chain[-1][0] == f"/scans/{scan.pk}/"
    assert 'hx-trigger="every 1s"' in page
    assert "anything.dcm" not in page


def test_an_upload_without_files_is_answered_on_the_same_page(
    pages: Client, patient: Patient
) -> None:
    reply = pages.post(f"/patients/{patient.pk}/scans/", {})
    assert reply.status_code == 400
    assert "No file was sent" in reply.content.decode()


def test_the_status_fragment_stops_asking_when_the_work_is_done(
    pages: Client, patient: Patient, owner: User
) -> None:
    waiting = stored_scan(patient, owner, status="measuring")
    fragment = text_of(pages, f"/scans/{waiting.pk}/status/")
    assert "hx-trigger" in fragment
    assert "<html" not in fragment
    done = stored_scan(patient, owner)
    fragment = text_of(pages, f"/scans/{done.pk}/status/")
    assert "hx-trigger" not in fragment
    assert "Confirm regions and use" in fragment


def test_a_measured_scan_shows_regions_numbers_and_where_they_come_from(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert page.count('class="region"') == 4
    assert "0.713" in page
    assert "1.05 × 0.6 mm, from the Exposed Area tag" in page
    assert "areal density cannot be read from" in page
    assert "it is not the trabecular bone score" in page
    assert page.index("Look at L4 again.") < page.index("0.713")  # findings before numbers
    picture = pages.get(f"/scans/{scan.pk}/versions/1/pictures/image.png")
    assert picture.headers["Content-Type"] == "image/png"
    assert b"".join(picture) == ONE_PIXEL


def test_a_ct_slice_is_shown_around_its_vertebra(
    pages: Client, patient: Patient, owner: User
) -> None:
    vertebra = {
        "id": "V3",
        "label": "level unknown",
        "method": "by shape",
        "confidence": None,
        "polygon": [[250, 250], [270, 250], [270, 270], [250, 270]],
        "slice_index": 40,
        "depth_slices": [39, 41],
    }
    spacing = {"mm": [5.0, 0.8, 0.8], "source": "PixelSpacing"}
    scan = stored_scan(patient, owner, regions=[vertebra], spacing=spacing)
    ScanPicture.objects.filter(version__scan=scan).update(slice_index=40, width=512, height=512)
    page = text_of(pages, f"/scans/{scan.pk}/")
    # A quarter of 360 units around (260.5, 260.5) of 512 pixels.
    assert 'viewBox="138.16 138.16 90.00 90.00"' in page
    assert ">V3</text>" in page
    assert "V3, not measured" in page  # for who listens
    assert "Dashed and grey: uncertain or not measured." not in page  # said below the cut
    assert "Region V3: level unknown" in page
    assert 'name="region-0-slice_index" value="40"' in page


def test_a_refused_scan_says_why_and_what_would_be_accepted(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner, status="refused", reason="This is a knee.")
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert "This is a knee." in page
    assert "What can be measured" in page
    assert "Confirm regions" not in page


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


def _vertebra(hu: float, region: str = "L1") -> dict[str, object]:
    return {
        "name": "trabecular_attenuation_hu", "region": region, "value": hu, "unit": "[hnsf'U]",
        "method": "-", "source": "-", "precision": "-",
    }  # fmt: skip


CT = {"modality": "ct", "body_part": "abdomen", "view": "axial", "laterality": "unknown"}
CONTRAST = {"code": "contrast_medium", "severity": "warning", "advice": "Contrast was given."}


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


def test_vertebrae_are_outlined_and_named_on_the_cut_along_the_spine(
    pages: Client, patient: Patient, owner: User
) -> None:
    body = [[10, 20], [30, 20], [30, 49]]
    vertebra = {
        "id": "V2", "label": "level unknown", "method": "-", "confidence": None, "slice_index": 74,
        "polygon": [[10, 20], [30, 20], [30, 49]], "depth_slices": [69, 79],
        "traces": [{"picture": "sagittal", "part": "bone", "polygon": body, "outline": "area"}],
    }  # fmt: skip
    spacing = {"mm": [2.0, 1.0, 1.0], "source": "PixelSpacing, ImagePositionPatient"}
    scan = stored_scan(
        patient, owner, kind=CT, regions=[vertebra], spacing=spacing, size=[100, 100, 100],
        measurements=[],
    )  # fmt: skip
    ScanPicture.objects.filter(version__scan=scan).update(name="sagittal", width=100, height=199)
    page = text_of(pages, f"/scans/{scan.pk}/")
    # Square pixels, whatever the distance of the slices.
    assert 'viewBox="0.00 0.00 241.21 480.00"' in page
    outline = '<polygon class="region trace is-bone" points="10.00,20.00 30.00,20.00 30.00,49.00"/>'
    assert outline in page
    # In the cut nothing can be moved: the outline that is measured lies in its slice.
    assert 'data-region="V2"' not in page
    assert page.count(">V2</text>") == 1
    assert "from the Pixel Spacing, Image Position Patient tags" in page


def test_how_steady_and_how_tried_a_number_is_stands_beside_it(
    pages: Client, patient: Patient, owner: User
) -> None:
    score = result()["measurements"][0] | {"stability": 0.12, "tried_on": "generated images"}
    stop = {"code": "cut_off", "severity": "stop", "advice": "Cut off below."}
    warning = {"code": "spur", "severity": "warning", "advice": "Look at L4 again."}
    scan = stored_scan(patient, owner, measurements=[score], quality=[warning, stop])
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert "Not tried on real scans" in page
    assert "Unsteady: changes by 12.0\u00a0%" in page
    assert page.index("Cut off below.") < page.index("Look at L4 again.")
    assert "confidence of outlines high" in page


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
    assert 'name="region-4-id" value="my_mark"' in page
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


def test_where_the_network_looked_is_explained_beside_the_picture(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    ScanPicture.objects.filter(version__scan=scan).update(name="network-looked-at")
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert "Grad-CAM" in page
    assert "nothing is measured by it" in page
