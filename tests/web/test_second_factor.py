"""A second factor: codes of an app as RFC 6238 has them, recovery codes, and who needs one."""

import re
import time
from base64 import b32decode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from riskapp.actions import second_factor
from riskapp.actions.errors import Refused
from riskapp.actions.passwords import MustWait, NotRight
from riskapp.actions.second_factor import check_code, set_up_app
from riskapp.actions.sessions import FRESH
from riskapp.models import AuditEvent, AuthenticatorApp, RecoveryCode, SignInSession
from riskapp.web.kept_forms import FORM
from tests.trail import done

pytestmark = pytest.mark.django_db
PASSWORD, SECRET = "a-long-walk-in-the-park", b"12345678901234567890"
NOW = 1_800_000_000


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def moment(seconds: int) -> None:
        monkeypatch.setattr(time, "time", lambda: float(seconds))

    moment(NOW)
    return moment


@pytest.fixture
def anna(owner: User) -> User:
    owner.set_password(PASSWORD)
    owner.save()
    return owner


def shown(at: int, secret: bytes = SECRET) -> str:
    return TOTP(secret, 6, SHA1(), 30).generate(at).decode()


def check(user: User, code: str) -> bool:
    try:
        check_code(user=user, code=code, address="")
    except NotRight:
        return False
    return True


def give_password(client: Client) -> Any:
    return client.post("/sign-in/", {"username": "owner", "password": PASSWORD, "next": "/recall/"})


