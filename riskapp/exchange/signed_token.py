"""What programs sign to say who they are (RFC 7519), as it is said and before it is believed."""

from collections.abc import Mapping
from typing import Any

import jwt

LONGEST_TOKEN, LONGEST_JTI = 8 * 2**10, 255
FARTHEST_SECONDS = 10**11
LEEWAY_SECONDS = 10  # how far the clocks of two machines may be apart


class NotProven(ValueError):
    """Why a token does not prove who asks, as a sentence that tells no secret."""


def unchecked(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims of a token, of which nothing is known to be true yet.

    Raises
    ------
    NotProven
        If it is no token, or its times are no numbers.
    """
    if len(token) > LONGEST_TOKEN:
        raise NotProven("The token is too long.")
    try:
        told = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as refusal:
        raise NotProven("The token is no signed JSON Web Token.") from refusal
    claims = told["payload"]
    times = [claims[name] for name in ("exp", "iat", "nbf") if name in claims]
    if not all(type(one) in (int, float) and 0 <= one < FARTHEST_SECONDS for one in times):
        raise NotProven("exp, iat and nbf are seconds since 1970.")
    return told["header"], claims


def name_of_use(told: Mapping[str, Any]) -> str:
    """The jti of a token, by which it counts once.

    Raises
    ------
    NotProven
        If it is none.
    """
    jti = told["jti"]
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI:
        raise NotProven(f"jti is a text of up to {LONGEST_JTI} characters.")
    return jti
