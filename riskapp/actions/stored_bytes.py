"""Bytes on the disk, encrypted: what is kept lies under a keyed hash of its content, what was just
received under a made-up name.

Names that a sender gave are never used. What is received may say whose it is, so it lies in a
folder of its own and is deleted as soon as the scan is taken apart.
"""

import hashlib
import io
import os
import resource
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from riskapp import keys
from riskapp.sealed_file import MAGIC, PIECE_BYTES, opened, sealed_pieces

UNFINISHED = "incoming-"
UNFINISHED_FOR_S = 24 * 60 * 60


def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Store bytes durably; return their SHA-256 in hexadecimal and their number.

    A file appears under its name only when all of it is on the disk, so a process killed half
    way leaves nothing that could be taken for a scan.
    """
    return _stored(chunks, Path(settings.SCAN_DIR), lambda sha256: _places_of(sha256)[0])


def keep_received(chunks: Iterable[bytes]) -> tuple[str, str, int]:
    """Store bytes durably until they are taken apart; return the name, SHA-256 and number."""
    name = uuid.uuid4().hex
    sha256, size = _stored(chunks, Path(settings.RECEIVED_DIR), lambda _: received_path(name))
    return name, sha256, size


def keep_arrived(part: Path | Iterable[bytes]) -> str:
    """Store a file that another system sent durably, and return its name.

    A path is not deleted.
    """
    if not isinstance(part, Path):
        return keep_received(part)[0]
    with part.open("rb") as file:
        return keep_received(iter(partial(file.read, PIECE_BYTES), b""))[0]


def keep_sealed(source: Path, target: Path) -> None:
    """Encrypt a file that was just written, under another name; the plain one goes."""
    with source.open("rb") as file, target.with_suffix(".part").open("wb") as sealed:
        for piece in sealed_pieces(iter(partial(file.read, PIECE_BYTES), b"")):
            sealed.write(piece)
    target.with_suffix(".part").replace(target)
    source.unlink()


def _stored(chunks: Iterable[bytes], folder: Path, place: Callable[[str], Path]) -> tuple[str, int]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen = _Seen()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=UNFINISHED, delete=False) as incoming:
        try:
            for piece in sealed_pieces(seen.passing(chunks)):
                incoming.write(piece)
            incoming.flush()
            os.fsync(incoming.fileno())
            final = place(seen.digest.hexdigest())
            final.parent.mkdir(exist_ok=True)
            Path(incoming.name).replace(final)
        except BaseException:
            Path(incoming.name).unlink(missing_ok=True)
            raise
    _sync(final.parent)
    return seen.digest.hexdigest(), seen.size


class _Seen:
    """Hash and number of the bytes that passed."""

    def __init__(self) -> None:
        self.digest, self.size = hashlib.sha256(), 0

    def passing(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.digest.update(chunk)
            self.size += len(chunk)
            yield chunk


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
    ]
    for path in left:
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def path_of(sha256: str) -> Path:
    """Where the bytes with this hash lie, encrypted. Only hashes from the database may be given."""
    places = places_of(sha256)
    return next((one for one in places if one.exists()), places[0])


def places_of(sha256: str) -> list[Path]:
    """Wherever bytes with this hash may lie, also while keys are changed."""
    return [*_places_of(sha256), plain_path_of(sha256)]


def plain_path_of(sha256: str) -> Path:
    """Where they lay before files were encrypted; what is still there is read until then."""
    return Path(settings.SCAN_DIR) / sha256[:2] / sha256


def _places_of(sha256: str) -> list[Path]:
    """Where they may lie: by each key of the site, the place by the active one first."""
    names = keys.keyed_hashes("files", sha256)
    return [Path(settings.SCAN_DIR) / name[:2] / name for name in names]


def open_kept(sha256: str) -> BinaryIO:
    """Read the bytes with this hash.

    Raises
    ------
    OSError
        If they are lost.
    CannotDecrypt
        If they were changed, or their key is not here.
    """
    for _ in range(2):  # while keys are changed, a file may get its new name between the two lines
        path = path_of(sha256)
        if path.exists():
            break
    if path != plain_path_of(sha256):
        return opened(path)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise keys.CannotDecrypt("The file was changed.")
    return io.BytesIO(data)


def read_kept(sha256: str) -> bytes:
    """All of the bytes with this hash; see ``open_kept``."""
    with open_kept(sha256) as file:
        return file.read()


def open_received(name: str) -> BinaryIO:
    """Read received bytes; see ``open_kept``."""
    return open_stored(received_path(name))


def open_stored(path: Path) -> BinaryIO:
    """Read an encrypted file, or one of before files were encrypted."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) == MAGIC:
            return opened(path)
    return path.open("rb")


@contextmanager
def lent(files: Iterable[BinaryIO]) -> Iterator[list[Path]]:
    """Plain bytes for another process to read, in memory, until it has: never on a disk."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a CT is thousands of files
    held: list[int] = []
    try:
        for file in files:
            held.append(os.memfd_create("scan", os.MFD_CLOEXEC))
            with file, os.fdopen(held[-1], "wb", closefd=False) as copy:
                shutil.copyfileobj(file, copy, PIECE_BYTES)
        yield [Path(f"/proc/{os.getpid()}/fd/{one}") for one in held]
    finally:
        for one in held:
            os.close(one)


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
