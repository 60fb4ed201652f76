"""Auditors read the trail, and others can check what leaves it without us."""

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.assessing import assess
from riskapp.actions.managing_people import set_roles
from riskapp.actions.readiness import checks
from riskapp.actions.trail.checking import check
from riskapp.models import AuditEvent, Patient, Role, TrailCheck
from riskapp.risk.estimate import EstimateOptions
from tests.kept import ROOT
from tests.web.test_separation import text_of

pytestmark = pytest.mark.django_db
VERIFIER = ROOT / "docs" / "verify_export.py"


@pytest.fixture
def auditor(colleague: User, browser_of: Any) -> Client:
    set_roles(by=colleague, user=colleague, roles=[Role.AUDITOR])
    return browser_of(colleague)


@pytest.fixture
def verifier() -> ModuleType:
    spec = spec_from_file_location("verify_export", VERIFIER)
    assert spec
    assert spec.loader
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def happened(owner: User, stranger: User, patient: Patient, browser_of: Any) -> None:
    """The owner reads the record, and a stranger tries to."""
    for one in (owner, stranger):
        browser_of(one).get(f"/patients/{patient.pk}/")


def rows(page: str) -> list[str]:
    return page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]


def test_an_auditor_finds_who_read_and_who_was_refused(
    auditor: Client, happened: None, patient: Patient
) -> None:
    page = text_of(auditor.get("/trail/"))
    assert patient.name not in page
    assert "read.patient" in page
    for query, action, count in (
        (f"?patient={patient.record_number}&kind=reads", "read.patient", 1),
        (f"?patient={patient.pk}&kind=refusals", "refused.404", 1),
        ("?person=owner&kind=changes", "patient.register", 2),
        ("?person=owner&since=2020-01-01&until=2100-01-01", "read.patient", 3),
    ):
        found = rows(text_of(auditor.get(f"/trail/{query}")))
        assert len(found) == count, query
        assert any(action in one for one in found)
    assert "stranger" in text_of(auditor.get("/trail/?kind=refusals"))
    assert "No row of the trail" in text_of(auditor.get("/trail/?until=2020-01-01"))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("person=nobody", "No account has this name."),
        ("patient=none", "No patient here has this record number."),
        ("kind=other", "A kind is one of"),
        ("since=yesterday", "Write a day like 2026-11-22."),
        ("until=9999-12-31", "Write a day like 2026-11-22."),
    ],
)
def test_what_cannot_be_searched_for_is_said(auditor: Client, query: str, sentence: str) -> None:
    reply = auditor.get(f"/trail/?{query}")
    assert reply.status_code == 400
    assert sentence in text_of(reply)
    assert auditor.get(f"/trail/trail.csv?{query}").status_code == 400


def test_only_auditors_read_it_and_only_their_own_organisations(
    owner: User, stranger: User, happened: None, patient: Patient, browser_of: Any
) -> None:
    for address in ("/trail/", "/trail/trail.csv", "/trail/trail.jsonl"):
        assert browser_of(owner).get(address).status_code == 403
    set_roles(by=stranger, user=stranger, roles=[Role.AUDITOR])
    page = text_of(browser_of(stranger).get("/trail/"))
    assert "read.patient" not in page
    assert "refused.404" in page  # their own person's


def test_somebody_else_can_check_what_leaves_without_us(
    auditor: Client, happened: None, patient: Patient, verifier: ModuleType, tmp_path: Path
) -> None:
    reply = auditor.get(f"/trail/trail.jsonl?patient={patient.pk}")
    lines = text_of(reply).splitlines()
    told = [json.loads(line) for line in lines]
    assert [one["action"] for one in told[1:] if "action" in one] == [
        "patient.register",
        "read.patient",
        "refused.404",
    ]
    hidden = [one for one in told[1:] if "leaf" in one]
    assert all(set(one) == {"number", "leaf"} for one in hidden)
    last = told[-1]["digest"]
    assert verifier.problem(lines, last) == ""
    assert "made up" in verifier.problem(lines, "0" * 64)
    for at, changed in (
        (1, lines[1].replace("patient.register", "patient.forgotten")),
        (2, json.dumps({**told[2], "leaf": "0" * 64, "number": told[2]["number"]})),
    ):
        assert verifier.problem([*lines[:at], changed, *lines[at + 1 :]])
    assert "is missing" in verifier.problem([*lines[:2], *lines[3:]])
    assert "should end with" in verifier.problem(lines[:-1])
    path = tmp_path / "trail.jsonl"
    path.write_text("\n".join(lines))
    done = subprocess.run(
        [sys.executable, VERIFIER, path, last], capture_output=True, text=True, check=True
    )
    assert "each follows from the one before" in done.stdout
    assert AuditEvent.objects.filter(action="trail.export").count() == 1


def test_a_table_leaves_for_a_spreadsheet(auditor: Client, happened: None) -> None:
    told = text_of(auditor.get("/trail/trail.csv")).splitlines()
    assert told[0] == "number,time,who,action,what,patient,detail"
    assert any(",stranger,refused.404," in line for line in told)


def test_a_patient_can_be_told_who_has_seen_their_record(
    owner: User, happened: None, patient: Patient, browser_of: Any
) -> None:
    ours = browser_of(owner)
    assert f"/patients/{patient.pk}/accesses/" in text_of(ours.get(f"/patients/{patient.pk}/"))
    page = text_of(ours.get(f"/patients/{patient.pk}/accesses/"))
    assert patient.name in page
    assert [word in page for word in ("owner", "Looked at the record", "not let in")] == [True] * 3
    assert "somebody of another organisation" in page
    assert "stranger" not in page
    assert len(rows(page)) == 4


def test_the_page_and_the_api_say_that_a_number_is_the_same(
    owner: User, patient: Patient, browser_of: Any
) -> None:
    quick = EstimateOptions(explain=False, interval=False, verdicts=False)
    made = assess(by=owner, patient=patient, answers={"population": "gb"}, options=quick)
    ours = browser_of(owner)
    assert "is the same when it is computed again" in text_of(
        ours.get(f"/assessments/{made.pk}/again/")
    )
    told = ours.get(f"/api/v1/assessments/{made.pk}/reproduction/").json()
    assert (told["is_same"], told["is_unchanged"]) == (True, True)


def test_a_trail_that_is_not_sound_is_told_to_those_concerned(
    auditor: Client, owner: User, browser_of: Any
) -> None:
    assert check().is_sound
    assert "Looked at on" in text_of(auditor.get("/trail/"))
    TrailCheck.objects.update(is_sound=False, sentence="Row 3 is missing.")
    assert "The trail is not sound. Row 3 is missing." in text_of(auditor.get("/account/"))
    assert "not sound" not in text_of(browser_of(owner).get("/account/"))
    assert "Row 3 is missing." in [one.problem for one in checks()]
    assert b"trabecula_trail_sound 0.0" in Client().get("/metrics").content
