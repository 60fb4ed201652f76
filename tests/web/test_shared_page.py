"""The shared page: what it gives to whoever holds the link, and what it gives to nobody."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.actions.assessing import assess
from riskapp.actions.sharing import Shared, share
from riskapp.discreet_log import DiscreetFormatter
from riskapp.gunicorn_log import DiscreetLogger
from riskapp.models import Assessment, AuditEvent, Patient, SharedLink

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment(owner: User, patient: Patient) -> Assessment:
    answers = {"population": "gb", "femoral_neck_t_score": -2.4}
    return assess(by=owner, patient=patient, answers=answers)


@pytest.fixture
def made(owner: User, assessment: Assessment) -> Shared:
    return share(by=owner, assessment=assessment)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that the service writes to its log, as the settings have it written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(DiscreetFormatter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


def address(token: str) -> str:
    return f"/shared/{token}/"


def test_the_page_is_the_patients_and_names_nobody(
    client: Client, made: Shared, assessment: Assessment, patient: Patient
) -> None:
    reply = client.get(address(made.token))
    assert reply.status_code == 200
    page = reply.content.decode()
    assert "100 women like you" in page
    sent = page + repr(reply.headers) + address(made.token)
    organisation = patient.organisation
    ids = (patient.pk, assessment.pk, made.link.pk, organisation.pk)
    for secret in (patient.name, patient.record_number, "1955", organisation.name, *map(str, ids)):
        assert secret not in sent
    for name in ("owner", "simulated", "For the clinician", "evidence-frax", "csrf", made.token):
        assert name not in page
    # Nothing leads inside, to others, or to a script.
    assert re.findall(r"<(?:script|form|a|iframe|img)\b", page) == []
    assert set(re.findall(r"(?:href|src)=\"([^\"?#]*)/[^/\"]*\"", page)) == {"/static"}
    assert page.count("not a cleared medical device") == 1


def test_nobody_may_keep_find_frame_or_follow_it(client: Client, made: Shared) -> None:
    for token, status in ((made.token, 200), ("nonsense", 404)):
        reply = client.get(address(token))
        assert reply.status_code == status
        assert '<meta name="robots" content="noindex' in reply.content.decode()
        assert reply["X-Robots-Tag"].startswith("noindex")
        assert reply["Referrer-Policy"] == "no-referrer"
        assert reply["Cache-Control"] == "no-store"
        policy = dict(
            one.strip().split(" ", 1) for one in reply["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == policy["form-action"] == "'none'"
        assert set(policy.values()) == {"'none'", "'self'"}
        assert "script-src" not in policy
        assert not reply.cookies


def test_every_answer_there_is_as_closed_as_the_page(
    made: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    here = address(made.token)
    replies = [getattr(browser, method)(here) for method in ("post", "put", "delete", "options")]
    assert {reply["Content-Security-Policy"] for reply in replies} == {
        browser.get(here)["Content-Security-Policy"]
    }
    replies += [browser.get(one) for one in (f"{here}more", here[:-1], "/shared/")]
    replies.append(browser.get(here, headers={"host": "elsewhere"}))
    monkeypatch.setattr("riskapp.web.views.shares.decide_of", None)
    replies.append(browser.get(here))
    assert {reply.status_code for reply in replies} == {200, 400, 404, 405, 500}
    for reply in replies:
        assert reply["Cache-Control"] == "no-store"
        assert reply["Referrer-Policy"] == "no-referrer"
        assert reply["X-Robots-Tag"].startswith("noindex")
        assert not reply.cookies
    assert "X-Robots-Tag" not in browser.get("/sign-in/")


def test_every_link_that_leads_nowhere_is_answered_alike(
    client: Client, owner: User, made: Shared, assessment: Assessment
) -> None:
    ended, revoked = (share(by=owner, assessment=assessment) for _ in range(2))
    SharedLink.objects.filter(pk=ended.link.pk).update(expires_at=timezone.now())
    SharedLink.objects.filter(pk=revoked.link.pk).update(revoked_at=timezone.now())
    replies = [
        client.get(address(token))
        for token in (
            *(ended.token, revoked.token, f"{made.token}x", made.token[:-1], "unknown"),
            # What a mail program took for a part of the link.
            *(f"{made.token}/)", f"{made.token}/x/y", f"/{made.token}"),
        )
    ]
    assert {reply.status_code for reply in replies} == {404}
    for reply in replies:
        del reply.headers["X-Request-ID"]  # each has its own
    assert len({(reply.content, repr(reply.headers)) for reply in replies}) == 1
    assert "ask your clinic for a new one" in replies[0].content.decode()
    assert not AuditEvent.objects.filter(action="share.open").exists()


def test_it_is_only_read_and_a_preview_counts_without_using_it_up(
    client: Client, made: Shared
) -> None:
    assert client.head(address(made.token)).status_code == 200
    assert client.get(address(made.token).removesuffix("/")).status_code == 200
    for method in ("post", "put", "delete", "patch"):
        assert (
            getattr(Client(enforce_csrf_checks=True), method)(address(made.token)).status_code
            == 405
        )
    made.link.refresh_from_db()
    assert made.link.openings == 2


def test_signing_in_changes_nothing(client: Client, pages: Client, made: Shared) -> None:
    first, second = (one.get(address(made.token)) for one in (client, pages))
    assert first.content == second.content
    assert second["Cache-Control"] == "no-store"


@pytest.mark.parametrize("is_offered", [True, False])
@pytest.mark.parametrize("language", ["de", "it"])
def test_a_language_that_is_offered_no_more_opens_in_english_and_says_so(
    client: Client, made: Shared, settings: Any, language: str, is_offered: bool
) -> None:
    """Drafts that were switched off, and a language that is not listed any more."""
    settings.DRAFT_LANGUAGES = ("de",) if is_offered else ()
    SharedLink.objects.filter(pk=made.link.pk).update(language=language)
    page = client.get(address(made.token)).content.decode()
    is_english = not (is_offered and language == "de")
    assert ('lang="en-GB"' in page.partition("<head>")[0]) is is_english
    assert ("100 women like you" in page) is is_english
    assert ("It is shown in English." in page) is is_english


def test_too_many_openings_ask_to_wait(
    client: Client, made: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskapp.actions.sharing.MOST_OPENINGS", 1)
    assert client.get(address(made.token)).status_code == 200
    reply = client.get(address(made.token))
    assert (reply.status_code, reply["Retry-After"]) == (429, "3600")
    assert "works again in an hour" in reply.content.decode()


def test_the_token_is_in_no_log(
    made: Shared, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Client(raise_request_exception=False)
    secret, signature = made.token.split(".")
    addresses = [
        address(made.token),
        f"/SHARED/{made.token}/",
        f"/shared/{made.token}/more",
        f"/shared//{made.token}/",
        f"/{made.token}",
        f"/shared/{secret}/",
        f"/shared/%20{made.token}x/",
    ]
    statuses = {browser.get(one).status_code for one in addresses}
    statuses.add(browser.post(address(made.token)).status_code)
    statuses.add(browser.get(address(made.token), headers={"host": "elsewhere"}).status_code)

    def broken(link: object) -> None:
        raise RuntimeError(made.token)

    monkeypatch.setattr("riskapp.web.views.shares.decide_of", broken)
    statuses.add(browser.get(address(made.token)).status_code)
    assert statuses == {200, 400, 404, 405, 500}
    written = log.getvalue()
    assert "django.request: Answered 500" in written
    assert "django.request: Answered 405" in written
    for part in (secret, signature):
        assert part not in written
    assert secret not in repr(list(AuditEvent.objects.values_list()))


def test_the_web_servers_own_log_is_as_discreet(made: Shared, capfd: Any) -> None:
    from gunicorn.config import Config

    config = Config()
    config.set("accesslog", "-")
    logger = DiscreetLogger(config)
    uri = address(made.token)
    try:
        raise ValueError(made.token)
    except ValueError:
        logger.exception("Error handling request %s %s", "GET", uri)
    logger.warning(f"Invalid request from ip=127.0.0.1: Invalid HTTP request line: 'X {uri}'")
    logger.access_log.info('"GET %s HTTP/1.1" 200', uri)
    out, err = capfd.readouterr()
    assert (out + err).count("(hidden)") == 3
    assert made.token.split(".")[0] not in out + err


def test_a_clinician_makes_a_link_sees_it_once_and_revokes_it(
    client: Client, pages: Client, assessment: Assessment
) -> None:
    home = f"/assessments/{assessment.pk}/shares/"
    form = pages.get(home).content.decode()
    assert "None yet." in form
    assert home in pages.get(f"/assessments/{assessment.pk}/decide/").content.decode()
    sent = {"days": "7", "save_as": re.findall(r'name="save_as" value="([^"]*)"', form)[0]}
    reply = pages.post(home, sent)
    (token,) = re.findall(r'value="http://testserver/shared/([^"/]*)/"', reply.content.decode())
    assert reply["Cache-Control"] == "private, no-store"
    assert "quick-response" in reply.content.decode()
    assert client.get(address(token)).status_code == 200
    # Sent again by a reload it makes no second one; neither page nor session holds the first.
    again = pages.post(home, sent).content.decode()
    assert "This link was made already" in again
    assert token not in again + pages.get(home).content.decode() + repr(dict(pages.session))
    link = SharedLink.objects.get()
    assert "1&nbsp;time" in again
    pages.post(f"{home}{link.pk}/revoke/")
    assert client.get(address(token)).status_code == 404
    assert "Revoked" in pages.get(home).content.decode()


@pytest.mark.parametrize("days", ["0", "91", "", "1.5", "two", "-3", "\u0663"])
def test_a_wrong_life_is_refused_in_words_and_kept(
    pages: Client, assessment: Assessment, days: str
) -> None:
    reply = pages.post(f"/assessments/{assessment.pk}/shares/", {"days": days})
    page = reply.content.decode()
    assert reply.status_code == 400
    assert "A link lives from 1 to 90 whole days." in page
    assert f'value="{days}"' in page
    assert not SharedLink.objects.exists()


def test_a_stranger_neither_makes_nor_revokes(
    browser_of: Any, stranger: User, made: Shared, assessment: Assessment
) -> None:
    other = browser_of(stranger)
    home = f"/assessments/{assessment.pk}/shares/"
    assert other.get(home).status_code == other.post(home, {"days": "7"}).status_code == 404
    assert other.post(f"{home}{made.link.pk}/revoke/").status_code == 404
    assert SharedLink.objects.get().revoked_at is None
