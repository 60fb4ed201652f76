"""How a program proves who it is: it signs a short statement with its own key (RFC 7523).

Source: SMART App Launch 2.2, "Client Authentication: Asymmetric (public key)"
(https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html).
"""

import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
from django.db import IntegrityError, transaction
from django.utils import timezone

from riskapp.exchange.json_web_keys import ALGORITHMS, UnusableKeys, key_for
from riskapp.exchange.published_keys import published_key
from riskapp.exchange.signed_token import LEEWAY_SECONDS, NotProven, name_of_use, unchecked
from riskapp.models import ApiClient, UsedAssertion

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME_SECONDS = 300


def prove(assertion: str, *, audience: str) -> ApiClient:
    """The standing client that signed this statement for us, which can be used this once.

    Raises
    ------
    NotProven
        With what is wrong.
    """
    header, claims = unchecked(assertion)
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
    _use_once(client, name_of_use(checked), checked["exp"])
    return client


def _client(claims: Mapping[str, Any]) -> ApiClient:
    issuer = claims.get("iss")
    # No database looks for NUL or half a character.
    if not isinstance(issuer, str) or not issuer.isprintable() or claims.get("sub") != issuer:
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
    try:
        return published_key(client.keys_url, kid, algorithm)
    except UnusableKeys as refusal:
        raise NotProven(str(refusal)) from refusal


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


def _use_once(client: ApiClient, jti: str, expires: float) -> None:
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
