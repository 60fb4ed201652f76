"""A person corrects the regions of a scan on its page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from imaging.limits import LIMITS
from imaging.result import ScanMeasurement
from riskapp.actions.correcting_regions import correct_regions
from riskapp.models import Patient, ScanPicture
from tests.people import add_version
from tests.web.reading import text_of
from tests.web.scans import result, stored_scan

pytestmark = pytest.mark.django_db


def test_corrected_corners_are_queued_with_the_regions_that_were_kept(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    sent = {
        "region-0-id": "L1",
        "region-0-corners": "50, 50\n90, 50\r\n90; 95\n\n50 95",
        "region-1-id": "L2",
        "region-1-corners": "1,1\n2,2\n3,3",
        "region-1-left_out": "1",
    }
    assert pages.post(f"/scans/{scan.pk}/regions/", sent).status_code == 302
    job = scan.jobs.get(status="queued")
    assert [region["id"] for region in job.regions] == ["L1"]
    assert job.regions[0]["polygon"] == [[50, 50], [90, 50], [90, 95], [50, 95]]


@pytest.mark.parametrize(
    "corners", ["a, b\n1, 2\n3, 4", "1, 2, 3\n1, 2\n3, 4", "1, 2", "", "nan, 1\n1, 1\n2, 2"]
)
def test_corners_that_are_no_corners_are_answered_in_a_sentence(
    pages: Client, patient: Patient, owner: User, corners: str
) -> None:
    scan = stored_scan(patient, owner)
    sent = {"region-0-id": "L1", "region-0-corners": corners}
    reply = pages.post(f"/scans/{scan.pk}/regions/", sent)
    assert reply.status_code == 400
    assert "egion L1" in reply.content.decode()
    assert not scan.jobs.filter(status="queued").exists()


def test_regions_that_nobody_touched_come_back_as_they_were(
    pages: Client, patient: Patient, owner: User
) -> None:
    placed = result()["regions"]
    placed[0]["polygon"] = [[50.1234, 50.5678], [90.04, 50], [90, 90.96]]
    scan = stored_scan(patient, owner, regions=placed[:2])
    sent = {
        "region-0-id": "L1",
        "region-0-corners": "50.1, 50.6\r\n90.0, 50.0\r\n90.0, 91.0",
        "region-1-id": "L2",
        "region-1-corners": "50.0, 100.0\r\n90.0, 100.0\r\n90.0, 141.0",
    }
    assert pages.get(f"/scans/{scan.pk}/").content.decode().count("50.1, 50.6") == 1
    pages.post(f"/scans/{scan.pk}/regions/", sent)
    untouched, moved = scan.jobs.get(status="queued").regions
    assert untouched["polygon"] == placed[0]["polygon"]
    assert moved["polygon"][2] == [90, 141]


@pytest.mark.parametrize("end", ["first_slice", "last_slice"])
def test_one_end_of_the_slices_alone_is_refused(
    pages: Client, patient: Patient, owner: User, end: str
) -> None:
    scan = stored_scan(patient, owner)
    sent = {
        "region-0-id": "L1",
        "region-0-corners": "50, 50\n90, 50\n90, 95",
        f"region-0-{end}": "3",
    }
    reply = pages.post(f"/scans/{scan.pk}/regions/", sent)
    assert reply.status_code == 400
    assert "both the first and the last slice" in reply.content.decode()


def test_too_many_regions_are_refused_and_none_is_dropped_unsaid(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    sent = {}
    for index in range(LIMITS.regions + 1):
        sent |= {f"region-{index}-id": f"R{index}", f"region-{index}-corners": "1,1\n9,1\n9,9"}
    reply = pages.post(f"/scans/{scan.pk}/regions/", sent)
    assert reply.status_code == 400
    assert f"more than {LIMITS.regions} regions" in reply.content.decode()


def test_one_mistake_in_a_correction_costs_nothing_else(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    sent = {
        "region-0-id": "L1",
        "region-0-corners": "51.5, 52.5\n90, 50\n90, 95",
        "region-1-id": "L2",
        "region-1-corners": "not, numbers\n1, 1\n2, 5",
        "region-3-id": "L4",
        "region-3-corners": "1, 1\n9, 1\n9, 9",
        "region-3-left_out": "1",
    }
    reply = pages.post(f"/scans/{scan.pk}/regions/", sent)
    page = reply.content.decode()
    assert "51.5, 52.5\n90, 50\n90, 95</textarea>" in page
    assert "not, numbers" in page
    assert 'name="region-3-left_out" value="1" data-left-out checked' in page
    assert page.count("checked") == 1
    assert page.count('aria-invalid="true" aria-describedby="region-1-problem"') == 1
    assert 'href="#region-1-corners"' in page
    assert "data-changed" in page


@pytest.mark.parametrize("address", ["regions", "confirm", "again"])
def test_an_address_that_only_takes_what_is_sent_leads_to_its_page(
    pages: Client, patient: Patient, owner: User, address: str
) -> None:
    scan = stored_scan(patient, owner)
    reply = pages.get(f"/scans/{scan.pk}/{address}/")
    assert (reply.status_code, reply.headers["Location"]) == (302, f"/scans/{scan.pk}/")
    assert pages.put(f"/scans/{scan.pk}/{address}/").status_code == 405
    reply = pages.get(f"/patients/{patient.pk}/scans/")
    assert reply.headers["Location"] == f"/patients/{patient.pk}/"


def test_a_region_left_out_is_still_shown_and_can_be_put_back(
    pages: Client, patient: Patient, owner: User
) -> None:
    scan = stored_scan(patient, owner)
    fewer = result(measurements=[])
    fewer["regions"] = fewer["regions"][:3]
    add_version(scan, owner, ScanMeasurement.from_json(fewer))
    ScanPicture.objects.update(version=scan.newest_version)
    page = text_of(pages, f"/scans/{scan.pk}/")
    assert page.count('class="region is-left-out"') == 1
    assert ">L4, left out</text>" in page
    assert "the texture score needs L1 to L4" in page
    assert 'name="region-3-left_out" value="1" data-left-out checked' in page
    sent = {}
    for index, region in enumerate(result()["regions"]):
        corners = "\n".join(f"{column:.1f}, {row:.1f}" for column, row in region["polygon"])
        sent |= {f"region-{index}-id": region["id"], f"region-{index}-corners": corners}
    pages.post(f"/scans/{scan.pk}/regions/", sent)
    assert [one["id"] for one in scan.jobs.get(status="queued").regions] == ["L1", "L2", "L3", "L4"]


def test_a_vertebra_with_another_name_is_not_left_out(
    pages: Client, patient: Patient, owner: User
) -> None:
    vertebra = {
        "id": "V1", "label": "level unknown", "method": "-", "confidence": None, "slice_index": 40,
        "polygon": [[50, 50], [70, 50], [70, 70]], "depth_slices": [39, 41],
    }  # fmt: skip
    scan = stored_scan(patient, owner, regions=[vertebra])
    renamed = result(regions=[vertebra | {"id": "L1", "label": "L1", "depth_slices": [41, 43]}])
    add_version(scan, owner, ScanMeasurement.from_json(renamed))
    assert "left out" not in text_of(pages, f"/scans/{scan.pk}/").replace("Leave this", "")


def test_a_region_left_alone_keeps_its_own_voxels_and_a_moved_one_does_not(
    pages: Client, patient: Patient, owner: User
) -> None:
    corners = [[50.0, 50.0], [90.0, 50.0], [90.0, 91.0]]
    own = {"corner": [5, 50, 50], "shape": [1, 1, 8], "bits": "eJz7DwABAQEA"}
    neck = {
        "id": "femoral_neck_left", "label": "femoral neck left", "method": "m", "confidence": 0.9,
        "polygon": corners, "slice_index": 5, "depth_slices": [4, 6], "voxels": own,
    }  # fmt: skip
    for moved in (0.0, 0.5):
        scan = stored_scan(
            patient, owner, regions=[neck], size=[10, 300, 160],
            spacing={"mm": [2.0, 1.0, 1.0], "source": "-"},
        )  # fmt: skip
        sent = [[x + moved, y] for x, y in corners]
        correct_regions(by=owner, scan=scan, regions=[{**neck, "polygon": sent}])
        (region,) = scan.jobs.get(status="queued").regions
        assert ("voxels" in region) is not bool(moved)
