"""A record of another maker, written from SMART App Launch 2.2 and FHIR R4 and not from ours.

It has one patient, and says things as the specifications let it: in another order and casing, with
fields that we do not know, page by page with relative links.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt

from tests.signing import key_set, private_key

BASE, CLIENT, PERSON = "/api/FHIR/R4", "app-7", "eX3k-Q1"
Json = dict[str, Any]


def _observed(id: str, loinc: str, value: float, unit: str, on: str = "2026-02-02") -> Json:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "subject": {"reference": f"Patient/{PERSON}"},
        "effectiveDateTime": f"{on}T08:30:00-06:00",
        "valueQuantity": {
            "value": value,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    }


PATIENT: Json = {
    "resourceType": "Patient",
    "id": PERSON,
    "identifier": [
        {"system": "urn:oid:2.16.1", "value": "E-1"},
        {
            "type": {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}
                ]
            },
            "system": "urn:oid:2.16.2",
            "value": "00417",
        },
    ],
    "name": [{"use": "official", "family": "Marchetti", "given": ["Lucia", "Rosa"]}],
    "gender": "female",
    "birthDate": "1949-11-30",
}
OBSERVATIONS = [
    _observed("o1", "29463-7", 61, "kg"),
    _observed("o2", "8302-2", 158, "cm"),
    _observed("o3", "38264-8", -2.4, "{Tscore}", "2025-11-20"),
    _observed("o4", "29463-7", 63, "kg", "2020-01-01"),
]
READ = {"weight_kg": 61, "height_cm": 158, "total_hip_t_score": -2.4}


@dataclass
class ForeignRecord:
    """What it answers; each field may be changed by a test.

    Attributes
    ----------
    configuration, token, claims : dict
        Over what it says by itself; None leaves a name out.
    in_the_way : callable
        Given method and path, what to answer in its place: status, body, headers.
    next_link : str
        How the link to a further page is written, with ``{page}``.
    tokens_last : int
        Calls that a token is good for, whatever ``expires_in`` says.
    """

    address: str = ""
    configuration: Json = field(default_factory=dict)
    token: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    algorithm: str = "RS256"
    in_the_way: Callable[[str, str], tuple[int, bytes, Json] | None] = lambda *_: None
    next_link: str = "?{page}"
    outcome: Json | None = None
    tokens_last: int = 1_000
    asked: Json = field(default_factory=dict)
    grants: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    _left: dict[str, int] = field(default_factory=dict)
    _renewing: str = ""

    @property
    def base(self) -> str:
        return f"{self.address}{BASE}"

    def answer(self, method: str, path: str, query: Json, form: Json, bearer: str) -> Any:
        """Status, body, headers."""
        if (instead := self.in_the_way(method, path)) is not None:
            return instead
        if path == f"{BASE}/.well-known/smart-configuration":
            return 200, self._configured(), {}
        if path == "/oauth2/certs":
            return 200, key_set("rs384", "es384"), {}
        if path == "/oauth2/auth":
            return self._authorized(query)
        if path == "/oauth2/tok":
            return self._granted(form)
        if path == f"{BASE}/metadata":
            return 200, {"resourceType": "CapabilityStatement", "rest": [{"mode": "server"}]}, {}
        self.calls.append(path)
        if self._left.get(bearer, 0) < 1:
            challenge = 'Bearer realm="fhir", error="invalid_token", error_description="expired"'
            return 401, {"resourceType": "OperationOutcome"}, {"WWW-Authenticate": challenge}
        self._left[bearer] -= 1
        return self._told(path.removeprefix(f"{BASE}/"), query)

    def _configured(self) -> Json:
        told = {
            "issuer": f"{self.address}/oauth2",
            "jwks_uri": f"{self.address}/oauth2/certs",
            "authorization_endpoint": f"{self.address}/oauth2/auth",
            "token_endpoint": f"{self.address}/oauth2/tok",
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "capabilities": ["launch-ehr", "permission-v2", "sso-openid-connect", "x-vendor"],
            "associated_endpoints": [{"url": "https://else.example/fhir", "capabilities": []}],
            "user_access_brand_bundle": "https://brands.example/b.json",
            "x_vendor": {"deep": [1, None]},
        }
        return _over(told, self.configuration)

    def _authorized(self, query: Json) -> Any:
        self.asked = query
        back = {"session_state": "zzz", "code": "C0DE+/=", "state": query["state"]}
        return 302, b"", {"location": f"{query['redirect_uri']}?{urlencode(back)}"}

    def _granted(self, form: Json) -> Any:
        self.grants.append(form["grant_type"])
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != self._renewing:
                return 400, {"error": "invalid_grant"}, {}
        else:
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if challenge != self.asked["code_challenge"] or form["code"] != "C0DE+/=":
                return 400, {"error": "invalid_grant"}, {}
        number = len(self.grants)
        access, self._renewing = f"tok/{number}+", f"again/{number}"
        self._left[access] = self.tokens_last if number == 1 else 1_000
        told = {
            "scope": " ".join(reversed(self.asked["scope"].split())),
            "expires_in": "3599",
            "token_type": "bearer",
            "refresh_token": self._renewing,
            "access_token": access,
            "id_token": self._identified(),
            "patient": PERSON,
            "need_patient_banner": True,
            "fhirContext": [{"reference": "ImagingStudy/9", "role": "launch"}],
            "smart_style_url": "https://else.example/style.json",
            "x_vendor": None,
        }
        return 200, _over(told, self.token), {"Cache-Control": "no-store"}

    def _identified(self) -> str:
        now = int(time.time())
        claims = {
            "iss": f"{self.address}/oauth2",
            "sub": "8f1e",
            "aud": [CLIENT],
            "iat": now,
            "exp": now + 60,
            "nonce": self.asked["nonce"],
            "fhirUser": "Practitioner/77",
        }
        key = {"ES384": "es384", "HS256": ""}.get(self.algorithm, "rs384")
        return jwt.encode(
            _over(claims, self.claims),
            private_key(key) if key else "trabecula-and-thirty-two-bytes-of-secret",
            algorithm=self.algorithm,
            headers={"kid": key or "rs384"},
        )

    def _told(self, path: str, query: Json) -> Any:
        if path == f"Patient/{PERSON}":
            return 200, PATIENT, {}
        page = int(query.get("page", 1))
        found = OBSERVATIONS[page - 1 : page] if path == "Observation" else []
        entries: list[Json] = [{"resource": one, "search": {"mode": "match"}} for one in found]
        if self.outcome and path == "Observation":
            entries.append({"resource": self.outcome, "search": {"mode": "outcome"}})
        bundle: Json = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        if path == "Observation" and page < len(OBSERVATIONS):
            following = urlencode(query | {"page": str(page + 1)})
            link = {"relation": "next", "url": self.next_link.format(page=following)}
            bundle["link"] = [{"relation": "self", "url": "Observation"}, link]
        return 200, bundle, {}


def _over(told: Json, changed: Json) -> Json:
    return {name: one for name, one in (told | changed).items() if one is not None}


@contextmanager
def foreign_record() -> Iterator[ForeignRecord]:
    record = ForeignRecord()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            status, told, headers = record.answer(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query)),
                dict(parse_qsl(body)),
                self.headers.get("Authorization", "").removeprefix("Bearer "),
            )
            sent = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            headers = {"content-type": "application/fhir+json", "content-length": len(sent)} | {
                name.lower(): value for name, value in headers.items()
            }
            for name, value in headers.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = _do

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    record.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield record
    finally:
        server.shutdown()
        server.server_close()
