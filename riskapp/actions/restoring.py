"""A backup put back into an empty place, and nowhere else.

All of it is read, opened and compared with its list before anything is written where the product
looks. The files are laid out beside their place and the rows into a database of their own (SQLite)
or one transaction (PostgreSQL); whoever is cut off has an empty place still, and begins again.
"""

import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from riskapp import __version__
from riskapp.actions.backup_format import (
    FILES,
    FORMAT,
    LIST,
    PIECE_BYTES,
    ROWS,
    BackupFailed,
    is_left_out,
)
from riskapp.actions.table_rows import Sum, columns, count_on, read_rows, tables, write_rows
from riskapp.exchange.passphrase_file import OpeningReader

INCOMPLETE = "The backup is damaged or not complete: {what}. Nothing was restored."
NOT_EMPTY = (
    "There is something in {place} already; a backup is restored into an empty place only. Name "
    "another data folder with TRABECULA_DATA_DIR, or an empty database."
)
OTHER_VERSION = (
    "The backup is of version {theirs}, whose tables are others than those of this version "
    "({ours}): {which}. Install that version, restore, and then upgrade."
)
NAME = "trabecula.sqlite3"
READ_BUFFER_BYTES = 2**20
Each = Callable[[str, IO[bytes]], None]


def check_backup(source: Path, passphrase: str) -> dict[str, Any]:
    """Read a backup through, hold it against its list, and return the list.

    Raises
    ------
    BackupFailed, CannotOpen
        If anything is missing, changed, or not as the list says.
    """
    files: dict[str, dict[str, Any]] = {}
    sums: dict[str, Sum] = {}
    unlisted: list[str] = []
    models = {model._meta.db_table: model for model in tables()}

    def look(name: str, content: IO[bytes]) -> None:
        kind, _, rest = name.partition("/")
        if kind == FILES:
            files[rest] = _sized(content)
        elif kind == ROWS:
            table = rest.removesuffix(".jsonl")
            if table in models:
                sums[table] = _summed(models[table], content)
            else:
                unlisted.append(table)

    listed = _read(source, passphrase, look)
    _refuse_other_version(listed)
    # No backup takes these along; an older register of erasures would bring back who was erased.
    unlisted += [name for name in files if is_left_out(Path(name), with_keys=True)]
    if files != listed["files"] or unlisted:
        raise BackupFailed(INCOMPLETE.format(what="a file is not as it was"))
    _compare(sums, listed)
    return listed


def restore(source: Path, passphrase: str) -> dict[str, Any]:
    """Put a backup back; return its list.

    Raises
    ------
    BackupFailed, CannotOpen
        If the place is not empty or the backup cannot be used; then nothing was changed.
    """
    refuse_full_place()
    listed = check_backup(source, passphrase)
    folder = Path(settings.DATA_DIR)
    for left in folder.glob("restoring-*"):  # by who was cut off
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=folder) as beside:
        place = Path(beside)
        # Off from before the transaction: SQLite does not turn its checks off within one.
        with (
            _database_beside(place),
            connection.constraint_checks_disabled(),
            transaction.atomic(),
        ):
            _fill(source, passphrase, place / FILES)
            _compare(_sums_here(), listed)
            # Before the rows are there to be seen: without them the place still counts as empty.
            _move_in(place / FILES, folder)
        if connection.vendor == "sqlite":
            (place / NAME).rename(connection.settings_dict["NAME"])
    return listed


def refuse_full_place() -> None:
    """Refuse where anything was kept before.

    Raises
    ------
    BackupFailed
    """
    folder = Path(settings.DATA_DIR)
    if connection.vendor == "sqlite":
        file = Path(connection.settings_dict["NAME"])
        if file.exists():
            raise BackupFailed(NOT_EMPTY.format(place=file))
    elif "riskapp_organisation" in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM riskapp_organisation UNION ALL SELECT 1 FROM auth_user")
            if cursor.fetchone():
                raise BackupFailed(NOT_EMPTY.format(place="the database"))
    # Whoever was cut off while files were laid out left this folder too.
    if Path(settings.SCAN_DIR).exists() and not any(folder.glob("restoring-*")):
        raise BackupFailed(NOT_EMPTY.format(place=folder))


