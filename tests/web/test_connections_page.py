"""The page of peers: what waits and why, what was given up, and never another clinic's."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.actions.delivering import promise
from riskapp.actions.finding import organisation_of
from riskapp.models import Delivery

pytestmark = pytest.mark.django_db


def _promised(by: User, target: str, **now: Any) -> Delivery:
    where = organisation_of(by)
    one = promise(by=by, organisation=where, kind="stow", destination="Main", target=target)
    Delivery.objects.filter(id=one.id).update(**now)
    return one


def _page(client: Client, by: User) -> str:
    client.force_login(by)
    return client.get("/connections/").content.decode()


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
