"""A scan comes in: kept by content, promised to be measured, invisible to strangers."""

import hashlib
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from pytest_django.fixtures import Settings

from imaging.limits import LIMITS
from riskapp.actions import finding, importing_scan
from riskapp.actions.errors import NotFound, Refused, TooLarge
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.stored_bytes import forget_unfinished, path_of
from riskapp.models import AuditEvent, Job, Patient, Scan


def test_an_upload_is_stored_under_its_hash_and_its_job_promised(
    owner: User, patient: Patient
) -> None:
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(b"slice 1", "../../x.dcm")])

    assert scan.status == Scan.Status.QUEUED
    assert path_of(hashlib.sha256(b"slice 1").hexdigest()).read_bytes() == b"slice 1"
    assert Job.objects.get().scan == scan
    assert AuditEvent.objects.get(action="scan.import").target == str(scan.id)


def test_the_same_bytes_sent_twice_lie_on_the_disk_once(
    owner: User, patient: Patient, scan_folder: Path
) -> None:
    first, second = (
        import_scan(by=owner, patient=patient, files=[ContentFile(b"same")]) for _ in range(2)
    )
    assert first.sha256 == second.sha256
    assert sum(path.is_file() for path in scan_folder.rglob("*")) == 1


def test_the_order_of_the_files_is_kept(owner: User, patient: Patient) -> None:
    scan = import_scan(by=owner, patient=patient, files=[ContentFile(b"b"), ContentFile(b"a")])
    stored = [path_of(file.sha256).read_bytes() for file in scan.files.all()]
    assert stored == [b"b", b"a"]


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
    assert not list(scan_folder.rglob("incoming-*"))
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
    scan_folder: Path, tmp_path: Path, settings: Settings
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    scan_folder.mkdir()
    old, new, upload = (
        scan_folder / "incoming-old",
        scan_folder / "incoming-new",
        tmp_path / "abc.upload",
    )
    for path in (old, new, upload):
        path.touch()
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(old, (two_days_ago, two_days_ago))
    os.utime(upload, (two_days_ago, two_days_ago))
    forget_unfinished()
    assert [path.exists() for path in (old, new, upload)] == [False, True, False]
