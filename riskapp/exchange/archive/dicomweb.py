"""An archive by DICOMweb (PS3.18): QIDO-RS asks, WADO-RS fetches, STOW-RS brings."""

from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests
from dicomweb_client.web import DICOMwebClient
from pydicom.dataset import Dataset

from imaging.broken import BROKEN_FILE
from riskapp.exchange.archive.answers import (
    ArchiveError,
    Declined,
    Found,
    FoundSeries,
    FoundStudy,
    Question,
    Silent,
    Stored,
    check_same,
    is_meant,
    is_uid,
    series_from,
    study_from,
)
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.archive.multipart import save_files
from riskapp.exchange.archive.session import GuardedSession, pieces
from riskapp.exchange.connection_archive import Archive

BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
UNREADABLE = "The archive’s answer cannot be read."
STUDY_FIELDS = (
    "StudyDate", "ModalitiesInStudy", "StudyDescription", "PatientID", "IssuerOfPatientID",
    "NumberOfStudyRelatedInstances",
)  # fmt: skip
SERIES_FIELDS = (
    "Modality", "BodyPartExamined", "SeriesDescription", "NumberOfSeriesRelatedInstances",
)  # fmt: skip
# Why an object is refused (PS3.18 table I.2-2), for those that another try does not mend.
PROCESSING = 0x0110
ALREADY_THERE = 0x0111  # duplicate SOP instance (PS3.7 annex C.5.7)
OUT_OF_RESOURCES = range(0xA700, 0xA800)
AS_JSON = "application/dicom+json"
NOT_THERE = frozenset({404, 405, 406})
NO_DICOMWEB = "Something answers at this address, and it is no DICOMweb."
AS_STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'


class WebArchive:
    """One archive, for as long as one piece of work takes."""

    def __init__(self, archive: Archive) -> None:
        self._session = GuardedSession(archive)
        self._asked, self._fetched = self._client(archive.qido), self._client(archive.wado)
        self._brought = self._client(archive.stow)

    def close(self) -> None:
        self._session.close()

    def ping(self) -> None:
        """Ask for one study, whoever's, to see that the archive answers.

        Raises
        ------
        Declined
            If something else than DICOMweb answers there.
        """
        address = f"{self._asked.base_url}/studies"
        told = self._session.get(address, params={"limit": "1"}, headers={"Accept": AS_JSON})
        if told.status_code == HTTPStatus.NO_CONTENT:
            return
        if told.status_code != HTTPStatus.OK:
            raise Declined(NO_DICOMWEB) if told.status_code in NOT_THERE else _problem(told)
        try:
            rows = told.json()
        except BROKEN_FILE:
            rows = None
        if not isinstance(rows, list):
            raise Declined(NO_DICOMWEB)

    def studies(self, question: Question) -> Found:
        """Give one page of studies; one more than a page is asked, to know whether more follow."""
        told: dict[str, str] = {"PatientID": question.record_number}
        if question.issuer:
            told["IssuerOfPatientID"] = question.issuer
        if question.study_uid:
            told["StudyInstanceUID"] = question.study_uid
        if question.days:
            told["StudyDate"] = question.days
        if len(question.modalities) == 1:
            told["ModalitiesInStudy"] = question.modalities[0]
        rows = self._ask(
            lambda: self._asked.search_for_studies(
                search_filters=told,
                fields=list(STUDY_FIELDS),
                limit=question.limit + 1,
                offset=question.offset,
            )
        )
        read = (study_from(one) for one in rows[: question.limit])
        studies = (one for one in read if one is not None and is_meant(one, question))
        return Found(tuple(studies), has_more=len(rows) > question.limit)

    def series(self, study: FoundStudy) -> tuple[FoundSeries, ...]:
        rows = self._ask(
            lambda: self._asked.search_for_series(
                study.study_uid, fields=list(SERIES_FIELDS), limit=ARCHIVE_LIMITS.series_found
            )
        )
        read = (series_from(one) for one in rows[: ARCHIVE_LIMITS.series_found])
        return tuple(one for one in read if one is not None)

    def instances(self, study_uid: str, series_uid: str) -> frozenset[str]:
        """Name the objects of a series that the archive holds."""
        rows = self._ask(
            lambda: self._asked.search_for_instances(
                study_uid, series_uid, limit=ARCHIVE_LIMITS.instances + 1
            )
        )
        if len(rows) > ARCHIVE_LIMITS.instances:
            raise Declined(f"A series has more than {ARCHIVE_LIMITS.instances:,} files.")
        told = (str(one.get("SOPInstanceUID") or "") for one in rows)
        return frozenset(uid for uid in told if is_uid(uid))

    def fetch(
        self, study_uid: str, series_uid: str, folder: Path, have: frozenset[str]
    ) -> Iterator[Path]:
        """Fetch the files of a series into a folder; those that are here are not asked again."""
        where = f"{self._fetched.base_url}/studies/{study_uid}/series/{series_uid}"
        if not have:
            yield from self._files(where, folder)
            return
        for uid in sorted(self.instances(study_uid, series_uid) - have):
            yield from self._files(f"{where}/instances/{uid}", folder)

    def store(self, study_uid: str, objects: Sequence[Dataset]) -> tuple[Stored, ...]:
        """Bring objects of one study, with the length said: chunked uploads have been lost."""
        self._brought.set_chunk_size(2**62)  # beyond it, dicomweb-client sends chunks
        try:
            told = self._brought.store_instances(list(objects), study_uid)
        except requests.HTTPError as error:
            told = _refusals(_response(error))
        except BROKEN_FILE as error:
            raise Silent(UNREADABLE) from error
        refused = dict(_failed(told))
        return tuple(
            Stored(str(one.SOPInstanceUID), refused.get(str(one.SOPInstanceUID), ""))
            for one in objects
        )

    def holds(self, made: Dataset) -> bool:
        """Whether the archive tells of this very object.

        Raises
        ------
        Declined
            If it holds another one under the same identifier.
        """
        rows = self._ask(
            lambda: self._asked.search_for_instances(
                made.StudyInstanceUID,
                made.SeriesInstanceUID,
                search_filters={"SOPInstanceUID": made.SOPInstanceUID},
                limit=2,
            )
        )
        for told in rows:
            if str(told.get("SOPInstanceUID")) == made.SOPInstanceUID:
                check_same(made, told)
                return True
        return False

    def _client(self, address: str) -> DICOMwebClient:
        client = DICOMwebClient(address or "http://127.0.0.1", session=self._session)
        client.set_http_retry_params(retry=False)
        return client

    def _ask(self, asked: Callable[[], list[Any]]) -> list[Dataset]:
        try:
            rows = asked()
        except requests.HTTPError as error:
            if _response(error).status_code == HTTPStatus.NOT_FOUND:
                return []  # what some archives answer where nothing is found
            raise _problem(_response(error)) from error
        except BROKEN_FILE as error:
            raise Silent(UNREADABLE) from error
        read = (_dataset(row) for row in rows) if isinstance(rows, list) else ()
        return [one for one in read if one is not None]

    def _files(self, address: str, folder: Path) -> Iterator[Path]:
        response = self._session.get(address, headers={"Accept": AS_STORED}, stream=True)
        with response:
            if response.status_code != HTTPStatus.OK:
                raise _problem(response)
            streamed = pieces(response, ARCHIVE_LIMITS.series_bytes, ARCHIVE_LIMITS.fetch_s)
            yield from save_files(response.headers.get("Content-Type", ""), streamed, folder)


