"""How one row of the trail follows from the one before. docs/trail.md specifies it for others.

``leaf = SHA-256(canonical row)``, ``digest = SHA-256(digest before + leaf)``, of the hexadecimal
texts, and ``seal = HMAC-SHA256(trail key, digest)``. The chain of digests can be checked by
anybody, also where only the leaf of a row is shown; the seal only where the key is, and nobody
without the key can make one.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from riskapp import keys

# What the digest before the first row is.
BEGINNING = "0" * 64
VERSION = "trabecula-trail-1"
# In this order they are written; all that a row says, but for digest and seal.
FIELDS = (
    "number",
    "at",
    "by",
    "organisation_id",
    "action",
    "target",
    "patient_id",
    "detail",
    "content",
)


def written(at: datetime) -> str:
    """A time as it is signed: UTC, six digits of a second, ``Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def told(row: Any) -> list[Any]:
    """What a row says, as plain JSON values in the order of ``FIELDS``."""
    return plain([getattr(row, name) for name in FIELDS])


def plain(values: Sequence[Any]) -> list[Any]:
    """Columns in the order of ``FIELDS`` as plain JSON values."""
    number, at, by, organisation, action, target, patient, detail, content = values
    return [
        number,
        written(at),
        by,
        str(organisation) if organisation else None,
        action,
        target,
        str(patient) if patient else None,
        detail,
        content,
    ]


def canonical(values: Any) -> bytes:
    """JSON without spaces, keys in order, everything beyond ASCII escaped."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def leaf(values: list[Any]) -> str:
    return hashlib.sha256(canonical([VERSION, *values])).hexdigest()


def digest(before: str, leaf: str) -> str:
    return hashlib.sha256((before + leaf).encode()).hexdigest()


def sealed(text: str) -> str:
    """``KEY:HEX``, by the active key of the site."""
    key_id, told = keys.active_hash("trail", text)
    return f"{key_id}:{told}"


def is_sealed(text: str, seal: str) -> bool:
    """Whether a seal is of this text.

    Raises
    ------
    keys.CannotDecrypt
        If the key that it names is not in the site's ring any more.
    """
    key_id, _, told = seal.partition(":")
    return hmac.compare_digest(keys.keyed_hash("trail", text, key_id), told)


def content_digest(content: object) -> str:
    """Keyed digest of what was written; texts and numbers cannot be guessed from it."""
    return sealed(_content(content))


def is_content(content: object, digest: str) -> bool:
    """Whether this is what was written then.

    Raises
    ------
    keys.CannotDecrypt
        If the key that was used is not in the site's ring any more.
    """
    return is_sealed(_content(content), digest)


def _content(content: object) -> str:
    return canonical(_plain_numbers(content)).decode()


def _plain_numbers(value: Any) -> Any:
    """Each number written in one way, whichever database gave it back: 1 and 1.0, 0 and -0.0."""
    if isinstance(value, Mapping):
        return {name: _plain_numbers(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_numbers(one) for one in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value) + 0.0)
    return value


def extend(row: Any, before: str) -> None:
    """Give a row its place after the one whose digest is ``before``."""
    row.before = before
    row.digest = digest(before, leaf(told(row)))
    row.seal = sealed(row.digest)


def as_json(row: Any) -> Mapping[str, Any]:
    """A row as it is exported: what is signed, and the proof."""
    named = dict(zip(FIELDS, told(row), strict=True))
    return named | {"before": row.before, "digest": row.digest, "seal": row.seal}
