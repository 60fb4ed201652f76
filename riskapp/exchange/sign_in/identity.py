"""What a provider says of who signed in: believed only where it is signed for this very sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

import jwt
from authlib.oidc.core.util import create_half_hash

from riskapp.exchange.connection_identity_provider import IdentityProvider
from riskapp.exchange.json_web_keys import UnusableKeys
from riskapp.exchange.published_keys import published_key
from riskapp.exchange.sign_in.errors import NotSignedIn, ProviderSilent
from riskapp.exchange.signed_token import FARTHEST_SECONDS

# RFC 7518's signatures with public keys that providers use; "none" and shared secrets never.
ALGORITHMS = ("RS256", "ES256", "RS384", "ES384")
LEEWAY_SECONDS = 60
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2
LONGEST_SESSION = 255
MOST_GROUPS = 1_000
NOT_BELIEVED = "The sign-in service’s answer could not be believed; start again."
CLOCKS = "The clocks of the sign-in service and of this server differ; tell your administrator."


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in: ``subject`` is theirs at this issuer for ever, the rest may change.

    Attributes
    ----------
    acr, amr : str, frozenset of str
        How they proved who they are, in the words of the provider; blank, empty where not told.
    proved_at : datetime or None
        When they did (``auth_time``).
    session : str
        What the provider calls its session (``sid``).
    """

    issuer: str
    subject: str
    user_name: str
    given_name: str
    family_name: str
    email: str
    email_is_verified: bool
    groups: frozenset[str]
    acr: str
    amr: frozenset[str]
    proved_at: datetime | None
    session: str


def believed(
    provider: IdentityProvider, jwks_uri: str, *, id_token: str, access_token: str, nonce: str
) -> Identity:
    """Check an ``id_token`` (OpenID Connect Core 1.0, section 3.1.3.7).

    Raises
    ------
    NotSignedIn
        If it was not signed by this provider, for us, for this sign-in, and just now.
    """
    try:
        head = jwt.get_unverified_header(id_token)
    except (jwt.PyJWTError, ValueError, RecursionError) as refusal:
        raise NotSignedIn(NOT_BELIEVED) from refusal
    key, algorithm = signing_key(jwks_uri, head)
    try:
        claims = jwt.decode(
            id_token,
            key=key,
            algorithms=[algorithm],
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as refusal:
        raise NotSignedIn(CLOCKS) from refusal
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as refusal:
        raise NotSignedIn(NOT_BELIEVED) from refusal
    if not _is_for_us(claims, provider.client_id, nonce):
        raise NotSignedIn(NOT_BELIEVED)
    told_hash = claims.get("at_hash")
    if told_hash is not None and access_token:
        own_hash = create_half_hash(access_token, algorithm).decode()
        if not isinstance(told_hash, str) or not compare_digest(
            told_hash.encode(errors="replace"), own_hash.encode()
        ):
            raise NotSignedIn(NOT_BELIEVED)
    return _identity(provider, claims)


def _is_for_us(claims: Mapping[str, Any], client_id: str, nonce: str) -> bool:
    """The answer to our own question, and not one meant for another program as well."""
    audience, party = claims["aud"], claims.get("azp")
    is_alone = not isinstance(audience, list) or len(audience) == 1
    said = claims["nonce"]
    return (
        isinstance(said, str)
        and compare_digest(said.encode(errors="replace"), nonce.encode())
        and (party == client_id if party is not None else is_alone)
        and isinstance(claims["sub"], str)
        and 0 < len(claims["sub"]) <= LONGEST_SUBJECT
        and claims["sub"].isprintable()  # else no database would look for it
    )


def _identity(provider: IdentityProvider, claims: Mapping[str, Any]) -> Identity:
    groups = claims.get(provider.groups_claim)
    groups = [groups] if isinstance(groups, str) else groups
    return Identity(
        issuer=provider.issuer,
        subject=claims["sub"],
        user_name=_text(claims, "preferred_username"),
        given_name=_text(claims, "given_name"),
        family_name=_text(claims, "family_name"),
        email=_text(claims, "email"),
        email_is_verified=claims.get("email_verified") is True,
        groups=frozenset(_texts(groups)),
        acr=_text(claims, "acr"),
        amr=frozenset(_texts(claims.get("amr"))),
        proved_at=_moment(claims.get("auth_time")),
        session=_session(claims.get("sid")),
    )


def _texts(listed: object) -> list[str]:
    told = listed[:MOST_GROUPS] if isinstance(listed, list) else []
    return [one for one in told if isinstance(one, str)]


def _moment(told: object) -> datetime | None:
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return datetime.fromtimestamp(told, tz=UTC) if 0 <= told < FARTHEST_SECONDS else None


def _session(told: object) -> str:
    if not isinstance(told, str) or len(told) > LONGEST_SESSION or not told.isprintable():
        return ""
    return told


def _text(claims: Mapping[str, Any], name: str) -> str:
    """A text that can be shown and stored, or nothing."""
    value = claims.get(name)
    return value.strip()[:150] if isinstance(value, str) and value.isprintable() else ""


def signing_key(jwks_uri: str, head: Mapping[str, Any]) -> tuple[Any, str]:
    """The provider's key that a token's header names, and its algorithm.

    Raises
    ------
    NotSignedIn
        If it is none of them, or an algorithm that is never taken.
    ProviderSilent
        If the keys cannot be had.
    """
    algorithm, kid = head.get("alg"), head.get("kid")
    if algorithm not in ALGORITHMS or not isinstance(kid, str):
        raise NotSignedIn(NOT_BELIEVED)
    try:
        key = published_key(jwks_uri, kid, algorithm, ALGORITHMS)
    except UnusableKeys as refusal:
        raise ProviderSilent("The sign-in service’s keys cannot be had; try again.") from refusal
    if key is None:
        raise NotSignedIn(NOT_BELIEVED)
    return key, algorithm
