"""A program of a hospital that has registered its keys, and how it asks for a token."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from riskapp.actions.api_clients import add_client
from riskapp.models import ApiClient
from tests.signing import FORM, assertion, form, key_set

SCOPES = ["system/Patient.rs", "system/RiskAssessment.crs"]


@pytest.fixture
def backend(db: None) -> ApiClient:
    """A program of the owner's organisation with both kinds of key."""
    made = add_client(
        name="ehr", organisation="Clinic A", scopes=SCOPES, keys=key_set("rs384", "es384")
    )
    return made.client


@pytest.fixture
def ask(client: Client, backend: ApiClient) -> Callable[..., Any]:
    """Ask for a token as that program, with one thing done otherwise."""

    def asked(scope: str = "system/Patient.rs", key: str = "rs384", **claims: Any) -> Any:
        header = claims.pop("header", ())
        signed = assertion(backend.application.client_id, key, header, **claims)
        return client.post("/oauth/token", urlencode(form("", scope, signed)), FORM)

    return asked
