"""Sign-in with an organisation's own service: the way there, the way back, and whose account it is.

What must be remembered meanwhile lies in the browser's session, under the state of each attempt.
"""

import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
from authlib.common.urls import add_params_to_uri
from django.contrib.auth.models import User

from riskapp.actions.connecting import connections
from riskapp.actions.errors import NotFound
from riskapp.actions.external_accounts import account_of
from riskapp.actions.own_keys import own_signing_key
from riskapp.actions.permitting import roles
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_identity_provider import IdentityProvider
from riskapp.exchange.sign_in.errors import NotSignedIn
from riskapp.exchange.sign_in.identity import believed
from riskapp.exchange.sign_in.provider import Discovered, address_to_sign_in, discover, redeem

# An attempt that takes longer has been left; of a browser that starts many, the newest count.
SECONDS_TO_SIGN_IN, MOST_ATTEMPTS = 600, 5
# How long what a service says of itself is kept.
KEPT_SECONDS = 600
PROOF_SECONDS = 60
LONGEST_CODE = 4_096
LOST = "This sign-in took too long, or was started in another window; start again."
OTHER_SERVICE = "The answer came from another sign-in service than the one asked; start again."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and what is needed to sign out there too."""

    user: User
    id_token: str


def providers() -> tuple[IdentityProvider, ...]:
    """The services that staff can sign in with; none while the file cannot be read."""
    try:
        return connections().of(IdentityProvider)
    except UnusableConnection:
        return ()


def provider_named(name: str) -> IdentityProvider:
    """One of them.

    Raises
    ------
    NotFound
    """
    found = next((one for one in providers() if one.name == name), None)
    if found is None:
        raise NotFound("There is no sign-in service of this name.")
    return found


def begin(
    provider: IdentityProvider, attempts: Mapping[str, Any], *, redirect_uri: str, then: str
) -> tuple[str, dict[str, Any]]:
    """Where the browser goes, and the attempts to remember until it comes back.

    Raises
    ------
    NotSignedIn
        If the service cannot be asked.
    """
    there = _there(provider)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    attempt = {
        "provider": provider.name,
        "issuer": provider.issuer,
        "nonce": nonce,
        "verifier": verifier,
        "redirect_uri": redirect_uri,
        "then": then,
        "at": time.time(),
    }
    kept = list(attempts.items())[-(MOST_ATTEMPTS - 1) :]
    address = address_to_sign_in(
        provider, there, redirect_uri=redirect_uri, state=state, nonce=nonce, verifier=verifier
    )
    return address, dict(kept) | {state: attempt}


def finish(
    provider: IdentityProvider, attempt: Mapping[str, Any] | None, answer: Mapping[str, str]
) -> SignedIn:
    """Who came back, by what the service says and signs.

    Raises
    ------
    NotSignedIn
        With a sentence for who tried.
    """
    if attempt is None or attempt["at"] + SECONDS_TO_SIGN_IN < time.time():
        raise NotSignedIn(LOST)
    if (attempt["provider"], attempt["issuer"]) != (provider.name, provider.issuer):
        raise NotSignedIn(OTHER_SERVICE)
    there = _there(provider)
    told_issuer = answer.get("iss", provider.issuer if not there.names_itself else "")
    if told_issuer != provider.issuer:
        raise NotSignedIn(OTHER_SERVICE)
    if answer.get("error"):
        raise NotSignedIn(_refusal(provider, answer["error"]))
    code = answer.get("code", "")
    if not 0 < len(code) <= LONGEST_CODE:
        raise NotSignedIn(LOST)
    tokens = redeem(
        provider,
        there,
        code=code,
        verifier=attempt["verifier"],
        redirect_uri=attempt["redirect_uri"],
        proof=_proof(provider, there),
    )
    identity = believed(provider, there.jwks_uri, nonce=attempt["nonce"], **tokens)
    user = account_of(provider, identity)
    if not roles(user):  # after what the service takes away is stored
        raise NotSignedIn(
            f"{provider.label} lists you in no group that has a role in Trabecula; "
            "ask your administrator."
        )
    return SignedIn(user, tokens["id_token"])


def address_to_sign_out(
    name: str, id_token: str, *, back_to: str
) -> tuple[IdentityProvider, str] | None:
    """Where somebody signs out of the service too (OpenID Connect RP-Initiated Logout 1.0)."""
    try:
        provider = provider_named(name)
        end = _there(provider).end_session_endpoint
    except (NotFound, NotSignedIn):
        return None
    told = {
        "id_token_hint": id_token,
        "client_id": provider.client_id,
        "post_logout_redirect_uri": back_to,
    }
    return (provider, add_params_to_uri(end, told.items())) if end else None


def _refusal(provider: IdentityProvider, error: str) -> str:
    if error in ("access_denied", "login_required", "consent_required", "interaction_required"):
        return f"{provider.label} did not let you in."
    if error == "temporarily_unavailable":
        return f"{provider.label} is not available just now; try again."
    return f"{provider.label} could not sign you in; tell your administrator."


def _proof(provider: IdentityProvider, there: Discovered) -> str:
    """What we sign to say who we are (RFC 7523)."""
    key, now = own_signing_key(), int(time.time())
    claims = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": there.token_endpoint,
        "iat": now,
        "exp": now + PROOF_SECONDS,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})


def _there(provider: IdentityProvider) -> Discovered:
    return _discovered(provider.issuer, provider.origins, int(time.time() // KEPT_SECONDS))


@lru_cache(maxsize=16)
def _discovered(issuer: str, origins: frozenset[str], period: int) -> Discovered:
    """What it said of itself at the first question of this period."""
    return discover(issuer, origins)
