"""Scans of before: fetched from an archive whole, once, and for nobody else's patient."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from riskapp.actions import carrying, fetching, leasing
from riskapp.actions.carrying import fetch_next
from riskapp.actions.fetching import fetches, folder_of
from riskapp.actions.importing_scan import import_scan
from riskapp.models import Arrival, AuditEvent, Fetch, Patient, Scan
from tests.actions.archived import (
    Configure,
    altered,
    archive,
    archived_files,
    configure,
    connected,
    jane,
    promised,
)
from tests.exchange import archive_peers
from tests.exchange.archive_peers import StubArchive

__all__ = ["archive", "archived_files", "configure", "connected", "jane"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connected")]
WORKER = "host-a:1:1"


class Sent:
    """An upload of bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def chunks(self) -> Any:
        yield self._data


def waiting_is_over() -> None:
    Fetch.objects.update(run_after=timezone.now() - timedelta(seconds=1))


def test_a_study_is_fetched_as_one_scan_for_each_series_of_slices(
    owner: User, jane: Patient
) -> None:
    work = promised(owner, jane)
    assert fetch_next(WORKER)
    assert not fetch_next(WORKER)
    work.refresh_from_db()
    (scan,) = work.scans.all()
    assert (work.state, work.images_done, work.images_expected, work.reason) == ("done", 12, 12, "")
    assert (scan.patient, scan.uploaded_by, scan.received_files.count()) == (jane, owner, 12)
    assert not folder_of(work).exists()
    assert AuditEvent.objects.filter(action="archive.fetched", target=work.id).exists()


def test_the_same_study_fetched_twice_is_one_scan(owner: User, jane: Patient) -> None:
    first = promised(owner, jane)
    assert promised(owner, jane) == first  # on its way already
    assert fetch_next(WORKER)
    second = promised(owner, jane)
    assert second != first
    assert fetch_next(WORKER)
    assert Scan.objects.count() == 1
    assert [*second.scans.all()] == [*first.scans.all()]


def test_a_fetch_that_breaks_off_goes_on_with_what_is_missing(
    owner: User, jane: Patient, archive: StubArchive
) -> None:
    work = promised(owner, jane)
    archive.trouble, archive.troubles = "breaks off", 1
    assert fetch_next(WORKER)
    work.refresh_from_db()
    assert (work.state, work.failures, Scan.objects.count()) == ("waiting", 1, 0)
    assert "broke off" in work.problem
    assert len(list(folder_of(work).glob("*/*.dcm"))) == 11
    archive.asked.clear()
    waiting_is_over()
    assert fetch_next(WORKER)
    work.refresh_from_db()
    assert (work.state, work.scans.count()) == ("done", 1)
    files = [path for _, path in archive.asked if "limit" not in path and "/instances/" in path]
    assert len(files) == 1


