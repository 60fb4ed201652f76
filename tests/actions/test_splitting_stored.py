"""Scans stored before identity lay apart are taken apart, and put back byte for byte as asked."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from imaging.errors import MeasuringBroke
from imaging.isolated.storing import keep_isolated
from imaging.phantoms import ct_lumbar_dicoms
from riskapp.actions import splitting_stored
from riskapp.actions.auditing import Actor
from riskapp.actions.identifying import compare
from riskapp.actions.measuring import measure_next
from riskapp.actions.queueing import ask_for_measurement, this_process
from riskapp.actions.splitting_stored import Counts, forget_originals, join_stored, split_stored
from riskapp.actions.stored_bytes import keep, path_of, read_kept
from riskapp.models import AuditEvent, Patient, Scan, ScanFile, ScanIdentity
from tests.actions.test_identity import (
    SAME,
    measured_at_once,
    on_disk,
    scan_of,
)
from tests.drawn import spine_file
from tests.people import add_version, textured

__all__ = ["measured_at_once"]
pytestmark = pytest.mark.usefixtures("answered_here")

NAMED = scan_of(**SAME, AccessionNumber="ACC-77", StudyInstanceUID="1.2.88.1")
SECRETS = (b"EXAMPLE^", b"19550601", b"ACC-77", b"1.2.88.1")


def stored_before(by: User, patient: Patient, *files: bytes, status: str = "measured") -> Scan:
    """Store a scan as it was done before: the bytes as they came, and no identity."""
    scan = Scan.objects.create(patient=patient, uploaded_by=by, sha256="0" * 64, status=status)
    for position, data in enumerate(files):
        sha256, size = keep([data])
        ScanFile.objects.create(scan=scan, position=position, sha256=sha256, size_bytes=size)
    if status == "measured":
        add_version(scan, by, textured(0.6))
    return scan


def rows(scan: Scan) -> list[tuple[int, str, int]]:
    return list(scan.files.values_list("position", "sha256", "size_bytes"))


def test_a_stored_scan_is_split_keeps_its_versions_and_comes_back_byte_for_byte(
    owner: User, patient: Patient, scan_folder: Path
) -> None:
    scan = stored_before(owner, patient, NAMED)
    before, result = rows(scan), scan.versions.get().result
    assert SECRETS[0] in on_disk(scan_folder)

    assert split_stored() == Counts(split=1)
    assert compare(scan).sentence == "The files name this patient."
    assert scan.identity.accession_number == "ACC-77"
    assert scan.files.count() == 1
    assert all(secret not in on_disk(scan_folder) for secret in SECRETS)
    assert all(path_of(one.sha256).exists() for one in scan.files.all())
    assert scan.versions.get().result == result
    assert split_stored() == Counts()

    assert join_stored() == 1
    assert rows(scan) == before
    assert read_kept(before[0][1]) == NAMED
    assert not ScanIdentity.objects.exists()
    assert [path for path in scan_folder.rglob("*") if path.is_file()] == [path_of(before[0][1])]
    actions = AuditEvent.objects.filter(by=Actor.UPDATE).values_list("action", flat=True)
    assert list(actions) == ["scan.take_apart", "scan.join"]
    # And forth once more.
    assert split_stored() == Counts(split=1)


def test_an_archive_becomes_its_files_and_bytes_that_another_scan_shares_stay_until_it_is_split(
    owner: User, patient: Patient, scan_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for at, data in enumerate(ct_lumbar_dicoms(1)[:3]):
            archive.writestr(f"slice-{at}", data)
    zipped = stored_before(owner, patient, packed.getvalue())
    first, second = (stored_before(owner, patient, NAMED) for _ in range(2))

    def breaks_once(*arguments: object) -> object:
        monkeypatch.setattr(splitting_stored, "keep_isolated", keep_isolated)
        raise MeasuringBroke("The fault is ours.")

    monkeypatch.setattr(splitting_stored, "keep_isolated", breaks_once)
    assert split_stored() == Counts(split=2, left=1)
    assert not ScanIdentity.objects.filter(scan=zipped).exists()
    assert split_stored() == Counts(split=1)
    assert zipped.files.count() == 3
    assert first.files.get().sha256 == second.files.get().sha256
    assert SECRETS[0] not in on_disk(scan_folder)
    assert join_stored() == 3
    assert read_kept(rows(zipped)[0][1]) == packed.getvalue()


def test_a_process_killed_half_way_leaves_nothing_undone(
    owner: User, patient: Patient, scan_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = stored_before(owner, patient, NAMED)

    def killed(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(splitting_stored, "_audit", killed)
        with pytest.raises(KeyboardInterrupt):
            split_stored()
    assert read_kept(rows(scan)[0][1]) == NAMED
    with monkeypatch.context() as patched:
        patched.setattr(splitting_stored, "_remove", killed)
        with pytest.raises(KeyboardInterrupt):
            split_stored()
    assert SECRETS[0] in on_disk(scan_folder)
    assert split_stored() == Counts()
    assert SECRETS[0] not in on_disk(scan_folder)


def test_what_waits_to_be_measured_is_left_to_the_worker(owner: User, patient: Patient) -> None:
    other = scan_of(**(SAME | {"PatientID": "B-2"}))
    scan = stored_before(owner, patient, other, status="queued")
    ask_for_measurement(by=owner, scan=scan, regions=None)
    assert split_stored() == Counts(given_to_worker=1)
    assert not scan.files.exists()
    assert measure_next(this_process())
    scan.refresh_from_db()
    assert scan.status == Scan.Status.MISMATCH


def test_what_cannot_be_read_is_no_longer_kept_but_comes_back(
    owner: User, patient: Patient
) -> None:
    scan = stored_before(owner, patient, b"neither image nor report", status="unreadable")
    before = rows(scan)
    assert split_stored() == Counts(not_kept=1)
    assert not scan.files.exists()
    assert join_stored() == 1
    assert rows(scan) == before


def test_lost_bytes_are_left_and_damaged_originals_change_nothing(
    owner: User, patient: Patient, tmp_path: Path
) -> None:
    lost = stored_before(owner, patient, spine_file(3))
    path_of(rows(lost)[0][1]).unlink()
    assert split_stored() == Counts(left=1)

    scan = stored_before(owner, patient, NAMED)
    assert split_stored() == Counts(split=1, left=1)
    after = rows(scan)
    next((tmp_path / "before-split" / str(scan.id)).iterdir()).write_bytes(b"damaged")
    with pytest.raises(ValueError, match="damaged"):
        join_stored()
    assert rows(scan) == after


def test_the_command_splits_undoes_and_forgets(
    owner: User, patient: Patient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored_before(owner, patient, NAMED)
    call_command("split_stored_scans")
    assert "1 scan(s) taken apart" in capsys.readouterr().out
    call_command("split_stored_scans", undo=True)
    call_command("split_stored_scans")
    call_command("split_stored_scans", forget_originals=True)
    assert "Originals of 1 scan(s) deleted" in capsys.readouterr().out
    assert all(secret not in on_disk(tmp_path) for secret in SECRETS)
    assert (forget_originals(), join_stored()) == (0, 0)
