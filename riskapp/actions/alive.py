"""Which workers live: each touches a file of its name, so that other containers see it too.

A file and no row: a worker that only waits writes nothing into the database.
"""

import threading
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

TOUCH_EVERY_S = 10
# After three touches that did not come a worker is told as gone.
GONE_AFTER_S = 35
WORKERS = ("work", "tend_laboratory", "deliver", "fetch_scans", "bulk")


def keep_telling(worker: str) -> None:
    """Touch this worker's file from now on, from a thread that ends with the process."""
    threading.Thread(target=_tell, args=(worker,), name="alive", daemon=True).start()


def touch(worker: str) -> None:
    folder = _folder()
    with suppress(OSError):  # a full disk is told elsewhere, and no reason to stop
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / worker).touch()


def silent_s(worker: str) -> float | None:
    """Seconds since a worker of this name was last seen; None if never."""
    try:
        return max(0.0, time.time() - (_folder() / worker).stat().st_mtime)
    except OSError:
        return None


def is_alive(worker: str) -> bool:
    silent = silent_s(worker)
    return silent is not None and silent < GONE_AFTER_S


def _tell(worker: str) -> None:
    pause = threading.Event()
    while True:
        touch(worker)
        pause.wait(TOUCH_EVERY_S)


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "alive"
