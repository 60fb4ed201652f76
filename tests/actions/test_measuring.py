"""From an upload to a measurement, and from a correction to the next version."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import OperationalError

from imaging.errors import MeasuringBroke
from imaging.phantoms import dxa_spine_dicom, mri_lumbar_dicoms
from imaging.result import Acquired, Measured, ScanMeasurement, Status
from riskapp.actions import finding, measuring, queueing
from riskapp.actions.confirming import confirm
from riskapp.actions.correcting_regions import correct_regions, measure_again
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.measuring import measure_next
from riskapp.actions.stored_bytes import received_path
from riskapp.models import AuditEvent, Job, Patient, Scan, ScanPicture
from tests.people import add_version, textured

WORKER = queueing.this_process()


def _measured(by: User, patient: Patient, content: bytes) -> Scan:
    scan = import_scan(by=by, patient=patient, files=[ContentFile(content)])
    assert measure_next(WORKER)
    return finding.scan(by=by, id=scan.id)


def test_a_spine_is_measured_corrected_measured_again_and_confirmed(
    owner: User, colleague: User, patient: Patient
) -> None:
    scan = _measured(owner, patient, dxa_spine_dicom(7))
    assert (scan.status, scan.reason) == (Scan.Status.MEASURED, "")
    (first,) = finding.versions(by=owner, scan=scan)
    assert (first.number, first.made_by, first.origin) == (1, owner, "automatic")
    assert "synthetic" in {finding["code"] for finding in first.result["quality"]}
    picture = first.pictures.first()
    assert picture is not None
    path = finding.picture_path(by=colleague, scan_id=scan.id, name=picture.name)
    assert path.read_bytes().startswith(b"\x89PNG")

    moved = [
        {"id": each["id"], "polygon": [[x + 2, y + 2] for x, y in each["polygon"]]}
        for each in first.result["regions"]
    ]
    correct_regions(by=colleague, scan=scan, regions=moved)
    assert measure_next(WORKER)
    kept, second = finding.versions(by=owner, scan=scan)
    assert kept == first
    assert (second.number, second.made_by, second.origin) == (2, colleague, "corrected")
    assert second.result["status"] == "measured"
    assert {each["method"] for each in second.result["regions"]} == {"corrected by hand"}
    assert second.result["regions"][0]["polygon"] == moved[0]["polygon"]
    assert second.result["regions"][0]["label"] == first.result["regions"][0]["label"]

    with pytest.raises(Refused, match="newer version"):
        confirm(by=owner, scan=scan, number=1)
    confirmed = confirm(by=owner, scan=scan, number=2)
    again = confirm(by=colleague, scan=scan, number=2)
    assert again.confirmed_at == confirmed.confirmed_at
    assert again.confirmed_by == owner
    done = list(AuditEvent.objects.filter(action__startswith="scan.").values_list("action", "by"))
    assert done == [
        ("scan.import", "owner"),
        ("scan.take_apart", "owner"),
        ("scan.measure", "owner"),
        ("scan.correct", "colleague"),
        ("scan.measure", "colleague"),
        ("scan.confirm", "owner"),
    ]


def test_a_region_that_nobody_moved_stays_as_uncertain_as_it_was(
    owner: User, patient: Patient
) -> None:
    scan = _measured(owner, patient, dxa_spine_dicom(7))
    (first,) = finding.versions(by=owner, scan=scan)
    before = first.result["regions"]
    before[1]["confidence"] = 0.3
    first.save()
    sent = [{"id": each["id"], "polygon": each["polygon"]} for each in before]
    sent[0]["polygon"] = [[x + 2, y] for x, y in sent[0]["polygon"]]
    correct_regions(by=owner, scan=scan, regions=sent)
    assert measure_next(WORKER)
    after = finding.versions(by=owner, scan=scan)[1].result
    told = [(each["method"], each["confidence"]) for each in after["regions"]]
    assert told[0] == ("corrected by hand", None)
    assert told[1:] == [(each["method"], each["confidence"]) for each in before[1:]]
    assert told[1][1] == 0.3
    (unsure,) = (each for each in after["quality"] if each["code"] == "low_confidence")
    assert before[1]["id"] in unsure["advice"]


@pytest.mark.parametrize(
    ("polygon", "words"),
    [
        ([[10, 10], [50, 50], [50, 10], [10, 50]], "crosses itself"),
        ([[10, 10], [20, 20], [30, 30]], "lie on one line"),
        ([["100", 10], [50, 50], [50, 10]], "not written as numbers"),
        ([[1e9, 10], [50, 50], [50, 10]], "outside the picture"),
    ],
)
def test_an_outline_that_cannot_be_is_refused_with_its_cause(
    polygon: list[list[Any]], words: str, owner: User, measured_scan: Scan
) -> None:
    with pytest.raises(Refused, match=words):
        correct_regions(by=owner, scan=measured_scan, regions=[{"id": "L1", "polygon": polygon}])


@pytest.mark.parametrize(("on", "is_said"), [("1955-05-31", True), ("1955-06-01", False)])
def test_a_scan_dated_before_the_patients_birth_says_so(
    on: str, is_said: bool, owner: User, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated = replace(textured(0.6), acquired=Acquired(on=on))
    monkeypatch.setattr(measuring, "measure_isolated", lambda *_, **__: Measured(measurement=dated))
    scan = _measured(owner, patient, dxa_spine_dicom(7))
    (version,) = finding.versions(by=owner, scan=scan)
    codes = {each["code"] for each in version.result["quality"]}
    assert ("date_before_birth" in codes) is is_said


def test_a_file_that_is_no_image_is_answered_with_a_sentence(owner: User, patient: Patient) -> None:
    scan = _measured(owner, patient, b"not an image")
    assert scan.status == Scan.Status.UNREADABLE
    assert scan.reason.endswith(".")
    assert scan.newest_version is not None
    with pytest.raises(Refused, match="no measurement to confirm"):
        confirm(by=owner, scan=scan, number=1)


def test_lost_bytes_are_a_failure_that_is_tried_again_and_then_shown(
    owner: User, patient: Patient
) -> None:
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(b"lost")])
    received_path(scan.received_files.get().name).unlink()
    for _ in range(len(queueing.BACK_OFF) + 1):
        Job.objects.update(run_after=scan.uploaded_at)
        assert measure_next(WORKER)
    scan.refresh_from_db()
    assert scan.status == Scan.Status.FAILED
    assert scan.newest_version is None
    assert measure_again(by=owner, scan=scan).status == Scan.Status.QUEUED


def test_a_fault_of_ours_fails_the_job_and_does_not_blame_the_file(
    owner: User, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise MeasuringBroke("The fault is ours.")

    monkeypatch.setattr(measuring, "measure_isolated", break_down)
    monkeypatch.setattr(measuring, "take_apart", lambda job: None)
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(b"anything")])
    assert measure_next(WORKER)
    job = scan.jobs.get()
    assert (job.failures, job.problem) == (1, "MeasuringBroke")
    assert not scan.versions.exists()


def test_a_busy_database_does_not_end_the_renewal_of_a_lease(
    owner: User, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats: list[Job] = []
    renewed = threading.Event()

    def renew(job: Job) -> bool:
        beats.append(job)
        if len(beats) == 1:
            raise OperationalError("database is locked")
        renewed.set()
        return True

    def slow(*_: object, **__: object) -> Measured:
        assert renewed.wait(30)
        return Measured(measurement=ScanMeasurement(status=Status.REFUSED, reason="Too slow."))

    monkeypatch.setattr(queueing, "LEASE", timedelta(milliseconds=30))
    monkeypatch.setattr(queueing, "renew", renew)
    monkeypatch.setattr(measuring, "measure_isolated", slow)
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(dxa_spine_dicom(7))])
    assert measure_next(WORKER)
    scan.refresh_from_db()
    assert scan.reason == "Too slow."


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
        finding.picture_path(by=stranger, scan_id=scan.id, name="image")
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
    assert (measured.by, measured.organisation_id) == ("owner", patient.organisation_id)


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
