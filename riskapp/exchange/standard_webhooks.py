"""How a message to another program is signed, as Standard Webhooks 1.0.0 has it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"


def shown(secret: bytes) -> str:
    """A secret of 24 to 64 bytes as it is given to people."""
    return PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, id: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over ``id.timestamp.body``; ``v1`` names the scheme."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def headers(secrets: Sequence[bytes], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What goes along: one signature by each secret that is valid now."""
    return {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(one, id, timestamp, body) for one in secrets),
    }