def _read(source: Path, passphrase: str, each: Each) -> dict[str, Any]:
    """Give every member to ``each``, and return the list that comes last."""
    listed: dict[str, Any] | None = None
    try:
        with source.open("rb") as file, OpeningReader(file, passphrase) as opened:
            with tarfile.open(fileobj=opened, mode="r|", bufsize=READ_BUFFER_BYTES) as archive:
                for member in archive:
                    content = archive.extractfile(member) if member.isfile() else None
                    if content is None or not _has_a_place(member.name):
                        raise BackupFailed(INCOMPLETE.format(what="something in it is no file"))
                    if member.name == LIST:
                        listed = json.load(content)
                    else:
                        each(member.name, content)
    except (tarfile.TarError, ValueError, EOFError) as broken:
        raise BackupFailed(INCOMPLETE.format(what="it ends too early")) from broken
    except OSError as closed:
        raise BackupFailed(f"The backup cannot be read: {closed.strerror}.") from closed
    if listed is None or listed.get("format") != FORMAT:
        raise BackupFailed(INCOMPLETE.format(what="it has no list"))
    return listed


def _has_a_place(name: str) -> bool:
    """Whether it is the list, rows, or a file within the data folder, written plainly."""
    kind, _, rest = name.partition("/")
    path = PurePosixPath(rest)
    plain = str(path) == rest and not path.is_absolute() and ".." not in path.parts
    return name == LIST or (kind in (ROWS, FILES) and plain)


def _refuse_other_version(listed: dict[str, Any]) -> None:
    here = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    there = set(listed["migrations"])
    if here != there:
        differ = sorted(here ^ there)
        raise BackupFailed(
            OTHER_VERSION.format(
                theirs=listed["software_version"], ours=__version__, which=", ".join(differ[:3])
            )
        )
    own = {model._meta.db_table: columns(model) for model in tables()}
    if own != {name: told["columns"] for name, told in listed["tables"].items()}:
        raise BackupFailed(INCOMPLETE.format(what="its tables are not those of this version"))


def _fill(source: Path, passphrase: str, files: Path) -> None:
    """Write rows and files; the rows of what ``migrate`` made are replaced."""
    models = {model._meta.db_table: model for model in tables()}
    files.mkdir()

    def take(name: str, content: IO[bytes]) -> None:
        kind, _, rest = name.partition("/")
        if kind == ROWS:
            lines = (json.loads(line) for line in content)
            write_rows(models[rest.removesuffix(".jsonl")], lines, connection)
        else:
            _lay(files / rest, content)

    with connection.cursor() as cursor:
        for name in models:
            table = connection.ops.quote_name(name)
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 (our own tables)
            if cursor.fetchone() != (0,):
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    _read(source, passphrase, take)
    count_on(models.values(), connection)
    connection.check_constraints()


def _lay(path: Path, content: IO[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("xb") as file:
        path.chmod(0o600)
        shutil.copyfileobj(content, file, PIECE_BYTES)


def _move_in(files: Path, folder: Path) -> None:
    """Give every file its place; what was made for an empty place makes room."""
    for path in sorted(one for one in files.rglob("*") if one.is_file()):
        target = folder / path.relative_to(files)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.replace(target)


@contextmanager
def _database_beside(place: Path) -> Iterator[None]:
    """Migrate a new database: for SQLite in a file of its own beside its place."""
    if connection.vendor != "sqlite":
        call_command("migrate", verbosity=0)
        yield
        return
    connection.close()
    there = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = place / NAME
    try:
        call_command("migrate", verbosity=0)
        yield
        with connection.cursor() as cursor:
            # All into the one file, which is then moved.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute("PRAGMA journal_mode=DELETE")
    finally:
        connection.close()
        connection.settings_dict["NAME"] = there


def _sums_here() -> dict[str, Sum]:
    found = {}
    for model in tables():
        total = found[model._meta.db_table] = Sum(model)
        with transaction.atomic():
            for row in read_rows(model, connection):
                total.add(row)
    return found


def _compare(sums: dict[str, Sum], listed: dict[str, Any]) -> None:
    for name, told in listed["tables"].items():
        total = sums.get(name)
        if total is None or (total.rows, total.digest) != (told["rows"], told["digest"]):
            raise BackupFailed(INCOMPLETE.format(what=f"the rows of {name} are not as they were"))


def _summed(model: Any, lines: IO[bytes]) -> Sum:
    total = Sum(model)
    for line in lines:
        total.add(json.loads(line))
    return total


def _sized(content: IO[bytes]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    while piece := content.read(PIECE_BYTES):
        digest.update(piece)
        size += len(piece)
    return {"size": size, "sha256": digest.hexdigest()}
