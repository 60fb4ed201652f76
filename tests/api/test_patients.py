"""Patients over JSON: registered, listed, and not there for strangers."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from riskapp.models import ApiToken, AuditEvent, Patient

GRACE = {
    "name": "Grace Example",
    "record_number": "G-1",
    "date_of_birth": "1950-12-09",
    "sex": "female",
}


def test_a_registered_patient_is_read_back_at_its_location(as_owner: Any) -> None:
    made = as_owner.post("/api/v1/patients/", GRACE)
    assert made.status_code == 201
    read = as_owner.get(made["Location"])
    assert read.json() == GRACE | {"id": made.json()["id"]}


def test_the_list_has_pages_and_is_searched(as_owner: Any) -> None:
    for number in range(3):
        as_owner.post("/api/v1/patients/", GRACE | {"record_number": f"G-{number}"})
    page = as_owner.get("/api/v1/patients/?limit=2").json()
    assert (page["count"], len(page["results"])) == (3, 2)
    assert as_owner.get("/api/v1/patients/?search=G-2").json()["count"] == 1


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("limit=1", 200),
        ("limit=200&offset=0", 200),
        ("offset=1000000000", 200),
        ("limit=0", 400),
        ("limit=201", 400),
        ("limit=-1", 400),
        ("limit=abc", 400),
        ("limit=", 400),
        ("limit=\u0663", 400),
        ("offset=-1", 400),
        ("offset=1000000001", 400),
        ("offset=" + "9" * 5000, 400),
    ],
)
def test_a_page_that_cannot_be_meant_is_refused(as_owner: Any, asked: str, status: int) -> None:
    reply = as_owner.get(f"/api/v1/patients/?{asked}")
    assert reply.status_code == status
    if status == 400:
        assert "is a whole number from" in reply.json()["detail"]


def test_colleagues_share_and_strangers_see_nothing(
    patient: Patient, as_owner: Any, as_colleague: Any, as_stranger: Any
) -> None:
    address = f"/api/v1/patients/{patient.id}/"
    assert as_owner.get(address).status_code == as_colleague.get(address).status_code == 200
    refused = as_stranger.get(address)
    assert refused.status_code == 404
    assert refused["Content-Type"] == "application/problem+json"
    assert as_stranger.get("/api/v1/patients/").json()["count"] == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sex": "unknown"}, "sex"),
        ({"name": ""}, "name"),
        ({"name": "nul\x00"}, "name"),
        ({"name": {"first": "G"}}, "name"),
        ({"date_of_birth": "09.12.1950"}, "date_of_birth"),
        ({"date_of_birth": "2999-01-01"}, "date_of_birth"),
        ({"record_number": None}, "record_number"),
        ({"favourite_colour": "blue"}, "favourite_colour"),
        ({"id": "00000000-0000-0000-0000-000000000000"}, "id"),
    ],
)
def test_a_bad_value_is_a_problem_that_names_its_field(
    as_owner: Any, change: dict[str, Any], field: str
) -> None:
    reply = as_owner.post("/api/v1/patients/", GRACE | change)
    assert reply.status_code == 400
    assert list(reply.json()["errors"]) == [field]
    assert reply.json()["detail"]
    assert not Patient.objects.exists()


def test_a_number_where_text_is_meant_is_refused_and_the_same_as_text_taken(as_owner: Any) -> None:
    told = as_owner.post("/api/v1/patients/", GRACE | {"record_number": 7})
    assert told.status_code == 400
    assert told.json()["errors"]["record_number"] == "Not a valid string."
    assert as_owner.post("/api/v1/patients/", GRACE | {"record_number": "007"}).status_code == 201


def test_a_name_with_half_a_character_is_refused(as_owner: Any) -> None:
    body = '{"name": "\\ud800", "record_number": "1", "date_of_birth": "1950-01-01", "sex": "male"}'
    reply = as_owner.generic("POST", "/api/v1/patients/", body, "application/json")
    assert reply.status_code == 400


def test_without_a_valid_token_nobody_gets_in(owner: User, as_owner: Any) -> None:
    nobody = APIClient()
    reply = nobody.get("/api/v1/patients/")
    assert reply.status_code == 401
    assert reply["WWW-Authenticate"] == 'Bearer realm="trabecula", Token'
    assert reply["Content-Type"] == "application/problem+json"
    nobody.credentials(HTTP_AUTHORIZATION="Token guessed")
    assert nobody.get("/api/v1/patients/").status_code == 401
    ApiToken.objects.update(revoked_at="2026-01-01T00:00Z")
    assert as_owner.get("/api/v1/patients/").status_code == 401


def test_a_signed_in_browser_needs_the_anti_forgery_token_to_write(owner: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(owner)
    assert browser.get("/api/v1/patients/").status_code == 200
    assert browser.post("/api/v1/patients/", GRACE).status_code == 403
    assert not AuditEvent.objects.filter(action="patient.register").exists()


def test_an_account_without_an_organisation_is_refused(db: None) -> None:
    lost = APIClient()
    lost.force_authenticate(User.objects.create_user("lost"))
    reply = lost.get("/api/v1/patients/")
    assert reply.status_code == 403
    assert "organisation" in reply.json()["detail"]
