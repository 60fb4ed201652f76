"""What is given away and comes back, and must be read by nobody on the way."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

from riskapp import keys

WORD = b"word that is given away"


def sealed(told: Mapping[str, str]) -> str:
    word = keys.encrypt("fields", json.dumps(dict(told)).encode(), WORD)
    return urlsafe_b64encode(word).decode()


def unsealed(text: str) -> dict[str, str]:
    """What was sealed; nothing where it was not sealed here, or its key is gone."""
    try:
        told: dict[str, str] = json.loads(
            keys.decrypt("fields", urlsafe_b64decode(text.encode()), WORD)
        )
    except (keys.CannotDecrypt, ValueError):
        return {}
    return told
