"""Administrators say who is asked for a second factor, and take away one that was lost."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from riskapp.actions.sessions import FRESH
from riskapp.models import AuditEvent, Organisation, Passkey, SignInSession
from tests.web.staff import administrator, deeds, desk

__all__ = ["administrator", "desk"]
pytestmark = pytest.mark.django_db


def passkey_of(user: User) -> Passkey:
    return Passkey.objects.create(
        user=user,
        name="Phone",
        credential_id=f"of-{user.pk}",
        public_key="x",
        user_handle="x",
        made_at=timezone.now(),
    )


def test_a_lost_second_factor_is_taken_away_and_sessions_end(desk: Client, colleague: User) -> None:
    passkey_of(colleague)
    theirs = Client()
    theirs.force_login(colleague)
    page = desk.get(f"/people/{colleague.pk}/").content.decode()
    assert "Has one passkey." in page
    there = f"/people/{colleague.pk}/second-factor/remove/"
    SignInSession.objects.update(confirmed_at=timezone.now() - FRESH)
    assert desk.post(there)["Location"].startswith("/account/confirm/")
    assert colleague.passkeys.exists()
    SignInSession.objects.update(confirmed_at=timezone.now())
    desk.post(there)
    assert not colleague.passkeys.exists()
    assert theirs.get("/").status_code == 302
    assert deeds(colleague) == ["second_factor.take_away", "session.end_all"]
    assert (
        "Take the second factor away" not in desk.get(f"/people/{colleague.pk}/").content.decode()
    )


def test_nobody_takes_away_a_factor_elsewhere(desk: Client, stranger: User) -> None:
    passkey_of(stranger)
    assert desk.post(f"/people/{stranger.pk}/second-factor/remove/").status_code == 404
    assert stranger.passkeys.exists()


def test_an_organisation_asks_its_own_people_for_a_second_factor(
    desk: Client, colleague: User, stranger: User
) -> None:
    theirs, others = Client(), Client()
    theirs.force_login(colleague)
    others.force_login(stranger)
    assert theirs.get("/").status_code == 200
    desk.post("/people/second-factor/", {"roles": ["clinician", "auditor"]})
    assert theirs.get("/")["Location"] == "/account/app/"
    assert [desk.get("/people/").status_code, others.get("/").status_code] == [200, 200]
    here = Organisation.objects.get(name="Clinic A")
    assert here.second_factor_of == ["clinician", "auditor"]
    desk.post("/people/second-factor/", {"roles": ["root"]})
    assert theirs.get("/").status_code == 302
    desk.post("/people/second-factor/", {})
    assert theirs.get("/").status_code == 200
    assert AuditEvent.objects.filter(action="organisation.second_factor").count() == 2


@pytest.mark.parametrize("deed", ["unlock", "roles", "link", "close", "reopen"])
def test_what_lets_others_in_asks_anew_who_does_it(
    desk: Client, colleague: User, deed: str
) -> None:
    there = f"/people/{colleague.pk}/{deed}/"
    sent = {"roles": ["clinician"]}
    SignInSession.objects.update(confirmed_at=timezone.now() - FRESH)
    assert desk.post(there, sent)["Location"].startswith("/account/confirm/")
    assert deeds(colleague) == []
    SignInSession.objects.update(confirmed_at=timezone.now())
    assert not desk.post(there, sent).get("Location", "").startswith("/account/confirm/")