@pytest.mark.parametrize(
    ("moment", "code"),
    [  # RFC 6238, appendix B, SHA-1: the last six of its eight digits
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(
    anna: User, at: Callable[[int], None], moment: int, code: str
) -> None:
    at(moment)
    set_up_app(by=anna, secret=SECRET, code=code)
    assert not check(anna, code)  # taken once, at the set-up


@pytest.mark.parametrize(("drift", "taken"), [(-61, False), (-30, True), (30, True), (61, False)])
def test_a_clock_may_be_half_a_minute_wrong(
    anna: User, at: Callable[[int], None], drift: int, taken: bool
) -> None:
    set_up_app(by=anna, secret=SECRET, code=shown(NOW))
    at(NOW + 600)
    assert check(anna, shown(NOW + 600 + drift)) is taken


def test_a_code_is_taken_once_and_none_before_it(anna: User, at: Callable[[int], None]) -> None:
    set_up_app(by=anna, secret=SECRET, code=shown(NOW))
    at(NOW + 600)
    assert check(anna, shown(NOW + 600))
    assert not check(anna, shown(NOW + 600))
    assert not check(anna, shown(NOW + 570))
    assert check(anna, shown(NOW + 630))


def test_the_secret_lies_encrypted_and_codes_as_hashes(
    anna: User, at: Callable[[int], None]
) -> None:
    codes = set_up_app(by=anna, secret=SECRET, code=shown(NOW))
    assert AuthenticatorApp.objects.get().secret == SECRET.hex()
    kept = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(kept) == len(set(codes)) == 10
    assert not kept & {code.replace("-", "") for code in codes}


def test_a_recovery_code_works_once_however_it_is_typed(
    anna: User, stranger: User, at: Callable[[int], None]
) -> None:
    first, second, *_ = set_up_app(by=anna, secret=SECRET, code=shown(NOW))
    assert not check(stranger, first)
    assert check(anna, first.upper().replace("-", " "))
    assert not check(anna, first)
    assert check(anna, second)
    assert second_factor.codes_left(anna) == 8
    assert AuditEvent.objects.filter(action="second_factor.recovery").count() == 2


def test_guessing_codes_waits(anna: User, at: Callable[[int], None]) -> None:
    set_up_app(by=anna, secret=SECRET, code=shown(NOW))
    at(NOW + 600)
    for _ in range(5):
        assert not check(anna, "000000")
    with pytest.raises(MustWait):
        check(anna, shown(NOW + 600))


def test_the_password_alone_no_longer_signs_in(anna: User, at: Callable[[int], None]) -> None:
    set_up_app(by=anna, secret=SECRET, code=shown(NOW))
    at(NOW + 60)
    client = Client()
    assert client.get("/sign-in/second/")["Location"] == "/sign-in/"
    assert give_password(client)["Location"] == "/sign-in/second/"
    assert client.get("/").status_code == 302
    assert client.get("/sign-in/second/").status_code == 200
    assert client.post("/sign-in/second/", {"code": "12345"}).status_code == 400
    reply = client.post("/sign-in/second/", {"code": shown(NOW + 60)})
    assert reply["Location"] == "/recall/"
    assert SignInSession.objects.get(ended_at=None).how == "two_factors"
    assert client.get("/recall/").status_code == 200


def test_a_right_password_is_remembered_for_ten_minutes_and_while_it_is_right(
    anna: User, at: Callable[[int], None]
) -> None:
    set_up_app(by=anna, secret=SECRET, code=shown(NOW))
    client = Client()
    give_password(client)
    at(NOW + 601)
    assert client.post("/sign-in/second/", {"code": shown(NOW + 601)})["Location"] == "/sign-in/"
    give_password(client)
    anna.set_password("another-long-walk-here")
    anna.save()
    assert client.post("/sign-in/second/", {"code": shown(NOW + 601)})["Location"] == "/sign-in/"


def test_an_app_is_set_up_from_a_picture_or_letters(
    anna: User, at: Callable[[int], None], browser_of: Any
) -> None:
    client = browser_of(anna)
    page = client.get("/account/app/").content.decode()
    assert "<svg" in page
    letters = re.search(r'secret-letters">([A-Z2-7]+)<', page)
    assert letters
    secret = b32decode(letters[1])
    assert client.post("/account/app/", {"code": "000000"}).status_code == 400
    assert not AuthenticatorApp.objects.exists()
    told = client.post("/account/app/", {"code": shown(NOW, secret)}).content.decode()
    codes = re.findall(r"<code>([0-9a-f]{4}(?:-[0-9a-f]{4}){3})</code>", told)
    assert len(codes) == 10
    newer = client.post("/account/recovery-codes/").content.decode()
    assert not [code for code in codes if code in newer]
    assert not check(anna, codes[0])
    for _ in range(2):  # the second time there is none
        assert client.post("/account/app/remove/").status_code == 302
    assert not RecoveryCode.objects.exists()
    assert len(done(action="second_factor.no_app")) == 1


@pytest.mark.parametrize("asked", ["clinician", "statistician"])
def test_where_the_site_requires_one_it_is_set_up_before_anything_else(
    anna: User, at: Callable[[int], None], settings: Any, asked: str
) -> None:
    settings.SECOND_FACTOR_OF = frozenset({asked})
    client = Client()
    reply = give_password(client)
    if asked == "statistician":
        assert client.get("/").status_code == 200
        return
    assert client.get(reply["Location"])["Location"] == "/account/app/"
    assert client.get("/api/v1/patients/").status_code == 403
    page = client.get("/account/app/").content.decode()
    secret = b32decode(page.split('secret-letters">')[1].split("<")[0])
    client.post("/account/app/", {"code": shown(NOW, secret)})
    assert client.get("/").status_code == 200
    assert client.post("/account/app/remove/").status_code == 302


def test_sensitive_deeds_ask_again_after_ten_minutes_and_lose_nothing(
    anna: User, browser_of: Any
) -> None:
    client = browser_of(anna)
    SignInSession.objects.update(confirmed_at=timezone.now() - FRESH)
    reply = client.post(
        "/account/app/remove/", "", content_type="application/x-www-form-urlencoded"
    )
    assert reply["Location"] == "/account/confirm/?next=%2Faccount%2Fkept%2F"
    assert client.get("/account/app/")["Location"] == "/account/confirm/?next=%2Faccount%2Fapp%2F"
    sent = {"next": "/account/app/", "password": "wrong"}
    assert client.post("/account/confirm/", sent).status_code == 400
    reply = client.post("/account/confirm/", sent | {"password": PASSWORD})
    assert reply["Location"] == "/account/app/"
    assert client.get("/account/app/").status_code == 200
    assert done(action="sign_in.confirm") == [("sign_in.confirm", "owner")]


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_confirming_leads_nowhere_else(anna: User, browser_of: Any, there: str) -> None:
    reply = browser_of(anna).post("/account/confirm/", {"next": there, "password": PASSWORD})
    assert reply["Location"] == "/account/"


def test_who_lost_everything_is_let_in_to_set_one_up_anew(
    anna: User, at: Callable[[int], None]
) -> None:
    set_up_app(by=anna, secret=SECRET, code=shown(NOW))
    call_command("let_in", "owner", without_second_factor=True)
    assert give_password(Client())["Location"] == "/recall/"
    assert not RecoveryCode.objects.exists()


def test_whoever_was_in_before_by_less_is_out_once_a_factor_is_set_up_or_removed(
    anna: User, at: Callable[[int], None], settings: Any, browser_of: Any
) -> None:
    """Else who only knows the password waits in a session until its owner has set one up."""
    settings.SECOND_FACTOR_OF = frozenset({"clinician"})
    hers, waiting = Client(), Client()
    give_password(hers)
    give_password(waiting)
    page = hers.get("/account/app/").content.decode()
    secret = b32decode(page.split('secret-letters">')[1].split("<")[0])
    hers.post("/account/app/", {"code": shown(NOW, secret)})
    assert [one.get("/").status_code for one in (hers, waiting)] == [200, 302]
    assert waiting.get("/")["Location"] == "/sign-in/?next=/"
    other = browser_of(anna)
    hers.post("/account/app/remove/")
    assert [one.get("/account/app/").status_code for one in (hers, other)] == [200, 302]


def test_who_signs_in_with_a_service_sets_up_no_app_here(
    owner: User, at: Callable[[int], None], browser_of: Any
) -> None:
    """Their session would no longer be the service's, which then could not end it."""
    owner.set_unusable_password()
    owner.save()
    with pytest.raises(Refused, match="own service"):
        set_up_app(by=owner, secret=SECRET, code=shown(NOW))
    assert not AuthenticatorApp.objects.exists()


def test_a_code_that_was_sent_too_late_is_not_kept(anna: User, browser_of: Any) -> None:
    client = browser_of(anna)
    SignInSession.objects.update(confirmed_at=timezone.now() - FRESH)
    client.post("/account/app/", urlencode({"code": "123456", "other": "words"}), FORM)
    page = client.get("/account/kept/").content.decode()
    assert ("123456" in page, "words" in page) == (False, True)
