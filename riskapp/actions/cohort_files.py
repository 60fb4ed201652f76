"""A cohort comes in: bytes on the disk, row written, check promised, all or nothing."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from imaging.limits import LIMITS
from riskapp.actions import auditing, run_queue
from riskapp.actions.errors import Refused, TooLarge
from riskapp.actions.finding import organisation_of
from riskapp.actions.laboratory_finding import cohort as find_cohort
from riskapp.actions.permitting import check_statistician
from riskapp.models import CohortFile, LaboratoryRun

MIB = 2**20
# What the first bytes tell: Parquet has its mark at both ends; a zip (and so a workbook) has this.
PARQUET_MARK, ZIP_MARK = b"PAR1", b"PK\x03\x04"
STEM_LETTERS = 40
HEAD_BYTES = 64 * 2**10
NOT_A_TABLE = "The cohort is neither CSV (text in UTF-8, a first line of column names) nor Parquet."


class Upload(Protocol):
    """What is needed of an uploaded file; its name is shown, and never used as a path."""

    name: str | None

    def chunks(self) -> Iterator[bytes]: ...


def folder_of(cohort_id: UUID) -> Path:
    return Path(settings.COHORT_DIR) / str(cohort_id)


def path_of(cohort: CohortFile) -> Path:
    return folder_of(cohort.id) / f"{_stem(cohort.name)}.{cohort.suffix}"


def _stem(name: str) -> str:
    """Letters and digits of a name that came in: what a model will say that it learned from."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name.rpartition(".")[0] or name)
    return plain.strip("-")[:STEM_LETTERS] or "cohort"


def take_cohort(*, by: User, table: Upload, schema: Upload | None = None) -> CohortFile:
    """Receive a cohort and queue its check.

    Raises
    ------
    NotAllowed
        If the user is no statistician.
    Refused, TooLarge
        If it is no table, the schema is no JSON, or either is larger than the limits.
    """
    check_statistician(by)
    id = uuid4()
    folder = folder_of(id)
    folder.mkdir(mode=0o700, parents=True)
    try:
        note = _schema(schema) if schema else None
        incoming = folder / "incoming"
        sha256, size = _received(table.chunks(), incoming)
        suffix = _kind(incoming, size)
        name = _shown_name(table.name)
        incoming.rename(folder / f"{_stem(name)}.{suffix}")
        if note is not None:
            # Where the reader of cohorts looks for what a site says about its columns.
            (folder / f"{_stem(name)}.json").write_bytes(note)
        with transaction.atomic():
            cohort = CohortFile.objects.create(
                id=id,
                organisation=organisation_of(by),
                name=name,
                suffix=suffix,
                sha256=sha256,
                size_bytes=size,
                has_schema=note is not None,
                uploaded_by=by,
            )
            run_queue.promise(by=by, kind=LaboratoryRun.Kind.CHECK, cohort=cohort)
            auditing.record(by=by, action="cohort.import", target=cohort.id)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return cohort


def delete_cohort(*, by: User, cohort: CohortFile) -> None:
    """Delete the people of a cohort; that it was there stays, for the models that learned from it.

    Raises
    ------
    Refused
        If a run is using it, or it was deleted before.
    """
    with transaction.atomic():
        cohort = find_cohort(by=by, id=cohort.id)
        if cohort.status == CohortFile.Status.DELETED:
            raise Refused({"cohort": "The cohort was deleted before."})
        if any(run.is_pending for run in cohort.runs.all()):
            raise Refused({"cohort": "A run is using the cohort; cancel it or wait for its end."})
        cohort.status, cohort.deleted_at = CohortFile.Status.DELETED, timezone.now()
        cohort.save(update_fields=["status", "deleted_at"])
        auditing.record(by=by, action="cohort.delete", target=cohort.id)
    shutil.rmtree(folder_of(cohort.id), ignore_errors=True)


def _received(chunks: Iterable[bytes], place: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with place.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > LIMITS.cohort_bytes:
                raise TooLarge(
                    {"cohort": f"A cohort may have at most {LIMITS.cohort_bytes // MIB} MiB."}
                )
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest(), size


def _kind(path: Path, size: int) -> str:
    """``csv`` or ``parquet``, by the first and last bytes; reading all of it is the check's."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(0, size - len(PARQUET_MARK)))
        tail = file.read()
    if not head:
        raise Refused({"cohort": "The cohort’s file is empty."})
    if head.startswith(PARQUET_MARK) and tail == PARQUET_MARK and size > 2 * len(PARQUET_MARK):
        return "parquet"
    if head.startswith(ZIP_MARK):
        raise Refused({"cohort": "The cohort is an archive or a workbook; save it as CSV."})
    # The last character of the piece may be cut in half.
    text = head.decode("utf-8", errors="ignore")
    lost = len(head) - len(text.encode())
    if "\0" in text or lost > 3 or not any(mark in text for mark in ",;\t"):
        raise Refused({"cohort": NOT_A_TABLE})
    return "csv"


def _schema(upload: Upload) -> bytes:
    content = b""
    for chunk in upload.chunks():
        content += chunk
        if len(content) > LIMITS.cohort_schema_bytes:
            raise TooLarge(
                {"schema": f"A schema may have at most {LIMITS.cohort_schema_bytes // MIB} MiB."}
            )
    try:
        read = json.loads(content.decode())
    except (ValueError, RecursionError):
        raise Refused({"schema": "The schema is not valid JSON in UTF-8."}) from None
    if not isinstance(read, dict):
        raise Refused({"schema": "The schema is a JSON object, with names and values."})
    return content


def _shown_name(name: str | None) -> str:
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable())
    return shown[: LIMITS.cohort_name_letters] or "cohort"
