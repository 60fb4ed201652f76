"""What goes by itself, or when an administrator makes room: told apart from mistakes of ours."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import InterfaceError, OperationalError

# EFBIG: a limit on the size of files, which some sites set in place of a quota.
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Results of one scan, with its pictures, and the database's own log of what was written.
WORK_NEEDS_BYTES = 256 * 2**20
# https://www.postgresql.org/docs/current/errcodes-appendix.html, class 53
POSTGRESQL_DISK_FULL = "53100"
# https://www.sqlite.org/rescode.html; the others (SQLITE_ERROR above all) are mistakes of ours.
SQLITE_AWAY = ("BUSY", "LOCKED", "IOERR", "CANTOPEN", "READONLY", "PROTOCOL", "NOMEM")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a caller is told: the status, a sentence, and when to ask again."""

    status: int
    sentence: str
    again_after_s: int


AWAY = Trouble(
    503, "The database does not answer at the moment. Nothing was changed; send it again.", 10
)
NO_ROOM = Trouble(
    507,
    "The disk of this service is full, and nothing was kept. Send it again once its administrator "
    "has made room.",
    300,
)


def trouble_of(error: BaseException) -> Trouble | None:
    """What kind of passing trouble an error is; None where it is a mistake of ours."""
    chain = list(_causes(error))
    if any(_is_full(one) for one in chain):
        return NO_ROOM
    is_away = any(isinstance(one, OperationalError | InterfaceError) for one in chain)
    return AWAY if is_away and not any(_is_our_sql(one) for one in chain) else None


def has_room() -> bool:
    """Whether there is room for a worker to finish what it takes."""
    return shutil.disk_usage(settings.DATA_DIR).free >= WORK_NEEDS_BYTES


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in DISK_FULL
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "") == "SQLITE_FULL"
    return getattr(error, "sqlstate", None) == POSTGRESQL_DISK_FULL


def _is_our_sql(error: BaseException) -> bool:
    """SQLite calls a table that is missing an operational error too."""
    if not isinstance(error, sqlite3.OperationalError):
        return False
    name = getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_")
    return not name.startswith(SQLITE_AWAY)
