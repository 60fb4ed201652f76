"""An archive by DIMSE (PS3.4 annexes B, C, J): C-FIND, C-GET, C-MOVE and C-STORE."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from shutil import move
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import build_context, build_role, evt
from pynetdicom.association import Association
from pynetdicom.events import Event

from imaging.intake.storage_classes import STORAGE_CLASSES, TRANSFER_SYNTAXES
from riskapp.exchange.archive.answers import (
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
from riskapp.exchange.archive.association import talking
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.archive.trouble import BROKE_OFF
from riskapp.exchange.connection_archive import Archive
from riskapp.exchange.dimse.streaming import lying_in
from riskapp.exchange.storage_commitment import COMMITMENT

# SOP classes by their numbers (PS3.6 annex A).
VERIFICATION = "1.2.840.10008.1.1"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"  # study root query/retrieve
MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
GET = "1.2.840.10008.5.1.4.1.2.2.3"
WRITTEN = {
    "sr": ("1.2.840.10008.5.1.4.1.1.88.33", "structured reports (returns)"),
    "seg": ("1.2.840.10008.5.1.4.1.1.66.4", "segmentations (returns)"),
    "pdf": ("1.2.840.10008.5.1.4.1.1.104.1", "PDF (returns)"),
}
# Status codes: PS3.4 tables C.4-1, C.4-2, C.4-3 and B.2-1; PS3.7 annex C.
PENDING = (0xFF00, 0xFF01)
STORED = (0x0000, 0xB000, 0xB006, 0xB007)  # taken, with or without elements coerced or left out
ALREADY_THERE = 0x0111
FOR_NOW = (0x0110, *range(0xA700, 0xA800))  # processing failure, out of resources
STUDY_KEYS = (
    "PatientID", "IssuerOfPatientID", "StudyInstanceUID", "StudyDate", "ModalitiesInStudy",
    "StudyDescription", "NumberOfStudyRelatedInstances",
)  # fmt: skip
SERIES_KEYS = (
    "StudyInstanceUID", "SeriesInstanceUID", "Modality", "BodyPartExamined", "SeriesDescription",
    "NumberOfSeriesRelatedInstances",
)  # fmt: skip
IMAGE_KEYS = (
    "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "InstanceNumber",
    "NumberOfFrames", "Rows", "Columns",
)  # fmt: skip


class DimseArchive:
    """One archive; each question and each series is a conversation of its own."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def close(self) -> None:
        """Nothing stays open."""

    def ping(self) -> None:
        """Say hello (C-ECHO)."""
        with self._talking([build_context(VERIFICATION)]) as association:
            status = association.send_c_echo()
            if status.get("Status") != 0:
                raise Silent(BROKE_OFF)

    def not_offered(self) -> tuple[str, ...]:
        """Name what its entry wants of the archive and the archive does not agree to."""
        wanted = _wanted(self._archive)
        with self._talking([build_context(uid) for uid in (VERIFICATION, *wanted)]) as association:
            agreed = {str(one.abstract_syntax) for one in association.accepted_contexts}
        return tuple(words for uid, words in wanted.items() if uid not in agreed)

    def studies(self, question: Question) -> Found:
        """Give one page of studies; DIMSE has no pages, so that ours are cut of the whole."""
        told = {
            "PatientID": question.record_number,
            "IssuerOfPatientID": question.issuer,
            "StudyInstanceUID": question.study_uid,
            "StudyDate": question.days,
            "ModalitiesInStudy": question.modalities[0] if len(question.modalities) == 1 else "",
        }
        rows = self._find("STUDY", STUDY_KEYS, told, ARCHIVE_LIMITS.studies_found)
        read = [one for one in map(study_from, rows) if one is not None]
        studies = [one for one in read if is_meant(one, question)]
        # Archives answer in any order, and in another the next time.
        studies.sort(key=lambda one: (one.day is not None, one.day, one.study_uid), reverse=True)
        end = question.offset + question.limit
        return Found(tuple(studies[question.offset : end]), has_more=len(studies) > end)

    def series(self, study: FoundStudy) -> tuple[FoundSeries, ...]:
        told = {"StudyInstanceUID": study.study_uid}
        rows = self._find("SERIES", SERIES_KEYS, told, ARCHIVE_LIMITS.series_found)
        return tuple(one for one in map(series_from, rows) if one is not None)

    def instances(self, study_uid: str, series_uid: str) -> frozenset[str]:
        """Name the objects of a series that the archive holds."""
        told = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": series_uid}
        rows = self._find("IMAGE", IMAGE_KEYS[:3], told, ARCHIVE_LIMITS.instances)
        uids = (str(one.get("SOPInstanceUID") or "") for one in rows)
        return frozenset(uid for uid in uids if is_uid(uid))

    def fetch(
        self, study_uid: str, series_uid: str, folder: Path, have: frozenset[str]
    ) -> Iterator[Path]:
        """Fetch the files of a series by C-GET, each named once it is whole."""
        asked = _identifier("SERIES", ("StudyInstanceUID", "SeriesInstanceUID"), {
            "StudyInstanceUID": study_uid, "SeriesInstanceUID": series_uid,
        })  # fmt: skip
        if have:
            missing = sorted(self.instances(study_uid, series_uid) - have)
            if not missing:
                return
            asked.QueryRetrieveLevel, asked.SOPInstanceUID = "IMAGE", missing
        came: list[Path] = []
        contexts = [build_context(uid, list(TRANSFER_SYNTAXES)) for uid in STORAGE_CLASSES]
        talk = self._talking(
            [build_context(GET), *contexts],
            seconds=ARCHIVE_LIMITS.fetch_s,
            most_bytes=ARCHIVE_LIMITS.series_bytes,
            roles=[build_role(uid, scp_role=True) for uid in STORAGE_CLASSES],
            handlers=[(evt.EVT_C_STORE, _keep, [folder, came])],
        )
        # Apart from the files that are whole, which are known by their names.
        with lying_in(folder / "coming"), talk as association:
            taken = 0
            try:
                for status, _ in whole_answers(association.send_c_get(asked, GET)):
                    yield from came[taken:]
                    taken = len(came)
                    _check_fetched(status)
            except Silent:
                yield from came[taken:]  # what came before it broke off need not come again
                raise

    def move(self, study_uid: str, series_uid: str) -> int:
        """Have a series sent to our receiver (C-MOVE); gives the number of objects sent."""
        asked = _identifier("SERIES", ("StudyInstanceUID", "SeriesInstanceUID"), {
            "StudyInstanceUID": study_uid, "SeriesInstanceUID": series_uid,
        })  # fmt: skip
        sent = 0
        with self._talking([build_context(MOVE)], seconds=ARCHIVE_LIMITS.fetch_s) as association:
            where = self._archive.move_destination
            for status, _ in whole_answers(association.send_c_move(asked, where, MOVE)):
                _check_fetched(status)
                sent = int(status.get("NumberOfCompletedSuboperations") or sent)
        return sent

    def store(self, study_uid: str, objects: Sequence[Dataset]) -> tuple[Stored, ...]:
        """Bring objects; what the archive says of each."""
        syntaxes = {(one.SOPClassUID, one.file_meta.TransferSyntaxUID) for one in objects}
        contexts = [build_context(uid, [syntax]) for uid, syntax in sorted(syntaxes)]
        with self._talking(contexts, seconds=ARCHIVE_LIMITS.store_s) as association:
            return tuple(self._store(association, one) for one in objects)

    def holds(self, made: Dataset) -> bool:
        """Whether the archive tells of this very object.

        Raises
        ------
        Declined
            If it holds another one under the same identifier.
        """
        told = {name: str(made.get(name)) for name in IMAGE_KEYS[:3]}
        for found in self._find("IMAGE", IMAGE_KEYS, told, 2):
            if str(found.get("SOPInstanceUID")) == made.SOPInstanceUID:
                check_same(made, found)
                return True
        return False

    def _talking(self, contexts: list[Any], **more: Any) -> Any:
        limits = {"seconds": ARCHIVE_LIMITS.question_s, "most_bytes": ARCHIVE_LIMITS.answer_bytes}
        return talking(self._archive, contexts, **(limits | more))

    def _find(
        self, level: str, keys: Iterable[str], told: dict[str, str], most: int
    ) -> list[Dataset]:
        asked = _identifier(level, keys, told)
        rows: list[Dataset] = []
        with self._talking([build_context(FIND)]) as association:
            for status, identifier in whole_answers(association.send_c_find(asked, FIND)):
                code = status.Status
                if code in PENDING and identifier is not None:
                    rows.append(identifier)
                elif code not in (0x0000, *PENDING):
                    raise Declined(f"The archive refused what it was asked (status {code:04X}).")
                if len(rows) > most:
                    raise Declined(f"The archive tells of more than {most:,} of one kind.")
        return rows

    def _store(self, association: Association, made: Dataset) -> Stored:
        uid = str(made.SOPInstanceUID)
        try:
            status = association.send_c_store(made)
        except ValueError:  # no presentation context that was accepted
            return Stored(uid, "The archive does not take this kind of object.")
        except RuntimeError as error:
            raise Silent(BROKE_OFF) from error
        code = status.get("Status")
        if code is None or not isinstance(code, int):
            raise Silent(BROKE_OFF)
        if code in FOR_NOW:
            raise Silent("The archive could not store it this time.")
        if code in STORED or code == ALREADY_THERE:
            return Stored(uid)
        return Stored(uid, f"The archive refused it (status {code:04X}).")


