"""What the worker does with one fetch: series by series, onto the disk and into the record."""

import logging
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from imaging.errors import UnreadableScan
from imaging.identity.whose import same_identifier
from imaging.intake.head import Head, read_head
from imaging.limits import LIMITS
from riskapp.actions import auditing, leasing
from riskapp.actions.archives import PER_PAGE, archive_named, files_here, study_of
from riskapp.actions.arriving import OURS, arrive
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import ActionError, AlreadyHere, NotFound
from riskapp.actions.fetching import (
    MOST_SERIES,
    folder_of,
    give_up,
    promise_prior,
    taken,
    try_later,
)
from riskapp.actions.importing_scan import import_scan
from riskapp.actions.stored_bytes import PIECE_BYTES, keep_sealed, open_stored
from riskapp.exchange.archive.answers import Declined, FoundSeries, Question, Silent
from riskapp.exchange.archive.dimse import DimseArchive
from riskapp.exchange.archive.reaching import asking, fetching_from
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_archive import Archive
from riskapp.models import Fetch, Patient, Scan

log = logging.getLogger(__name__)
UNFORESEEN = "Fetching failed here; the log says where."
LOST = "The archive does not tell of this study under the patient’s record number any more."
GONE = "The archive is no longer among the site’s connections."
TOO_FEW = "The archive sent {came} of the {expected} files of a series."
OTHER_STUDY = "The archive sent files of another study than it was asked for; none were taken."
NOTHING_NEW = "All of it is here already."
NOTHING_READABLE = "Nothing in it can be measured or read here."
TOO_MANY = "The study has {count} series; choose at most {most} of them."
ELSEWHERE = (
    "Its files do not name this patient as the record does: they wait among the scans that have "
    "arrived."
)
SENT = "The archive sent {count} files to our receiver; the scan appears once they are filed."
DAMAGED = "{count} of its files were damaged and were left out."


@dataclass(frozen=True, slots=True)
class _File:
    """One file that has come, ready to be imported."""

    path: Path
    head: Head

    def chunks(self) -> Iterator[bytes]:
        with open_stored(self.path) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece


def fetch_next(worker: str) -> bool:
    """Bring the next study that is due; False if there was none."""
    work = leasing.claim(Fetch, worker, taken)
    if work is None:
        return False
    try:
        with leasing.Heartbeat(work):
            _carry_out(work)
    except leasing.TakenOver:
        log.warning("Fetch %s was taken by another worker", work.id)
    except Silent as reason:
        try_later(work, str(reason))
    except (Declined, ActionError, UnusableConnection) as reason:
        give_up(work, str(reason))
    # The outermost edge: one study's fault must not keep the others waiting.
    except Exception:
        log.exception("Fetch %s failed", work.id)
        try_later(work, UNFORESEEN)
    except BaseException:
        leasing.give_back(work)
        raise
    return True


def _carry_out(work: Fetch) -> None:
    try:
        archive = archive_named(work.organisation, work.archive)
    except NotFound:
        raise Declined(GONE) from None
    if work.study_uid:
        _fetch_study(work, archive)
    else:
        _look_for_priors(work, archive)


def _look_for_priors(work: Fetch, archive: Archive) -> None:
    question = Question(record_number=work.patient.record_number, issuer=archive.issuer)
    with asking(archive) as client:
        found = client.studies(question).studies[:PER_PAGE]
    with transaction.atomic():
        for study in found:
            if Scan.objects.filter(patient=work.patient, identity__study_uid=study.study_uid):
                continue
            if study.modalities and not any(
                FoundSeries(series_uid="", modality=one).is_readable for one in study.modalities
            ):
                continue
            day = study.day.isoformat() if study.day else ""
            told = {"modalities": list(study.modalities), "description": study.description}
            promise_prior(work, study.study_uid, told | {"day": day})
        _finish(work, "")


def _fetch_study(work: Fetch, archive: Archive) -> None:
    study = study_of(archive, work.patient, work.study_uid)
    if study is None:
        raise Declined(LOST)
    with asking(archive) as client:
        told = client.series(study)
    chosen = [one for one in told if not work.series or one.series_uid in work.series]
    readable = [one for one in chosen if one.is_readable]
    here = files_here(work.patient, work.study_uid)
    missing = [one for one in readable if len(here.get(one.series_uid, ())) < (one.images or 1)]
    if len(missing) > MOST_SERIES:
        raise Declined(TOO_MANY.format(count=len(missing), most=MOST_SERIES))
    _expect(work, readable)
    reason = "" if missing else NOTHING_NEW if readable else NOTHING_READABLE
    for series in missing:
        if series.series_uid not in work.done_series:
            reason = _fetch_series(work, archive, series) or reason
    with transaction.atomic():
        _finish(work, reason)
    shutil.rmtree(folder_of(work), ignore_errors=True)


