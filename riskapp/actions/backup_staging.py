"""Where a backup gives files a second name while it is written.

A folder is held by a lock as long as its backup runs. One that nobody holds is of a backup that
was killed, and would keep scans of people who were erased since.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

STAGED = "backing-up-"


@contextmanager
def staging() -> Iterator[Path]:
    """A folder on the same disk, so that a second name is enough; gone afterwards."""
    forget_cut_off()
    with tempfile.TemporaryDirectory(prefix=STAGED, dir=settings.DATA_DIR) as staged:
        held = os.open(staged, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(staged)
        finally:
            os.close(held)


def forget_cut_off() -> None:
    """Delete what backups that were killed left behind."""
    for one in Path(settings.DATA_DIR).glob(f"{STAGED}*"):
        try:
            held = os.open(one, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue  # its backup ended meanwhile
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(one, ignore_errors=True)
        except BlockingIOError:
            pass  # its backup runs
        finally:
            os.close(held)
