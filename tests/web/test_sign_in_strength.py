"""How a sign-in service made sure who somebody is: what it says, what is asked, what counts."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.models import SignInSession
from tests.stub_provider import StubProvider
from tests.trail import done
from tests.web.signing_in import attempt, said, service, site

__all__ = ["attempt", "service", "site"]
pytestmark = pytest.mark.django_db
TELLS = {"second_factor_acr": '["loa2", "loa3"]', "second_factor_amr": '["mfa", "hwk"]'}


def sent_to(service: StubProvider, client: Client, query: str = "") -> dict[str, str]:
    return service.goes_there(client.get(f"/sign-in/with/hospital/{query}")["Location"])


def test_it_is_asked_for_what_counts_and_for_a_proof_of_now(
    client: Client, service: StubProvider, site: Any
) -> None:
    plain = sent_to(service, client)
    assert not plain.keys() & {"acr_values", "max_age", "prompt"}
    site(**TELLS)
    assert sent_to(service, client)["acr_values"] == "loa2 loa3"
    again = sent_to(service, client, "?again=1")
    assert (again["max_age"], again["prompt"]) == ("0", "login")


@pytest.mark.parametrize(
    ("claims", "counts"),
    [
        ({"acr": "loa2"}, True),
        ({"amr": ["pwd", "mfa"]}, True),
        ({"acr": "loa1", "amr": ["hwk"]}, True),
        ({}, False),
        ({"acr": "loa1"}, False),
        ({"acr": ["loa2"]}, False),
        ({"acr": 2}, False),
        ({"amr": "mfa"}, False),
        ({"amr": ["pwd"]}, False),
        ({"amr": [{"mfa": 1}]}, False),
    ],
)
def test_where_a_second_factor_is_required_the_service_must_have_asked_for_one(
    attempt: Any, service: StubProvider, site: Any, settings: Any, claims: Any, counts: bool
) -> None:
    site(**TELLS)
    service.claims = claims
    settings.SECOND_FACTOR_OF = frozenset({"clinician"})
    reply = attempt()
    assert reply.status_code == (302 if counts else 403)
    if not counts:
        assert "less than two factors" in said(reply)
        assert 'href="/sign-in/with/hospital/?again=1"' in reply.content.decode()
        assert not SignInSession.objects.exists()
    settings.SECOND_FACTOR_OF = frozenset()
    assert attempt(Client()).status_code == 302
    user = User.objects.get()
    assert done(by=str(user.pk), action="sign_in.service")


def test_a_service_that_is_not_asked_how_is_believed(
    attempt: Any, service: StubProvider, settings: Any
) -> None:
    settings.SECOND_FACTOR_OF = frozenset({"clinician"})
    assert attempt().status_code == 302


@pytest.mark.parametrize(
    ("proved", "taken"),
    [(0, True), (-55, True), (-70, False), (-3_600, False), (None, False), ("now", False)],
)
def test_asked_to_make_sure_anew_it_must_have_done_so(
    attempt: Any, service: StubProvider, proved: Any, taken: bool
) -> None:
    service.claims = {"auth_time": int(time.time()) + proved if isinstance(proved, int) else proved}
    reply = attempt(start="?again=1&next=/account/app/")
    assert reply.status_code == (302 if taken else 403)


@pytest.mark.parametrize(("ago", "is_fresh"), [(10, True), (700, False), (None, False)])
def test_who_was_known_there_from_before_confirms_before_something_sensitive(
    attempt: Any, service: StubProvider, client: Client, ago: int | None, is_fresh: bool
) -> None:
    service.claims = {"auth_time": int(time.time()) - ago} if ago else {}
    attempt()
    reply = client.get("/account/app/")
    assert reply.status_code == (200 if is_fresh else 302)
    if not is_fresh:
        page = client.get(reply["Location"]).content.decode()
        address = 'href="/sign-in/with/hospital/?again=1&amp;next=%2Faccount%2Fapp%2F"'
        assert address in page
        service.claims = {"auth_time": int(time.time())}
        attempt(start="?again=1&next=/account/app/")
        assert client.get("/account/app/").status_code == 200


def test_each_way_in_and_out_leaves_a_row_of_its_own(
    attempt: Any, service: StubProvider, client: Client, owner: User
) -> None:
    attempt()
    by = str(User.objects.get(username="anna").pk)
    client.post("/sign-out/")
    assert [one for one, _ in done(by=by, action__startswith="sign_")] == [
        "sign_in.service",
        "sign_out",
    ]
    owner.set_password("a-long-walk-in-the-park")
    owner.save()
    Client().post("/sign-in/", {"username": "owner", "password": "a-long-walk-in-the-park"})
    Client().post("/sign-out/")  # nobody was signed in
    told = done(by=str(owner.pk), action__startswith="sign_")
    assert [one for one, _ in told] == ["sign_in.password"]
