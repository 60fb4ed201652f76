"""The site's keys: what is kept unreadable to others is encrypted, hashed and signed by them.

The ring holds one or more keys of 256 random bits, each with an id; one is active and serves all
that is written, the others only what was written before. It is read from ``TRABECULA_KEYS``, or
the file that ``TRABECULA_KEY_FILE`` names, or ``keys.json`` in the data folder, which is made at
the first start; docs/encryption.md has its shape. A file that changes is read anew, so that a
rotation reaches every process. Whoever loses the keys loses the data.

Each purpose has a key of its own, derived by HKDF-SHA256 (RFC 5869), so that what one of them
signs or encrypts says nothing about another.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from riskapp.key_ring import (
    ID,
    CannotDecrypt,
    KeyRing,
    Purpose,
    UnusableKeys,
    new_ring,
    parsed,
    with_new_key,
    without_key,
)

__all__ = [
    "CannotDecrypt",
    "KeyRing",
    "Purpose",
    "UnusableKeys",
    "active_hash",
    "check",
    "checking_hashes",
    "decrypt",
    "encrypt",
    "is_there",
    "key_id_of",
    "keyed_hash",
    "keyed_hashes",
    "place",
    "replace_ring",
    "ring",
    "whereabouts",
    "with_new_key",
    "without_key",
]
# The nonce that NIST SP 800-38D, section 8.2.2, takes at random: at most 2^32 messages a key.
NONCE_BYTES = 12
VERSION = 1
FILE = "keys.json"
OTHERS_MAY_READ = 0o027  # the group may read, as secrets of a container are given; no more


def encrypt(purpose: Purpose, plain: bytes, aad: bytes) -> bytes:
    """Encrypt with AES-256-GCM; ``aad`` says what for, and has to be said again to read it.

    The envelope is a byte of version, a byte of length and the id of the key, 12 bytes of nonce,
    then the ciphertext with its tag of 16 bytes. Version and id are authenticated as well.
    """
    keys = ring()
    head = bytes([VERSION, len(keys.active)]) + keys.active.encode()
    nonce = os.urandom(NONCE_BYTES)
    sealed = _cipher(keys.derived(purpose)).encrypt(nonce, plain, head + aad)
    return head + nonce + sealed


def decrypt(purpose: Purpose, sealed: bytes, aad: bytes) -> bytes:
    """What was encrypted for this purpose and ``aad``.

    Raises
    ------
    CannotDecrypt
        If its key is not here, it was encrypted for something else, or it was changed.
    """
    key_id = key_id_of(sealed)
    start = 2 + len(key_id)
    nonce, told = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
    try:
        return _cipher(ring().derived(purpose, key_id)).decrypt(nonce, told, sealed[:start] + aad)
    except (InvalidTag, ValueError) as changed:
        raise CannotDecrypt("It was changed, or encrypted for another place.") from changed


def key_id_of(sealed: bytes) -> str:
    """Id of the key that an envelope was encrypted by.

    Raises
    ------
    CannotDecrypt
        If it is no envelope.
    """
    if len(sealed) < 2 or sealed[0] != VERSION:
        raise CannotDecrypt("It is not something that was encrypted here.")
    key_id = sealed[2 : 2 + sealed[1]].decode("ascii", "replace")
    if not ID.fullmatch(key_id):
        raise CannotDecrypt("It is not something that was encrypted here.")
    return key_id


def keyed_hash(purpose: Purpose, text: str, key_id: str | None = None) -> str:
    """HMAC-SHA256 of text in hexadecimal: equal for equal texts, to be guessed by nobody.

    By the active key where none is named. What is looked up by it is looked up by
    ``keyed_hashes``, so that rows written before a rotation are found as well.
    """
    return _hmac(ring().derived(purpose, key_id), text)


def active_hash(purpose: Purpose, text: str) -> tuple[str, str]:
    """Id of the active key, and ``keyed_hash`` by it."""
    keys = ring()
    return keys.active, _hmac(keys.derived(purpose), text)


def _hmac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


def keyed_hashes(purpose: Purpose, text: str) -> list[str]:
    """The hash by each key of the ring, that by the active one first."""
    return [keyed_hash(purpose, text, key_id) for key_id in ring().in_order()]


def checking_hashes(purpose: Purpose, text: str) -> list[str]:
    """As ``keyed_hashes``, and by what is kept of retired keys to check what they signed."""
    kept = [key_id for key_id, purposes in ring().retired.items() if purpose in purposes]
    by_retired = [keyed_hash(purpose, text, key_id) for key_id in kept]
    return [*keyed_hashes(purpose, text), *by_retired]


def ring() -> KeyRing:
    """The keys of this site, made where there are none yet.

    Raises
    ------
    UnusableKeys
        If what is given cannot be used, with the reason.
    """
    given = os.environ.get("TRABECULA_KEYS")
    if given:
        return parsed(given, "TRABECULA_KEYS")
    path = _place()
    try:
        try:
            told = os.stat(path)
        except FileNotFoundError:
            _make_first(Path(path))
            told = os.stat(path)
    except OSError as closed:
        raise UnusableKeys(f"{path} cannot be read.") from closed
    return _read(path, told.st_mtime_ns, told.st_ino, told.st_mode)


def check() -> None:
    """Read the keys that there are, and make none: what restores a site brings its own.

    Raises
    ------
    UnusableKeys
    """
    if is_there() or os.environ.get("TRABECULA_KEY_FILE"):
        ring()


def is_there() -> bool:
    """Whether there are keys, or they would have to be made."""
    return bool(os.environ.get("TRABECULA_KEYS")) or place().exists()


def whereabouts() -> str:
    """Where the keys are looked for, in words."""
    return "in TRABECULA_KEYS" if os.environ.get("TRABECULA_KEYS") else f"in {_place()}"


def place() -> Path:
    """Where the ring lies, unless the environment holds it."""
    return Path(_place())


def _place() -> str:
    # Text, as each value that is read asks for it, and a path takes longer than the cipher.
    return os.environ.get("TRABECULA_KEY_FILE") or f"{settings.DATA_DIR}{os.sep}{FILE}"


def replace_ring(changed: Callable[[KeyRing], KeyRing]) -> KeyRing:
    """Write another ring in the place of the present one, which is never half there.

    Raises
    ------
    UnusableKeys
        If the ring comes from the environment or lies where it cannot be written.
    """
    if os.environ.get("TRABECULA_KEYS"):
        raise UnusableKeys("The keys come from TRABECULA_KEYS; change them there, then restart.")
    made, path = changed(ring()), place()
    fresh = _written(path, made)
    try:
        fresh.replace(path)
    except OSError as closed:
        fresh.unlink(missing_ok=True)
        raise UnusableKeys(f"{path} cannot be written; change it where it is kept.") from closed
    return ring()


def _make_first(path: Path) -> None:
    """Complete before it has its name: two processes that start at once share one ring."""
    if os.environ.get("TRABECULA_KEY_FILE"):
        raise UnusableKeys(f"There is no key file {path}, which TRABECULA_KEY_FILE names.")
    fresh = _written(path, new_ring())
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _written(path: Path, keys: KeyRing) -> Path:
    """A file beside the place that holds the ring, safe from a power cut."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(keys.to_json())
            file.flush()
            os.fsync(file.fileno())
    except OSError as closed:
        raise UnusableKeys(f"No key file can be written at {path}.") from closed
    return fresh


@lru_cache(maxsize=4)
def _read(path: str, changed_ns: int, inode: int, mode: int) -> KeyRing:
    if mode & OTHERS_MAY_READ:
        raise UnusableKeys(f"Others may read {path}; take that right away: chmod 600 {path}")
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as closed:
        raise UnusableKeys(f"{path} cannot be read.") from closed
    return parsed(text, path)


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
