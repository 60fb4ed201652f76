"""Signing in by password: guessing takes longer and longer, and says nothing of who exists."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions import counting_attempts
from riskapp.actions.counting_attempts import WAITS, Counted, begin_attempt, take_back, unlock
from riskapp.models import AuditEvent, FailedSignIn

pytestmark = pytest.mark.django_db
RIGHT, WRONG = "a-long-walk-in-the-park", "a-short-walk-in-the-park"


@pytest.fixture
def anna(owner: User) -> User:
    owner.set_password(RIGHT)
    owner.save()
    return owner


def tried(name: str, password: str = WRONG, client: Client | None = None, **more: str) -> Any:
    sent = {"username": name, "password": password}
    return (client or Client()).post("/sign-in/", sent, **more)


def later(monkeypatch: pytest.MonkeyPatch, passed: timedelta) -> None:
    there = datetime.now(UTC) + passed
    monkeypatch.setattr(counting_attempts.timezone, "now", lambda: there)


def body(reply: Any) -> str:
    """A page less what differs each time."""
    text = reply.content.decode().replace("nobody-here", "NAME").replace("owner", "NAME")
    return re.sub('csrfmiddlewaretoken" value="[^"]+"', "", text)


def test_the_sixth_wrong_password_waits_and_so_does_the_right_one(anna: User) -> None:
    for _ in range(5):
        assert tried("owner").status_code == 200
    waiting = tried("owner", RIGHT)
    assert waiting.status_code == 429
    assert 0 < int(waiting["Retry-After"]) <= WAITS[0].total_seconds()
    assert b"Too many attempts failed. Wait 1 minute," in waiting.content


def test_a_name_that_nobody_has_is_answered_and_counted_like_one_that_somebody_has(
    anna: User,
) -> None:
    for _ in range(6):
        known, unknown = tried("owner"), tried("nobody-here")
        assert known.status_code == unknown.status_code
        assert body(known) == body(unknown)
    assert known.status_code == 429
    failed = AuditEvent.objects.filter(action="sign_in.failed").values_list("target", flat=True)
    assert sorted(failed) == [str(anna.pk)] * 5 + ["no such account"] * 5


@pytest.mark.parametrize("name", ["owner", "nobody-here", "closed", "waiting", "no-password"])
def test_one_password_is_hashed_whoever_is_asked_for(
    anna: User, colleague: User, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = User.objects.create_user("closed", password=RIGHT)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    User.objects.create_user("no-password")
    for _ in range(5):
        tried("waiting")
    hashed = []
    from django.contrib.auth.hashers import MD5PasswordHasher as Hasher

    encode = Hasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        hashed.append(1)
        return str(encode(self, password, salt))

    monkeypatch.setattr(Hasher, "encode", counted)
    tried(name)
    assert len(hashed) == 1


def test_waits_grow_to_an_hour_and_end_by_themselves(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = timedelta()
    for _ in range(5):
        tried("owner")
    for wait in (*WAITS, WAITS[-1]):
        later(monkeypatch, passed := passed + wait - timedelta(seconds=2))
        assert tried("owner").status_code == 429
        later(monkeypatch, passed := passed + timedelta(seconds=3))
        assert tried("owner").status_code == 200
    later(monkeypatch, passed + timedelta(hours=2))
    assert tried("owner", RIGHT).status_code == 302
    assert not FailedSignIn.objects.filter(count__gt=0).exists()


def test_a_right_password_forgets_what_failed_before(anna: User) -> None:
    for _ in range(4):
        tried("owner")
    assert tried("Owner".lower(), RIGHT).status_code == 302
    for _ in range(5):
        assert tried("owner").status_code == 200


def test_a_day_of_rest_forgets_too(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        tried("owner")
    later(monkeypatch, timedelta(days=1, seconds=1))
    for _ in range(5):
        assert tried("owner").status_code == 200


def test_an_address_waits_after_fifty_names_and_other_addresses_do_not(anna: User) -> None:
    for number in range(49):
        begin_attempt(kind=Counted.ACCOUNT, who=f"somebody-{number}", address="192.0.2.7")
    assert tried("somebody", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert tried("owner", RIGHT, REMOTE_ADDR="192.0.2.7").status_code == 429
    assert tried("owner", RIGHT, REMOTE_ADDR="192.0.2.8").status_code == 302


def test_a_made_up_hop_gives_no_new_address(anna: User, settings: Any) -> None:
    for number in range(49):
        begin_attempt(kind=Counted.ACCOUNT, who=f"somebody-{number}", address="127.0.0.1")
    for number in range(2):
        tried(f"somebody-{number}", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert tried("owner", RIGHT, HTTP_X_FORWARDED_FOR="198.51.100.99").status_code == 429


def test_an_administrator_ends_the_wait(anna: User, colleague: User) -> None:
    for _ in range(6):
        tried("owner")
    assert counting_attempts.is_waiting(anna)
    unlock(by=colleague, user=anna)
    assert not counting_attempts.is_waiting(anna)
    assert tried("owner", RIGHT).status_code == 302
    assert AuditEvent.objects.filter(action="sign_in.unlock").count() == 1


def test_what_was_typed_as_a_name_is_not_kept(db: None) -> None:
    tried("my-secret-password-by-mistake")
    kept = [*FailedSignIn.objects.values_list("key", flat=True)]
    kept += AuditEvent.objects.values_list("target", flat=True)
    assert not [one for one in kept if "secret" in one]


def test_guesses_at_the_same_moment_are_each_counted(db: None) -> None:
    """Counted before they are judged: none of them sees a count that another has not added to."""
    attempts = [begin_attempt(kind=Counted.ACCOUNT, who="x", address="192.0.2.7") for _ in range(7)]
    assert [one.waits_until is None for one in attempts] == [True] * 5 + [False] * 2
    take_back(attempts[4])
    assert FailedSignIn.objects.get().count == 4  # of the address


def test_nothing_is_tried_without_a_name_or_a_password(db: None) -> None:
    for sent in ({}, {"username": "owner"}, {"username": "ow\0ner", "password": "x"}):
        assert Client().post("/sign-in/", sent).status_code == 200
    assert not FailedSignIn.objects.exists()
