"""Where a record's authorization server is: its SMART configuration, or its metadata."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from riskapp.exchange.addresses import origin_of
from riskapp.exchange.connection_ehr import EhrConnection
from riskapp.exchange.smart.asking import UNKNOWN_ADDRESS, json_of, session_to
from riskapp.exchange.smart.errors import LaunchProblem, NoAnswer

OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
NO_LAUNCH = "The record does not say where to sign in; its administrator has to mend that."
NO_PKCE = "The record does not take PKCE with S256, which SMART requires; it is not used."


@dataclass(frozen=True, slots=True)
class SmartConfiguration:
    """What a launch needs to know of a record.

    Attributes
    ----------
    speaks_first_version : bool
        Whether it announces scopes of version 1 and not of version 2.
    """

    authorization_endpoint: str
    token_endpoint: str
    issuer: str
    jwks_uri: str
    speaks_first_version: bool


def discover(ehr: EhrConnection) -> SmartConfiguration:
    """Ask the record for its configuration; its CapabilityStatement where it has none.

    Raises
    ------
    LaunchProblem
        If it names nothing, or an address of another origin than its own.
    """
    session = session_to(ehr.origins)
    try:
        told = json_of(
            session,
            f"{ehr.base}/.well-known/smart-configuration",
            headers={"Accept": "application/json"},
        )
    except NoAnswer:
        told = _from_metadata(json_of(session, f"{ehr.base}/metadata"))
    methods = told.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        raise LaunchProblem(NO_PKCE)
    if not _text(told, "jwks_uri"):
        told = {**_openid(session, _text(told, "issuer") or ehr.base), **told}
    found = SmartConfiguration(
        authorization_endpoint=_own(ehr, _text(told, "authorization_endpoint")),
        token_endpoint=_own(ehr, _text(told, "token_endpoint")),
        issuer=_text(told, "issuer") or ehr.base,
        jwks_uri=_own(ehr, _text(told, "jwks_uri")),
        speaks_first_version=_speaks_first_version(told.get("capabilities")),
    )
    if not (found.authorization_endpoint and found.token_endpoint):
        raise LaunchProblem(NO_LAUNCH)
    return found


def _speaks_first_version(announced: object) -> bool:
    """True where only version 1 is announced; where neither is, as before version 2, too."""
    return not (isinstance(announced, list) and "permission-v2" in announced)


def _from_metadata(statement: Mapping[str, Any]) -> dict[str, Any]:
    """The two addresses of a CapabilityStatement, as version 1 of SMART has them."""
    names = {"authorize": "authorization_endpoint", "token": "token_endpoint"}
    found: dict[str, Any] = {}
    for rest in _rows(statement.get("rest")):
        for extension in _rows(_table(rest.get("security")).get("extension")):
            if extension.get("url") == OAUTH_URIS:
                for one in _rows(extension.get("extension")):
                    if one.get("url") in names:
                        found[names[one["url"]]] = one.get("valueUri")
    return found


def _openid(session: requests.Session, issuer: str) -> dict[str, Any]:
    try:
        told = json_of(
            session,
            f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            headers={"Accept": "application/json"},
        )
    except LaunchProblem:
        return {}
    return {name: told[name] for name in ("issuer", "jwks_uri") if name in told}


def _own(ehr: EhrConnection, address: str) -> str:
    if address and origin_of(address) not in ehr.origins:
        raise LaunchProblem(UNKNOWN_ADDRESS)
    return address


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
