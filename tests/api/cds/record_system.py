"""A record system as a vendor would write it from the specification: schema-checked both ways."""

import json
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.test import Client
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.api.cds import people, schemas
from tests.api.cds.stub_record import TOKEN

BASE = "http://testserver/cds-services"
ISSUER, KID = "https://ehr.example.com", "key-1"
TOKENS = re.compile(r"{{context\.(\w+)}}")
Resource = dict[str, Any]


class RecordSystem:
    """Discovers, sends what the templates ask for, signs, and tells what became of cards."""

    def __init__(self, algorithm: str = "ES384", **calling: str) -> None:
        self.algorithm, self.calling = algorithm, calling
        self.key: Any = (
            rsa.generate_private_key(65537, 2048)
            if algorithm.startswith("RS")
            else ec.generate_private_key(ec.SECP256R1() if algorithm == "ES256" else ec.SECP384R1())
        )
        self.browser = Client(raise_request_exception=False)

    @property
    def keys(self) -> Resource:
        """Its public keys, as it publishes them."""
        maker = RSAAlgorithm if self.algorithm.startswith("RS") else ECAlgorithm
        told = json.loads(maker.to_jwk(self.key.public_key()))
        return {"keys": [told | {"kid": KID, "use": "sig", "alg": self.algorithm}]}

    def entry(self, **more: Any) -> str:
        """Its entry in the site's file of connections."""
        given = {
            "name": "ward", "organisation": "Clinic A", "population": "gb", "issuer": ISSUER,
            "jwks": json.dumps(self.keys),
        } | more  # fmt: skip
        lines = (f"{name} = {json.dumps(value)}" for name, value in given.items() if value != "")
        return "\n".join(("[[cds_client]]", *lines)) + "\n"

    def token(self, address: str, **changes: Any) -> str:
        """A token for one call of this address; ``None`` leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": address, "iat": now, "exp": now + 300, "jti": uuid.uuid4().hex
        } | changes  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.key, self.algorithm, headers={"kid": KID, "typ": "JWT"})

    def services(self) -> dict[str, Resource]:
        reply = self.browser.get("/cds-services")
        assert reply.status_code == 200
        told = schemas.holds(schemas.DISCOVERY, reply.json())
        return {one["hook"]: one for one in told["services"]}

    def prefetch(self, service: Resource, resources: Iterable[Resource]) -> dict[str, Any]:
        """The answer to each template; null where there is nothing."""
        found: dict[str, Any] = {}
        held = list(resources)
        for name, template in service["prefetch"].items():
            query = TOKENS.sub(people.ID, template)
            kind = re.split(r"[/?]", query)[0]
            fitting = [one for one in held if one["resourceType"] == kind]
            if not fitting:
                found[name] = None
            elif "?" not in query:
                found[name] = fitting[0]
            else:
                entries = [{"resource": one} for one in fitting]
                found[name] = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        return found

    def request(self, hook: str, **more: Any) -> Resource:
        context = {"userId": "Practitioner/abc", "patientId": people.ID, "encounterId": "89284"}
        context |= more.pop("context", {})
        return {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": context} | more

    def call(
        self,
        hook: str,
        resources: Iterable[Resource] = (),
        context: Mapping[str, Any] | None = None,
    ) -> list[Resource]:
        """Cards for one hook, as the specification has them."""
        service = self.services()[hook]
        sent = self.request(
            hook, context=dict(context or {}), prefetch=self.prefetch(service, resources)
        )
        schemas.holds(schemas.REQUEST, sent)
        reply = self.post(service["id"], sent)
        assert reply.status_code == 200, reply.content
        cards: list[Resource] = schemas.holds(schemas.RESPONSE, reply.json())["cards"]
        return cards

    def post(self, path: str, body: Any, token: str | None = None, **headers: str) -> Any:
        """Send a body to a service; the token is a fresh one unless given, blank sends none."""
        address = f"{BASE}/{path}"
        shown = self.token(address) if token is None else token
        signed = {"Authorization": f"Bearer {shown}"} if shown else {}
        return self.browser.post(
            f"/cds-services/{path}",
            body if isinstance(body, bytes) else json.dumps(body),
            content_type="application/json",
            headers=signed | self.calling | headers,
        )

    def tell(self, hook: str, **told: Any) -> Any:
        """Feedback about one card."""
        one = {"outcomeTimestamp": "2026-01-02T03:04:05Z"} | told
        body = schemas.holds(schemas.FEEDBACK, {"feedback": [one]})
        return self.post(f"{self.services()[hook]['id']}/feedback", body)


def lent(server: str, **changes: Any) -> Resource:
    """Where the record may be read, and the token for it."""
    authorization = {
        "access_token": TOKEN,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.rs",
        "subject": "trabecula",
    } | changes
    return {"fhirServer": server, "fhirAuthorization": authorization}