def _expect(work: Fetch, series: Sequence[FoundSeries]) -> None:
    counts = [one.images for one in series]
    total = None if None in counts else sum(count or 0 for count in counts)
    _update(work, images_expected=total)


def _fetch_series(work: Fetch, archive: Archive, series: FoundSeries) -> str:
    """Fetch one series and take it over; gives what is to be said of it."""
    uid, expected = series.series_uid, series.images or 0
    if expected > LIMITS.files:
        raise Declined(f"A series has more than {LIMITS.files:,} files, as one scan may have.")
    if archive.fetching == "c-move":
        count = DimseArchive(archive).move(work.study_uid, uid)
        if 0 < count < expected:  # not every archive counts
            raise Silent(TOO_FEW.format(came=count, expected=expected))
        _update(work, done_series=[*work.done_series, uid])
        return SENT.format(count=count)
    folder = folder_of(work) / uid
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    damaged = _bring(work, archive, uid, folder)
    paths = sorted(folder.glob("*.dcm"))
    if len(paths) + damaged < expected:
        raise Silent(TOO_FEW.format(came=len(paths) + damaged, expected=expected))
    reason = _take_over(work, archive, uid, paths)
    shutil.rmtree(folder, ignore_errors=True)
    return reason or (DAMAGED.format(count=damaged) if damaged else "")


def _bring(work: Fetch, archive: Archive, series_uid: str, folder: Path) -> int:
    """Put the files of a series into a folder; gives how many cannot be read.

    A file is named by its UID once it is whole, so that another try asks for the others only.
    """
    have, damaged = frozenset(one.stem for one in folder.glob("*.dcm")), 0
    with fetching_from(archive) as client:
        for path in client.fetch(work.study_uid, series_uid, folder, have):
            head = _head_of(path)
            if head is None:
                damaged += 1
                path.unlink()
            elif head.identity.study_uid != work.study_uid:
                raise Declined(OTHER_STUDY)
            else:
                keep_sealed(path, folder / f"{head.identity.instance_uid}.dcm")
            _update(work, images_done=work.images_done + 1)
    return damaged


def _head_of(path: Path) -> Head | None:
    try:
        return read_head(path)
    except UnreadableScan:
        return None


def _sealed_head(path: Path) -> Head:
    with open_stored(path) as file:
        return read_head(file)


def _take_over(work: Fetch, archive: Archive, series_uid: str, paths: Sequence[Path]) -> str:
    """Make scans of the files of a series; the same transaction says that it is done."""
    files = [_File(path, _sealed_head(path)) for path in paths]
    # What we returned ourselves comes back with the study that it lies in.
    files = [one for one in files if one.head.manufacturer != OURS]
    names_patient = all(_names(one.head, work.patient, archive) for one in files)
    with transaction.atomic():
        if names_patient and not work.by_itself:
            work.scans.add(*_imported(work, files))
        else:
            arrive(
                by=service_account("archive", archive.name, archive.organisation),
                organisation=work.organisation,
                source=f"archive:{archive.name}",
                parts=[one.chunks() for one in files],
                issuer=archive.issuer,
            )
        _update(work, done_series=[*work.done_series, series_uid])
    return "" if names_patient else ELSEWHERE


def _imported(work: Fetch, files: Sequence[_File]) -> Iterator[Scan]:
    """Import what is one scan each: the slices of a series, or one file of any other kind."""

    def key(file: _File) -> tuple[str, str]:
        return file.head.identity.series_uid, "" if file.head.is_slice else file.path.stem

    known = files_here(work.patient, work.study_uid).values()
    here = {uid for uids in known for uid in uids}
    new = [one for one in files if one.head.is_slice or one.path.stem not in here]
    for _, group in groupby(sorted(new, key=key), key):
        try:
            yield import_scan(by=work.asked_by, patient=work.patient, files=group, once=True)
        except AlreadyHere as here:
            yield Scan.objects.get(id=here.scan_id)


def _names(head: Head, patient: Patient, archive: Archive) -> bool:
    """Whether a file names the patient by the record number, as issued for us."""
    told = head.identity
    issuers = (archive.issuer, told.issuer)
    ours = not all(issuers) or same_identifier(*issuers)
    return ours and same_identifier(told.identifier, patient.record_number)


def _update(work: Fetch, **fields: object) -> None:
    """Write how far held work is.

    Raises
    ------
    TakenOver
        If another worker has it.
    """
    if not leasing.held(work).update(**fields):
        raise leasing.TakenOver
    for name, value in fields.items():
        setattr(work, name, value)


def _finish(work: Fetch, reason: str) -> None:
    if not leasing.finish(work, reason=reason, problem="", ended_at=timezone.now()):
        raise leasing.TakenOver
    auditing.record(
        by=work.asked_by,
        action="archive.fetched",
        target=work.id,
        organisation=work.organisation,
        patient=work.patient_id,
    )
