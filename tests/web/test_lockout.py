"""Nobody is kept out of their account by somebody else who guesses; guessing stays slow."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.actions.counting_attempts import (
    DEVICE_KEPT,
    Counted,
    begin_attempt,
    know_device,
)
from riskapp.actions.passwords import MustWait
from riskapp.actions.second_factor import check_code, set_up_app
from riskapp.models import KnownDevice
from tests.web.test_second_factor import NOW, SECRET, at, check, shown

__all__ = ["at"]
pytestmark = pytest.mark.django_db
RIGHT, WRONG = "a-long-walk-in-the-park", "a-short-walk-in-the-park"
HERE, THERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def anna(owner: User) -> User:
    owner.set_password(RIGHT)
    owner.save()
    return owner


def tried(password: str, address: str = HERE, browser: Client | None = None) -> int:
    sent = {"username": "owner", "password": password}
    reply = (browser or Client()).post("/sign-in/", sent, REMOTE_ADDR=address)
    return int(reply.status_code)


@pytest.fixture
def known(anna: User) -> Client:
    """A browser in which she signed in before, and out again."""
    browser = Client()
    assert tried(RIGHT, browser=browser) == 302
    browser.post("/sign-out/")
    return browser


def guess(times: int, address: str = HERE) -> None:
    for _ in range(times):
        begin_attempt(kind=Counted.ACCOUNT, who="owner", address=address)


def test_who_guesses_elsewhere_makes_nobody_wait_here(anna: User) -> None:
    guess(5, THERE)
    assert tried(RIGHT, THERE) == 429
    assert tried(RIGHT, HERE) == 302


def test_who_guesses_beside_somebody_makes_their_own_browser_not_wait(known: Client) -> None:
    guess(5)
    assert tried(RIGHT) == 429
    assert tried(RIGHT, browser=known) == 302
    assert tried(RIGHT) == 429  # and those who guess go on waiting


def test_guesses_from_many_addresses_wait_together_after_twenty(known: Client) -> None:
    for number in range(Counted.ACCOUNT.free):
        assert tried(WRONG, f"198.51.100.{number}") == 200
    assert tried(RIGHT, HERE) == 429
    assert tried(RIGHT, HERE, known) == 302


def test_an_address_that_waits_lets_a_known_browser_in(known: Client) -> None:
    for number in range(Counted.ADDRESS.free):
        begin_attempt(kind=Counted.ACCOUNT, who=f"somebody-{number}", address=HERE)
    assert tried(RIGHT) == 429
    assert tried(RIGHT, browser=known) == 302


def test_a_known_browser_waits_after_five_failures_of_its_own(known: Client) -> None:
    answers = [tried(WRONG, browser=known) for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert tried(RIGHT, browser=known) == 429
    assert tried(RIGHT, THERE) == 302


@pytest.mark.parametrize("made_up", ["", "x" * 43, "x" * 65, "nobody\u00e9"])
def test_a_cookie_that_was_not_given_here_spares_nothing(anna: User, made_up: str) -> None:
    guess(5)
    browser = Client()
    browser.cookies["device"] = made_up
    assert tried(RIGHT, browser=browser) == 429


def test_a_browser_is_known_for_its_own_people_alone(known: Client, colleague: User) -> None:
    for _ in range(5):
        begin_attempt(kind=Counted.ACCOUNT, who="colleague", address=HERE)
    sent = {"username": "colleague", "password": "x"}
    assert known.post("/sign-in/", sent, REMOTE_ADDR=HERE).status_code == 429


def test_a_browser_is_forgotten_after_ninety_days(known: Client) -> None:
    KnownDevice.objects.update(seen_at=timezone.now() - DEVICE_KEPT)
    guess(5)
    assert tried(RIGHT, browser=known) == 429


def test_codes_that_somebody_else_guesses_do_not_hinder_a_known_browser(
    anna: User, at: Any
) -> None:
    set_up_app(by=anna, secret=SECRET, code=shown(NOW))
    device = know_device(user=anna, device="")
    at(NOW + 600)
    for _ in range(5):
        assert not check(anna, "000000")
    with pytest.raises(MustWait):
        check(anna, shown(NOW + 600))
    check_code(user=anna, code=shown(NOW + 600), address=HERE, device=device)


def test_the_cookie_opens_nothing_and_no_script_reads_it(anna: User, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    sent = {"username": "owner", "password": RIGHT}
    reply = Client().post("/sign-in/", sent, secure=True)
    kept = reply.cookies["__Host-device"]
    assert (kept["httponly"], kept["secure"], kept["samesite"]) == (True, True, "Lax")
    browser = Client()
    browser.cookies["__Host-device"] = kept.value
    assert browser.get("/", secure=True).status_code == 302
