"""The demo: made-up people, loaded once, with a sign-in made anew each time."""

import json
import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command

from riskapp.management import demo
from riskapp.models import ApiToken, Assessment, Patient, Scan

pytestmark = pytest.mark.django_db
PEOPLE = json.loads(demo.PEOPLE.read_text(encoding="utf-8"))


def test_loading_twice_adds_nothing_but_a_new_password_and_token_which_are_printed() -> None:
    first, said = demo.load(), StringIO()
    call_command("load_demo", stdout=said)
    people = Patient.objects.count()
    assert people == len(PEOPLE) >= 5
    assert all(patient.name.startswith("Demo ") for patient in Patient.objects.all())
    assert Scan.objects.count() == sum("scan" in person for person in PEOPLE)
    assert Assessment.objects.count() == sum("answers" in person for person in PEOPLE)
    assert authenticate(username=first.username, password=first.password) is None
    (password,) = re.findall(r"Sign in as demo, password (\S+)", said.getvalue())
    assert authenticate(username="demo", password=password) is not None
    assert ApiToken.objects.filter(revoked_at=None).count() == 1
