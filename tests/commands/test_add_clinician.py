"""Accounts from the shell: a password shown once, a token that opens the JSON doors."""

import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def test_the_printed_password_and_token_work() -> None:
    said = StringIO()
    call_command("add_clinician", "anna", organisation="Clinic A", token="ehr", stdout=said)
    (password,) = re.findall(r"password (\S+)", said.getvalue())
    assert authenticate(username="anna", password=password) is not None
    caller = APIClient()
    caller.credentials(HTTP_AUTHORIZATION=re.findall(r"Token \S+", said.getvalue())[0])
    assert caller.get("/api/v1/patients/").status_code == 200


def test_a_name_that_cannot_sign_in_is_refused_in_a_sentence() -> None:
    with pytest.raises(CommandError, match="valid username"):
        call_command("add_clinician", "no spaces please", organisation="Clinic A")


def test_an_account_of_another_organisation_is_refused_in_a_sentence() -> None:
    call_command("add_clinician", "anna", organisation="Clinic A", stdout=StringIO())
    with pytest.raises(CommandError, match="another organisation"):
        call_command("add_clinician", "anna", organisation="Clinic B")