def _response(error: requests.HTTPError) -> requests.Response:
    if error.response is None:
        raise Silent(UNREADABLE) from error
    return error.response


def _problem(response: requests.Response) -> ArchiveError:
    status = response.status_code
    if status == HTTPStatus.UNAUTHORIZED:
        return Silent("The archive does not let us in: user or secret are not what it expects.")
    if status == HTTPStatus.FORBIDDEN:
        return Silent("The archive knows us, and does not allow us this (status 403).")
    if status in BUSY:
        return Silent(f"The archive is busy or has a problem of its own (status {status}).")
    return Declined(f"The archive refused what it was asked (status {status}).")


def _dataset(row: object) -> Dataset | None:
    """Read one row of an answer; None where it is none, so that it costs no other row."""
    if not isinstance(row, dict):
        return None
    try:
        return Dataset.from_json(row, bulk_data_uri_handler=lambda *_: None)
    except BROKEN_FILE:
        return None


def _refusals(response: requests.Response) -> Dataset:
    """Read why objects were refused; an answer that names none of them is about all of them."""
    if response.status_code != HTTPStatus.CONFLICT:
        raise _problem(response)
    try:
        told = _dataset(response.json())
    except BROKEN_FILE:
        told = None
    if told is None or not told.get("FailedSOPSequence"):
        raise _problem(response)
    return told


def _failed(told: Dataset) -> Iterator[tuple[str, str]]:
    """Name each object that was refused for good, and why."""
    for item in told.get("FailedSOPSequence") or ():
        reason = item.get("FailureReason")
        code = reason if isinstance(reason, int) else 0
        if code == PROCESSING or code in OUT_OF_RESOURCES:
            raise Silent("The archive could not store it this time.")
        if code != ALREADY_THERE:
            sentence = f"The archive refused it (reason {code:04X})."
            yield str(item.get("ReferencedSOPInstanceUID") or ""), sentence
