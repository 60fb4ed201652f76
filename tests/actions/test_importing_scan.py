"""A scan comes in: kept by content, promised to be measured, invisible to strangers."""

import hashlib
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from imaging.limits import LIMITS
from riskapp.actions import finding, importing_scan
from riskapp.actions.errors import NotFound, Refused, TooLarge
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.stored_bytes import forget_unfinished, open_received
from riskapp.models import AuditEvent, Job, Patient, Scan


def received_of(scan: Scan) -> list[bytes]:
    return [open_received(file.name).read() for file in scan.received_files.all()]


def test_an_upload_lies_under_a_made_up_name_and_its_job_is_promised(
    owner: User, patient: Patient, scan_folder: Path
) -> None:
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(b"slice 1", "../../x.dcm")])

    assert scan.status == Scan.Status.QUEUED
    assert received_of(scan) == [b"slice 1"]
    assert scan.received_files.get().sha256 == hashlib.sha256(b"slice 1").hexdigest()
    assert "x.dcm" not in scan.received_files.get().name
    # Nothing is kept for good before identity and pixels are taken apart.
    assert not scan_folder.exists()
    assert Job.objects.get().scan == scan
    assert AuditEvent.objects.get(action="scan.import").target == str(scan.id)


def test_the_same_upload_is_recognised(owner: User, patient: Patient) -> None:
    first, second = (
        import_scan(by=owner, patient=patient, files=[ContentFile(b"same")]) for _ in range(2)
    )
    assert first.sha256 == second.sha256


def test_the_order_of_the_files_is_kept(owner: User, patient: Patient) -> None:
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(b"b"), ContentFile(b"a")])
    assert received_of(scan) == [b"b", b"a"]


def test_an_upload_without_a_file_is_refused(owner: User, patient: Patient) -> None:
    with pytest.raises(Refused, match="No file was sent"):
        import_scan(by=owner, patient=patient, files=[])


def test_limits_are_met_exactly_and_not_exceeded_by_one(
    owner: User, patient: Patient, monkeypatch: pytest.MonkeyPatch, scan_folder: Path
) -> None:
    monkeypatch.setattr(importing_scan, "LIMITS", replace(LIMITS, files=2, upload_bytes=10))
    import_scan(by=owner, patient=patient, files=[ContentFile(b"12345"), ContentFile(b"67890")])
    with pytest.raises(TooLarge, match="at most 2 files"):
        import_scan(by=owner, patient=patient, files=[ContentFile(b"1")] * 3)
    with pytest.raises(TooLarge, match="MiB"):
        import_scan(
            by=owner, patient=patient, files=[ContentFile(b"12345"), ContentFile(b"678901")]
        )
    received = scan_folder.parent / "received"
    assert len(list(received.iterdir())) == 2  # of the one that was taken
    assert Scan.objects.count() == 1


def test_a_stranger_neither_finds_nor_adds_a_scan(
    owner: User, colleague: User, stranger: User, patient: Patient
) -> None:
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(b"1")])
    assert finding.scan(by=colleague, id=scan.id) == scan
    with pytest.raises(NotFound):
        finding.scan(by=stranger, id=scan.id)
    with pytest.raises(NotFound):
        import_scan(by=stranger, patient=patient, files=[ContentFile(b"1")])


def test_what_a_cut_off_upload_left_is_deleted_after_a_day_and_not_before(
    scan_folder: Path,
) -> None:
    received = scan_folder.parent / "received"
    scan_folder.mkdir()
    received.mkdir()
    old, new, nobodys, awaited = (
        scan_folder / "incoming-old",
        scan_folder / "incoming-new",
        received / "nobodys",
        received / "awaited",
    )
    for path in (old, new, nobodys, awaited):
        path.touch()
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    for path in (old, nobodys, awaited):
        os.utime(path, (two_days_ago, two_days_ago))
    forget_unfinished({"awaited"})
    assert [path.exists() for path in (old, new)] == [False, True]
    assert [path.exists() for path in (nobodys, awaited)] == [False, True]
