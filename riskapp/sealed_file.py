"""Files of ciphertext, written and read in pieces: any place of one is read without the rest.

A file begins with four letters, a byte of version, a byte of length and the id of its key, and 32
random bytes, from which with the site's key its own key is derived. Then comes piece after piece
of 1 MiB, each under AES-256-GCM with a tag of 16 bytes. The nonce of a piece is its number and
whether it is the last (as STREAM of Hoang, Reyhanitabar, Rogaway and Vizar 2015, section 7;
recalled, to be confirmed), and the head is authenticated with each: pieces that were exchanged,
left out or cut off, and those of another file, are not opened.
"""

import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from riskapp import keys

MAGIC = b"TRBF"
VERSION = 1
SALT_BYTES, TAG_BYTES = 32, 16
PIECE_BYTES = 2**20


class Sealer:
    """Writes an encrypted file under the active key: ``head``, what chunks give, the last piece."""

    def __init__(self) -> None:
        ring, salt = keys.ring(), os.urandom(SALT_BYTES)
        key_id = ring.active.encode()
        self.head = MAGIC + bytes([VERSION, len(key_id)]) + key_id + salt
        self._cipher = AESGCM(ring.derived("files", ring.active, salt))
        self._waiting, self._number = bytearray(), 0

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """The pieces that are whole with this chunk."""
        self._waiting += chunk
        # The last piece is told apart, so one is held back until more comes.
        while len(self._waiting) > PIECE_BYTES:
            yield self._piece(bytes(self._waiting[:PIECE_BYTES]), is_last=False)
            del self._waiting[:PIECE_BYTES]

    def last(self) -> bytes:
        """The rest, once all chunks were given."""
        return self._piece(bytes(self._waiting), is_last=True)

    def _piece(self, plain: bytes, *, is_last: bool) -> bytes:
        nonce = _nonce(self._number, is_last)
        self._number += 1
        return self._cipher.encrypt(nonce, plain, self.head)


def sealed_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of an encrypted file that holds these chunks."""
    sealer = Sealer()
    yield sealer.head
    for chunk in chunks:
        yield from sealer.pieces(chunk)
    yield sealer.last()


def key_id_of(path: Path) -> str | None:
    """Id of the key that a file was encrypted by; None for one that is not encrypted."""
    with path.open("rb") as file:
        head = file.read(6 + 255)
    if head[:4] != MAGIC or len(head) < 6 or head[4] != VERSION:
        return None
    return head[6 : 6 + head[5]].decode("ascii", "replace")


def opened(path: Path) -> BinaryIO:
    """Read the plain bytes of an encrypted file, from any place on.

    Raises
    ------
    CannotDecrypt
        If it is none, or its key is not here; when read, if it was changed.
    OSError
        If it is not there.
    """
    return io.BufferedReader(SealedReader(path.open("rb")), PIECE_BYTES)  # type: ignore[return-value]


class SealedReader(io.RawIOBase):
    """The plain bytes of an open encrypted file; it keeps one piece in memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        start = file.read(6)
        if len(start) < 6 or start[:4] != MAGIC or start[4] != VERSION:
            file.close()
            raise keys.CannotDecrypt("It is not a file that was encrypted here.")
        self._head = start + file.read(start[5] + SALT_BYTES)
        key_id, salt = self._head[6:-SALT_BYTES], self._head[-SALT_BYTES:]
        try:
            own_key = keys.ring().derived("files", key_id.decode("ascii", "replace"), salt)
        except keys.CannotDecrypt:
            file.close()
            raise
        self._cipher = AESGCM(own_key)
        there = file.seek(0, io.SEEK_END) - len(self._head)
        self._pieces = max(1, -(-there // (PIECE_BYTES + TAG_BYTES)))
        self.size = there - self._pieces * TAG_BYTES
        self._place, self._number, self._piece = 0, -1, b""
        if self.size < 0:
            file.close()
            raise keys.CannotDecrypt("The file was cut off.")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        # The last piece is opened for an empty file too: what was emptied is told apart from it.
        if self._place >= self.size and self.size:
            return 0
        number, offset = divmod(self._place, PIECE_BYTES)
        told = self._opened(number)[offset : offset + len(buffer)]
        buffer[: len(told)] = told
        self._place += len(told)
        return len(told)

    def _opened(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(len(self._head) + number * (PIECE_BYTES + TAG_BYTES))
            sealed = self._file.read(PIECE_BYTES + TAG_BYTES)
            nonce = _nonce(number, number == self._pieces - 1)
            try:
                self._piece = self._cipher.decrypt(nonce, sealed, self._head)
            except (InvalidTag, ValueError) as changed:
                raise keys.CannotDecrypt("The file was changed or cut off.") from changed
            self._number = number
        return self._piece

    def close(self) -> None:
        self._file.close()
        super().close()


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
