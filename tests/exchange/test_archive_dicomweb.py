"""An archive by DICOMweb: asked, fetched from and brought to, however it behaves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from riskapp.exchange.archive import dicomweb, session
from riskapp.exchange.archive.answers import (
    ArchiveError,
    Declined,
    FoundStudy,
    Question,
    Silent,
    Stored,
)
from riskapp.exchange.archive.dicomweb import WebArchive
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.archive.multipart import save_files
from riskapp.exchange.connection import Secret
from tests.exchange.archive_peers import BOUNDARY, StubArchive, stub_archive
from tests.exchange.dicom_scans import NUMBER, ct, dxa

KIND = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'
QUESTION = Question(record_number=NUMBER)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The slices of a small CT, and a spine of the same person on another day."""
    folders = [tmp_path_factory.mktemp(name) for name in ("ct", "dxa")]
    ct(folders[0])
    dxa(folders[1])
    return [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.dcm"))]


@pytest.fixture
def archive(files: list[bytes]) -> Iterator[StubArchive]:
    with stub_archive() as stub:
        for one in files:
            stub.keep(one)
        yield stub


@pytest.fixture
def client(archive: StubArchive) -> Iterator[WebArchive]:
    one = WebArchive(archive.connection())
    yield one
    one.close()


def by_modality(client: WebArchive, modality: str) -> FoundStudy:
    return next(one for one in client.studies(QUESTION).studies if modality in one.modalities)


def test_studies_of_a_patient_are_told_with_what_they_are(client: WebArchive) -> None:
    found = by_modality(client, "CT")
    assert (found.record_number, found.day, found.images) == (NUMBER, date(2026, 1, 2), 12)
    (series,) = client.series(found)
    assert (series.modality, series.images, series.is_readable) == ("CT", 12, True)
    assert len(client.instances(found.study_uid, series.series_uid)) == 12
    client.ping()


def test_what_is_asked_names_number_issuer_days_and_kind(
    client: WebArchive, archive: StubArchive
) -> None:
    client.studies(
        replace(
            QUESTION,
            issuer="CLINIC",
            first_day=date(2020, 1, 1),
            last_day=date(2026, 12, 31),
            modalities=("CT",),
            offset=20,
        )
    )
    _, asked = archive.asked[-1]
    for part in (
        f"PatientID={NUMBER}", "IssuerOfPatientID=CLINIC", "StudyDate=20200101-20261231",
        "ModalitiesInStudy=CT", "limit=21", "offset=20",
    ):  # fmt: skip
        assert part in asked


def test_pages_follow_each_other(client: WebArchive) -> None:
    first = client.studies(replace(QUESTION, limit=1))
    second = client.studies(replace(QUESTION, limit=1, offset=1))
    assert (len(first.studies), first.has_more) == (1, True)
    assert (len(second.studies), second.has_more) == (1, False)
    assert first.studies != second.studies


def test_another_persons_studies_are_left_out_whatever_the_archive_says(
    client: WebArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.exchange.archive_peers._is_of", lambda *_: True)
    assert client.studies(Question(record_number="SOMEBODY-ELSE")).studies == ()


@pytest.mark.parametrize("number", ["*", "PAT-?", "A\\B", "  ", ""])
def test_a_number_that_stands_for_any_is_never_asked(number: str) -> None:
    with pytest.raises(Declined):
        Question(record_number=number)


def test_a_series_comes_as_it_is_stored_byte_for_byte(
    client: WebArchive, archive: StubArchive, tmp_path: Path
) -> None:
    study = by_modality(client, "CT")
    (series,) = client.series(study)
    came = list(client.fetch(study.study_uid, series.series_uid, tmp_path, frozenset()))
    assert len(came) == 12
    assert {path.read_bytes() for path in came} <= set(archive.files.values())


def test_only_what_is_missing_is_asked_again(
    client: WebArchive, archive: StubArchive, tmp_path: Path
) -> None:
    study = by_modality(client, "CT")
    (series,) = client.series(study)
    uids = sorted(client.instances(study.study_uid, series.series_uid))
    came = list(client.fetch(study.study_uid, series.series_uid, tmp_path, frozenset(uids[2:])))
    asked = [path for _, path in archive.asked if "/instances/" in path]
    assert len(came) == 2
    assert [path.rsplit("/", 1)[1] for path in asked] == uids[:2]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ("breaks off", Silent), ("broken multipart", Silent), ("busy", Silent),
        ("web page", Declined), ("redirect", Declined),
    ],
)  # fmt: skip
def test_a_series_that_does_not_come_whole_is_told(
    client: WebArchive,
    archive: StubArchive,
    tmp_path: Path,
    trouble: str,
    kind: type[ArchiveError],
) -> None:
    study = by_modality(client, "CT")
    (series,) = client.series(study)
    archive.trouble = trouble
    came: list[Path] = []
    with pytest.raises(kind):
        came.extend(client.fetch(study.study_uid, series.series_uid, tmp_path, frozenset()))
    # What came before it broke is whole, and need not come again.
    assert len(came) == (11 if kind is Silent and trouble != "busy" else 0)


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ("busy", Silent), ("silent", Silent), ("endless", Declined), ("nonsense", Silent),
        ("redirect", Declined),
    ],
)  # fmt: skip
def test_an_archive_that_does_not_answer_a_question_is_told(
    client: WebArchive, archive: StubArchive, trouble: str, kind: type[ArchiveError]
) -> None:
    archive.trouble = trouble
    with pytest.raises(kind):
        client.studies(QUESTION)