def test_a_fetch_outlives_the_end_of_its_worker(
    owner: User, jane: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = promised(owner, jane)

    def stopped(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(carrying, "_take_over", stopped)
        with pytest.raises(SystemExit):
            fetch_next(WORKER)
    work.refresh_from_db()
    assert work.state == "waiting"
    call_command("fetch_scans", until_idle=True)
    work.refresh_from_db()
    assert (work.state, work.scans.count()) == ("done", 1)


def test_an_archive_that_stays_away_is_given_up_with_its_reason(
    owner: User, jane: Patient, archive: StubArchive
) -> None:
    work = promised(owner, jane)
    archive.trouble = "busy"
    for _ in range(len(fetching.WAITS) + 1):
        waiting_is_over()
        assert fetch_next(WORKER)
    work.refresh_from_db()
    assert work.state == "failed"
    assert "busy" in work.reason
    assert not folder_of(work).exists()
    # A person may ask again.
    archive.trouble = ""
    assert promised(owner, jane) != work


@pytest.mark.parametrize(
    ("trouble", "sentence"), [("web page", "something else"), ("other study", "another study")]
)
def test_what_is_not_what_was_asked_for_is_not_taken(
    owner: User, jane: Patient, archive: StubArchive, trouble: str, sentence: str
) -> None:
    work = promised(owner, jane)
    archive.trouble = trouble
    assert fetch_next(WORKER)
    work.refresh_from_db()
    assert (work.state, Scan.objects.count()) == ("failed", 0)
    assert sentence in work.reason


def test_only_the_series_that_were_chosen_are_fetched(
    owner: User, jane: Patient, archive: StubArchive, archived_files: dict[str, list[bytes]]
) -> None:
    second = altered(archived_files["ct"][0], SeriesInstanceUID="2.25.5", SOPInstanceUID="2.25.6")
    archive.keep(second)
    promised(owner, jane, series=["2.25.5"])
    assert fetch_next(WORKER)
    (scan,) = Scan.objects.all()
    assert scan.received_files.count() == 1


def test_pictures_of_one_series_are_scans_of_their_own_and_our_results_none(
    owner: User, jane: Patient, archive: StubArchive, archived_files: dict[str, list[bytes]]
) -> None:
    (picture,) = archived_files["dxa"]
    archive.keep(altered(picture, SOPInstanceUID="2.25.6"))
    archive.keep(altered(picture, SOPInstanceUID="2.25.7", Manufacturer="Trabecula"))
    modality = "CR" if b"CR" in picture[:2000] else "OT"
    work = promised(owner, jane, modality)
    assert fetch_next(WORKER)
    work.refresh_from_db()
    assert (work.state, work.scans.count()) == ("done", 2)


def test_what_names_somebody_else_waits_for_a_person(
    owner: User, jane: Patient, archive: StubArchive, archived_files: dict[str, list[bytes]]
) -> None:
    # The archive files it under the patient's number, and the file itself has another.
    (picture,) = archived_files["dxa"]
    archive.files.clear()
    archive.keep(picture)
    work = promised(owner, jane, "CR")
    (uid,) = archive.files
    archive.files[uid] = altered(picture, PatientID="ANOTHER")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(archive_peers, "_is_of", lambda *_: True)
        patched.setattr("riskapp.exchange.archive.dicomweb.is_meant", lambda study, question: True)
        assert fetch_next(WORKER)
    work.refresh_from_db()
    assert (work.state, Scan.objects.count()) == ("done", 0)
    assert "do not name this patient" in work.reason
    assert Arrival.objects.get().organisation == jane.organisation


def test_an_archive_that_was_taken_from_the_list_ends_what_was_promised(
    owner: User, jane: Patient, archive: StubArchive, configure: Configure
) -> None:
    work = promised(owner, jane)
    configure(name="other", dicomweb_url=archive.url)
    assert fetch_next(WORKER)
    work.refresh_from_db()
    assert (work.state, "no longer" in work.reason) == ("failed", True)


def test_what_ends_its_workers_is_given_up(owner: User, jane: Patient) -> None:
    work = promised(owner, jane)
    Fetch.objects.update(claims=leasing.MOST_CLAIMS + 3, failures=3)
    assert not fetch_next(WORKER)
    work.refresh_from_db()
    assert work.state == "failed"


def test_earlier_scans_come_by_themselves_only_where_the_connection_says_so(
    owner: User,
    jane: Patient,
    archive: StubArchive,
    archived_files: dict[str, list[bytes]],
    configure: Configure,
) -> None:
    new = altered(archived_files["dxa"][0], StudyInstanceUID="2.25.8", SOPInstanceUID="2.25.9")
    import_scan(by=owner, patient=jane, files=[Sent(new)])
    assert not Fetch.objects.exists()
    configure(dicomweb_url=archive.url, fetch_priors=True)
    import_scan(by=owner, patient=jane, files=[Sent(new)])
    import_scan(by=owner, patient=jane, files=[Sent(new)])
    (asked,) = Fetch.objects.all()
    assert (asked.study_uid, asked.asked_by.username) == ("", "archive:pacs")
    while fetch_next(WORKER):
        pass
    assert {one.state for one in Fetch.objects.all()} == {"done"}
    # No person chose the patient: whose they are is settled as for whatever arrives.
    assert Arrival.objects.count() == 2
    assert fetches(by=owner, patient=jane).count() == 2
