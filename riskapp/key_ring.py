"""A ring of keys: what is derived from it, how it is written down, how it changes."""

import json
import os
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Purpose = Literal["fields", "files", "search", "trail", "uids"]
KEY_BYTES = 32
ID = re.compile(r"[a-z0-9-]{1,32}")


class UnusableKeys(Exception):
    """The ring cannot be used; a sentence for whoever runs the site. It holds no key."""


class CannotDecrypt(Exception):
    """It was encrypted by a key that is not here, for another place, or was changed."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of a site.

    Attributes
    ----------
    active : str
        Id of the key that serves what is written.
    keys : mapping of str to bytes
        Each 32 bytes, by id.
    retired : mapping of str to mapping of purpose to bytes
        What is kept of a key that was retired: derived keys of single purposes, such as the one
        by which old rows of the trail were signed. The key itself does not follow from them.
    """

    active: str
    keys: Mapping[str, bytes] = field(repr=False)
    retired: Mapping[str, Mapping[str, bytes]] = field(repr=False, default_factory=dict)

    def derived(self, purpose: Purpose, key_id: str | None = None, salt: bytes = b"") -> bytes:
        """32 bytes for one purpose; by the active key where none is named.

        Raises
        ------
        CannotDecrypt
            If there is no such key.
        """
        key_id = key_id or self.active
        if key_id in self.keys:
            return _derived(self.keys[key_id], purpose, salt)
        if not salt and purpose in self.retired.get(key_id, ()):
            return self.retired[key_id][purpose]
        raise CannotDecrypt(f"The key {key_id} is not in this site's key ring.")

    def in_order(self) -> list[str]:
        """The ids, that of the active key first."""
        return [self.active, *(key_id for key_id in self.keys if key_id != self.active)]

    def to_json(self) -> str:
        return json.dumps(
            {
                "active": self.active,
                "keys": {key_id: b64encode(key).decode() for key_id, key in self.keys.items()},
                "retired": {
                    key_id: {purpose: b64encode(key).decode() for purpose, key in kept.items()}
                    for key_id, kept in self.retired.items()
                },
            },
            indent=1,
        )


def with_new_key(keys: KeyRing) -> KeyRing:
    """The same ring with a new key, which is the active one."""
    fresh = new_ring()
    return KeyRing(fresh.active, {**keys.keys, **fresh.keys}, keys.retired)


def without_key(keys: KeyRing, key_id: str) -> KeyRing:
    """The ring less one key, of which only what old signatures are checked by is kept."""
    kept = {"trail": keys.derived("trail", key_id)}
    left = {other: key for other, key in keys.keys.items() if other != key_id}
    return KeyRing(keys.active, left, {**keys.retired, key_id: kept})


def new_ring() -> KeyRing:
    key_id = f"k-{secrets.token_hex(4)}"
    return KeyRing(key_id, {key_id: os.urandom(KEY_BYTES)})


@lru_cache(maxsize=4)
def parsed(text: str, source: str) -> KeyRing:
    """The ring of a text; ``source`` names it in a refusal."""
    try:
        told = json.loads(text)
        active, keys, retired = told["active"], dict(told["keys"]), dict(told.get("retired", {}))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UnusableKeys(
            f'{source} holds no keys; it is JSON: {{"active": ID, "keys": {{ID: 32 bytes in '
            "base64}}, as docs/encryption.md says."
        ) from None
    for key_id in [*keys, *retired]:
        if not ID.fullmatch(key_id):
            raise UnusableKeys(f"In {source} an id of a key is not 1 to 32 of a-z, 0-9 and -.")
    if active not in keys:
        raise UnusableKeys(f"In {source} the active key is not among the keys.")
    return KeyRing(
        active,
        {key_id: _key(key, key_id, source) for key_id, key in keys.items()},
        {
            key_id: {purpose: _key(key, key_id, source) for purpose, key in dict(kept).items()}
            for key_id, kept in retired.items()
        },
    )


def _key(text: Any, key_id: str, source: str) -> bytes:
    try:
        key = b64decode(text, validate=True)
    except (ValueError, TypeError):
        key = b""
    if len(key) != KEY_BYTES:
        raise UnusableKeys(
            f"In {source} the key {key_id} is not {KEY_BYTES} bytes in base64; "
            "openssl rand -base64 32 makes one."
        )
    return key


@lru_cache(maxsize=1024)
def _derived(key: bytes, purpose: str, salt: bytes) -> bytes:
    return HKDF(
        SHA256(), length=KEY_BYTES, salt=salt or None, info=f"trabecula: {purpose}".encode()
    ).derive(key)
