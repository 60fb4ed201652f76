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
from imaging.result import Acquired, Measured, ScanMeasurement, Status
from riskapp.actions import finding, leasing, measuring, queueing
from riskapp.actions.confirming import confirm
from riskapp.actions.correcting_regions import correct_regions, measure_again
from riskapp.actions.errors import Refused
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.measuring import measure_next
from riskapp.actions.stored_bytes import received_path
from riskapp.models import Job, Patient, Scan
from tests.drawn import spine_file
from tests.people import textured
from tests.trail import done

WORKER = queueing.this_process()


def _measured(by: User, patient: Patient, content: bytes) -> Scan:
    scan = import_scan(by=by, patient=patient, files=[ContentFile(content)])
    assert measure_next(WORKER)
    return finding.scan(by=by, id=scan.id)


def test_a_spine_is_measured_corrected_measured_again_and_confirmed(
    owner: User, colleague: User, patient: Patient
) -> None:
    scan = _measured(owner, patient, spine_file(7))
    assert (scan.status, scan.reason) == (Scan.Status.MEASURED, "")
    (first,) = finding.versions(by=owner, scan=scan)
    assert (first.number, first.made_by, first.origin) == (1, owner, "automatic")
    assert "synthetic" in {finding["code"] for finding in first.result["quality"]}
    picture = first.pictures.first()
    assert picture is not None
    file = finding.picture_file(by=colleague, scan_id=scan.id, name=picture.name)
    assert file.read().startswith(b"\x89PNG")

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
    assert done(action__startswith="scan.") == [
        ("scan.import", "owner"),
        ("scan.take_apart", "owner"),
        ("scan.measure", "owner"),
        ("scan.correct", "colleague"),
        ("scan.measure", "colleague"),
        ("scan.confirm", "owner"),
    ]


@pytest.mark.usefixtures("answered_here")
def test_a_region_that_nobody_moved_stays_as_uncertain_as_it_was(
    owner: User, patient: Patient
) -> None:
    scan = _measured(owner, patient, spine_file(7))
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


@pytest.mark.usefixtures("answered_here")
@pytest.mark.parametrize(("on", "is_said"), [("1955-05-31", True), ("1955-06-01", False)])
def test_a_scan_dated_before_the_patients_birth_says_so(
    on: str, is_said: bool, owner: User, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated = replace(textured(0.6), acquired=Acquired(on=on))
    monkeypatch.setattr(measuring, "measure_isolated", lambda *_, **__: Measured(measurement=dated))
    scan = _measured(owner, patient, spine_file(7))
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
    for _ in range(len(leasing.BACK_OFF) + 1):
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


@pytest.mark.usefixtures("answered_here")
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

    monkeypatch.setattr(leasing, "LEASE", timedelta(milliseconds=30))
    monkeypatch.setattr(leasing, "renew", renew)
    monkeypatch.setattr(measuring, "measure_isolated", slow)
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(spine_file(7))])
    assert measure_next(WORKER)
    scan.refresh_from_db()
    assert scan.reason == "Too slow."
