"""Who may do what: launches, codes and tokens of the made-up hospital, in memory."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CODE_S, TOKEN_S, LAUNCH_S = 60, 600, 300
ASK_S = 10
LONGEST_ASSERTION_S = 300  # SMART App Launch 2.2, "Client Authentication: Asymmetric"
# Not of OAuth 2, but of FHIR: a token that is known and does not reach so far.
FORBIDDEN = "forbidden"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Denied(Exception):
    """What was asked for is not given; ``error`` is a code of OAuth 2."""

    def __init__(self, error: str, sentence: str) -> None:
        super().__init__(sentence)
        self.error = error


@dataclass(frozen=True, slots=True)
class Client:
    """A program that the hospital registered.

    Attributes
    ----------
    redirect_uri : str
        Where it is answered; blank for any address of this machine, as native programs need it.
    jwks_uri : str
        Where its keys are; it must then sign its token requests (private_key_jwt).
    is_backend : bool
        Whether it acts for itself and not for a person.
    """

    id: str
    redirect_uri: str = ""
    jwks_uri: str = ""
    is_backend: bool = False

    def may_be_answered_at(self, address: str) -> bool:
        if self.redirect_uri:
            return address == self.redirect_uri
        return urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Grant:
    """What one authorization gave, from the code to the last token."""

    client: Client
    user: str
    scopes: frozenset[str]
    context: Mapping[str, Any] = field(default_factory=dict)
    redirect_uri: str = ""
    challenge: str = ""
    nonce: str = ""

    @property
    def patient(self) -> str:
        return str(self.context.get("patient", ""))


class Permits:
    """Codes and tokens, each with the moment at which it ends. Each code is used once."""

    def __init__(self, clients: list[Client]) -> None:
        self.clients = {one.id: one for one in clients}
        self.code_s, self.token_s = CODE_S, TOKEN_S
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, Any]] = {}
        self._used_assertions: set[str] = set()
        # RS256 is what OpenID Connect asks of everybody, ES384 what CDS Hooks and SMART ask.
        self.identity_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.service_key = ec.generate_private_key(ec.SECP384R1())

    def keys(self) -> dict[str, Any]:
        """The public keys, as a JWK set."""
        identity = RSAAlgorithm.to_jwk(self.identity_key.public_key(), as_dict=True)
        service = ECAlgorithm.to_jwk(self.service_key.public_key(), as_dict=True)
        return {
            "keys": [
                identity | {"kid": "identity", "use": "sig", "alg": "RS256"},
                service | {"kid": "service", "use": "sig", "alg": "ES384"},
            ]
        }

    def give(self, what: Any, seconds: float) -> str:
        """A name for something, that nobody can guess."""
        name = secrets.token_urlsafe(32)
        with self._lock:
            self._held[name] = (time.monotonic() + seconds, what)
        return name

    def take(self, name: str, kind: type, *, once: bool = False) -> Any:
        """What a name stands for.

        Raises
        ------
        Denied
            If it stands for nothing, for something else, or no longer.
        """
        with self._lock:
            ends, what = self._held.get(name, (0.0, None))
            if once:
                self._held.pop(name, None)
        if not isinstance(what, kind) or time.monotonic() > ends:
            raise Denied("invalid_grant", "This is unknown here, used already, or too old.")
        return what

    def give_code(self, grant: Grant) -> str:
        return self.give(Code(grant), self.code_s)

    def redeem(self, code: str, client: Client, redirect_uri: str, verifier: str) -> Grant:
        """The grant behind a code, once, to whom it was given and who can prove it (PKCE)."""
        grant: Grant = self.take(code, Code, once=True).grant
        digest = hashlib.sha256(verifier.encode()).digest()
        proved = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if grant.client != client or grant.redirect_uri != redirect_uri:
            raise Denied("invalid_grant", "The code was given to another program or address.")
        if not secrets.compare_digest(proved, grant.challenge):
            raise Denied("invalid_grant", "The code verifier does not fit the challenge.")
        return grant

    def tokens(self, grant: Grant, address: str) -> dict[str, Any]:
        """The body of a token response."""
        body: dict[str, Any] = {
            "access_token": self.give(Access(grant), self.token_s),
            "token_type": "Bearer",
            "expires_in": self.token_s,
            "scope": " ".join(sorted(grant.scopes)),
            **grant.context,
        }
        if {"offline_access", "online_access"} & grant.scopes:
            body["refresh_token"] = self.give(Refresh(grant), 100 * self.token_s)
        if "openid" in grant.scopes:
            body["id_token"] = self._id_token(grant, address)
        return body

    def client_of(self, sent: Mapping[str, str], token_address: str) -> Client:
        """Who asks at the token endpoint: a signature where keys are registered, else the id."""
        assertion = sent.get("client_assertion", "")
        if not assertion:
            client = self.clients.get(sent.get("client_id", ""))
            if client is None or client.jwks_uri:
                raise Denied("invalid_client", "This program has to sign its request.")
            return client
        if sent.get("client_assertion_type") != JWT_BEARER:
            raise Denied("invalid_client", "The kind of assertion is not jwt-bearer.")
        try:
            name = jwt.decode(assertion, options={"verify_signature": False}).get("iss", "")
            client = self.clients[name]
            key = _key_of(client, jwt.get_unverified_header(assertion).get("kid"))
            told = jwt.decode(
                assertion,
                key,
                algorithms=["RS384", "ES384"],
                audience=token_address,
                issuer=client.id,
                options={"require": ["exp", "jti", "sub"]},
            )
        except (jwt.PyJWTError, KeyError, requests.RequestException, ValueError) as wrong:
            raise Denied("invalid_client", f"The assertion is refused: {wrong}") from wrong
        if told["exp"] > time.time() + LONGEST_ASSERTION_S:
            raise Denied("invalid_client", "The assertion lasts longer than five minutes.")
        with self._lock:
            if told["jti"] in self._used_assertions or told["sub"] != client.id:
                raise Denied("invalid_client", "The assertion was used already.")
            self._used_assertions.add(told["jti"])
        return client

    def _id_token(self, grant: Grant, address: str) -> str:
        now = int(time.time())
        claims = {
            "iss": address,
            "sub": grant.user,
            "aud": grant.client.id,
            "iat": now,
            "exp": now + 300,
            "fhirUser": f"{address}/Practitioner/{grant.user}",
        }
        if grant.nonce:
            claims["nonce"] = grant.nonce
        return jwt.encode(claims, self.identity_key, "RS256", headers={"kid": "identity"})

    def narrowed(self, grant: Grant, scope: str) -> Grant:
        """The grant with no more than was asked for at a refresh."""
        wanted = frozenset(scope.split())
        return replace(grant, scopes=grant.scopes & wanted) if wanted else grant


@dataclass(frozen=True, slots=True)
class Code:
    grant: Grant


@dataclass(frozen=True, slots=True)
class Access:
    grant: Grant


@dataclass(frozen=True, slots=True)
class Refresh:
    grant: Grant


@dataclass(frozen=True, slots=True)
class Launch:
    """What the record had open when it launched a program."""

    patient: str
    encounter: str


def keys_at(address: str) -> dict[str, Any]:
    """A program's public keys, as it publishes them."""
    answer = requests.get(address, timeout=ASK_S, allow_redirects=False)
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


def _key_of(client: Client, kid: str | None) -> Any:
    for key in jwt.PyJWKSet.from_dict(keys_at(client.jwks_uri)).keys:
        if key.key_id == kid:
            return key.key
    raise Denied("invalid_client", "The program’s keys do not hold the one that signed.")
