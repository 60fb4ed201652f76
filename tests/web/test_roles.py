"""Every role at every address, and who has not signed in, against a table written by hand."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from riskapp.access import walked
from riskapp.actions.registering import issue_token, register_account
from riskapp.models import Role
from tests.web.every_door import chosen, ids_of_fhir
from tests.web.test_separation import app, ours, text_of
from tests.web.who_opens import ANYBODY, BY_TOKEN, LETTERS, who

__all__ = ["app", "ours"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sheets_laid_out_once")]
# A bare address is where everybody starts, and leads to a page of one's own.
START = ""


def addresses(owner: User) -> Iterator[tuple[str, str]]:
    """Each address as it is written, and with ids of things of the owner's organisation."""
    browser = Client()
    browser.force_login(owner)
    fhir = ids_of_fhir(browser)
    for door in walked(get_resolver()):
        pattern = str(door.pattern).lstrip("^").rstrip("$")
        if pattern != START and who(pattern, "get") == ANYBODY:
            continue
        for there, _ in chosen(pattern, fhir):
            yield pattern, there


def asked(browser: Client, method: str, address: str, **more: Any) -> Any:
    """An answer, of which nothing stays."""
    with transaction.atomic():
        reply = getattr(browser, method)(address, **more)
        text_of(reply)  # or a file stays open
        transaction.set_rollback(True)
    return reply


def is_sent_to_sign_in(reply: Any) -> bool:
    return reply.status_code == 401 or (
        reply.status_code == 302 and reply["Location"].startswith("/sign-in/")
    )


@pytest.mark.usefixtures("app")
def test_each_role_opens_what_is_written_down_for_it_and_nothing_else(ours: Any) -> None:
    people: dict[str, tuple[Client, dict[str, Any]]] = {}
    for letter, role in LETTERS.items():
        user = register_account(
            username=f"one-{role}", password=None, organisation="Clinic A", roles=[role]
        )
        browser = Client(raise_request_exception=False)
        browser.force_login(user)
        key = {"headers": {"Authorization": f"Token {issue_token(by=user, label='t')}"}}
        people[letter] = browser, key
    nobody = Client(raise_request_exception=False)
    wrong = []
    for (pattern, there), method in (
        (one, method) for one in addresses(ours.clinician) for method in ("get", "post")
    ):
        letters = who(pattern, method) if pattern != START else "cr"
        reply = asked(nobody, method, there)
        if not is_sent_to_sign_in(reply):
            wrong.append(f"{method} {there}: {reply.status_code} for who has not signed in")
        for letter, (browser, key) in people.items():
            is_program = pattern.startswith(("api/", "fhir/", "dicomweb/", "cds-services"))
            reply = asked(browser, method, there, **(key if is_program else {}))
            problem = _problem(reply, letters, letter, pattern, method)
            if problem:
                wrong.append(f"{method} {there} by a {LETTERS[letter]}: {problem}")
    assert not wrong, "\n".join(wrong)


def _problem(reply: Any, letters: str, letter: str, pattern: str, method: str) -> str:
    """What is not as it was written down; blank where all is."""
    if letters == BY_TOKEN:
        return "" if reply.status_code == 401 else f"{reply.status_code}, without such a token"
    if letter in letters:
        is_let_in = reply.status_code not in (401, 403) and reply.status_code < 500
        return "" if is_let_in and not is_sent_to_sign_in(reply) else f"{reply.status_code}"
    if pattern == START and method == "get" and reply.status_code == 302:
        return "" if not is_sent_to_sign_in(reply) else "sent to sign in again"
    return "" if reply.status_code == 403 else f"{reply.status_code}, where 403 is meant"


def test_a_refusal_names_the_roles_that_may_on_a_page_and_to_a_program(colleague: User) -> None:
    user = register_account(
        username="auditor", password=None, organisation="Clinic A", roles=[Role.AUDITOR]
    )
    browser = Client()
    browser.force_login(user)
    sentence = "Only clinicians and radiographers may do this; ask your administrator"
    assert sentence in browser.get("/patients/new/").content.decode()
    refused = browser.get("/api/v1/patients/")
    assert refused.status_code == 403
    assert sentence in refused.json()["detail"]
    outcome = browser.get("/fhir/Patient").json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert sentence in outcome["issue"][0]["diagnostics"]
