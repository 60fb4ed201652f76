"""Results go back to the archive once a person has confirmed them, until it holds them."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions import returning
from riskapp.actions.confirming import confirm
from riskapp.actions.delivering import deliver_next
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.returning import return_again, returns_of
from riskapp.models import AuditEvent, Delivery, MeasurementVersion, Patient, Scan
from tests.actions.archived import Configure, archive, archived_files, configure, jane
from tests.exchange.archive_peers import StubArchive
from tests.exchange.dimse_peer import dimse_peer
from tests.web.scans import dicom_scan

__all__ = ["archive", "archived_files", "configure", "jane"]
pytestmark = pytest.mark.django_db
WORKER = "host-a:1:1"
ALL = ["sr", "seg", "pdf"]
# Of the three, by their class (PS3.6 annex A).
SR, SEG, PDF = (
    f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("88.33", "66.4", "104.1")
)  # fmt: skip


@pytest.fixture
def scan(jane: Patient, owner: User, tmp_path: Path, archive: StubArchive) -> Scan:
    """A scan that was not confirmed yet; the archive holds nothing but what a test puts there."""
    (tmp_path / "dicom").mkdir()
    scan = dicom_scan(jane, owner, tmp_path / "dicom")
    scan.versions.update(confirmed_at=None, confirmed_by=None)
    archive.files.clear()
    return scan


@pytest.fixture
def connected(configure: Configure, archive: StubArchive) -> None:
    """One kind of result is to go back: the one that is written the soonest."""
    configure(dicomweb_url=archive.url, wait_s=2, returns=["seg"])


@pytest.fixture
def connected_for_all(configure: Configure, archive: StubArchive) -> None:
    configure(dicomweb_url=archive.url, wait_s=2, returns=ALL)


def state_of(owner: User, scan: Scan) -> tuple[str, str]:
    (one,) = returns_of(by=owner, scan=scan)
    return one.state, one.problem


def waiting_is_over() -> None:
    Delivery.objects.update(run_after=timezone.now() - timedelta(seconds=1))


def held(archive: StubArchive) -> dict[str, Any]:
    read = [pydicom.dcmread(BytesIO(one)) for one in archive.files.values()]
    return {str(one.SOPClassUID): one for one in read}


def test_nothing_goes_back_before_a_person_has_confirmed_it(
    connected_for_all: None, owner: User, scan: Scan, archive: StubArchive
) -> None:
    assert returns_of(by=owner, scan=scan) == ()
    with pytest.raises(Refused):
        return_again(by=owner, scan=scan, archive="pacs")
    assert not deliver_next(WORKER)
    confirm(by=owner, scan=scan, number=1)
    assert state_of(owner, scan) == ("waiting", "")
    assert deliver_next(WORKER)
    assert state_of(owner, scan) == ("confirmed", "")
    assert set(held(archive)) == {SR, SEG, PDF}
    taken = AuditEvent.objects.filter(action="scan.send_back")
    assert taken.filter(target__startswith=f"{scan.id}/1/", by=owner.pk).count() == 3
    # A second confirmation is the first one.
    confirm(by=owner, scan=scan, number=1)
    assert Delivery.objects.count() == 1


def test_only_the_results_that_are_asked_for_go_back(
    configure: Configure, owner: User, scan: Scan, archive: StubArchive
) -> None:
    configure(dicomweb_url=archive.url, returns=["seg"])
    confirm(by=owner, scan=scan, number=1)
    assert deliver_next(WORKER)
    assert set(held(archive)) == {SEG}


def test_an_archive_without_returns_gets_nothing(
    configure: Configure, owner: User, scan: Scan, archive: StubArchive
) -> None:
    configure(dicomweb_url=archive.url)
    confirm(by=owner, scan=scan, number=1)
    assert not Delivery.objects.exists()
    assert returns_of(by=owner, scan=scan) == ()


def test_a_store_lost_with_status_200_is_sent_until_it_is_held(
    connected: None, owner: User, scan: Scan, archive: StubArchive
) -> None:
    confirm(by=owner, scan=scan, number=1)
    archive.trouble, archive.troubles = "loses", 1
    assert deliver_next(WORKER)
    assert state_of(owner, scan) == ("waiting", returning.NOT_YET_TOLD)
    waiting_is_over()
    assert deliver_next(WORKER)
    assert state_of(owner, scan) == ("confirmed", "")
    assert len(archive.files) == 1


def test_a_second_send_is_the_same_objects_and_a_duplicate_counts_as_returned(
    connected_for_all: None, owner: User, scan: Scan, archive: StubArchive
) -> None:
    confirm(by=owner, scan=scan, number=1)
    archive.trouble, archive.troubles = "breaks off after storing", 1
    assert deliver_next(WORKER)
    assert state_of(owner, scan)[0] == "waiting"
    before = dict(archive.files)
    waiting_is_over()
    assert deliver_next(WORKER)
    assert state_of(owner, scan) == ("confirmed", "")
    assert archive.files == before
    assert len(before) == 3


@pytest.mark.parametrize("trouble", ["busy", "locked"])
def test_an_archive_that_is_busy_or_locked_is_tried_again(
    connected: None, owner: User, scan: Scan, archive: StubArchive, trouble: str
) -> None:
    confirm(by=owner, scan=scan, number=1)
    archive.trouble = trouble
    assert deliver_next(WORKER)
    (one,) = returns_of(by=owner, scan=scan)
    assert one.state == "waiting"
    assert one.problem
    assert one.next_try_at is not None


def test_what_is_refused_is_told_and_can_be_sent_again(
    connected: None, owner: User, scan: Scan, archive: StubArchive
) -> None:
    confirm(by=owner, scan=scan, number=1)
    archive.trouble, archive.troubles = "refuses", 1
    assert deliver_next(WORKER)
    assert state_of(owner, scan) == ("given up", "The archive refused it (reason A900).")
    return_again(by=owner, scan=scan, archive="pacs")
    assert state_of(owner, scan)[0] == "waiting"
    assert deliver_next(WORKER)
    assert state_of(owner, scan) == ("confirmed", "")


def test_a_scan_confirmed_before_the_archive_was_known_can_still_go_back(
    configure: Configure, owner: User, scan: Scan, archive: StubArchive
) -> None:
    confirm(by=owner, scan=scan, number=1)
    configure(dicomweb_url=archive.url, returns=["seg"])
    assert state_of(owner, scan) == ("not promised", "")
    return_again(by=owner, scan=scan, archive="pacs")
    assert deliver_next(WORKER)
    assert state_of(owner, scan) == ("confirmed", "")


def test_a_newer_version_replaces_what_went_back_before(
    configure: Configure, owner: User, scan: Scan, archive: StubArchive
) -> None:
    configure(dicomweb_url=archive.url, returns=["sr"])
    confirm(by=owner, scan=scan, number=1)
    assert deliver_next(WORKER)
    first = held(archive)[SR].SOPInstanceUID
    version = scan.versions.get()
    job = scan.jobs.create(asked_by=owner, run_after=timezone.now(), status="done")
    MeasurementVersion.objects.create(
        scan=scan, number=2, made_by=owner, origin="corrected", result=version.result,
        software_version=version.software_version, job=job,
    )  # fmt: skip
    confirm(by=owner, scan=scan, number=2)
    assert deliver_next(WORKER)
    reports = [one for one in map(_read, archive.files.values()) if one.SOPClassUID == SR]
    (newer,) = (one for one in reports if one.SOPInstanceUID != first)
    replaced = {
        item.ReferencedSOPInstanceUID
        for study in newer.PredecessorDocumentsSequence
        for series in study.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    assert len(reports) == 2
    assert replaced
    assert state_of(owner, scan) == ("confirmed", "")


def _read(data: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(BytesIO(data))


def test_a_promise_overtaken_by_a_newer_version_is_not_sent(
    connected: None, owner: User, scan: Scan, archive: StubArchive
) -> None:
    confirm(by=owner, scan=scan, number=1)
    scan.versions.update(confirmed_at=None)
    assert deliver_next(WORKER)
    assert Delivery.objects.get().problem == returning.NOT_CONFIRMED
    assert archive.files == {}


def test_an_archive_taken_from_the_list_gets_nothing_more(
    connected: None, owner: User, scan: Scan, archive: StubArchive, configure: Configure
) -> None:
    confirm(by=owner, scan=scan, number=1)
    configure(name="other", dicomweb_url=archive.url)
    assert deliver_next(WORKER)
    assert Delivery.objects.get().problem == returning.GONE


def test_a_list_of_connections_that_is_broken_holds_nothing_up(
    connected: None, owner: User, scan: Scan, configure: Configure, archive: StubArchive
) -> None:
    configure(dicomweb_url="no address")
    confirm(by=owner, scan=scan, number=1)
    assert returns_of(by=owner, scan=scan) == ()
    configure(dicomweb_url=archive.url, returns=ALL)
    assert state_of(owner, scan) == ("not promised", "")


def test_what_did_not_come_as_dicom_does_not_go_back(
    connected: None, owner: User, scan: Scan
) -> None:
    scan.files.all().delete()
    confirm(by=owner, scan=scan, number=1)
    assert not Delivery.objects.exists()


def test_results_go_back_by_c_store_and_are_looked_for_by_c_find(
    configure: Configure, owner: User, scan: Scan
) -> None:
    with dimse_peer() as peer:
        configure(host="127.0.0.1", port=peer.port, called_ae_title="PEER", returns=ALL, wait_s=3)
        confirm(by=owner, scan=scan, number=1)
        peer.trouble = "loses"
        assert deliver_next(WORKER)
        assert state_of(owner, scan) == ("waiting", returning.NOT_YET_TOLD)
        peer.trouble = ""
        waiting_is_over()
        assert deliver_next(WORKER)
        assert state_of(owner, scan) == ("confirmed", "")
        assert {str(one.SOPClassUID) for one in peer.held.values()} == {SR, SEG, PDF}


def test_another_organisation_sends_nothing_and_sees_nothing(
    connected: None, owner: User, stranger: User, scan: Scan
) -> None:
    confirm(by=owner, scan=scan, number=1)
    with pytest.raises(NotFound):
        returns_of(by=stranger, scan=scan)
    with pytest.raises(NotFound):
        return_again(by=stranger, scan=scan, archive="pacs")
