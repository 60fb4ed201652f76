"""The client of CDS Hooks 2.0 in the made-up hospital: asks Trabecula for cards."""

import re
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import requests

from riskapp.management.mock_ehr.hospital import NotThere, Resource
from riskapp.management.mock_ehr.permits import Access, Client, Grant
from riskapp.management.mock_ehr.wire import MockEhr

ASK_S = 20
TOKEN = re.compile(r"{{\s*context\.([A-Za-z]+)\s*}}")
CLIENT = Client("trabecula-cds", is_backend=True)


class NoAdvice(Exception):
    """The service did not answer, with a sentence."""


def advice(ehr: MockEhr, at: str, hook: str, context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Cards of every service that listens to the hook.

    Raises
    ------
    NoAdvice
        If a service cannot be reached or refuses.
    """
    services = _call(ehr, at, "GET", f"{ehr.trabecula}/cds-services").get("services", [])
    cards = []
    for service in services:
        if service["hook"] != hook:
            continue
        told = _call(
            ehr, at, "POST", _address(ehr, service["id"]), _asked(ehr, at, service, context)
        )
        for card in told.get("cards", []):
            card.setdefault("uuid", str(uuid.uuid4()))
            ehr.cards[card["uuid"]] = (service["id"], str(context["patientId"]), card)
            cards.append(card)
    return cards


def tell(ehr: MockEhr, at: str, card: str, **outcome: Any) -> None:
    """What somebody did with a card."""
    service, _, _ = ehr.cards[card]
    told = {"card": card, "outcomeTimestamp": datetime.now(UTC).isoformat(), **outcome}
    _call(ehr, at, "POST", f"{_address(ehr, service)}/feedback", {"feedback": [told]})
    ehr.feedback.append(told)


def _address(ehr: MockEhr, service: str) -> str:
    return f"{ehr.trabecula}/cds-services/{service}"


def _asked(
    ehr: MockEhr, at: str, service: Mapping[str, Any], context: Mapping[str, Any]
) -> dict[str, Any]:
    scopes = frozenset({"patient/*.rs"})
    grant = Grant(CLIENT, str(context["userId"]), scopes, {"patient": context["patientId"]})
    token = ehr.permits.give(Access(grant), ehr.permits.token_s)
    prefetch = {
        name: _fetched(ehr, TOKEN.sub(lambda found: str(context.get(found[1], "")), query))
        for name, query in service.get("prefetch", {}).items()
    }
    return {
        "hook": service["hook"],
        "hookInstance": str(uuid.uuid4()),
        "fhirServer": f"{at}/fhir",
        "fhirAuthorization": {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": ehr.permits.token_s,
            "scope": " ".join(scopes),
            "subject": CLIENT.id,
            "patient": context["patientId"],
        },
        "context": dict(context),
        "prefetch": prefetch,
    }


def _fetched(ehr: MockEhr, query: str) -> Resource | None:
    """A prefetch template with its tokens filled in, answered from what the hospital holds."""
    parts = urlsplit(query)
    kind, _, id = parts.path.partition("/")
    if id:
        try:
            return ehr.hospital.read(kind, id)
        except NotThere:
            return None
    found = ehr.hospital.search(kind, parse_qsl(parts.query))
    entries = [{"resource": one} for one in found]
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    return bundle | ({"entry": entries} if entries else {})


def _call(
    ehr: MockEhr, at: str, method: str, address: str, body: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": f"{at}/fhir",
        "aud": address,
        "iat": now,
        "exp": now + 300,
        "jti": uuid.uuid4().hex,
    }
    header = {"kid": "service", "jku": f"{at}/auth/jwks.json", "typ": "JWT"}
    signed = jwt.encode(claims, ehr.permits.service_key, "ES384", headers=header)
    try:
        answer = requests.request(
            method,
            address,
            json=body,
            headers={"Authorization": f"Bearer {signed}"},
            timeout=ASK_S,
            allow_redirects=False,
        )
        told = answer.json() if answer.content else {}
    except (requests.RequestException, ValueError) as broken:
        raise NoAdvice("Trabecula gave no answer that can be read.") from broken
    if not answer.ok:
        why = told.get("detail", "") if isinstance(told, dict) else ""
        raise NoAdvice(f"Trabecula answered {answer.status_code}. {why}".strip())
    return dict(told)
