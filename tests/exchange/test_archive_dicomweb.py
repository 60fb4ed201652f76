"""An archive by DICOMweb: asked and fetched from, however it behaves."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from riskapp.exchange.archive import session
from riskapp.exchange.archive.answers import ArchiveError, Declined, FoundStudy, Question, Silent
from riskapp.exchange.archive.dicomweb import WebArchive
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.connection import Secret
from tests.exchange.archive_peers import StubArchive, stub_archive
from tests.exchange.dicom_scans import NUMBER
from tests.exchange.dicomweb_archive import archive, client, files

__all__ = ["archive", "client", "files"]
QUESTION = Question(record_number=NUMBER)


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
