"""A provider's word that somebody signed out there (OpenID Connect Back-Channel Logout 1.0)."""

import time
from dataclasses import dataclass
from typing import Any

import jwt

from riskapp.exchange.connection_identity_provider import IdentityProvider
from riskapp.exchange.sign_in.errors import NotSignedIn, ProviderSilent
from riskapp.exchange.sign_in.identity import (
    LEEWAY_SECONDS,
    LONGEST_SESSION,
    LONGEST_SUBJECT,
    signing_key,
)
from riskapp.exchange.signed_token import NotProven, name_of_use, unchecked

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPES = (None, "JWT", "logout+jwt", "application/logout+jwt")
# Section 2.4 recommends two minutes at most; a word that is older was kept back.
OLDEST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Who signed out, or of which session, or both; ``until`` is when the word is worth nothing.

    Attributes
    ----------
    subject, session : str
        One of them may be blank.
    use : str
        By which the word counts once.
    until : float
        Seconds since 1970.
    """

    subject: str
    session: str
    use: str
    until: float


def signed_out(provider: IdentityProvider, jwks_uri: str, token: str) -> SignedOut:
    """What a logout token says, if it is this provider's, for us, and new (section 2.6).

    Raises
    ------
    NotProven
    ProviderSilent
        If the provider's keys cannot be had.
    """
    header, _ = unchecked(token)
    if header.get("typ") not in TYPES:
        raise NotProven("The typ is logout+jwt.")
    try:
        key, algorithm = signing_key(jwks_uri, header)
    except ProviderSilent:
        raise
    except NotSignedIn as refusal:
        raise NotProven("The key that the token names is not the provider's.") from refusal
    try:
        claims = jwt.decode(
            token,
            key=key,
            algorithms=[algorithm],
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "iat", "exp", "jti", "events"]},
        )
    except jwt.PyJWTError as refusal:
        raise NotProven("The token is not this provider's, not for us, or too old.") from refusal
    return _told(claims)


def _told(claims: dict[str, Any]) -> SignedOut:
    events = claims["events"]
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise NotProven("The events are those of a logout.")
    if "nonce" in claims:
        raise NotProven("A logout token has no nonce.")
    if claims["iat"] + OLDEST_SECONDS + LEEWAY_SECONDS < time.time():
        raise NotProven("The token was made too long ago.")
    subject = _named(claims, "sub", LONGEST_SUBJECT)
    session = _named(claims, "sid", LONGEST_SESSION)
    if not subject and not session:
        raise NotProven("A logout token names a person (sub) or a session (sid).")
    until = claims["iat"] + OLDEST_SECONDS + 2 * LEEWAY_SECONDS
    return SignedOut(subject, session, name_of_use(claims), until)


def _named(claims: dict[str, Any], name: str, longest: int) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise NotProven(f"{name} is a text of up to {longest} characters.")
    return value
