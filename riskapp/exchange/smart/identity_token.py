"""Who launched: the id_token of OpenID Connect, believed only when all of it holds."""

from dataclasses import dataclass
from typing import Any

import jwt

from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.smart.asking import json_of, session_to
from riskapp.exchange.smart.configuration import SmartConfiguration
from riskapp.exchange.smart.errors import LaunchProblem

# SMART asks for RS256; larger keys and curves are as good, shared secrets and "none" are not.
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384")
CLOCKS_APART_S = 60
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2
NOBODY = (
    "The record did not say who you are; its administrator has to allow Trabecula the scopes "
    "openid and fhirUser."
)
NOT_BELIEVED = "What the record says of who you are cannot be believed; open Trabecula again."


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, as one issuer knows them."""

    issuer: str
    subject: str
    fhir_user: str
    name: str


def identify(ehr: EhrConnection, there: SmartConfiguration, token: str, nonce: str) -> Identity:
    """Check signature, issuer, audience, times and nonce.

    Raises
    ------
    LaunchProblem
        If any of them does not hold, or there is no token.
    """
    if not token or not there.jwks_uri:
        raise LaunchProblem(NOBODY)
    keys = json_of(session_to(ehr.origins), there.jwks_uri, headers={"Accept": "application/json"})
    try:
        told = jwt.decode(
            token,
            _signing_key(keys, token),
            algorithms=list(ALGORITHMS),
            issuer=there.issuer,
            audience=ehr.client_id,
            leeway=CLOCKS_APART_S,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError) as wrong:
        raise LaunchProblem(NOT_BELIEVED) from wrong
    subject = told["sub"]
    many = isinstance(told["aud"], list) and len(told["aud"]) > 1
    if told.get("nonce") != nonce or (many and told.get("azp") != ehr.client_id):
        raise LaunchProblem(NOT_BELIEVED)
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise LaunchProblem(NOT_BELIEVED)
    if not subject.isprintable():  # which half a character is not
        raise LaunchProblem(NOT_BELIEVED)
    return Identity(there.issuer, subject, _text(told, "fhirUser"), _text(told, "name"))


def _signing_key(keys: dict[str, Any], token: str) -> Any:
    """The key that the token names; the only one where it names none."""
    header = jwt.get_unverified_header(token)
    held = [one for one in jwt.PyJWKSet.from_dict(keys).keys if one.public_key_use != "enc"]
    kid = header.get("kid")
    fitting = [one for one in held if kid is None or one.key_id == kid]
    if len(fitting) != 1:
        raise KeyError("no such key")
    # The key itself: one that names no algorithm is taken for what the token names.
    return fitting[0].key


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value[:500] if isinstance(value, str) and value.isprintable() else ""