def _wanted(archive: Archive) -> dict[str, str]:
    """SOP classes that an entry cannot do without, in words."""
    ways = {"c-get": (GET, "C-GET (fetch_by)"), "c-move": (MOVE, "C-MOVE (fetch_by)")}
    wanted = dict([ways[archive.fetching]]) if archive.fetching in ways else {}
    if not archive.qido:
        wanted[FIND] = "C-FIND, without which nothing is found"
    if archive.returning == "c-store":
        told = {one: WRITTEN[one] for one in archive.returns}
        wanted |= {uid: f"storage of {words}" for uid, words in told.values()}
    if archive.commitment:
        wanted[COMMITMENT] = "storage commitment (commitment)"
    return wanted


def _identifier(level: str, keys: Iterable[str], told: dict[str, str]) -> Dataset:
    asked = Dataset()
    asked.SpecificCharacterSet = "ISO_IR 192"
    asked.QueryRetrieveLevel = level
    for name in keys:
        setattr(asked, name, told.get(name) or None)
    return asked


def whole_answers(
    answered: Iterator[tuple[Dataset, Dataset | None]],
) -> Iterator[tuple[Dataset, Dataset | None]]:
    """Give answers that are whole; where the connection broke, pynetdicom's has no status."""
    try:
        for status, identifier in answered:
            if "Status" not in status:
                raise Silent(BROKE_OFF)
            yield status, identifier
    except ValueError as error:  # no presentation context that was accepted
        raise Declined("The archive does not answer this kind of question.") from error
    except RuntimeError as error:
        raise Silent(BROKE_OFF) from error


def _check_fetched(status: Dataset) -> None:
    code = status.Status
    if code == 0x0000 and status.get("NumberOfFailedSuboperations"):
        code = 0xB000  # said to be a success all the same
    if code in PENDING or code == 0x0000:
        return
    if code == 0xB000 or 0xA700 <= code < 0xA800:
        raise Silent("The archive did not send all of it.")
    raise Declined(f"The archive refused what it was asked (status {code:04X}).")


def _keep(event: Event, folder: Path, came: list[Path]) -> int:
    """Keep the file that C-GET has brought; PS3.4 table B.2-1 has the status."""
    whole, written = event.dataset_path, event.request._dataset_file
    if written is not None:
        written.close()  # as pynetdicom does itself where objects are sent to us
    try:
        if len(came) >= ARCHIVE_LIMITS.instances:
            return 0xA700
        path = Path(move(whole, folder / f"{len(came)}.part"))
    except OSError:
        return 0xA700
    finally:
        whole.unlink(missing_ok=True)
    came.append(path)
    return 0x0000
