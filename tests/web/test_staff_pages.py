"""Administrators look after the people of their own organisation, and see no patient."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application
from rest_framework.test import APIClient

from riskapp.actions import managing_people
from riskapp.actions.connecting import service_account
from riskapp.actions.errors import NotAllowed
from riskapp.actions.passwords import LINK_LASTS
from riskapp.actions.registering import issue_token, register_account, register_clinician
from riskapp.models import (
    ExternalIdentity,
    OneTimeLink,
    Role,
)
from tests.web.staff import administrator, deeds, desk

__all__ = ["administrator", "desk"]
pytestmark = pytest.mark.django_db
ADA = {"username": "ada", "full_name": "Ada May Example", "roles": ["radiographer", "auditor"]}
PASSWORD = "four words none of yours"


def told_link(reply: Any) -> str:
    (path,) = re.findall(r'value="http://testserver(/account/link/[^"]+)"', reply.content.decode())
    return str(path)


def test_somebody_who_is_invited_sets_a_password_once_and_works_in_their_roles(
    desk: Client,
) -> None:
    reply = desk.post("/people/invite/", ADA)
    ada, link = User.objects.get(username="ada"), told_link(reply)
    assert (ada.first_name, ada.last_name) == ("Ada May", "Example")
    assert ada.membership.roles == ["radiographer", "auditor"]
    assert ada.membership.organisation.name == "Clinic A"
    assert deeds(ada) == [
        "account.invite", "role.give.radiographer", "role.give.auditor", "account.make_link",
    ]  # fmt: skip
    assert "account/link" not in desk.get(f"/people/{ada.pk}/").content.decode()

    theirs = Client()
    sent = {"fresh": PASSWORD, "again": PASSWORD}
    assert theirs.post(link, sent).status_code == 302
    assert theirs.post(link, sent).status_code == 404
    assert theirs.login(username="ada", password=PASSWORD)


def test_a_link_that_has_ended_or_was_followed_by_another_sets_nothing(desk: Client) -> None:
    first = told_link(desk.post("/people/invite/", ADA))
    ada = User.objects.get(username="ada")
    second = told_link(desk.post(f"/people/{ada.pk}/link/"))
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    OneTimeLink.objects.update(expires_at=timezone.now() + timedelta(seconds=-1))
    assert Client().get(second).status_code == 404
    assert LINK_LASTS == timedelta(hours=24)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"username": ""}, "cannot be blank"),
        ({"username": "no spaces please"}, "Enter a valid username"),
        ({"username": "archive:pacs"}, "Enter a valid username"),
        ({"username": "OWNER"}, managing_people.TAKEN),
        ({"username": "x" * 151}, "at most 150"),
        ({"full_name": "x" * 151}, "at most 150"),
        ({"full_name": "Ada\0 May"}, managing_people.UNSEEN),
        ({"roles": []}, managing_people.NO_ROLE),
        ({"roles": ["owner"]}, "Roles are clinician"),
    ],
)
def test_an_invitation_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    desk: Client, sent: dict[str, Any], sentence: str
) -> None:
    reply = desk.post("/people/invite/", ADA | sent)
    assert reply.status_code == 400
    assert sentence in reply.content.decode().replace("&#x27;", "'")
    assert 'value="ada"' in reply.content.decode() or "username" in sent
    assert not User.objects.filter(username="ada").exists()


def test_roles_are_given_and_taken_away_from_the_next_request(
    desk: Client, colleague: User, browser_of: Any
) -> None:
    theirs = browser_of(colleague)
    assert theirs.get("/").status_code == 200
    desk.post(f"/people/{colleague.pk}/roles/", {"roles": ["statistician"]})
    assert theirs.get("/recall/").status_code == 403
    assert theirs.get("/laboratory/").status_code == 200
    assert deeds(colleague) == ["role.end.clinician", "role.give.statistician"]
    refused = desk.post(f"/people/{colleague.pk}/roles/", {})
    assert refused.status_code == 400
    assert managing_people.NO_ROLE in refused.content.decode()


def test_the_last_administrator_stays_one(
    desk: Client, administrator: User, colleague: User
) -> None:
    own = f"/people/{administrator.pk}"
    for address, sent in (("/roles/", {"roles": ["auditor"]}), ("/close/", {})):
        reply = desk.post(own + address, sent)
        assert reply.status_code == 400
        assert managing_people.LAST in reply.content.decode()
    # One whose account is closed is none; nor is one of another organisation.
    managing_people.change_roles(by=administrator, id=colleague.pk, roles=[Role.ADMINISTRATOR])
    managing_people.close(by=administrator, id=colleague.pk)
    register_account(
        username="elsewhere", password=None, organisation="B", roles=[Role.ADMINISTRATOR]
    )
    assert desk.post(own + "/close/").status_code == 400
    managing_people.reopen(by=administrator, id=colleague.pk)
    assert desk.post(own + "/roles/", {"roles": ["auditor"]}).status_code == 302
    assert desk.get("/people/").status_code == 403


def test_a_closed_account_is_out_at_once_by_every_way_and_comes_back_without_its_keys(
    desk: Client, colleague: User
) -> None:
    colleague.set_password(PASSWORD)
    colleague.save()
    theirs, program, app = Client(), APIClient(), APIClient()
    assert theirs.login(username="colleague", password=PASSWORD)
    assert theirs.get("/account/").status_code == 200
    key = issue_token(by=colleague, label="t")
    program.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    assert program.get("/api/v1/populations/").status_code == 200
    application = Application.objects.create(
        name="app", client_type="public", authorization_grant_type="authorization-code"
    )
    AccessToken.objects.create(
        user=colleague, application=application, token="t", expires=timezone.now() + LINK_LASTS
    )

    desk.post(f"/people/{colleague.pk}/close/")
    assert theirs.get("/account/").status_code == 302
    assert program.get("/api/v1/populations/").status_code == 401
    assert not AccessToken.objects.exists()
    assert not Client().login(username="colleague", password=PASSWORD)
    assert deeds(colleague)[-1] == "account.close"
    assert app.get("/api/v1/populations/").status_code == 401
    refused = desk.post(f"/people/{colleague.pk}/link/")
    assert (refused.status_code, OneTimeLink.objects.count()) == (400, 0)

    desk.post(f"/people/{colleague.pk}/reopen/")
    assert Client().login(username="colleague", password=PASSWORD)
    assert theirs.get("/account/").status_code == 302
    assert program.get("/api/v1/populations/").status_code == 401
    assert deeds(colleague)[-1] == "account.reopen"


def test_sessions_are_shown_and_ended(desk: Client, colleague: User, browser_of: Any) -> None:
    first, second = browser_of(colleague), browser_of(colleague)
    for browser in (first, second):
        assert browser.get("/account/").status_code == 200
    page = desk.get(f"/people/{colleague.pk}/").content.decode()
    ends = re.findall(rf"/people/{colleague.pk}/sessions/[0-9a-f-]{{36}}/end/", page)
    assert len(ends) == 2
    desk.post(ends[0])
    assert sorted(one.get("/account/").status_code for one in (first, second)) == [200, 302]
    assert desk.post(ends[0]).status_code == 404
    desk.post(f"/people/{colleague.pk}/sessions/end/")
    assert [one.get("/account/").status_code for one in (first, second)] == [302, 302]


def test_who_signs_in_with_a_service_gets_no_password_here(desk: Client, colleague: User) -> None:
    ExternalIdentity.objects.create(user=colleague, issuer="https://i.example", subject="1")
    reply = desk.post(f"/people/{colleague.pk}/link/")
    assert reply.status_code == 400
    assert managing_people.BY_SERVICE in reply.content.decode().replace("&#x27;", "’")
    assert not OneTimeLink.objects.exists()


def test_a_number_that_no_account_can_have_is_nobodys(desk: Client) -> None:
    """SQLite and PostgreSQL both keep accounts under 63 bits; an address may hold more."""
    for number in (2**63, 10**40):
        assert desk.get(f"/people/{number}/").status_code == 404
        assert desk.post(f"/people/{number}/close/").status_code == 404


def test_programs_and_people_of_others_are_not_there(
    desk: Client, administrator: User, stranger: User
) -> None:
    robot = service_account("archive", "pacs", "Clinic A")
    page = desk.get("/people/").content.decode()
    assert "owner" in page
    assert "stranger" not in page
    assert "archive:pacs" not in page
    for other in (robot.pk, stranger.pk, 10**9):
        assert desk.get(f"/people/{other}/").status_code == 404
        for deed in ("roles", "close", "reopen", "link", "unlock", "sessions/end"):
            sent = {"roles": ["auditor"]}
            assert desk.post(f"/people/{other}/{deed}/", sent).status_code == 404
    stranger.refresh_from_db()
    assert stranger.is_active
    assert register_clinician(
        username="stranger", password=None, organisation="Clinic B"
    ).membership.roles == ["clinician"]


def test_each_deed_asks_again_who_does_it(owner: User, colleague: User) -> None:
    for deed in (
        lambda: managing_people.invite(by=owner, username="a", full_name="", roles=["auditor"]),
        lambda: managing_people.change_roles(by=owner, id=colleague.pk, roles=["auditor"]),
        lambda: managing_people.close(by=owner, id=colleague.pk),
        lambda: managing_people.reopen(by=owner, id=colleague.pk),
        lambda: managing_people.make_link(by=owner, id=colleague.pk),
        lambda: managing_people.unlock(by=owner, id=colleague.pk),
        lambda: managing_people.end_sessions(by=owner, id=colleague.pk),
    ):
        with pytest.raises(NotAllowed, match="^Only administrators may"):
            deed()
