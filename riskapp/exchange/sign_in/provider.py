"""A provider: where its addresses are, where people are sent, and what a code is redeemed for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from riskapp.exchange.addresses import is_safe_address, origin_of
from riskapp.exchange.connection_identity_provider import IdentityProvider
from riskapp.exchange.json_web_keys import read_json
from riskapp.exchange.peer_http import AnswerLimits, bind, bound_session
from riskapp.exchange.sign_in.errors import NotSignedIn, ProviderSilent

SILENT = "The sign-in service did not answer in time; try again."
UNUSABLE = "The sign-in service is not set up as this site expects; tell your administrator."
LIMITS = AnswerLimits(whole_s=10, most_bytes=256 * 2**10)
LONGEST_TOKEN = 16 * 2**10
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a provider says of itself (OpenID Connect Discovery 1.0), as far as it is used.

    Attributes
    ----------
    end_session_endpoint : str
        Where people sign out of it; blank where it offers none.
    names_itself : bool
        Whether it sends ``iss`` along with its answers (RFC 9207).
    takes_secret_in_body : bool
        Whether it takes a secret in the body of a request only.
    """

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    names_itself: bool
    takes_secret_in_body: bool


def discover(issuer: str, origins: frozenset[str]) -> Discovered:
    """Ask a provider for its addresses, all of which must be at the origins configured for it.

    Raises
    ------
    ProviderSilent
        If it does not answer, calls itself otherwise, or names an address elsewhere.
    """
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    with bound_session(origins, LIMITS) as session:
        try:
            answer = session.get(address, headers={"Accept": "application/json"})
        except (requests.RequestException, OSError) as refusal:
            raise ProviderSilent(SILENT) from refusal
    told = read_json(answer.content) if answer.status_code == 200 else None
    # Section 4.3: the issuer must be exactly the one that was asked for.
    if not isinstance(told, dict) or told.get("issuer") != issuer:
        raise ProviderSilent(UNUSABLE)
    at = {name: _address(origins, told, name) for name in (*NEEDED, "end_session_endpoint")}
    if not all(at[name] for name in NEEDED):
        raise ProviderSilent(UNUSABLE)
    methods = told.get("token_endpoint_auth_methods_supported")
    return Discovered(
        **at,
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        takes_secret_in_body=isinstance(methods, list)
        and "client_secret_basic" not in methods
        and "client_secret_post" in methods,
    )


def address_to_sign_in(
    provider: IdentityProvider,
    there: Discovered,
    *,
    redirect_uri: str,
    state: str,
    nonce: str,
    verifier: str,
    again: bool,
) -> str:
    """Where the browser goes, with PKCE (S256).

    ``again`` asks it to make sure anew who is there, whoever it knows already.
    """
    scope = " ".join(dict.fromkeys(("openid", *provider.scopes)))
    session = OAuth2Session(provider.client_id, redirect_uri=redirect_uri, scope=scope)
    asked = {}
    if provider.second_factor_acr:
        asked["acr_values"] = " ".join(provider.second_factor_acr)
    if again:
        asked |= {"prompt": "login", "max_age": "0"}
    address, _ = session.create_authorization_url(
        there.authorization_endpoint,
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        **asked,
    )
    return str(address)


def redeem(
    provider: IdentityProvider,
    there: Discovered,
    *,
    code: str,
    verifier: str,
    redirect_uri: str,
    proof: str,
) -> Mapping[str, str]:
    """A code for an ``id_token``, and the ``access_token`` that came along, unchecked.

    ``proof`` is what we sign to say who we are; used where no secret is configured.

    Raises
    ------
    NotSignedIn
        If the provider refuses.
    ProviderSilent
        If it does not answer, or not with tokens.
    """
    body = {"code_verifier": verifier, "redirect_uri": redirect_uri}
    method = "client_secret_post" if there.takes_secret_in_body else "client_secret_basic"
    if provider.secret is None:
        method = "none"
        body |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": proof}
    secret = provider.secret.read() if provider.secret else None
    with OAuth2Session(provider.client_id, secret, token_endpoint_auth_method=method) as session:
        bind(session, provider.origins, LIMITS)
        try:
            told: Any = session.fetch_token(
                there.token_endpoint, grant_type="authorization_code", code=code, **body
            )
        except AuthlibBaseError as refusal:
            raise NotSignedIn("The sign-in service took its word back; start again.") from refusal
        except (requests.RequestException, OSError) as refusal:
            raise ProviderSilent(SILENT) from refusal
        except (ValueError, TypeError, AttributeError, OverflowError) as unreadable:
            raise ProviderSilent(UNUSABLE) from unreadable
    tokens = {name: told.get(name) or "" for name in ("id_token", "access_token")}
    if not all(map(_is_token, tokens.values())):
        raise ProviderSilent(UNUSABLE)
    return tokens


def _is_token(told: object) -> bool:
    return isinstance(told, str) and len(told) <= LONGEST_TOKEN and told.isascii()


def _address(origins: frozenset[str], told: Mapping[str, Any], name: str) -> str:
    """An address that it names, if it is one of the provider's; else blank."""
    address = told.get(name)
    if not isinstance(address, str) or not is_safe_address(address):
        return ""
    return address if origin_of(address) in origins else ""
