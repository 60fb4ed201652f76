"""Everything that a site keeps, written into one sealed file while the product runs.

The rows are one snapshot: SQLite's write-ahead log and PostgreSQL's REPEATABLE READ both show a
reader the moment at which it began. Files never change once they have their name, but some go when
they are done with: they are given a second name before the snapshot and after it, so that whatever
the rows speak of is there.
"""

import hashlib
import io
import json
import logging
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from riskapp import __version__
from riskapp.actions import auditing
from riskapp.actions.backup_format import (
    FILES,
    LIST,
    PIECE_BYTES,
    ROWS,
    BackupFailed,
    Manifest,
    applied_migrations,
    is_left_out,
)
from riskapp.actions.backup_staging import staging
from riskapp.actions.stored_bytes import path_of, received_path
from riskapp.actions.table_rows import Sum, columns, read_rows, tables
from riskapp.exchange.passphrase_file import SealingWriter
from riskapp.models import ArrivedFile, ReceivedFile, ScanFile, ScanPicture

log = logging.getLogger(__name__)
ALIAS = "snapshot"
# A file that comes and goes between the two looks is caught by looking again.
LOOKS = 5
NO_REST = "Files came and went too fast to take them along; try again when less is received."
EXISTS = "There is a file of that name already; a backup never replaces another."


def back_up(target: Path, passphrase: str, *, with_keys: bool = False) -> Manifest:
    """Write a backup; the file appears under its name only when all of it is on the disk.

    Raises
    ------
    BackupFailed
        If the file exists, or no moment was found at which rows and files agree.
    CannotOpen
        If the passphrase is too short.
    """
    if target.exists():
        raise BackupFailed(EXISTS)
    _write_down()
    manifest = Manifest(
        made_at=timezone.now().isoformat(timespec="seconds"),
        software_version=__version__,
        database=connections["default"].vendor,
        has_keys=with_keys,
        migrations=applied_migrations(),
    )
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    with staging() as staged:
        try:
            with open(part, "xb", opener=_private) as file:
                with SealingWriter(file, passphrase) as sealed:
                    _write(sealed, staged, manifest)
                file.flush()
                os.fsync(file.fileno())
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
    return manifest


def _write_down() -> None:
    """Everything is read; but a database that takes no row must still be saved."""
    try:
        auditing.record(by=auditing.Actor.SITE, action="site.backup", target="site")
    except DatabaseError as problem:
        log.warning("That a backup is made is not in the trail: %s", type(problem).__name__)


def _write(sealed: SealingWriter, staged: Path, manifest: Manifest) -> None:
    with tarfile.open(fileobj=sealed, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        before = None
        for _ in range(LOOKS):
            _link_files(staged, with_keys=manifest.has_keys)
            with _snapshot() as snapshot:
                _link_files(staged, with_keys=manifest.has_keys)
                missing = _missing(staged)
                # What is missing twice was lost long ago: that must not prevent every backup.
                if not missing or missing == before:
                    manifest.missing = missing
                    _add_rows(archive, snapshot, manifest)
                    break
                before = missing
        else:
            raise BackupFailed(NO_REST)
        for path in sorted(one for one in staged.rglob("*") if one.is_file()):
            _add_file(archive, path, str(path.relative_to(staged)), manifest)
        _add(archive, LIST, json.dumps(manifest.as_json()).encode())


@contextmanager
def _snapshot() -> Iterator[BaseDatabaseWrapper]:
    """A connection of its own that sees one moment and keeps nobody from writing."""
    own = connections.create_connection("default")
    if own.vendor == "sqlite":
        own.transaction_mode = "DEFERRED"
    own.alias = ALIAS
    connections[ALIAS] = own
    try:
        with transaction.atomic(ALIAS), own.cursor() as cursor:
            if own.vendor == "postgresql":
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # The moment is that of the first look, not of the beginning.
            cursor.execute("SELECT count(*) FROM django_migrations")
            cursor.fetchone()
            yield own
    finally:
        own.close()
        del connections[ALIAS]


def _missing(staged: Path) -> list[str]:
    """Files that the rows speak of and that have no second name."""
    folder = Path(settings.DATA_DIR)
    kept = [
        *ScanFile.objects.using(ALIAS).filter(size_bytes__gt=0).values_list("sha256", flat=True),
        *ScanPicture.objects.using(ALIAS).values_list("sha256", flat=True),
    ]
    names = [
        *ReceivedFile.objects.using(ALIAS).values_list("name", flat=True),
        *ArrivedFile.objects.using(ALIAS).exclude(name="").values_list("name", flat=True),
    ]
    wanted = [*(path_of(one) for one in kept), *(received_path(name) for name in names)]
    inside = {str(path.relative_to(folder)) for path in wanted}
    return sorted(path for path in inside if not (staged / path).exists())


def _add_rows(archive: tarfile.TarFile, snapshot: BaseDatabaseWrapper, manifest: Manifest) -> None:
    for model in tables():
        total, name = Sum(model), model._meta.db_table
        with tempfile.TemporaryFile(dir=settings.DATA_DIR) as lines:
            for row in read_rows(model, snapshot):
                total.add(row)
                lines.write(json.dumps(row).encode() + b"\n")
            size = lines.tell()
            lines.seek(0)
            _add(archive, f"{ROWS}/{name}.jsonl", lines, size)
        manifest.tables[name] = {
            "columns": columns(model),
            "rows": total.rows,
            "digest": total.digest,
        }


def _add_file(archive: tarfile.TarFile, path: Path, name: str, manifest: Manifest) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        # What grows meanwhile, such as the log of a run, is taken as long as it was.
        size = os.fstat(file.fileno()).st_size
        with tempfile.SpooledTemporaryFile(PIECE_BYTES * 16, dir=settings.DATA_DIR) as copy:
            left = size
            while left and (piece := file.read(min(left, PIECE_BYTES))):
                digest.update(piece)
                copy.write(piece)
                left -= len(piece)
            size = copy.tell()
            copy.seek(0)
            _add(archive, f"{FILES}/{name}", copy, size)
    manifest.files[name] = {"size": size, "sha256": digest.hexdigest()}


def _add(
    archive: tarfile.TarFile, name: str, content: bytes | BinaryIO | object, size: int = 0
) -> None:
    told = tarfile.TarInfo(name)
    told.mode = 0o600
    if isinstance(content, bytes):
        content, size = io.BytesIO(content), len(content)
    told.size = size
    archive.addfile(told, content)  # type: ignore[arg-type]


def _link_files(staged: Path, *, with_keys: bool) -> None:
    """Give every file of the data folder a second name among the staged ones, or a copy."""
    folder = Path(settings.DATA_DIR)
    for here, folders, files in os.walk(folder):
        inside = Path(here).relative_to(folder)
        if not inside.parts:
            folders[:] = [one for one in folders if not is_left_out(Path(one), with_keys=False)]
        for name in files:
            path = inside / name
            if not is_left_out(path, with_keys=with_keys):
                _link(folder / path, staged / path)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        pass
    except FileNotFoundError:
        pass  # gone meanwhile; the rows say whether it is missed
    except OSError:  # another disk
        shutil.copyfile(source, target)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