def test_an_answer_that_drips_is_not_waited_for_without_end(
    client: WebArchive, archive: StubArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ARCHIVE_LIMITS", replace(ARCHIVE_LIMITS, question_s=-1))
    with pytest.raises(Silent, match="slowly"):
        client.studies(QUESTION)


def test_nobody_there_is_told(tmp_path: Path) -> None:
    with stub_archive() as gone:
        connection = gone.connection()
    with pytest.raises(Silent, match="does not answer"):
        WebArchive(connection).ping()


def results(files: list[bytes]) -> list[Dataset]:
    """Two objects of one study, with pixels."""
    made = [pydicom.dcmread(BytesIO(data)) for data in files[:2]]
    for number, one in enumerate(made):
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = f"2.25.{number + 1}"
    return made


def test_results_are_brought_with_their_length_said_and_are_held(
    client: WebArchive, archive: StubArchive, files: list[bytes]
) -> None:
    made = results(files)
    # Beyond a megabyte the library would send chunks, which a real server has lost.
    made[0].PixelData = b"\x00" * (2 * 2**20)
    assert not client.holds(made[0])
    said = client.store(made[0].StudyInstanceUID, made)
    posted = next(headers for headers in archive.headers if "Content-Length" in headers)
    assert int(posted["Content-Length"]) > 2 * 2**20
    assert "Transfer-Encoding" not in posted
    assert [one.refused for one in said] == ["", ""]
    assert all(client.holds(one) for one in made)
    held = pydicom.dcmread(BytesIO(archive.files["2.25.2"]))
    assert held == made[1]


def test_a_store_that_is_lost_with_status_200_is_not_held(
    client: WebArchive, archive: StubArchive, files: list[bytes]
) -> None:
    made = results(files)
    archive.trouble = "loses"
    said = client.store(made[0].StudyInstanceUID, made)
    assert said == (Stored("2.25.1"), Stored("2.25.2"))
    assert not any(client.holds(one) for one in made)


def test_a_duplicate_counts_as_there(
    client: WebArchive, archive: StubArchive, files: list[bytes]
) -> None:
    made = results(files)
    client.store(made[0].StudyInstanceUID, made[:1])
    # One of two (status 202), then both (status 409).
    for _ in range(2):
        said = client.store(made[0].StudyInstanceUID, made)
        assert [one.refused for one in said] == ["", ""]
        assert all(client.holds(one) for one in made)


def test_what_is_refused_is_told_object_by_object(
    client: WebArchive, archive: StubArchive, files: list[bytes]
) -> None:
    made = results(files)
    archive.trouble = "refuses"
    said = client.store(made[0].StudyInstanceUID, made)
    assert all("A900" in one.refused for one in said)


@pytest.mark.parametrize("trouble", ["busy", "locked", "breaks off after storing"])
def test_a_store_that_may_work_later_is_tried_later(
    client: WebArchive, archive: StubArchive, files: list[bytes], trouble: str
) -> None:
    made = results(files)
    archive.trouble = trouble
    with pytest.raises(Silent):
        client.store(made[0].StudyInstanceUID, made)


def test_another_object_of_the_same_identifier_is_no_confirmation(
    client: WebArchive, archive: StubArchive, files: list[bytes]
) -> None:
    made = results(files)
    client.store(made[0].StudyInstanceUID, made)
    archive.trouble = "another object"
    with pytest.raises(Declined, match="another object"):
        client.holds(made[0])


@pytest.mark.parametrize(
    ("more", "header"),
    [
        ({"auth": "basic", "user": "us"}, "Basic dXM6czNjcmV0"),
        ({"auth": "bearer"}, "Bearer s3cret"),
        ({}, None),
    ],
)
def test_requests_are_signed_in_as_the_connection_says(
    archive: StubArchive,
    monkeypatch: pytest.MonkeyPatch,
    more: dict[str, Any],
    header: str | None,
) -> None:
    monkeypatch.setenv("PACS_SECRET", "s3cret")
    secret = {"secret": Secret(env="PACS_SECRET")} if more else {}
    WebArchive(archive.connection(**more, **secret)).ping()
    assert archive.headers[-1].get("Authorization") == header
    assert archive.headers[-1]["Host"] in archive.url


parts = st.lists(
    st.one_of(
        st.binary(max_size=60),
        # What begins like a boundary and is none.
        st.sampled_from([b"\r\n--", b"\r\n--" + BOUNDARY.encode()[:-1], BOUNDARY.encode()]),
    ),
    min_size=1,
    max_size=4,
)


@given(parts=parts, cut=st.integers(1, 40))
def test_files_are_cut_out_of_a_stream_wherever_it_is_cut(
    parts: list[bytes], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    delimiter = b"--" + BOUNDARY.encode()
    body = b"".join(
        delimiter + b"\r\nContent-Type: application/dicom\r\n\r\n" + one + b"\r\n" for one in parts
    )
    body = b"said before\r\n" + body + delimiter + b"--\r\nsaid after"
    pieces = [body[at : at + cut] for at in range(0, len(body), cut)]
    folder = tmp_path_factory.mktemp("parts")
    came = [path.read_bytes() for path in save_files(KIND, pieces, folder)]
    assert came == parts


def test_a_stream_without_its_last_boundary_is_cut_short(tmp_path: Path) -> None:
    body = f"--{BOUNDARY}\r\n\r\nfile\r\n--{BOUNDARY}\r\n\r\nhalf a fi".encode()
    came: list[Path] = []
    with pytest.raises(Silent):
        came.extend(save_files(KIND, [body], tmp_path))
    assert [path.read_bytes() for path in came] == [b"file"]


@pytest.mark.parametrize("size", [10, 11])
def test_a_file_may_have_so_many_bytes_and_no_more(tmp_path: Path, size: int) -> None:
    limits = replace(ARCHIVE_LIMITS, instance_bytes=10)
    body = f"--{BOUNDARY}\r\n\r\n{'x' * size}\r\n--{BOUNDARY}--".encode()
    if size == 10:
        (one,) = save_files(KIND, [body], tmp_path, limits)
        assert one.stat().st_size == 10
    else:
        with pytest.raises(Declined):
            list(save_files(KIND, [body], tmp_path, limits))


@pytest.mark.parametrize("count", [2, 3])
def test_a_series_may_have_so_many_files_and_no_more(tmp_path: Path, count: int) -> None:
    limits = replace(ARCHIVE_LIMITS, instances=2)
    body = f"--{BOUNDARY}\r\n\r\nfile\r\n".encode() * count + f"--{BOUNDARY}--".encode()
    if count == 2:
        assert len(list(save_files(KIND, [body], tmp_path, limits))) == 2
    else:
        with pytest.raises(Declined):
            list(save_files(KIND, [body], tmp_path, limits))


def test_a_header_without_end_and_another_kind_of_part_are_refused(tmp_path: Path) -> None:
    for part in (b"x" * 9000, b"Content-Type: text/html\r\n\r\n<html>"):
        body = f"--{BOUNDARY}\r\n".encode() + part + f"\r\n--{BOUNDARY}--".encode()
        with pytest.raises(Declined):
            list(save_files(KIND, [body], tmp_path))
    with pytest.raises(Declined):
        list(save_files("multipart/related", [b"x"], tmp_path))


def test_reasons_that_pass_are_tried_again_and_others_are_told() -> None:
    told = Dataset()
    item = Dataset()
    item.ReferencedSOPInstanceUID, item.FailureReason = "1.2", 0xA700
    told.FailedSOPSequence = [item]
    with pytest.raises(Silent):
        list(dicomweb._failed(told))
    item.FailureReason = 0x0122
    assert list(dicomweb._failed(told)) == [("1.2", "The archive refused it (reason 0122).")]
