"""Nothing is started with keys under which the site was not written."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from django.test import Client
from pytest_django.fixtures import Settings

from riskapp import keys
from riskapp.actions import keys_at_hand
from riskapp.actions.keys_at_hand import at_start, problem_with_the_keys
from riskapp.actions.registering import register_clinician

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder without keys."""
    for name in ("TRABECULA_KEYS", "TRABECULA_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_a_site_in_which_nothing_is_written_needs_none(elsewhere: Path) -> None:
    assert problem_with_the_keys() == ""
    assert not keys.is_there()


def test_keys_that_changed_since_and_keys_that_were_retired_are_its_own(owner: User) -> None:
    assert problem_with_the_keys() == ""
    old = keys.ring().active
    keys.replace_ring(keys.with_new_key)
    assert problem_with_the_keys() == ""
    keys.replace_ring(lambda ring: keys.without_key(ring, old))
    assert problem_with_the_keys() == ""


@pytest.mark.parametrize("others", [False, True], ids=["none", "another site's"])
def test_without_its_own_nothing_starts_and_it_says_which_it_needs(
    owner: User, elsewhere: Path, client: Client, others: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if others:
        keys.ring()
    found = problem_with_the_keys()
    assert f"is not in {elsewhere}/keys.json" in found
    assert keys.is_there() is others
    for command in ("serve", "work"):
        with pytest.raises(CommandError) as refused:
            call_command(command)
        assert str(refused.value) == found
    monkeypatch.setattr(connections, "close_all", lambda: None)
    with pytest.raises(SystemExit, match=re.escape(found)):
        at_start()
    reply = client.get("/health/ready")
    assert reply.status_code == 503
    assert reply.json()["checks"]["keys"] == found
    assert keys.is_there() is others


def test_what_comes_after_it_needs_the_newest(elsewhere: Path, owner: User) -> None:
    """Rows of an earlier key say nothing of whether what is written now can be read."""
    keys.ring()
    register_clinician(username="later", password=None, organisation="Clinic A")
    assert problem_with_the_keys() == ""


def test_without_a_database_the_web_starts_and_tells_so_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away() -> str:
        raise DatabaseError

    monkeypatch.setattr(keys_at_hand, "problem_with_the_keys", away)
    monkeypatch.setattr(connections, "close_all", lambda: None)
    at_start()
