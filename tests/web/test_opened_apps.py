"""An app of somebody else's is opened from a patient's page (SMART App Launch 2.2, EHR launch)."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions import opening_apps
from riskapp.actions.api_clients import add_client, revoke_client
from riskapp.actions.errors import Refused
from riskapp.models import ApiClient, AuditEvent, Patient
from tests.web.consenting import BACK, CHALLENGE, redeem, told_back

pytestmark = pytest.mark.django_db
OPENED_AT = "https://app.example/launch?from=trabecula"
SCOPE = "launch patient/*.rs"


def registered(name: str = "app") -> ApiClient:
    return add_client(
        name=name,
        organisation="Clinic A",
        scopes=SCOPE.split(),
        redirect_uris=[BACK],
        public=True,
        launch_url=OPENED_AT,
    ).client


@pytest.fixture
def app(owner: User) -> ApiClient:
    return registered()


@pytest.fixture
def opened(client: Client, owner: User, app: ApiClient, patient: Patient) -> dict[str, str]:
    """What the app is opened with."""
    client.force_login(owner)
    page = client.get(f"/patients/{patient.id}/").content.decode()
    address = f"/patients/{patient.id}/apps/{app.id}/"
    assert f'href="{address}">app</a>' in page
    there = client.get(address)["Location"]
    assert there.startswith("https://app.example/launch?")
    return dict(parse_qsl(urlsplit(there).query))


@pytest.fixture
def asks(app: ApiClient, opened: dict[str, str]) -> Callable[..., str]:
    def made(by: ApiClient = app, launch: str = opened["launch"]) -> str:
        told = {
            "response_type": "code",
            "client_id": by.application.client_id,
            "redirect_uri": BACK,
            "scope": SCOPE,
            "state": "xyz",
            "launch": launch,
            "aud": opened["iss"],
            "code_challenge": CHALLENGE.decode(),
            "code_challenge_method": "S256",
        }
        return "/oauth/authorize?" + urlencode(told)

    return made


def test_its_token_is_about_the_patient_whose_page_it_was(
    client: Client, app: ApiClient, asks: Any, opened: dict[str, str], patient: Patient
) -> None:
    assert opened["from"] == "trabecula"
    assert opened["iss"] == "http://testserver/fhir"
    assert str(patient.id) not in opened["launch"]
    page = client.get(asks()).content.decode()
    assert f"It is about {patient.name}" in page
    assert "Which patient" not in page
    # Nobody else can be chosen in its place.
    answer = client.post(asks(), {"decision": "allow", "patient": "another"})
    told = redeem(Client(), app, told_back(answer)["code"]).json()
    assert (told["patient"], told["scope"]) == (str(patient.id), SCOPE)
    assert told["need_patient_banner"] is True
    assert AuditEvent.objects.filter(action="app.open", target=str(patient.id)).count() == 1


def test_what_it_was_opened_with_is_good_for_it_and_that_user_only(
    client: Client,
    asks: Any,
    opened: dict[str, str],
    colleague: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(address: str, by: Client = client) -> None:
        for ask in (by.get, by.post):
            told = told_back(ask(address))
            assert (told["error"], told["state"]) == ("invalid_request", "xyz")

    for launch in ("", "x", opened["launch"][:-2], "\x00é"):
        refused(asks(launch=launch))
    refused(asks(by=registered("other")))
    near = Client()
    near.force_login(colleague)
    refused(asks(), near)
    later = time.time() + opening_apps.LAUNCH_SECONDS
    # Halfway, however slowly what stands above was done.
    halfway = later - opening_apps.LAUNCH_SECONDS / 2
    monkeypatch.setattr(opening_apps.time, "time", lambda: halfway)
    assert client.get(asks()).status_code == 200
    monkeypatch.setattr(opening_apps.time, "time", lambda: later + 5)
    refused(asks())


def test_a_revoked_app_is_offered_no_more(
    client: Client, owner: User, app: ApiClient, patient: Patient
) -> None:
    client.force_login(owner)
    revoke_client(name="app")
    assert "/apps/" not in client.get(f"/patients/{patient.id}/").content.decode()
    assert client.get(f"/patients/{patient.id}/apps/{app.id}/").status_code == 404


@pytest.mark.parametrize(
    "other",
    [
        {"launch_url": ""},
        {"scopes": ["patient/*.rs"]},
        {"launch_url": "http://app.example/launch"},
        {"launch_url": "javascript:alert(1)"},
        {"redirect_uris": [], "public": False, "scopes": ["system/*.rs"]},
    ],
)
def test_a_slip_in_where_it_is_opened_is_refused(db: None, other: dict[str, Any]) -> None:
    told: dict[str, Any] = {
        "name": "x",
        "organisation": "A",
        "scopes": SCOPE.split(),
        "redirect_uris": [BACK],
        "public": True,
        "launch_url": OPENED_AT,
    }
    with pytest.raises(Refused) as refused:
        add_client(**told | other)
    assert "launch_url" in refused.value.by_field
