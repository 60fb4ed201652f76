"""A file that only its passphrase opens, written and read as a stream of any length.

Pieces of 64 KiB are each encrypted with AES-256-GCM under a nonce of a counter and a mark of the
last one, so that none can be changed, left out, moved or cut off unseen (STREAM: Hoang,
Reyhanitabar, Rogaway, Vizár, "Online authenticated-encryption and its nonce-reuse
misuse-resistance", 2015; age does the same). The key comes from the passphrase by scrypt
(RFC 7914).
"""

import io
import json
import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"trabecula-sealed 1\n"
PIECE_BYTES, TAG_BYTES, SALT_BYTES = 64 * 2**10, 16, 16
# About a tenth of a second and 128 MiB for each guess (RFC 7914, section 2).
COST = {"n": 2**17, "r": 8, "p": 1}
SHORTEST_PASSPHRASE = 12
# What is read from a head before anything is trusted: no stranger's file may ask for more.
LONGEST_HEAD = 1_000
UNREADABLE = (
    "This is not a file that was sealed here, or it is damaged, or the passphrase is wrong."
)


class CannotOpen(Exception):
    """With one sentence that says why."""


class SealingWriter(io.RawIOBase):
    """What is written here is written encrypted to ``target``; ``close`` ends it."""

    def __init__(self, target: BinaryIO, passphrase: str) -> None:
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise CannotOpen(f"The passphrase needs at least {SHORTEST_PASSPHRASE} characters.")
        salt = os.urandom(SALT_BYTES)
        head = json.dumps({"scrypt": COST, "salt": salt.hex()}).encode()
        self._aad = MAGIC + head
        target.write(MAGIC + len(head).to_bytes(2) + head)
        self._target, self._cipher = target, _cipher(passphrase, salt)
        self._waiting, self._number = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        told = bytes(data)  # type: ignore[call-overload]
        self._waiting += told
        # The last piece stays here: it is marked as the last when the file is closed.
        while len(self._waiting) > PIECE_BYTES:
            self._put(bytes(self._waiting[:PIECE_BYTES]), is_last=False)
            del self._waiting[:PIECE_BYTES]
        return len(told)

    def close(self) -> None:
        if not self.closed:
            self._put(bytes(self._waiting), is_last=True)
        super().close()

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last)
        self._target.write(self._cipher.encrypt(nonce, piece, self._aad))
        self._number += 1


class OpeningReader(io.RawIOBase):
    """What lies in a sealed file, as it was written.

    Raises
    ------
    CannotOpen
        When it is made or read: if the passphrase is wrong, or anything was changed or is missing.
    """

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        if source.read(len(MAGIC)) != MAGIC:
            raise CannotOpen(UNREADABLE)
        length = int.from_bytes(source.read(2))
        head = source.read(min(length, LONGEST_HEAD))
        try:
            told = json.loads(head)
            salt = bytes.fromhex(told["salt"])
            cost = told["scrypt"]
        except (ValueError, KeyError, TypeError):
            raise CannotOpen(UNREADABLE) from None
        if cost != COST:
            raise CannotOpen(UNREADABLE)
        self._aad = MAGIC + head
        self._source, self._cipher = source, _cipher(passphrase, salt)
        self._next, self._number = source.read(PIECE_BYTES + TAG_BYTES), 0
        self._open, self._ended = b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, into: object) -> int:
        view = memoryview(into).cast("B")  # type: ignore[arg-type]
        while not self._open and not self._ended:
            self._take()
        given = self._open[: len(view)]
        view[: len(given)] = given
        self._open = self._open[len(given) :]
        return len(given)

    def _take(self) -> None:
        piece, self._next = self._next, self._source.read(PIECE_BYTES + TAG_BYTES)
        self._ended = not self._next
        try:
            nonce = _nonce(self._number, self._ended)
            self._open = self._cipher.decrypt(nonce, piece, self._aad)
        except (InvalidTag, ValueError):
            raise CannotOpen(UNREADABLE) from None
        self._number += 1


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, **COST).derive(passphrase.encode()))


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11) + bytes([is_last])
