"""The demo: made-up people, loaded once, with a sign-in made anew each time."""

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command

from riskapp.management import demo
from riskapp.models import ApiToken, Assessment, Patient, Scan

pytestmark = pytest.mark.django_db


def test_loading_twice_adds_nothing_but_a_new_password_and_token() -> None:
    first, second = demo.load(), demo.load()
    people = Patient.objects.count()
    assert people == len(demo.PEOPLE) >= 5
    assert all(patient.name.startswith("Demo ") for patient in Patient.objects.all())
    assert Scan.objects.count() == sum(bool(person.scan) for person in demo.PEOPLE)
    assert Assessment.objects.count() == sum(bool(person.answers) for person in demo.PEOPLE)
    assert authenticate(username=first.username, password=first.password) is None
    assert authenticate(username=second.username, password=second.password) is not None
    assert ApiToken.objects.filter(revoked_at=None).count() == 1


def test_the_command_prints_the_sign_in() -> None:
    said = StringIO()
    call_command("load_demo", stdout=said)
    assert "Sign in as demo, password " in said.getvalue()
