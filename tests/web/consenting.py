"""An app that a person lets act for them, as it asks, is sent back and gets its token."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.api_clients import add_client
from riskapp.actions.registering import register_patient
from riskapp.models import ApiClient, Patient
from tests.signing import FORM

BACK = "https://app.example/back"
VERIFIER = "a" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
SCOPES = [
    "patient/*.rs", "patient/Condition.c", "user/Patient.s", "launch/patient", "offline_access",
    "openid",
]  # fmt: skip


@pytest.fixture
def app(db: None) -> ApiClient:
    """An app that can keep no secret, of the owner's organisation."""
    return add_client(
        name="app", organisation="Clinic A", scopes=SCOPES, redirect_uris=[BACK], public=True
    ).client


@pytest.fixture
def second(owner: User, patient: Patient) -> Patient:
    return register_patient(
        by=owner, name="Zoe", record_number="Z1", date_of_birth=patient.date_of_birth, sex="female"
    )


@pytest.fixture
def address(app: ApiClient) -> Callable[..., str]:
    """Where the app sends people, with one thing done otherwise; ``None`` leaves it out."""

    def made(**other: Any) -> str:
        told = {
            "response_type": "code",
            "client_id": app.application.client_id,
            "redirect_uri": BACK,
            "scope": "launch/patient patient/*.rs",
            "state": "xyz",
            "aud": "http://testserver/fhir",
            "code_challenge": CHALLENGE.decode(),
            "code_challenge_method": "S256",
        } | other
        return "/oauth/authorize?" + urlencode({k: v for k, v in told.items() if v is not None})

    return made


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def told_back(reply: Any) -> dict[str, str]:
    """What the app is sent back with."""
    assert reply.status_code == 302, reply.content
    assert reply["Location"].startswith(BACK)
    return {k: v[0] for k, v in parse_qs(urlsplit(reply["Location"]).query).items()}


def redeem(client: Client, app: ApiClient, code: str, **other: str) -> Any:
    told = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": app.application.client_id,
        "code_verifier": VERIFIER,
    } | other
    return client.post("/oauth/token", urlencode(told), FORM)


def renew(app: ApiClient, token: str, **other: str) -> Any:
    told = {"grant_type": "refresh_token", "refresh_token": token}
    told |= {"client_id": app.application.client_id} | other
    return Client().post("/oauth/token", urlencode(told), FORM)


@pytest.fixture
def granted(signed_in: Client, app: ApiClient, address: Any, patient: Patient) -> Any:
    """Go through it all for the patient, and give what the token endpoint tells."""

    def through(scope: str = "launch/patient patient/*.rs", **more: str) -> dict[str, Any]:
        where = address(scope=scope, **more)
        choice = {"decision": "allow", "patient": str(patient.id)}
        code = told_back(signed_in.post(where, choice))["code"]
        reply = redeem(Client(), app, code)
        assert reply.status_code == 200, reply.content
        return dict(reply.json())

    return through
