"""Sign-in with an organisation's own service: the way there, the way back, and whose account it is.

What must be remembered meanwhile lies in the browser's session, under the state of each attempt.
"""

import hashlib
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import jwt
from authlib.common.urls import add_params_to_uri
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from riskapp.actions import auditing, second_factor, sessions
from riskapp.actions.connecting import connections
from riskapp.actions.errors import NotFound
from riskapp.actions.external_accounts import account_of
from riskapp.actions.own_keys import own_signing_key
from riskapp.actions.permitting import roles
from riskapp.actions.sessions import How, WayIn
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_identity_provider import IdentityProvider
from riskapp.exchange.sign_in.errors import NotSignedIn, ProviderSilent, TooWeak
from riskapp.exchange.sign_in.identity import LEEWAY_SECONDS, Identity, believed
from riskapp.exchange.sign_in.logout_token import SignedOut, signed_out
from riskapp.exchange.sign_in.provider import Discovered, address_to_sign_in, discover, redeem
from riskapp.exchange.signed_token import NotProven
from riskapp.models import ExternalIdentity, Organisation, UsedLogout

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
    """Who signed in and how, and what is needed to sign out there too."""

    user: User
    way: WayIn
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
    provider: IdentityProvider,
    attempts: Mapping[str, Any],
    *,
    redirect_uri: str,
    then: str,
    again: bool = False,
) -> tuple[str, dict[str, Any]]:
    """Where the browser goes, and the attempts to remember until it comes back.

    ``again`` asks the service to make sure anew who is there.

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
        "again": again,
        "at": time.time(),
    }
    kept = list(attempts.items())[-(MOST_ATTEMPTS - 1) :]
    address = address_to_sign_in(
        provider,
        there,
        redirect_uri=redirect_uri,
        state=state,
        nonce=nonce,
        verifier=verifier,
        again=again,
    )
    return address, dict(kept) | {state: attempt}


def finish(
    provider: IdentityProvider, attempt: Mapping[str, Any] | None, answer: Mapping[str, str]
) -> SignedIn:
    """Who came back, by what the service says and signs; who is refused leaves a row in the trail.

    Raises
    ------
    NotSignedIn
        With a sentence for who tried.
    """
    if attempt is None or attempt["at"] + SECONDS_TO_SIGN_IN < time.time():
        raise NotSignedIn(LOST)
    try:
        return _judged(provider, attempt, answer)
    except ProviderSilent:
        raise
    except NotSignedIn:
        auditing.record(
            by=None,
            action="sign_in.failed",
            target="a sign-in service",
            organisation=Organisation.objects.filter(name=provider.organisation).first(),
            detail={"service": provider.name},
        )
        raise


def _judged(
    provider: IdentityProvider, attempt: Mapping[str, Any], answer: Mapping[str, str]
) -> SignedIn:
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
    _check_made_sure(provider, identity, attempt)
    user = account_of(provider, identity)
    if not roles(user):  # after what the service takes away is stored
        raise NotSignedIn(
            f"{provider.label} lists you in no group that has a role in Trabecula; "
            "ask your administrator."
        )
    has_factor = provider.asked_for_more(identity.acr, identity.amr)
    if provider.tells_factors and not has_factor and second_factor.is_required(user):
        raise TooWeak(
            f"{provider.label} let you in by less than two factors; this site asks for two. "
            "Set a second one up there, then try again."
        )
    way = WayIn(
        How.SERVICE,
        provider.name,
        identity.session,
        has_factor,
        # Known there from before, and not told since when: that is not lately.
        identity.proved_at or timezone.now() - sessions.FRESH,
    )
    return SignedIn(user, way, tokens["id_token"])


def _check_made_sure(
    provider: IdentityProvider, identity: Identity, attempt: Mapping[str, Any]
) -> None:
    """Where it was asked to make sure anew, it did so after it was asked (``auth_time``)."""
    asked_at = attempt["at"] - LEEWAY_SECONDS
    if attempt.get("again") and not (
        identity.proved_at and identity.proved_at.timestamp() >= asked_at
    ):
        raise TooWeak(f"{provider.label} did not make sure anew that it is you; try again.")


def sign_out_by_service(provider: IdentityProvider, token: str) -> int:
    """End what the service says is over there; give how many sessions.

    Raises
    ------
    NotProven
        If its word is not believed.
    ProviderSilent
        If its keys cannot be had.
    """
    told = signed_out(provider, _there(provider).jwks_uri, token)
    _use_once(provider, told)
    known = ExternalIdentity.objects.select_related("user__membership__organisation").filter(
        issuer=provider.issuer, subject=told.subject
    )
    user = known[0].user if told.subject and known else None
    if told.subject and user is None:
        return 0
    organisation = Organisation.objects.filter(name=provider.organisation).first()
    return sessions.end_by_service(
        service=provider.name, user=user, session=told.session, organisation=organisation
    )


def _use_once(provider: IdentityProvider, told: SignedOut) -> None:
    UsedLogout.objects.filter(until__lt=timezone.now()).delete()
    named = f"{provider.issuer}\n{told.use}".encode(errors="surrogatepass")
    try:
        with transaction.atomic():
            UsedLogout.objects.create(
                digest=hashlib.sha256(named).hexdigest(),
                until=datetime.fromtimestamp(told.until, tz=UTC),
            )
    except IntegrityError:
        raise NotProven("This logout token was used before.") from None


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
