"""Programs that may ask: registered by an administrator for one organisation, and revoked."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from riskapp.actions import auditing
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import NotFound, Refused
from riskapp.exchange.json_web_keys import UnusableKeys, checked
from riskapp.exchange.smart_scopes import LAUNCH, OF_LAUNCHES, parse, unusable
from riskapp.models import ApiClient

KIND = "client"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
SECRET_BYTES = 32
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Registered:
    """A new client; ``secret`` is told this once and kept nowhere, blank where it has keys."""

    client: ApiClient
    secret: str


@transaction.atomic
def add_client(
    *,
    name: str,
    organisation: str,
    scopes: Sequence[str],
    redirect_uris: Sequence[str] = (),
    keys: Mapping[str, Any] | None = None,
    keys_url: str = "",
    public: bool = False,
    launch_url: str = "",
) -> Registered:
    """Register a program: a backend, or with redirect addresses an app that people sign in to.

    With a ``launch_url`` an app is also opened from a patient's page.

    It proves who it is by signing with one of its keys; without any it is given a secret,
    unless it is ``public`` and cannot keep one.

    Raises
    ------
    Refused
        With a sentence for each argument that must be mended.
    """
    problems = {
        "name": _name_problem(name),
        "scope": _scopes_problem(scopes, is_app=bool(redirect_uris)),
        "redirect_uri": _addresses_problem(redirect_uris),
        "launch_url": _launch_problem(launch_url, scopes, is_app=bool(redirect_uris)),
        "jwks": _keys_problem(keys, keys_url, public, is_app=bool(redirect_uris)),
    }
    if problems := {field: sentence for field, sentence in problems.items() if sentence}:
        raise Refused(problems)
    account = service_account(KIND, name, organisation)
    account.is_active = True
    account.save(update_fields=["is_active"])
    secret = "" if keys or keys_url or public else secrets.token_urlsafe(SECRET_BYTES)
    application = Application.objects.create(
        name=name,
        redirect_uris=" ".join(redirect_uris),
        client_type=Application.CLIENT_PUBLIC if public else Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE
        if redirect_uris
        else Application.GRANT_CLIENT_CREDENTIALS,
        # What has keys gets one that nobody knows, as the column may not be without.
        client_secret=secret or secrets.token_urlsafe(SECRET_BYTES),
    )
    client = ApiClient.objects.create(
        name=name,
        application=application,
        organisation=account.membership.organisation,
        account=account,
        scopes=list(dict.fromkeys(scopes)),
        keys=None if keys is None else dict(keys),
        keys_url=keys_url,
        launch_url=launch_url,
    )
    auditing.record(by=account, action="client.register", target=client.id)
    return Registered(client, secret)


@transaction.atomic
def revoke_client(*, name: str) -> ApiClient:
    """End a program's access at once: its tokens, and its account.

    Raises
    ------
    NotFound
        If no standing client has this name.
    """
    client = ApiClient.objects.select_for_update().filter(name=name, revoked_at=None).first()
    if client is None:
        raise NotFound(f"There is no client {name!r}, or it is revoked already.")
    client.revoked_at = timezone.now()
    client.save(update_fields=["revoked_at"])
    for kind in (Grant, RefreshToken, AccessToken):
        kind.objects.filter(application=client.application).delete()
    client.account.is_active = False
    client.account.save(update_fields=["is_active"])
    auditing.record(by=client.account, action="client.revoke", target=client.id)
    return client


def _name_problem(name: str) -> str:
    if not NAME.fullmatch(name):
        return "A name is up to 40 letters, digits, dots, hyphens and underscores."
    if ApiClient.objects.filter(name=name, revoked_at=None).exists():
        return f"There is a client {name!r} already; revoke it first, or take another name."
    return ""


def _scopes_problem(scopes: Sequence[str], *, is_app: bool) -> str:
    if not scopes:
        return "Say what it may do, such as --scope system/RiskAssessment.rs."
    if strange := unusable(scopes):
        return f"{strange[0]} is no scope; write for instance system/Observation.rs."
    levels = {scope.level for text in scopes if (scope := parse(text))}
    if is_app and "system" in levels:
        return "An app acts for people: its scopes start with user/ or patient/, not system/."
    if not is_app and (levels - {"system"} or set(scopes) & set(OF_LAUNCHES)):
        return "A backend acts for itself: its scopes start with system/; an app needs an address."
    return ""


def _addresses_problem(addresses: Sequence[str]) -> str:
    for address in addresses:
        try:
            parts = urlsplit(address)
        except ValueError:
            return f"{address} is no address."
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        if not is_safe or not parts.hostname or "@" in parts.netloc or "#" in address:
            return f"{address} is no https address without a name, password or # in it."
        if any(character.isspace() for character in address):
            return "An address holds no blanks."
    return ""


def _launch_problem(launch_url: str, scopes: Sequence[str], *, is_app: bool) -> str:
    if bool(launch_url) != (LAUNCH in scopes):
        return "An app that is opened from here has both an address for that and the scope launch."
    if launch_url and not is_app:
        return "Only an app is opened from here; give it a redirect address too."
    return _addresses_problem([launch_url] if launch_url else [])


def _keys_problem(
    keys: Mapping[str, Any] | None, keys_url: str, public: bool, *, is_app: bool
) -> str:
    if keys is not None and keys_url:
        return "Give the keys or their address, not both."
    if public and (keys is not None or keys_url):
        return "A public app has no keys of its own."
    if public and not is_app:
        return "A backend must prove who it is: give it keys."
    if keys_url:
        parts = urlsplit(keys_url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            return "The address of the keys starts with https."
    if keys is not None:
        try:
            checked(keys)
        except UnusableKeys as reason:
            return str(reason)
    return ""
