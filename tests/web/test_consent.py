"""SMART apps that people use: who asks for what is said, and a person says yes or no."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.registering import register_patient
from riskapp.models import Patient
from tests.web.consenting import address, app, second, signed_in, told_back

__all__ = ["address", "app", "second", "signed_in"]


def test_who_is_not_signed_in_signs_in_first(client: Client, address: Any) -> None:
    reply = client.get(address())
    assert reply.status_code == 302
    assert reply["Location"].startswith("/sign-in/?next=/oauth/authorize")


def test_the_page_says_who_asks_for_what(
    signed_in: Client, address: Any, patient: Patient, second: Patient
) -> None:
    reply = signed_in.get(address())
    text = reply.content.decode()
    assert reply.status_code == 200
    assert "app.example" in text
    assert "Read and search: everything in the record, of the patient that you choose" in text
    assert str(patient.id) in text
    assert str(second.id) in text
    assert "form-action 'self' https://app.example" in reply["Content-Security-Policy"]
    narrowed = signed_in.get(address(find="zo")).content.decode()
    assert str(second.id) in narrowed
    assert str(patient.id) not in narrowed


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "user/Patient.d"}, "invalid_scope"),
        ({"scope": "system/Patient.r"}, "invalid_scope"),
        ({"aud": "https://other.example/fhir"}, "invalid_request"),
        ({"aud": None}, "invalid_request"),
        ({"aud": "http://testserver/fhir/Patient"}, "invalid_request"),
        ({"scope": "openid patient/Patient.r", "prompt": "none"}, "login_required"),
    ],
)
def test_what_cannot_be_granted_goes_back_to_the_app(
    signed_in: Client, address: Any, other: Any, error: str
) -> None:
    told = told_back(signed_in.get(address(**other)))
    assert (told["error"], told["state"]) == (error, "xyz")
    assert told["iss"] == "http://testserver/oauth"


def test_a_question_without_a_state_is_sent_back(signed_in: Client, address: Any) -> None:
    told = told_back(signed_in.get(address(state=None)))
    assert told["error"] == "invalid_request"
    assert "code" not in told


@pytest.mark.parametrize(
    "other",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"client_id": "\x00"},
        {"redirect_uri": "https://app.example/back/"},
        {"redirect_uri": "https://app.example/back?x=1"},
        {"redirect_uri": "https://app.example:444/back"},
        {"redirect_uri": "https://APP.example/back"},
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": "https://app.example@evil.example/back"},
        {"response_type": None},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_apps(
    signed_in: Client, address: Any, other: Any
) -> None:
    for method in (signed_in.get, signed_in.post):
        reply = method(address(**other))
        assert reply.status_code == 400
        assert "is not known" in reply.content.decode()


def test_no_is_told_to_the_app(signed_in: Client, address: Any, patient: Patient) -> None:
    told = told_back(signed_in.post(address(), {"decision": "deny"}))
    assert (told["error"], told["state"]) == ("access_denied", "xyz")


def test_a_patient_must_be_chosen_of_the_own_organisation(
    signed_in: Client, address: Any, patient: Patient, stranger: User
) -> None:
    theirs = register_patient(
        by=stranger, name="T", record_number="1", date_of_birth=patient.date_of_birth, sex="male"
    )
    for chosen in ("", "x", str(theirs.id)):
        reply = signed_in.post(address(), {"decision": "allow", "patient": chosen})
        assert reply.status_code == 400
        assert "Choose the patient" in reply.content.decode()


def test_an_app_of_another_organisation_is_refused(
    client: Client, stranger: User, address: Any
) -> None:
    client.force_login(stranger)
    assert client.get(address()).status_code == 403
    assert client.post(address(), {"decision": "allow"}).status_code == 403


def test_a_consent_is_given_on_our_own_page_only(owner: User, address: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert strict.post(address(), {"decision": "allow"}).status_code == 403
