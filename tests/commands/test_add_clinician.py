"""Accounts from the shell: a password shown once, a token that opens the JSON doors."""

import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
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


def test_a_person_gets_the_roles_that_are_named_and_loses_the_others() -> None:
    call_command("add_clinician", "anna", organisation="Clinic A", stdout=StringIO())
    roles = ["administrator", "auditor"]
    said = StringIO()
    call_command("add_person", "anna", organisation="Clinic A", roles=roles, stdout=said)
    assert User.objects.get().membership.roles == roles
    assert "anna is now: administrator, auditor" in said.getvalue()
    # A new password for a clinician leaves what the person is.
    call_command("add_clinician", "anna", organisation="Clinic A", stdout=said)
    assert User.objects.get().membership.roles == roles


def test_there_is_no_other_role() -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("add_person", "anna", "--organisation", "Clinic A", "--roles", "owner")
    assert not User.objects.exists()
