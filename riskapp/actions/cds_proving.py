"""Which record system is asking at a hook: it signs a token for this one call.

CDS Hooks 2.0, section "Trusting CDS Clients". The specification recommends ES384 and RS384,
forbids ``none`` and whatever is symmetric, and leaves the rest to the service.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
from django.db import IntegrityError, transaction
from django.utils import timezone

from riskapp.actions.connecting import connections
from riskapp.exchange.connection_cds_client import CdsClient
from riskapp.exchange.json_web_keys import UnusableKeys, checked, key_for
from riskapp.exchange.published_keys import published_key
from riskapp.exchange.signed_token import LEEWAY_SECONDS, NotProven, name_of_use, unchecked
from riskapp.models import UsedCdsToken

# ES256 and RS256 are weaker and still asymmetric; the specification's public sandbox signs so.
ALGORITHMS = ("ES384", "RS384", "ES256", "RS256")
# Tokens are signed for one call: the public sandbox lets its own live for 5 minutes.
LIFETIME_SECONDS = 600
CLAIMS = ("iss", "aud", "exp", "iat", "jti")


def cds_clients() -> tuple[CdsClient, ...]:
    """The record systems that the site has named.

    Raises
    ------
    UnusableConnection
        If the site's file cannot be used.
    """
    return connections().of(CdsClient)


def unsigned_client() -> CdsClient | None:
    """The one that is believed without a token; None where the site has named none."""
    return next((one for one in cds_clients() if one.unsigned), None)


def prove(token: str, *, address: str) -> CdsClient:
    """The client that signed this token for a call of this address; it counts this once.

    Raises
    ------
    NotProven
        With what is wrong.
    """
    header, claims = unchecked(token)
    client = _issuer(claims)
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise NotProven(f"The token is signed with one of {', '.join(ALGORITHMS)}.")
    if header.get("typ") != "JWT" or not isinstance(kid, str) or not kid or "crit" in header:
        raise NotProven('The header of the token names its key (kid) and the typ "JWT".')
    if "jku" in header and (not client.jwks_url or header["jku"] != client.jwks_url):
        raise NotProven("The jku of the token is not the address of keys that the site has named.")
    key = _key(client, kid, algorithm)
    if key is None:
        raise NotProven("The key that the token names is not among the client’s.")
    try:
        told = jwt.decode(
            token,
            key=key,
            algorithms=[algorithm],
            audience=address,
            issuer=client.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(CLAIMS)},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as refusal:
        raise NotProven(_why(refusal)) from refusal
    _check_life(told)
    _use_once(client, told)
    return client


def _issuer(claims: Mapping[str, Any]) -> CdsClient:
    issuer = claims.get("iss")
    for client in cds_clients():
        if client.issuer and client.issuer == issuer:
            return client
    raise NotProven("The issuer (iss) of the token is not among those that the site has named.")


def _key(client: CdsClient, kid: str, algorithm: str) -> Any:
    try:
        if client.jwks:
            return key_for(checked(client.own_keys(), ALGORITHMS), kid, algorithm)
        return published_key(client.jwks_url, kid, algorithm, ALGORITHMS)
    except UnusableKeys as refusal:
        raise NotProven(str(refusal)) from refusal


def _check_life(told: Mapping[str, Any]) -> None:
    if not 0 <= told["exp"] - told["iat"] <= LIFETIME_SECONDS:
        raise NotProven(f"A token lives for at most {LIFETIME_SECONDS} seconds.")


def _use_once(client: CdsClient, told: Mapping[str, Any]) -> None:
    """Remember a token for as long as it could be shown again, in whatever process."""
    both = "\n".join((client.issuer, name_of_use(told))).encode(errors="surrogatepass")
    until = datetime.fromtimestamp(told["exp"] + LEEWAY_SECONDS + 1, tz=UTC)
    try:
        with transaction.atomic():
            UsedCdsToken.objects.filter(until__lt=timezone.now()).delete()
            UsedCdsToken.objects.create(digest=hashlib.sha256(both).hexdigest(), until=until)
    except IntegrityError:
        raise NotProven("This token was used before; sign one with a new jti.") from None


def _why(refusal: Exception) -> str:
    told: dict[type[Exception], str] = {
        jwt.InvalidAudienceError: "The aud of a token is the address of the service called.",
        jwt.ExpiredSignatureError: "The token has expired.",
        jwt.ImmatureSignatureError: "The token is not valid yet; compare the clocks.",
        jwt.MissingRequiredClaimError: f"A token has {', '.join(CLAIMS)}.",
        jwt.InvalidSignatureError: "The signature of the token does not fit the key.",
    }
    return told.get(type(refusal), "A claim of the token cannot be used.")
