"""Counting requests over all processes of a machine, in a small file beside the database.

A file of its own, whichever database a site has: a count need not survive a power cut, so that
nothing waits for the disk, and no page waits for another's count. One row and one statement for
each caller and rate, which SQLite makes atomic.
"""

import hashlib
import logging
import math
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from riskapp.rates import Rate

log = logging.getLogger(__name__)
# Rows whose time is over are forgotten once in so many counts of a thread.
FORGET_EVERY = 2_000
WAIT_S = 0.5
TABLE = "CREATE TABLE IF NOT EXISTS counted (caller BLOB PRIMARY KEY, free_at REAL) WITHOUT ROWID"
# ``free_at`` is when all that was sent is paid back, at one request each ``each`` seconds. That is
# never further ahead than ``whole`` seconds, twice that where processes disagree about now: what
# lies beyond was written before the clock was set back, and would refuse everybody until then.
TAKE = """
INSERT INTO counted (caller, free_at) VALUES (:caller, :now + :each)
ON CONFLICT (caller) DO UPDATE SET
free_at = CASE WHEN free_at > :now + 2 * :whole THEN :now ELSE max(free_at, :now) END + :each
WHERE free_at > :now + 2 * :whole OR max(free_at, :now) + :each <= :now + :whole
RETURNING free_at
"""
_open = threading.local()


@dataclass(frozen=True, slots=True)
class Counted:
    """``left`` more may come at once; else, or when all may again, it takes ``wait_s``."""

    rate: Rate
    is_allowed: bool
    left: int
    wait_s: int


def take(rate: Rate, caller: str) -> Counted:
    """Count one request, unless it is one too many.

    What cannot be counted (a full disk, a lost file) is let pass: a limit must not be what stops
    a clinic.
    """
    now, each = time.time(), rate.per_s / rate.count
    told = {"caller": _digest(rate, caller), "now": now, "each": each, "whole": rate.per_s}
    try:
        connection = _connection()
        # Two requests at once may both find no row to change and none to read; then the second
        # of them is simply asked again by its caller.
        row = connection.execute(TAKE, told).fetchone()
        if row is None:
            return _refused(rate, connection, told["caller"], now, each)
    except sqlite3.Error as trouble:
        log.warning("A request was not counted: %s", type(trouble).__name__)
        return Counted(rate, True, rate.count, 0)
    return Counted(
        rate, True, int((now + rate.per_s - row[0]) / each + 1e-6), math.ceil(row[0] - now)
    )


def _refused(
    rate: Rate, connection: sqlite3.Connection, caller: object, now: float, each: float
) -> Counted:
    row = connection.execute("SELECT free_at FROM counted WHERE caller = ?", (caller,)).fetchone()
    is_believed = row and row[0] <= now + 2 * rate.per_s
    wait = row[0] + each - rate.per_s - now if is_believed else 0.0
    return Counted(rate, False, 0, max(0, math.ceil(wait)))


def _digest(rate: Rate, caller: str) -> bytes:
    """No address and no account stands in the file."""
    key = settings.SECRET_KEY.encode()[:64]
    return hashlib.blake2b(f"{rate.name} {caller}".encode(), digest_size=16, key=key).digest()


def _connection() -> sqlite3.Connection:
    folder = settings.DATA_DIR
    if getattr(_open, "folder", None) != folder:
        connection = sqlite3.connect(
            Path(folder) / "counted.sqlite3", timeout=WAIT_S, isolation_level=None
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(TABLE)
        _open.folder, _open.connection, _open.counts = folder, connection, 0
    _open.counts += 1
    if _open.counts % FORGET_EVERY == 0:
        _open.connection.execute("DELETE FROM counted WHERE free_at < ?", (time.time(),))
    found: sqlite3.Connection = _open.connection
    return found
