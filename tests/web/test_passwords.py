"""Which passwords are taken, how one is changed, and links by which one is set once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as configured
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from riskapp import settings as product
from riskapp.actions.counting_attempts import is_waiting
from riskapp.actions.errors import NotFound
from riskapp.actions.passwords import link_of, make_link, set_by_link
from riskapp.models import AuditEvent, OneTimeLink, SignInSession

pytestmark = pytest.mark.django_db
PASSWORD, FRESH = "a-long-walk-in-the-park", "seven wet otters on a raft"


@pytest.fixture
def anna(owner: User) -> User:
    owner.first_name, owner.last_name = "Annabella", "Weatherwax"
    owner.set_password(PASSWORD)
    owner.save()
    return owner


@pytest.mark.parametrize(
    "taken",
    [
        "x7#" * 4,
        "aaaa bbbb cc",
        "über alle Berge ☃ 雪",
        "trabecula-otters-raft",
        ("seven wet otters " * 8)[:128],
        "918273645546372819",
    ],
)
def test_any_characters_are_taken_from_twelve_to_128(anna: User, taken: str) -> None:
    validate_password(taken, anna)


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        ("x7#k2!pQ9zL", "at least 12"),
        (("seven wet otters " * 8)[:129], "longer than 128"),
        ("123456789987654321", "too common"),
        ("1q2w3e4r5t6y7u8i9o0p", "too common"),
        ("Trabecula2026", "everybody here knows"),
        ("Clinic A 12345", "everybody here knows"),
        ("annabella1-weatherwax!", "everybody here knows"),
        ("Weatherwax12", "too similar|everybody here knows"),
    ],
)
def test_what_is_short_endless_common_or_known_here_is_refused(
    anna: User, refused: str, why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        validate_password(refused, anna)


def test_passwords_are_hashed_with_argon2id(settings: object) -> None:
    assert product.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
    assert configured.PASSWORD_HASHERS != product.PASSWORD_HASHERS  # quick ones, for tests
    hasher = get_hasher("default")
    assert identify_hasher(hasher.encode("x", "salt")).algorithm == hasher.algorithm
    from django.contrib.auth.hashers import Argon2PasswordHasher

    told = Argon2PasswordHasher().encode("seven wet otters", "some-salt")
    assert told.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")
    assert not Argon2PasswordHasher().verify("seven wet otter", told)


def test_changing_the_password_asks_for_the_present_one_and_ends_other_sessions(
    anna: User,
) -> None:
    here, elsewhere = Client(), Client()
    here.force_login(anna)
    elsewhere.force_login(anna)
    sent = {"present": "not-this-one-at-all", "fresh": FRESH, "again": FRESH}
    refused = here.post("/account/password/", sent)
    assert refused.status_code == 400
    assert "This is not your present password." in refused.content.decode()
    assert here.post("/account/password/", sent | {"present": PASSWORD}).status_code == 302
    anna.refresh_from_db()
    assert anna.check_password(FRESH)
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_guessing_the_present_password_waits_as_at_sign_in(anna: User) -> None:
    client = Client()
    client.force_login(anna)
    sent = {"present": "wrong", "fresh": FRESH, "again": FRESH}
    answers = [client.post("/account/password/", sent).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]
    assert is_waiting(anna)


@pytest.mark.parametrize(
    ("fresh", "again", "why"),
    [("too short", "too short", "at least 12"), (FRESH, "another", "two new passwords differ")],
)
def test_a_new_password_that_cannot_be_is_refused_in_words(
    anna: User, fresh: str, again: str, why: str
) -> None:
    client = Client()
    client.force_login(anna)
    reply = client.post("/account/password/", {"present": PASSWORD, "fresh": fresh, "again": again})
    assert reply.status_code == 400
    assert why in reply.content.decode()
    assert client.get("/").status_code == 200


def test_an_account_of_a_sign_in_service_has_no_password_to_change(pages: Client) -> None:
    assert pages.get("/account/password/").status_code == 404
    assert "Change your password" not in pages.get("/account/").content.decode()


def test_a_link_sets_a_password_once(anna: User, colleague: User) -> None:
    signed_in, browser = Client(), Client()
    signed_in.force_login(anna)
    address = f"/account/link/{make_link(by=colleague, user=anna).token}/"
    for _ in range(2):  # opening uses nothing up, as programs that look at mail do
        page = browser.get(address)
        assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert browser.post(address, {"fresh": "short", "again": "short"}).status_code == 400
    assert browser.post(address, {"fresh": FRESH, "again": FRESH})["Location"] == "/sign-in/"
    assert browser.post(address, {"fresh": FRESH, "again": FRESH}).status_code == 404
    assert signed_in.get("/").status_code == 302
    sent = {"username": "owner", "password": FRESH}
    assert browser.post("/sign-in/", sent).status_code == 302
    done = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"account.make_link", "account.set_password", "session.end_all"} <= done


def test_a_newer_link_or_a_new_password_ends_older_links(anna: User, colleague: User) -> None:
    first = make_link(by=colleague, user=anna).token
    second = make_link(by=colleague, user=anna).token
    with pytest.raises(NotFound):
        link_of(first)
    set_by_link(token=second, fresh=FRESH, again=FRESH)
    with pytest.raises(NotFound):
        link_of(second)


def test_a_link_ends_after_a_day(
    anna: User, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_link(by=colleague, user=anna)
    ends = made.link.expires_at
    assert ends - datetime.now(UTC) < timedelta(days=1, seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: ends - timedelta(microseconds=1))
    assert link_of(made.token).user == anna
    monkeypatch.setattr(timezone, "now", lambda: ends)
    with pytest.raises(NotFound):
        link_of(made.token)


def test_links_stay_within_the_organisation_and_with_open_accounts(
    anna: User, colleague: User, stranger: User
) -> None:
    with pytest.raises(NotFound):
        make_link(by=stranger, user=anna)
    made = make_link(by=colleague, user=anna)
    User.objects.filter(pk=anna.pk).update(is_active=False)
    for token in (made.token, "x" * 101, "nothing", ""):
        with pytest.raises(NotFound):
            link_of(token)
    assert made.token not in OneTimeLink.objects.get().token_sha256


def test_who_runs_the_site_can_let_somebody_in(
    anna: User, capsys: pytest.CaptureFixture[str]
) -> None:
    Client().force_login(anna)
    for _ in range(6):
        Client().post("/sign-in/", {"username": "owner", "password": "wrong"})
    call_command("let_in", "owner", link=True, unlock=True, end_sessions=True)
    told = capsys.readouterr().out
    assert "owner is signed out (1 sessions)." in told
    assert not is_waiting(anna)
    address = told.strip().split(" ")[-1]
    assert Client().get(address).status_code == 200
    assert not SignInSession.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("asked", [{"username": "nobody"}, {"username": "owner"}])
def test_letting_in_says_what_it_needs(owner: User, asked: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        call_command("let_in", asked["username"], link=asked["username"] == "nobody")
