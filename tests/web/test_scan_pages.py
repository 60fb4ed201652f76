"""A scan's page: waiting, measured, refused, and what it says of numbers and findings."""

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from imaging.limits import LIMITS
from imaging.stages import Stage
from riskapp.models import Job, Patient, Scan, ScanPicture
from tests.web.reading import text_of
from tests.web.scans import CT, ONE_PIXEL, result, stored_scan

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
    assert "Waiting to be measured" in page
    assert "anything.dcm" not in page
    job = Job.objects.get()
    job.status, job.stages = "running", [Stage.READING, Stage.READING_PRINT]
    job.save()
    fragment = text_of(pages, f"/scans/{scan.pk}/status/")
    assert "<h2 data-stage-now>Reading the print on the page</h2>" in fragment
    assert fragment.index("Reading the files") < fragment.index("Finding the bone")
    assert fragment.count("is-later") == 4  # the usual ones; texture shows once it begins


def test_what_may_be_sent_is_said_before_it_is(pages: Client, patient: Patient) -> None:
    page = text_of(pages, f"/patients/{patient.pk}/")
    assert "At most 3,000 files and 1,536\u00a0MiB together, 768\u00a0MiB each" in page
    assert f'data-most-bytes="{LIMITS.upload_bytes}"' in page


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
    assert "<legend>V3: level unknown</legend>" in page
    assert 'name="region-0-slice_index" value="40"' in page


def test_a_refused_scan_says_why_and_what_would_be_accepted(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner, status="refused", reason="This is a knee.")
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert "This is a knee." in page
    assert "What can be measured" in page
    assert "Confirm regions" not in page


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


def test_where_the_network_looked_is_explained_beside_the_picture(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    ScanPicture.objects.filter(version__scan=scan).update(name="network-looked-at")
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert "Grad-CAM" in page
    assert "nothing is measured by it" in page


def test_a_finding_is_headed_in_words_and_says_how_far_it_weighs(
    pages: Client, patient: Patient, owner: User
) -> None:
    crest = {"code": "levels_from_crest", "severity": "warning", "advice": "Check them."}
    note = {"code": "side_shown", "severity": "info", "advice": "A left hip."}
    stop = {"code": "not_upright", "severity": "stop", "advice": "Turn it."}
    scan = stored_scan(patient, owner, quality=[note, crest, stop])
    page = text_of(pages, f"/scans/{scan.pk}/")
    said = [
        '<span class="severity">Stop:</span> Not upright',
        '<span class="severity">Look at:</span> Levels counted from the iliac crests',
        '<span class="severity">Note:</span> A left hip.',
    ]
    assert [page.count(one) for one in said] == [1, 1, 1]
    assert sorted(said, key=page.index) == said


def test_what_the_method_of_one_region_adds_is_said_once(
    pages: Client, patient: Patient, owner: User
) -> None:
    methods = ("by edges; 15 mm of the neck", "by edges", "by edges")
    regions = [
        region | {"method": method}
        for region, method in zip(result()["regions"], methods, strict=False)
    ]
    scan = stored_scan(patient, owner, regions=regions)
    assert "by edges; 15 mm of the neck, not yet" in text_of(pages, f"/scans/{scan.pk}/")


def test_a_finding_stands_beside_its_region_in_the_list_and_in_the_table(
    pages: Client, patient: Patient, owner: User
) -> None:
    quality = [
        {"code": "noise", "severity": "warning", "advice": "Noisy."},
        {"code": "low_confidence", "severity": "warning", "advice": "L4.", "regions": ["L4"]},
    ]
    grey = [
        {**result()["measurements"][0], "name": "grey_median", "region": f"L{level}", "value": 90.0}
        for level in (1, 4)
    ]
    scan = stored_scan(patient, owner, quality=quality, measurements=grey)
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert 'id="finding-1"' in page
    assert "L4: check the outline." in page
    link = 'href="#finding-1" aria-label="L4, finding 1: Outline uncertain, check the outline"'
    assert link in page
    assert 'aria-label="Finding 1: Outline uncertain"' in page  # in the table
    assert "finding-2" not in page  # what is of the whole scan has no number
