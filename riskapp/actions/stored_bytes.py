"""Files kept under the hash of their content: the same bytes are stored once, names never."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

UNFINISHED = "incoming-"
UNFINISHED_FOR_S = 24 * 60 * 60


def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Store bytes durably; return their SHA-256 in hexadecimal and their number.

    A file appears under its hash only when all of it is on the disk, so a process killed half
    way leaves nothing that could be taken for a scan.
    """
    folder = Path(settings.SCAN_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix=UNFINISHED, delete=False) as incoming:
        try:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                incoming.write(chunk)
            incoming.flush()
            os.fsync(incoming.fileno())
            final = path_of(digest.hexdigest())
            final.parent.mkdir(exist_ok=True)
            Path(incoming.name).replace(final)
        except BaseException:
            Path(incoming.name).unlink(missing_ok=True)
            raise
    _sync_folder(final.parent)
    return digest.hexdigest(), size


def forget_unfinished() -> None:
    """Delete what uploads that were cut off left behind, once nobody can still be sending it."""
    oldest = time.time() - UNFINISHED_FOR_S
    left = [
        *Path(settings.SCAN_DIR).glob(f"{UNFINISHED}*"),
        *Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"),
    ]
    for path in left:
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def path_of(sha256: str) -> Path:
    """Where the bytes with this hash lie. Only hashes from the database may be given."""
    return Path(settings.SCAN_DIR) / sha256[:2] / sha256


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, not only the bytes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
