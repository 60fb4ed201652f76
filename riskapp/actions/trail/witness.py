"""Where the chain ends, told outside of the database, so that rows cut off at its end are missed.

Each line is ``number digest time`` and is written after its commit. The file is forced to disk at
most once a second: a killed process loses nothing, a power failure the heads of a second, which
makes the witness older but not wrong. The log is told at most once a minute.
"""

import logging
import os
import re
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)
# Older heads follow from newer ones; so many bytes are kept, and the file before.
ASIDE = ".before-restore"
MOST_BYTES = 8 * 2**20
FORCE_EVERY_S, LOG_EVERY_S = 1.0, 60.0
NUMBER = re.compile(r"[0-9]{1,18}")
_last: dict[str, float] = {}


def tell(number: int, digest: str, at: datetime) -> None:
    """Write down that the chain ends here, in each place; the log hears of what fails."""
    line = f"{number} {digest} {at.isoformat()}\n".encode()
    for path in settings.TRAIL_WITNESSES:
        try:
            _append(path, line)
        except OSError as problem:
            log.error("The head of the trail cannot be written: %s", problem.strerror)
    if _is_due("log", LOG_EVERY_S):
        log.info("The trail ends at %d with %s", number, digest)


def heads(path: Path) -> Iterator[tuple[int, str]]:
    """What one file says, oldest first; a line that was cut off is left out."""
    for one in (path.with_name(f"{path.name}.1"), path):
        if not one.is_file():
            continue
        with one.open(encoding="ascii", errors="replace") as lines:
            for line in lines:
                parts = line.split()
                if len(parts) == 3 and NUMBER.fullmatch(parts[0]) and len(parts[1]) == 64:
                    yield int(parts[0]), parts[1]


def _append(path: Path, line: bytes) -> None:
    # One short write to the end: lines of several processes do not mix.
    there = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        os.write(there, line)
        if _is_due(str(path), FORCE_EVERY_S):
            os.fdatasync(there)
        size = os.fstat(there).st_size
    finally:
        os.close(there)
    if size > MOST_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))


def _is_due(what: str, every_s: float) -> bool:
    now = time.monotonic()
    if now - _last.get(what, -every_s) < every_s:
        return False
    _last[what] = now
    return True


def set_aside() -> None:
    """Keep what was witnessed under another name, and begin anew."""
    for path in settings.TRAIL_WITNESSES:
        for one in (path.with_name(f"{path.name}.1"), path):
            if one.exists():
                one.replace(one.with_name(f"{one.name}{ASIDE}"))


def take_back() -> None:
    """Undo ``set_aside``."""
    for path in settings.TRAIL_WITNESSES:
        for one in (path.with_name(f"{path.name}.1"), path):
            aside = one.with_name(f"{one.name}{ASIDE}")
            if aside.exists():
                aside.replace(one)
