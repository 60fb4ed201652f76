"""Passkeys, by ceremonies as a browser and a device hold them: what is believed, what is not."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.actions import passkeys, second_factor
from riskapp.actions.sessions import FRESH
from riskapp.models import AuditEvent, Passkey, RecoveryCode, SignInSession
from tests.software_authenticator import SoftwareAuthenticator
from tests.trail import done

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-walk-in-the-park"


@pytest.fixture
def anna(owner: User) -> User:
    owner.set_password(PASSWORD)
    owner.save()
    return owner


@pytest.fixture
def ben(colleague: User) -> User:
    colleague.set_password(PASSWORD)
    colleague.save()
    return colleague


@pytest.fixture
def set_up(browser_of: Any) -> Callable[..., Any]:
    """Somebody sets a passkey up in a browser."""

    def made(user: User, device: SoftwareAuthenticator, **sent: str) -> Any:
        browser = browser_of(user)
        answer = device.make(asked(browser, "new"))
        return browser.post("/account/passkeys/new/", {"answer": answer, "name": "Phone"} | sent)

    return made


def asked(browser: Client, purpose: str) -> dict[str, Any]:
    reply = browser.post("/sign-in/passkey/begin/", {"for": purpose})
    assert reply.status_code == 200, reply.content
    told: dict[str, Any] = json.loads(reply.content)
    return told


def give_password(name: str = "owner") -> Client:
    browser = Client()
    sent = {"username": name, "password": PASSWORD, "next": "/recall/"}
    assert browser.post("/sign-in/", sent)["Location"] == "/sign-in/second/"
    return browser


def show_alone(device: SoftwareAuthenticator, browser: Client | None = None) -> Any:
    browser = browser or Client()
    answer = device.show(asked(browser, "sign_in"))
    return browser.post("/sign-in/passkey/", {"answer": answer, "next": "/recall/"})


def show_second(device: SoftwareAuthenticator, browser: Client) -> Any:
    return browser.post("/sign-in/second/", {"answer": device.show(asked(browser, "second"))})


def test_a_passkey_is_set_up_and_gives_recovery_codes_once(
    anna: User, set_up: Callable[..., Any]
) -> None:
    told = set_up(anna, SoftwareAuthenticator()).content.decode()
    assert "Recovery codes" in told
    assert RecoveryCode.objects.count() == 10
    again = set_up(anna, SoftwareAuthenticator(), name="  Key\x07 on  my ring ")
    assert again["Location"] == "/account/"
    assert sorted(Passkey.objects.values_list("name", flat=True)) == ["Key on my ring", "Phone"]
    # What a device keeps of whose it is tells nothing, and is one for all of a person's.
    assert len(set(Passkey.objects.values_list("user_handle", flat=True))) == 1
    assert len(done(by=str(anna.pk), action="second_factor.passkey")) == 2


def test_it_is_asked_for_after_the_password(anna: User, set_up: Callable[..., Any]) -> None:
    device = SoftwareAuthenticator(verifies=False)
    set_up(anna, device)
    browser = give_password()
    options = asked(browser, "second")
    assert [one["id"] for one in options["allowCredentials"]]
    reply = browser.post("/sign-in/second/", {"answer": device.show(options)})
    assert reply["Location"] == "/recall/"
    here = SignInSession.objects.filter(user=anna, ended_at=None).latest("began_at")
    assert here.how == "two_factors"
    assert Passkey.objects.get().used_at is not None
    assert done(by=str(anna.pk), action__startswith="sign_in.")[-1][0] == "sign_in.two_factors"


def test_it_signs_in_alone_where_the_device_made_sure_who_holds_it(
    anna: User, set_up: Callable[..., Any]
) -> None:
    device = SoftwareAuthenticator()
    set_up(anna, device)
    browser = Client()
    assert show_alone(device, browser)["Location"] == "/recall/"
    assert browser.get("/account/").status_code == 200
    assert SignInSession.objects.filter(user=anna, how="passkey").count() == 1
    assert done(by=str(anna.pk), action="sign_in.passkey")
    device.verifies = False
    assert show_alone(device).status_code == 403
    assert show_second(device, give_password()).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "taken"),
    [
        ({}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://localhost:8001"}, False),
        ({"rp_id": "evil.example"}, False),
        ({"counts": 0}, True),  # a device that does not count
        ({"handle": "c29tZWJvZHkgZWxzZQ"}, False),
        ({"handle": ""}, False),
        ({"key": SoftwareAuthenticator().key}, False),
        ({"id": b"nobody knows this"}, False),
    ],
)
def test_only_what_is_signed_for_this_site_by_this_device_lets_in(
    anna: User, set_up: Callable[..., Any], wrong: dict[str, Any], taken: bool
) -> None:
    device = SoftwareAuthenticator()
    set_up(anna, device)
    for name, value in wrong.items():
        setattr(device, name, value)
    reply = show_alone(device)
    assert reply.status_code == (302 if taken else 403)
    assert AuditEvent.objects.filter(action="sign_in.failed").count() == (not taken)


@pytest.mark.parametrize("wrong", [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}])
def test_only_what_was_made_for_this_site_is_set_up(
    anna: User, set_up: Callable[..., Any], wrong: dict[str, Any]
) -> None:
    assert set_up(anna, SoftwareAuthenticator(**wrong)).status_code == 400
    assert not Passkey.objects.exists()


def test_an_answer_counts_once_and_only_for_its_own_question(
    anna: User, set_up: Callable[..., Any], browser_of: Any
) -> None:
    device = SoftwareAuthenticator()
    set_up(anna, device)
    browser = Client()
    options = asked(browser, "sign_in")
    answer = {"answer": device.show(options)}
    # Another browser was not asked this.
    other = Client()
    asked(other, "sign_in")
    assert other.post("/sign-in/passkey/", answer).status_code == 403
    assert browser.post("/sign-in/passkey/", answer).status_code == 302
    # The same answer again, and the same challenge signed anew.
    assert browser.post("/sign-in/passkey/", answer).status_code == 403
    asked(browser, "sign_in")
    again = {"answer": device.show(options)}
    assert browser.post("/sign-in/passkey/", again).status_code == 403
    # What was asked after a password is no sign-in alone.
    half = give_password()
    answer = {"answer": device.show(asked(half, "second"))}
    assert half.post("/sign-in/passkey/", answer).status_code == 403
    # A question for one account is not answered for another.
    assert show_alone(device).status_code == 302


def test_a_question_is_forgotten_after_five_minutes(
    anna: User, set_up: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    device, now = SoftwareAuthenticator(), timezone.now().timestamp()
    set_up(anna, device)
    for passed, status in ((299, 302), (301, 403)):
        monkeypatch.setattr("time.time", lambda: now)
        browser = Client()
        answer = {"answer": device.show(asked(browser, "sign_in"))}
        monkeypatch.setattr("time.time", lambda passed=passed: now + passed)
        assert browser.post("/sign-in/passkey/", answer).status_code == status


def test_nobody_comes_in_with_another_persons_passkey(
    anna: User, ben: User, set_up: Callable[..., Any]
) -> None:
    hers, his = SoftwareAuthenticator(), SoftwareAuthenticator()
    set_up(anna, hers)
    set_up(ben, his)
    assert show_second(hers, give_password("colleague")).status_code == 400
    assert show_second(his, give_password("colleague")).status_code == 302
    failed = AuditEvent.objects.filter(action="second_factor.failed")
    assert [one.target for one in failed] == [str(ben.pk)]
    # A device that says it holds another's is refused too, and one that is there already.
    hers.handle = his.handle
    assert show_alone(hers).status_code == 403
    his.id = hers.id
    assert set_up(ben, his).status_code == 400


def test_a_counter_that_goes_back_is_refused_and_recorded(
    anna: User, set_up: Callable[..., Any]
) -> None:
    device = SoftwareAuthenticator(count=7)
    set_up(anna, device)
    assert show_alone(device).status_code == 302
    assert Passkey.objects.get().sign_count == 8
    device.counts = 0  # as a copy that was made before
    assert show_alone(device).status_code == 403
    assert AuditEvent.objects.get(action="sign_in.failed").detail == {
        "passkey": "counter went back"
    }
    device.counts = 1
    assert show_alone(device).status_code == 302


def test_a_closed_account_stays_closed(anna: User, set_up: Callable[..., Any]) -> None:
    device = SoftwareAuthenticator()
    set_up(anna, device)
    User.objects.update(is_active=False)
    assert show_alone(device).status_code == 403


def test_it_confirms_before_something_sensitive(
    anna: User, set_up: Callable[..., Any], browser_of: Any
) -> None:
    device = SoftwareAuthenticator()
    set_up(anna, device)
    browser = browser_of(anna)
    for verifies, status in ((False, 400), (True, 302)):
        SignInSession.objects.update(confirmed_at=timezone.now() - FRESH)
        device.verifies = verifies
        answer = device.show(asked(browser, "confirm"))
        sent = {"answer": answer, "next": "/account/app/"}
        assert browser.post("/account/confirm/", sent).status_code == status
    assert browser.get("/account/app/").status_code == 200


def test_passkeys_are_renamed_and_removed_by_their_owner_who_confirmed_lately(
    anna: User, ben: User, set_up: Callable[..., Any], browser_of: Any
) -> None:
    set_up(anna, SoftwareAuthenticator())
    there = f"/account/passkeys/{Passkey.objects.get().pk}/"
    assert browser_of(ben).post(f"{there}remove/").status_code == 404
    assert browser_of(ben).post(there, {"name": "Mine"}).status_code == 404
    browser = browser_of(anna)
    browser.post(there, {"name": "Work phone"})
    assert 'value="Work phone"' in browser.get("/account/").content.decode()
    SignInSession.objects.update(confirmed_at=timezone.now() - FRESH)
    assert browser.post(f"{there}remove/")["Location"].startswith("/account/confirm/")
    assert Passkey.objects.exists()
    SignInSession.objects.update(confirmed_at=timezone.now())
    assert browser.post(f"{there}remove/")["Location"] == "/account/"
    assert not Passkey.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_ten_are_enough(anna: User, set_up: Callable[..., Any], browser_of: Any) -> None:
    for _ in range(passkeys.MOST - 1):
        set_up(anna, SoftwareAuthenticator())
    browser = browser_of(anna)
    answer = SoftwareAuthenticator().make(asked(browser, "new"))
    tenth = Passkey.objects.all()[0]  # set up meanwhile
    tenth.pk, tenth.credential_id, tenth._state.adding = uuid4(), "tenth", True
    tenth.save()
    refused = browser.post("/account/passkeys/new/", {"answer": answer})
    assert (refused.status_code, passkeys.ENOUGH in refused.content.decode()) == (400, True)
    assert browser.post("/sign-in/passkey/begin/", {"for": "new"}).status_code == 400


def test_who_signs_in_with_a_service_keeps_to_it(browser_of: Any, owner: User) -> None:
    """Else a passkey would outlive the account at the hospital."""
    owner.set_unusable_password()
    owner.save()
    refused = browser_of(owner).post("/sign-in/passkey/begin/", {"for": "new"})
    assert (refused.status_code, refused.json()["sentence"]) == (400, second_factor.BY_SERVICE)


def test_where_one_is_required_a_passkey_is_one(anna: User, settings: Any, browser_of: Any) -> None:
    settings.SECOND_FACTOR_OF = frozenset({"clinician"})
    browser = browser_of(anna)
    assert browser.get("/")["Location"] == "/account/app/"
    answer = SoftwareAuthenticator().make(asked(browser, "new"))
    browser.post("/account/passkeys/new/", {"answer": answer})
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("purpose", ["second", "confirm", "new", "", "x"])
def test_a_stranger_is_asked_for_nothing_but_a_sign_in(db: None, purpose: str) -> None:
    reply = Client().post("/sign-in/passkey/begin/", {"for": purpose})
    assert reply.status_code == 400
