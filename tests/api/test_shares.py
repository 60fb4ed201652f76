"""Links to the patient's page, as other programs make them."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.models import Patient, SharedLink


@pytest.fixture
def shares(owner: User, patient: Patient) -> str:
    made = assess(by=owner, patient=patient, answers={"population": "gb"})
    return f"/api/v1/assessments/{made.pk}/shares/"


def test_a_link_is_made_listed_opened_and_revoked(
    as_owner: Any, as_stranger: Any, shares: str
) -> None:
    reply = as_owner.post(shares, {"days": 3})
    assert reply.status_code == 201
    assert reply["Cache-Control"] == "no-store"
    made = reply.json()
    lived = SharedLink.objects.get()
    assert (lived.expires_at - lived.created_at).days == 3
    reader = Client()
    assert reader.get(made["url"]).status_code == 200
    (listed,) = as_owner.get(shares).json()["shares"]
    assert listed == {name: value for name, value in made.items() if name != "url"} | {
        "openings": 1,
        "last_opened_at": listed["last_opened_at"],
    }
    one = f"{shares}{made['id']}/"
    assert as_stranger.delete(one).status_code == as_stranger.delete(shares).status_code == 404
    assert as_owner.delete(one).status_code == 204
    assert as_owner.get(shares).json()["shares"][0]["state"] == "revoked"
    assert reader.get(made["url"]).status_code == 404


def test_all_links_are_revoked_together(as_owner: Any, shares: str) -> None:
    urls = [as_owner.post(shares, {}).json()["url"] for _ in range(2)]
    assert as_owner.delete(shares).status_code == 204
    assert {Client().get(url).status_code for url in urls} == {404}


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"days": 0}, "days"), ({"days": 91}, "days"), ({"days": 10**30}, "days"),
     ({"days": 1.5}, "days"), ({"language": "xx"}, "language"), ({"day": 3}, "day")],
)  # fmt: skip
def test_what_cannot_be_shared_is_refused_with_the_field(
    as_owner: Any, shares: str, asked: dict[str, Any], field: str
) -> None:
    reply = as_owner.post(shares, asked)
    assert reply.status_code == 400
    assert field in reply.json()["errors"]
    assert not SharedLink.objects.exists()
