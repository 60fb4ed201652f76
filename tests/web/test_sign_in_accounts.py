"""Whom the organisation's sign-in service lets in, into which account, and with what rights."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.managing_people import make_statistician
from riskapp.actions.permitting import is_statistician
from riskapp.actions.registering import register_clinician
from riskapp.models import ExternalIdentity, Membership, Organisation, Role
from tests.stub_provider import StubProvider
from tests.trail import done
from tests.web.signing_in import attempt, said, service, site

__all__ = ["attempt", "service", "site"]
pytestmark = pytest.mark.django_db


def test_the_first_sign_in_makes_an_account_of_that_organisation(
    client: Client, attempt: Any, service: StubProvider
) -> None:
    client.get("/sign-in/")
    reply = attempt(start="?next=/recall/")
    assert (reply.status_code, reply["Location"]) == (302, "/recall/")
    user = User.objects.get(username="anna")
    assert user.membership.organisation.name == "Clinic A"
    assert not user.has_usable_password()
    assert client.get("/recall/").status_code == 200
    assert "Anna Example" in client.get("/").content.decode()
    # The secret travels in the header, never in an address.
    assert service.authorization[0].startswith("Basic ")
    told = [action for action, _ in done(by=str(user.pk), action__startswith="account.")]
    assert told == ["account.register"]
    # The second time it is the same account, whatever it is called by then.
    service.claims = {"preferred_username": "anna.new", "family_name": "Married"}
    attempt(Client())
    user.refresh_from_db()
    assert (User.objects.count(), user.username, user.last_name) == (1, "anna", "Married")


def test_nobody_takes_over_an_account_of_the_same_name_or_address(
    attempt: Any, service: StubProvider, client: Client
) -> None:
    local = register_clinician(username="anna", password="p" * 14, organisation="Clinic A")
    local.email = "anna@hospital.example"
    local.save()
    service.claims = {"email": "anna@hospital.example", "email_verified": True}
    assert attempt().status_code == 302
    mine = ExternalIdentity.objects.get().user
    assert mine != local
    assert mine.username.startswith("anna-")
    assert local.external_identities.count() == 0
    assert local.check_password("p" * 14)


def test_the_same_subject_of_another_issuer_is_another_person(
    attempt: Any, service: StubProvider
) -> None:
    user = register_clinician(username="x", password=None, organisation="Clinic A")
    ExternalIdentity.objects.create(user=user, issuer="https://other.example", subject="person-1")
    attempt()
    assert ExternalIdentity.objects.count() == 2
    assert User.objects.filter(username="anna").exists()


def test_a_closed_account_stays_out(attempt: Any) -> None:
    attempt()
    User.objects.update(is_active=False)
    assert "closed" in said(attempt(Client()))


def test_who_is_refused_at_the_service_or_after_it_leaves_a_row(
    attempt: Any, site: Any, client: Client, owner: User
) -> None:
    site(required_group='"bone-clinic"')
    assert attempt().status_code == 403
    assert attempt(error="access_denied", code="").status_code == 403
    client.get("/sign-in/with/hospital/back/?state=made-up&code=x")  # by anybody, without end
    here = owner.membership.organisation_id
    assert len(done(action="sign_in.failed", organisation_id=here)) == 2


def test_an_account_of_another_organisation_stays_out(attempt: Any, site: Any) -> None:
    attempt()
    elsewhere = Organisation.objects.create(name="Clinic B")
    Membership.objects.update(organisation=elsewhere)
    assert "another organisation" in said(attempt(Client()))
    assert Membership.objects.get().organisation == elsewhere


def test_only_members_of_the_required_group_come_in(
    attempt: Any, service: StubProvider, site: Any
) -> None:
    site(required_group='"bone clinic"')
    assert "does not list you" in said(attempt())
    service.claims = {"groups": ["bone"]}
    assert "does not list you" in said(attempt())
    assert not User.objects.exists()
    service.claims = {"groups": ["other", "bone clinic"]}
    assert attempt().status_code == 302
    # Who has left the group is out, though the account is there.
    service.claims = {"groups": "other"}
    assert "does not list you" in said(attempt(Client()))


def test_only_verified_addresses_of_the_domain_come_in(
    attempt: Any, service: StubProvider, site: Any
) -> None:
    site(email_domains='["hospital.example"]')
    for claims in (
        {},
        {"email": "a@hospital.example"},
        {"email": "a@hospital.example", "email_verified": "true"},
        {"email": "a@hospital.example.evil.example", "email_verified": True},
        {"email": "hospital.example", "email_verified": True},
    ):
        service.claims = claims
        assert "no confirmed e-mail address" in said(attempt()), claims
    service.claims = {"email": "a@Hospital.example", "email_verified": True}
    assert attempt().status_code == 302


def test_a_role_follows_the_group(attempt: Any, service: StubProvider, site: Any) -> None:
    site(roles='{ "stats" = "statistician" }')
    service.claims = {"groups": ["stats"]}
    attempt()
    assert is_statistician(User.objects.get())
    service.claims = {"groups": []}
    attempt(Client())
    assert not is_statistician(User.objects.get())


def test_every_role_follows_its_group_and_who_is_left_with_none_stays_out(
    attempt: Any, service: StubProvider, site: Any
) -> None:
    told = ", ".join(f'"g-{role}" = "{role}"' for role in Role)
    site(roles=f"{{ {told} }}")
    service.claims = {"groups": ["g-radiographer", "g-auditor", "other"]}
    assert attempt().status_code == 302
    assert Membership.objects.get().roles == ["radiographer", "auditor"]
    service.claims = {"groups": ["g-administrator"]}
    attempt(Client())
    assert Membership.objects.get().roles == ["administrator"]
    # What was taken away stays so, though the sign-in is refused.
    service.claims = {"groups": ["other"]}
    assert "no group that has a role" in said(attempt(Client()))
    assert Membership.objects.get().roles == []


def test_a_right_that_the_service_does_not_speak_of_stays(attempt: Any) -> None:
    attempt()
    make_statistician(User.objects.get())
    attempt(Client())
    assert is_statistician(User.objects.get())
