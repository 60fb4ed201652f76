"""What must be kept and not be read in a copy of the database: encrypted with the site's key."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"trabecula: tokens of hospital records"


def sealed(told: Mapping[str, str]) -> str:
    return _box().encrypt(json.dumps(dict(told)).encode()).decode()


def unsealed(text: str) -> dict[str, str]:
    """What was sealed; nothing where the site's key is another now."""
    try:
        told: dict[str, str] = json.loads(_box().decrypt(text.encode()))
    except InvalidToken:
        return {}
    return told


def _box() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE)
    return Fernet(urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
