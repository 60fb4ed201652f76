"""An archive by DIMSE: asked, fetched from and brought to, however it behaves."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom import build_context

from riskapp.exchange.archive import association, dimse
from riskapp.exchange.archive.answers import Declined, FoundStudy, Question, Silent
from riskapp.exchange.archive.association import talking
from riskapp.exchange.archive.dimse import DimseArchive
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from tests.exchange.dicom_scans import NUMBER
from tests.exchange.dicomweb_archive import files
from tests.exchange.dimse_peer import DimsePeer, dimse_peer

__all__ = ["files"]
QUESTION = Question(record_number=NUMBER)


@pytest.fixture
def peer(files: list[bytes]) -> Iterator[DimsePeer]:
    with dimse_peer() as one:
        for data in files:
            read = pydicom.dcmread(BytesIO(data))
            one.held[str(read.SOPInstanceUID)] = read
        yield one


@pytest.fixture
def client(peer: DimsePeer) -> DimseArchive:
    return DimseArchive(peer.connection())


def of_ct(client: DimseArchive) -> FoundStudy:
    return next(one for one in client.studies(QUESTION).studies if "CT" in one.modalities)


def test_an_archive_says_hello_and_tells_of_a_patients_studies(client: DimseArchive) -> None:
    client.ping()
    study = of_ct(client)
    assert (study.record_number, study.day) == (NUMBER, date(2026, 1, 2))
    (series,) = client.series(study)
    assert (series.modality, series.images) == ("CT", 12)
    assert len(client.instances(study.study_uid, series.series_uid)) == 12


def test_what_is_asked_names_number_issuer_and_days(client: DimseArchive, peer: DimsePeer) -> None:
    client.studies(
        replace(QUESTION, issuer="CLINIC", first_day=date(2020, 1, 1), modalities=("CT",))
    )
    asked = peer.asked[-1]
    told = (asked.PatientID, asked.IssuerOfPatientID, asked.StudyDate, asked.ModalitiesInStudy)
    assert told == (NUMBER, "CLINIC", "20200101-", "CT")


def test_pages_are_cut_of_one_answer_in_one_order(client: DimseArchive) -> None:
    first = client.studies(replace(QUESTION, limit=1))
    second = client.studies(replace(QUESTION, limit=1, offset=1))
    assert (first.has_more, second.has_more) == (True, False)
    assert {*first.studies, *second.studies} == set(client.studies(QUESTION).studies)


def test_a_series_comes_by_c_get_as_it_is_stored(
    client: DimseArchive, peer: DimsePeer, tmp_path: Path
) -> None:
    study = of_ct(client)
    (series,) = client.series(study)
    came = list(client.fetch(study.study_uid, series.series_uid, tmp_path, frozenset()))
    read = {str(one.SOPInstanceUID): one for one in map(pydicom.dcmread, came)}
    held = {uid: one for uid, one in peer.held.items() if one.Modality == "CT"}
    assert read == held


def test_only_what_is_missing_is_asked_again(client: DimseArchive, tmp_path: Path) -> None:
    study = of_ct(client)
    (series,) = client.series(study)
    uids = client.instances(study.study_uid, series.series_uid)
    have = frozenset(sorted(uids)[3:])
    came = list(client.fetch(study.study_uid, series.series_uid, tmp_path, have))
    assert {str(pydicom.dcmread(one).SOPInstanceUID) for one in came} == uids - have
    assert list(client.fetch(study.study_uid, series.series_uid, tmp_path, uids)) == []


def test_what_c_get_brings_goes_to_the_disk_piece_by_piece_and_leaves_nothing(
    client: DimseArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = of_ct(client)
    (series,) = client.series(study)
    (tmp_path / "coming").mkdir()
    (tmp_path / "coming" / "tmp-of-a-killed-worker.dcm").touch()
    seen: list[tuple[Path, bytes]] = []

    def watched(event: Any, folder: Path, came: list[Path]) -> int:
        seen.append((event.dataset_path, event.request.DataSet.getvalue()))
        return keep(event, folder, came)

    keep = dimse._keep
    monkeypatch.setattr(dimse, "_keep", watched)
    before = tempfile.gettempdir()
    came = list(client.fetch(study.study_uid, series.series_uid, tmp_path, frozenset()))
    assert {path.parent for path, _ in seen} == {tmp_path / "coming"}
    assert {held for _, held in seen} == {b""}  # nothing of it in memory
    assert sorted(tmp_path.iterdir()) == sorted(came)
    assert tempfile.gettempdir() == before


@pytest.mark.parametrize("trouble", ["cuts", "fails some"])
def test_what_came_before_it_broke_off_is_kept(
    client: DimseArchive, peer: DimsePeer, tmp_path: Path, trouble: str
) -> None:
    study = of_ct(client)
    (series,) = client.series(study)
    peer.trouble = trouble
    came: list[Path] = []
    with pytest.raises(Silent):
        came.extend(client.fetch(study.study_uid, series.series_uid, tmp_path, frozenset()))
    assert len(came) == 11


def test_a_conversation_reads_no_more_than_it_may(
    client: DimseArchive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    study = of_ct(client)
    (series,) = client.series(study)
    monkeypatch.setattr(dimse, "ARCHIVE_LIMITS", replace(ARCHIVE_LIMITS, series_bytes=20_000))
    came: list[Path] = []
    with pytest.raises(Silent):
        came.extend(client.fetch(study.study_uid, series.series_uid, tmp_path, frozenset()))
    assert 0 < len(came) < 12


def test_a_unit_may_be_so_long_and_no_longer(
    client: DimseArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(association, "ARCHIVE_LIMITS", replace(ARCHIVE_LIMITS, pdu_bytes=20))
    with pytest.raises(Silent):
        client.ping()


def test_small_messages_are_sent_at_once(peer: DimsePeer) -> None:
    verification = build_context(dimse.VERIFICATION)
    with talking(peer.connection(), [verification], seconds=5, most_bytes=10_000) as established:
        opened = established.dul.socket
        assert opened is not None
        assert opened.socket is not None
        assert opened.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert opened.socket.gettimeout() == 3


# pynetdicom leaves the socket of a connection that was refused to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_nobody_there_a_silent_one_and_one_that_knows_us_not_are_told(peer: DimsePeer) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(Silent, match="does not answer"):
            DimseArchive(peer.connection(port=port, wait_s=1)).ping()
    with pytest.raises(Silent, match="does not answer"):
        DimseArchive(peer.connection(port=port)).ping()
    with pytest.raises(Silent, match="name is not known"):
        DimseArchive(peer.connection(host="archive.invalid")).ping()


def results(files: list[bytes]) -> list[Dataset]:
    made = [pydicom.dcmread(BytesIO(data)) for data in files[:2]]
    for number, one in enumerate(made):
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = f"2.25.{number + 1}"
    return made


def test_results_are_brought_by_c_store_and_held(
    client: DimseArchive, peer: DimsePeer, files: list[bytes]
) -> None:
    made = results(files)
    assert not client.holds(made[0])
    for _ in range(2):  # a duplicate counts as there
        said = client.store(made[0].StudyInstanceUID, made)
        assert [one.refused for one in said] == ["", ""]
    assert all(client.holds(one) for one in made)
    assert peer.held["2.25.1"] == made[0]


def test_a_store_that_was_lost_full_or_refused_is_told(
    client: DimseArchive, peer: DimsePeer, files: list[bytes]
) -> None:
    made = results(files)
    peer.trouble = "loses"
    assert not any(one.refused for one in client.store("", made))
    assert not client.holds(made[0])
    peer.trouble = "refuses"
    assert all("A900" in one.refused for one in client.store("", made))
    peer.trouble = "full"
    with pytest.raises(Silent):
        client.store("", made)


def test_an_object_that_differs_is_no_confirmation(
    client: DimseArchive, peer: DimsePeer, files: list[bytes]
) -> None:
    made = results(files)
    client.store("", made)
    peer.held["2.25.1"].InstanceNumber = 4711
    with pytest.raises(Declined, match="another object"):
        client.holds(made[0])


def test_a_question_that_is_refused_is_told(client: DimseArchive, peer: DimsePeer) -> None:
    peer.trouble = "full"
    with pytest.raises(Declined, match="A700"):
        client.studies(QUESTION)


def test_a_move_to_a_receiver_that_the_archive_does_not_know_is_told(peer: DimsePeer) -> None:
    connection = peer.connection(fetch_by="c-move", move_destination="TRABECULA")
    with pytest.raises(Declined, match="A801"):
        DimseArchive(connection).move("1.2", "1.2.3")
    assert peer.moved_to == ["TRABECULA"]
