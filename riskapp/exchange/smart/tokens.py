"""Codes and refresh tokens against access tokens, by Authlib's OAuth 2 client."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from riskapp.exchange.connection_ehr import BY_SECRET, PUBLIC, SIGNED, EhrConnection
from riskapp.exchange.peer_http import bind
from riskapp.exchange.smart.asking import LIMITS, problem_of
from riskapp.exchange.smart.configuration import SmartConfiguration
from riskapp.exchange.smart.errors import LaunchProblem, NoAnswer, NotAllowedThere

METHODS = {PUBLIC: "none", SIGNED: "private_key_jwt", BY_SECRET: "client_secret_basic"}
FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")  # FHIR R4, datatype id
# A record that says nothing about the end of a token is taken at its shortest usual word.
USUAL_S = 300
ASSERTION_S = 240
LONGEST_TOKEN = 16 * 2**10
NOT_GIVEN = "The record did not give a token; open Trabecula from the record again."
NO_PATIENT = "The record did not say which patient is open; open a patient there first."


@dataclass(frozen=True, slots=True)
class SigningKey:
    """This site's own key, for records that want signed token requests."""

    kid: str
    private: RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token response gave, checked.

    ``smart_style_url`` is never followed, and ``need_patient_banner`` not asked: whose page it is
    stands on each of ours.
    """

    access_token: str
    refresh_token: str
    lasts_s: int
    scopes: tuple[str, ...]
    patient: str
    encounter: str
    intent: str
    tenant: str
    id_token: str


def authorization_address(
    ehr: EhrConnection,
    there: SmartConfiguration,
    *,
    redirect_uri: str,
    scope: str,
    state: str,
    nonce: str,
    verifier: str,
    launch: str = "",
) -> str:
    """Where the browser goes to ask for a code."""
    session = OAuth2Session(ehr.client_id, redirect_uri=redirect_uri, scope=scope)
    extra = {"aud": ehr.iss, "nonce": nonce} | ({"launch": launch} if launch else {})
    address, _ = session.create_authorization_url(
        there.authorization_endpoint,
        state=state,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        **extra,
    )
    return str(address)


def redeem(
    ehr: EhrConnection,
    token_endpoint: str,
    key: SigningKey,
    *,
    code: str,
    verifier: str,
    redirect_uri: str,
    asked: str,
) -> Granted:
    """A code against tokens.

    Raises
    ------
    NotAllowedThere
        If the record refuses: the code is too old, used, or not ours.
    NoAnswer
        If it gives no answer that can be read.
    """
    return _asked(
        ehr,
        token_endpoint,
        key,
        asked,
        lambda session: session.fetch_token(
            token_endpoint,
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            redirect_uri=redirect_uri,
        ),
    )


def refresh(
    ehr: EhrConnection, token_endpoint: str, key: SigningKey, *, token: str, asked: str
) -> Granted:
    """A refresh token against a new access token; where no new refresh token comes, it stays.

    Raises
    ------
    NotAllowedThere, NoAnswer
        As of ``redeem``.
    """
    return _asked(
        ehr,
        token_endpoint,
        key,
        asked,
        lambda session: session.refresh_token(token_endpoint, refresh_token=token),
    )


def _asked(ehr: EhrConnection, endpoint: str, key: SigningKey, asked: str, ask: Any) -> Granted:
    with _session(ehr, endpoint, key) as session:
        try:
            told = ask(session)
        except requests.RequestException as broken:
            raise problem_of(broken) from broken
        except AuthlibBaseError as refusal:
            raise NotAllowedThere(NOT_GIVEN) from refusal
        # No JSON, not an object, or a time without end.
        except (ValueError, TypeError, AttributeError, OverflowError) as unreadable:
            raise NoAnswer("The record answered with something that is no token.") from unreadable
    return _checked(told, asked)


def _session(ehr: EhrConnection, endpoint: str, key: SigningKey) -> OAuth2Session:
    method = METHODS[ehr.auth]
    secret: Any = ehr.secret.read() if ehr.secret else None
    if ehr.auth == SIGNED:
        pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        secret = pem.decode()
    session = OAuth2Session(ehr.client_id, secret, token_endpoint_auth_method=method)
    if ehr.auth == SIGNED:
        # RS384, and an end within five minutes: SMART App Launch 2.2, "Client Authentication:
        # Asymmetric".
        headers = {"kid": key.kid, "typ": "JWT"}
        claims = {"exp": int(time.time()) + ASSERTION_S}
        signing = PrivateKeyJWT(endpoint, claims=claims, headers=headers, alg="RS384")
        session.register_client_auth_method(signing)
    bind(session, ehr.origins, LIMITS.answer)
    return session


def _checked(told: Mapping[str, Any], asked: str) -> Granted:
    token = _text(told, "access_token")
    if not token or not token.isascii() or _text(told, "token_type").lower() != "bearer":
        raise NotAllowedThere(NOT_GIVEN)
    # RFC 6749, 5.1: a scope that is not said is the one that was asked for.
    scope = _text(told, "scope") or asked
    return Granted(
        access_token=token,
        refresh_token=_text(told, "refresh_token"),
        lasts_s=_seconds(told.get("expires_in")),
        scopes=tuple(scope.split()),
        patient=_id(told, "patient"),
        encounter=_id(told, "encounter"),
        intent=_text(told, "intent")[:100],
        tenant=_text(told, "tenant")[:200],
        id_token=_text(told, "id_token"),
    )


def _seconds(told: object) -> int:
    """How long a token lasts; some records write the number as a text."""
    lasts = int(told) if isinstance(told, str) and re.fullmatch(r"[0-9]{1,8}", told) else told
    return lasts if type(lasts) is int and 0 < lasts < 10**7 else USUAL_S


def _id(told: Mapping[str, Any], name: str) -> str:
    value = _text(told, name)
    if value and not FHIR_ID.fullmatch(value):
        raise LaunchProblem(f"The record named a {name} in a way that FHIR does not have.")
    return value


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    can_be_sent = isinstance(value, str) and len(value) <= LONGEST_TOKEN and value.isprintable()
    return str(value) if can_be_sent else ""
