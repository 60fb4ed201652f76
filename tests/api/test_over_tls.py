"""Where a site has TLS, programs are answered over it alone."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db
DOORS = ["/api/v1/scores/", "/fhir/metadata", "/cds-services", "/oauth/token", "/dicomweb/studies"]


@pytest.fixture(autouse=True)
def site_with_tls(settings: Settings) -> None:
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = True


@pytest.mark.parametrize("door", DOORS)
def test_a_program_that_forgets_tls_is_refused_and_not_sent_on(client: Client, door: str) -> None:
    for reply in (client.get(door), client.post(door, b"{}", content_type="application/json")):
        assert reply.status_code == 403
        assert "over HTTPS only" in reply.content.decode()
        assert "Location" not in reply.headers


@pytest.mark.parametrize("door", DOORS)
def test_over_tls_it_is_answered_as_ever(client: Client, door: str) -> None:
    assert b"over HTTPS only" not in client.get(door, secure=True).content


@pytest.mark.parametrize("page", ["/sign-in/", "/oauth/authorize", "/api/docs/"])
def test_a_person_is_sent_on_to_tls(client: Client, page: str) -> None:
    reply = client.get(page)
    assert (reply.status_code, reply.headers["Location"][:8]) == (301, "https://")
