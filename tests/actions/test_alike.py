"""Two records of one person: who is alike is shown before a second one is made."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.alike import alike, slips_of
from riskapp.actions.changing_patient import change_patient
from riskapp.actions.registering import register_patient
from riskapp.models import AuditEvent, Patient

BORN = date(1953, 2, 11)


def registered(by: User, name: str, number: str = "R-1", born: date = BORN) -> Patient:
    return register_patient(
        by=by, name=name, record_number=number, date_of_birth=born, sex="female"
    )


@pytest.mark.parametrize(
    ("name", "born"),
    [
        ("Ödön Groß-Müller", BORN),
        ("Gross Müller, Odon", BORN),
        ("Odon Groß", BORN),
        ("Ödon Groß-Mueller", BORN),
        ("ÖDÖN GROSS MULLER", date(1953, 11, 2)),  # day and month
        ("Ödön Groß-Müller", date(1935, 2, 11)),  # not one digit, see below
        ("Ödön Groß-Müller", date(1963, 2, 11)),
        ("Ödön Groß-Müller", date(1953, 2, 12)),
    ],
)
def test_who_is_nearly_of_this_name_and_birth_is_found(owner: User, name: str, born: date) -> None:
    one = registered(owner, "Ödön Groß-Müller")
    is_one_slip = born == BORN or born in slips_of(BORN)
    assert alike(by=owner, name=name, date_of_birth=born) == ([one] if is_one_slip else [])
    assert is_one_slip == (born.year != 1935)


@pytest.mark.parametrize(
    ("name", "born"),
    [
        ("Anna Example", BORN),
        ("Ödön", BORN),  # one word says too little
        ("Ödön Gross", date(1953, 2, 12)),
        ("Ödön Groß-Müller", date(1954, 3, 11)),
        ("", BORN),
        ("...", BORN),
    ],
)
def test_who_is_another_is_not(owner: User, name: str, born: date) -> None:
    registered(owner, "Ödön Groß-Müller")
    assert alike(by=owner, name=name, date_of_birth=born) == []


def test_nobody_of_another_organisation_is_shown(owner: User, stranger: User) -> None:
    registered(stranger, "Ada Example")
    assert alike(by=owner, name="Ada Example", date_of_birth=BORN) == []


def test_a_birth_date_that_was_corrected_is_found(owner: User) -> None:
    one = registered(owner, "Ada Example", born=date(1970, 1, 1))
    change_patient(by=owner, patient=one, date_of_birth=BORN)
    assert alike(by=owner, name="Ada Example", date_of_birth=BORN) == [one]


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def test_the_page_shows_who_is_alike_and_keeps_what_was_decided(page: Client, owner: User) -> None:
    one = registered(owner, "Ada Example")
    told = {"name": "Ada Exampel", "record_number": "R-2", "date_of_birth": "1953-02-11",
            "sex": "female"}  # fmt: skip
    reply = page.post("/patients/new/", told)
    told_back = reply.content.decode()
    assert reply.status_code == 400
    for words in ("Is it one of these?", "Ada Example", "11 February 1953", "R-1", "None of"):
        assert words in told_back
    assert 'value="Ada Exampel"' in told_back
    assert Patient.objects.count() == 1
    reply = page.post("/patients/new/", told | {"not_one_of": ["x", str(one.pk)]})
    assert reply.status_code == 302
    event = AuditEvent.objects.filter(action="patient.register").latest("number")
    assert event.detail == {"not_one_of": [str(one.pk)]}


def test_who_was_registered_meanwhile_is_shown_too(page: Client, owner: User) -> None:
    one = registered(owner, "Ada Example")
    other = registered(owner, "Ada Example", "R-7")
    told: dict[str, Any] = {"name": "Ada Example", "record_number": "R-2",
                            "date_of_birth": "1953-02-11", "sex": "female"}  # fmt: skip
    reply = page.post("/patients/new/", told | {"not_one_of": [str(one.pk)]})
    assert reply.status_code == 400
    assert str(other.pk) in reply.content.decode()


def test_a_program_may_ask_not_to_register_who_is_alike(client: Client, owner: User) -> None:
    registered(owner, "Ada Example")
    client.force_login(owner)
    told = {"name": "Ada Example", "record_number": "R-2", "date_of_birth": "1953-02-11",
            "sex": "female"}  # fmt: skip
    ask = {"content_type": "application/json"}
    reply = client.post("/api/v1/patients/", told | {"refuse_alike": True}, **ask)
    assert reply.status_code in (400, 422)
    assert "registered already" in reply.content.decode()
    assert client.post("/api/v1/patients/", told, **ask).status_code == 201
