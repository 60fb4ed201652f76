"""The page of peers: what waits and why, what was given up, and never another clinic's."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.actions import delivery_ways
from riskapp.actions.delivering import HANDLERS, promise
from riskapp.actions.finding import organisation_of
from riskapp.exchange.connections import SECTIONS
from riskapp.models import Delivery
from riskapp.web.presenters.connections import KINDS, WHAT

pytestmark = pytest.mark.django_db
PEERS = """
[[ehr]]
name = "Ward 9"
organisation = "Clinic A"
iss = "https://ehr.example/fhir"
client_id = "a"
[[archive]]
name = "Main"
organisation = "Clinic A"
dicomweb_url = "https://pacs.example/dicom-web"
auth = "bearer"
secret = { env = "NOT_SET_ANYWHERE" }
[[archive]]
name = "Old"
organisation = "Clinic A"
host = "10.1.2.3"
port = 104
called_ae_title = "OLD"
[[cds_client]]
name = "Trial"
organisation = "Clinic A"
population = "gb"
unsigned = true
[[fhir_server]]
name = "Doors"
organisation = "Clinic A"
[[identity_provider]]
name = "login"
organisation = "Clinic A"
issuer = "https://login.example"
client_id = "a"
[[sender]]
name = "CT"
organisation = "Clinic A"
calling_ae_title = "CT"
called_ae_title = "TRABECULA"
addresses = ["10.1.2.4"]
port = 11112
[[message_source]]
name = "ADT"
organisation = "Clinic A"
port = 2575
[[message_destination]]
name = "ORU"
organisation = "Clinic A"
host = "10.1.2.5"
port = 2576
[[message_source]]
name = "Theirs"
organisation = "Clinic B"
port = 2577
"""


def _promised(by: User, target: str, **now: Any) -> Delivery:
    where = organisation_of(by)
    one = promise(by=by, organisation=where, kind="stow", destination="Main", target=target)
    Delivery.objects.filter(id=one.id).update(**now)
    return one


def _page(client: Client, by: User) -> str:
    client.force_login(by)
    return client.get("/connections/").content.decode()


def test_every_kind_of_peer_and_of_sending_has_words() -> None:
    assert set(KINDS) == set(SECTIONS)
    assert delivery_ways  # imported for its handlers
    assert set(WHAT) == set(HANDLERS)


def test_each_peer_is_told_with_where_it_is_and_the_secret_that_is_missing(
    client: Client, owner: User, settings: Any, tmp_path: Path
) -> None:
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    settings.CONNECTIONS_FILE.write_text(PEERS, encoding="utf-8")
    page = _page(client, owner)
    for where in (
        "https://ehr.example/fhir", "https://pacs.example/dicom-web", "10.1.2.3:104",
        "this machine", "https://login.example", "here, port 11112", "here, port 2575",
        "10.1.2.5:2576",
    ):  # fmt: skip
        assert where in page
    assert page.count("secret is missing: the environment variable NOT_SET_ANYWHERE") == 1
    assert "Theirs" not in page


def test_each_state_has_its_place_and_its_reason(client: Client, owner: User) -> None:
    _promised(owner, "1")
    _promised(owner, "2", failures=2, problem="It does not answer.")
    _promised(owner, "3", status="dead", problem="It refuses such files.")
    _promised(owner, "4", status="done", confirmed_at=timezone.now())
    page = _page(client, owner)
    for words in ("Being sent", "Tried 2 times", "It refuses such files.", "Lately confirmed"):
        assert words in page


def test_what_was_given_up_is_sent_again_once(client: Client, owner: User) -> None:
    one = _promised(owner, "3", status="dead", problem="It refuses such files.")
    client.force_login(owner)
    where = f"/connections/{one.id}/again/"
    assert "on its way again" in client.post(where, follow=True).content.decode()
    assert "Only what was given up" in client.post(where, follow=True).content.decode()


def test_another_clinic_sees_and_sends_nothing_of_it(
    client: Client, owner: User, stranger: User
) -> None:
    one = _promised(owner, "3", status="dead", problem="It refuses such files.")
    assert "It refuses such files." not in _page(client, stranger)
    assert client.post(f"/connections/{one.id}/again/").status_code == 404


def test_a_list_that_cannot_be_used_says_what_to_mend(
    client: Client, owner: User, settings: Any, tmp_path: Path
) -> None:
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    settings.CONNECTIONS_FILE.write_text("[[archiv]]", encoding="utf-8")
    assert "has the table" in _page(client, owner)
    settings.CONNECTIONS_FILE.unlink()
    assert "None yet." in _page(client, owner)
