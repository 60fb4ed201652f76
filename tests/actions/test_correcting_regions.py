"""Regions that a person placed: refused in a sentence, or measured again."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from imaging.phantoms import mri_lumbar_dicoms
from imaging.result import ScanMeasurement, Status
from riskapp.actions import finding, queueing
from riskapp.actions.confirming import confirm
from riskapp.actions.correcting_regions import correct_regions, measure_again
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.measuring import measure_next
from riskapp.models import AuditEvent, Job, Patient, Scan, ScanPicture
from tests.people import add_version, textured

pytestmark = pytest.mark.usefixtures("answered_here")
WORKER = queueing.this_process()


def _measured(by: User, patient: Patient, content: bytes) -> Scan:
    scan = import_scan(by=by, patient=patient, files=[ContentFile(content)])
    assert measure_next(WORKER)
    return finding.scan(by=by, id=scan.id)


def test_a_scan_that_waits_is_neither_corrected_nor_asked_for_twice(
    owner: User, patient: Patient
) -> None:
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(b"waits")])
    square = {"id": "L1", "polygon": [[0, 0], [9, 0], [9, 9]]}
    with pytest.raises(Refused, match="still being measured"):
        correct_regions(by=owner, scan=scan, regions=[square])
    with pytest.raises(Refused, match="already being measured"):
        measure_again(by=owner, scan=scan)


SQUARE = [[0, 0], [9, 0], [9, 9]]


@pytest.mark.parametrize(
    "regions",
    [
        [],
        "L1",
        [1],
        [{"polygon": SQUARE}],
        [{"id": "", "polygon": SQUARE}],
        [{"id": "L1"}],
        [{"id": "L1", "polygon": SQUARE[:2]}],
        [{"id": "L1", "polygon": [[0, 0]] * 10_000}],
        [{"id": "L1", "polygon": [[0, 0], [9, 0], [9]]}],
        [{"id": "L1", "polygon": [[0, 0], [9, 0], [9, float("nan")]]}],
        [{"id": "L1", "polygon": [[0, 0], [9, 0], [9, 10**400]]}],
        [{"id": "L1", "polygon": [[0, 0], [9, 0], [9, True]]}],
        [{"id": "L1", "polygon": SQUARE}] * 2,
        [{"id": "L1", "polygon": SQUARE, "slice_index": -1}],
        [{"id": "L1", "polygon": SQUARE, "depth_slices": [5, 4]}],
        [{"id": "L1", "polygon": SQUARE, "label": "\x00"}],
        [{"id": "L1", "polygon": SQUARE, "label": 5}],
        [{"id": "L" * 21, "polygon": SQUARE}],
        [{"id": "L1", "polygon": [[0, 0], [9, 9], [9, 0], [0, 8]]}],
        [{"id": "L1", "polygon": [[0, 0], [5, 0], [9, 0]]}],
        [{"id": "L1", "polygon": [[0, 0], [159.6, 0], [9, 9]]}],
        [{"id": str(number), "polygon": SQUARE} for number in range(41)],
    ],
)
def test_regions_that_cannot_be_drawn_are_refused_and_change_nothing(
    owner: User, measured_scan: Scan, regions: Any
) -> None:
    before = Job.objects.count()
    with pytest.raises(Refused):
        correct_regions(by=owner, scan=measured_scan, regions=regions)
    assert Job.objects.count() == before


@pytest.mark.parametrize(
    "slices",
    [{}, {"slice_index": 3}, {"depth_slices": [2, 4]}, {"slice_index": 3, "depth_slices": [2, 60]}],
)
def test_a_region_of_a_volume_needs_slices_that_are_there(
    owner: User, measured_scan: Scan, slices: dict[str, Any]
) -> None:
    add_version(measured_scan, owner, replace(textured(0.6), size=(60, 300, 160)))
    with pytest.raises(Refused, match="between 0 and 59"):
        correct_regions(
            by=owner, scan=measured_scan, regions=[{"id": "L1", "polygon": SQUARE, **slices}]
        )
    whole = {"id": "L1", "polygon": SQUARE, "slice_index": 59, "depth_slices": [58, 59]}
    assert correct_regions(by=owner, scan=measured_scan, regions=[whole]).is_pending


def test_a_correction_that_was_refused_can_be_corrected(owner: User, confirmed_scan: Scan) -> None:
    refused = ScanMeasurement(status=Status.REFUSED, reason="The outline is empty.")
    add_version(confirmed_scan, owner, refused)
    assert confirmed_scan.confirmed_version is None
    again = [{"id": "L1", "polygon": SQUARE}]
    assert correct_regions(by=owner, scan=confirmed_scan, regions=again).is_pending


def test_vertebrae_proposed_on_an_mri_are_named_and_then_measured(
    owner: User, patient: Patient
) -> None:
    files = [ContentFile(data) for data in mri_lumbar_dicoms(1)]
    scan = import_scan(by=owner, patient=patient, files=files)
    assert measure_next(WORKER)
    scan = finding.scan(by=owner, id=scan.id)
    assert scan.status == Scan.Status.REFUSED
    (asked,) = finding.versions(by=owner, scan=scan)
    # T11 is the first that is drawn.
    names = {"V3": "L1", "V4": "L2", "V5": "L3", "V6": "L4"}
    named = [
        {**each, "id": names.get(each["id"], each["id"]), "label": ""}
        for each in asked.result["regions"]
    ]
    correct_regions(by=owner, scan=scan, regions=named)
    assert measure_next(WORKER)
    *_, second = finding.versions(by=owner, scan=scan)
    assert second.result["status"] == "measured"
    measured = {each["name"] for each in second.result["measurements"]}
    assert "vertebral_bone_quality_score" in measured


def test_a_scan_that_was_never_measured_has_nothing_to_correct(
    owner: User, patient: Patient
) -> None:
    scan = _measured(owner, patient, b"not an image")
    with pytest.raises(Refused, match="nothing to correct"):
        correct_regions(by=owner, scan=scan, regions=[{"id": "L1", "polygon": SQUARE}])


def test_regions_are_kept_as_a_person_placed_them(owner: User, measured_scan: Scan) -> None:
    placed = {"id": "L1", "polygon": SQUARE, "slice_index": 3, "depth_slices": [2, 4]}
    correct_regions(by=owner, scan=measured_scan, regions=[placed])
    (region,) = Job.objects.latest("asked_at").regions
    assert region == placed | {
        "label": "L1",
        "method": "corrected by hand",
        "confidence": None,
        "outline": "area",
    }


def test_a_stranger_neither_corrects_nor_confirms_nor_sees_a_picture(
    stranger: User, measured_scan: Scan
) -> None:
    scan = measured_scan
    square = {"id": "L1", "polygon": SQUARE}
    with pytest.raises(NotFound):
        correct_regions(by=stranger, scan=scan, regions=[square])
    with pytest.raises(NotFound):
        confirm(by=stranger, scan=scan, number=1)
    with pytest.raises(NotFound):
        measure_again(by=stranger, scan=scan)
    with pytest.raises(NotFound):
        finding.picture_file(by=stranger, scan_id=scan.id, name="image")
    assert not finding.versions(by=stranger, scan=scan).exists()


def test_a_measurement_is_kept_though_who_asked_for_it_has_left(
    owner: User, patient: Patient
) -> None:
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(b"not an image")])
    owner.membership.delete()
    assert measure_next(WORKER)
    scan.refresh_from_db()
    assert scan.status == Scan.Status.UNREADABLE
    measured = AuditEvent.objects.get(action="scan.measure")
    assert (measured.by, measured.organisation_id) == (str(owner.pk), patient.organisation_id)


def test_a_picture_of_an_older_version_is_not_shown_beside_newer_regions(
    owner: User, measured_scan: Scan
) -> None:
    ScanPicture.objects.create(
        version=measured_scan.versions.get(number=1), position=0, name="image", title="-",
        sha256="0" * 64, width=1, height=1,
    )  # fmt: skip
    assert finding.picture(by=owner, scan_id=measured_scan.id, name="image", number=1)
    with pytest.raises(NotFound):
        finding.picture(by=owner, scan_id=measured_scan.id, name="image")
