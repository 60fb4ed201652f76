"""Bytes on the disk: what is kept lies under its hash, what was just received under a made-up name.

Names that a sender gave are never used. What is received may say whose it is, so it lies in a
folder of its own and is deleted as soon as the scan is taken apart.
"""

import hashlib
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path

from django.conf import settings

PIECE_BYTES = 2**20
UNFINISHED = "incoming-"
UNFINISHED_FOR_S = 24 * 60 * 60


def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Store bytes durably; return their SHA-256 in hexadecimal and their number.

    A file appears under its hash only when all of it is on the disk, so a process killed half
    way leaves nothing that could be taken for a scan.
    """
    return _stored(chunks, Path(settings.SCAN_DIR), path_of)


def keep_received(chunks: Iterable[bytes]) -> tuple[str, str, int]:
    """Store bytes durably until they are taken apart; return the name, SHA-256 and number."""
    name = uuid.uuid4().hex
    sha256, size = _stored(chunks, Path(settings.RECEIVED_DIR), lambda _: received_path(name))
    return name, sha256, size


def keep_arrived(part: Path | Iterable[bytes]) -> str:
    """Store a file that another system sent durably, and return its name.

    A file that lies on the same disk already gets a second name instead of a copy; whoever gives
    it away deletes the first.
    """
    if not isinstance(part, Path):
        return keep_received(part)[0]
    name = uuid.uuid4().hex
    final = received_path(name)
    final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        final.hardlink_to(part)
    except OSError:  # another disk
        with part.open("rb") as file:
            return keep_received(iter(partial(file.read, PIECE_BYTES), b""))[0]
    _sync(final)
    _sync(final.parent)
    return name


def _stored(chunks: Iterable[bytes], folder: Path, place: Callable[[str], Path]) -> tuple[str, int]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix=UNFINISHED, delete=False) as incoming:
        try:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                incoming.write(chunk)
            incoming.flush()
            os.fsync(incoming.fileno())
            final = place(digest.hexdigest())
            final.parent.mkdir(exist_ok=True)
            Path(incoming.name).replace(final)
        except BaseException:
            Path(incoming.name).unlink(missing_ok=True)
            raise
    _sync(final.parent)
    return digest.hexdigest(), size


def forget_unfinished(waiting: Collection[str]) -> None:
    """Delete what uploads that were cut off left behind, once nobody can still be sending it.

    Parameters
    ----------
    waiting : collection of str
        Names of received files that are still to be taken apart.
    """
    oldest = time.time() - UNFINISHED_FOR_S
    received = Path(settings.RECEIVED_DIR).glob("*")
    left = [
        *Path(settings.SCAN_DIR).glob(f"{UNFINISHED}*"),
        *(path for path in received if path.name not in waiting),
        *Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"),
    ]
    for path in left:
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def path_of(sha256: str) -> Path:
    """Where the bytes with this hash lie. Only hashes from the database may be given."""
    return Path(settings.SCAN_DIR) / sha256[:2] / sha256


def received_path(name: str) -> Path:
    """Where received bytes lie. Only names from the database may be given."""
    return Path(settings.RECEIVED_DIR) / name


def forget_received(names: Iterable[str]) -> None:
    """Delete received bytes; call it once the transaction that gives them up is through."""
    for name in names:
        received_path(name).unlink(missing_ok=True)


def _sync(place: Path) -> None:
    """Make bytes, or of a folder its new names, survive a power cut."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
