"""How a program proves who it is: it signs a short statement with its own key (RFC 7523).

Source: SMART App Launch 2.2, "Client Authentication: Asymmetric (public key)"
(https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html).
"""

import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import jwt
from django.db import IntegrityError, transaction
from django.utils import timezone

from riskapp.exchange.json_web_keys import ALGORITHMS, UnusableKeys, fetched, key_for
from riskapp.models import ApiClient, UsedAssertion

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = 8 * 2**10
LONGEST_JTI = 255
LIFETIME_SECONDS = 300
FARTHEST_SECONDS = 10**11
# How far the clocks of two machines may be apart.
LEEWAY_SECONDS = 10
# Keys that a program publishes are asked for anew after this time; sooner where it signs with
# one that is not among them, as it may have changed them, but not again and again.
KEYS_KEPT_SECONDS, KEYS_ASKED_AGAIN_SECONDS = 300, 30


class NotProven(ValueError):
    """Why a statement does not prove who sent it, as a sentence that tells no secret."""


def prove(assertion: str, *, audience: str) -> ApiClient:
    """The standing client that signed this statement for us, which can be used this once.

    Raises
    ------
    NotProven
        With what is wrong.
    """
    header, claims = _unchecked(assertion)
    client = _client(claims)
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise NotProven(f"The statement is signed with {' or '.join(ALGORITHMS)}.")
    if header.get("typ") != "JWT" or not isinstance(kid, str) or not kid:
        raise NotProven('The header names the key (kid) and the typ "JWT".')
    if "jku" in header and (not client.keys_url or header["jku"] != client.keys_url):
        raise NotProven("The jku is not the address of keys that was registered.")
    key = _key(client, kid, algorithm)
    if key is None:
        raise NotProven("The key that the statement names is not among those registered.")
    try:
        checked = jwt.decode(
            assertion,
            key=key,
            algorithms=[algorithm],
            audience=audience,
            issuer=client.application.client_id,
            subject=client.application.client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "jti"]},
        )
    except jwt.PyJWTError as refusal:
        raise NotProven(_why(refusal)) from refusal
    if checked["exp"] > time.time() + LIFETIME_SECONDS + LEEWAY_SECONDS:
        raise NotProven(f"The statement ends more than {LIFETIME_SECONDS} seconds from now.")
    _use_once(client, checked["jti"], checked["exp"])
    return client


def _unchecked(assertion: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims as they are said; nothing of it is known to be true yet."""
    if len(assertion) > LONGEST_ASSERTION:
        raise NotProven("The statement is too long.")
    try:
        told = jwt.decode_complete(assertion, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError) as refusal:
        raise NotProven("The statement is no signed JSON Web Token.") from refusal
    claims = told["payload"]
    times = [claims[name] for name in ("exp", "iat", "nbf") if name in claims]
    if not all(type(one) in (int, float) and 0 <= one < FARTHEST_SECONDS for one in times):
        raise NotProven("exp, iat and nbf are seconds since 1970.")
    return told["header"], claims


def _client(claims: Mapping[str, Any]) -> ApiClient:
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or "\x00" in issuer or claims.get("sub") != issuer:
        raise NotProven("iss and sub both are the client id.")
    client = (
        ApiClient.objects.filter(application__client_id=issuer, revoked_at=None)
        .select_related("application", "account", "organisation")
        .first()
    )
    if client is None or not client.has_keys:
        raise NotProven("No client of this id has registered keys.")
    return client


def _key(client: ApiClient, kid: str, algorithm: str) -> Any:
    if client.keys is not None:
        return key_for(client.keys, kid, algorithm)
    for seconds in (KEYS_KEPT_SECONDS, KEYS_ASKED_AGAIN_SECONDS):
        keys = _published(client.keys_url, int(time.time() // seconds), seconds)
        if isinstance(keys, UnusableKeys):
            raise NotProven(str(keys))
        if (key := key_for(keys, kid, algorithm)) is not None:
            return key
    return None


@lru_cache(maxsize=256)
def _published(url: str, period: int, seconds: int) -> dict[str, Any] | UnusableKeys:
    """What was found at the first question of this period of so many seconds; a fault too."""
    try:
        return fetched(url)
    except UnusableKeys as refusal:
        return refusal


def _why(refusal: jwt.PyJWTError) -> str:
    if isinstance(refusal, jwt.InvalidAudienceError):
        return "aud is the address of the token endpoint."
    if isinstance(refusal, jwt.ExpiredSignatureError):
        return "The statement has expired."
    if isinstance(refusal, jwt.ImmatureSignatureError):
        return "The statement is not valid yet; compare the clocks."
    if isinstance(refusal, jwt.MissingRequiredClaimError):
        return "The statement has iss, sub, aud, exp and jti."
    if isinstance(refusal, jwt.InvalidSignatureError):
        return "The signature does not fit the key."
    return "A claim of the statement cannot be used."


def _use_once(client: ApiClient, jti: object, expires: float) -> None:
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI:
        raise NotProven(f"jti is a text of up to {LONGEST_JTI} characters.")
    UsedAssertion.objects.filter(until__lt=timezone.now()).delete()
    digest = hashlib.sha256(jti.encode(errors="surrogatepass")).hexdigest()
    # Remembered for as long as it could be accepted.
    until = datetime.fromtimestamp(expires + LEEWAY_SECONDS + 1, tz=UTC)
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(client=client, jti_sha256=digest, until=until)
    except IntegrityError:
        raise NotProven(
            "This statement was used before; sign a new one with a jti of its own."
        ) from None
