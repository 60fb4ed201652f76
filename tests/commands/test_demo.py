"""The demo: made-up people, loaded once, with a sign-in made anew each time."""

import json
import re
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.test import Client

from riskapp.actions import following, leasing, running
from riskapp.management import demo
from riskapp.models import ApiToken, Assessment, CohortFile, Patient, RegisteredModel, Scan

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
    assert CohortFile.objects.count() == len(demo.COHORTS)
    printed = dict(re.findall(r"as (\S+), password (\S+)\n", said.getvalue()))
    assert set(printed) == set(first.passwords) == {"demo", "demo-statistician"}
    for name, password in printed.items():
        assert authenticate(username=name, password=first.passwords[name]) is None
        assert authenticate(username=name, password=password) is not None
    assert ApiToken.objects.filter(revoked_at=None).count() == 1


def test_one_of_the_two_trains_and_the_other_approves_and_serves(
    model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        following, "MANAGE", (sys.executable, "-m", "tests.actions.fake_laboratory")
    )
    monkeypatch.setattr(following, "LOOK_EVERY_S", 0.05)
    passwords = demo.load().passwords
    clinician, statistician = Client(), Client()
    assert clinician.login(username="demo", password=passwords["demo"])
    assert statistician.login(username="demo-statistician", password=passwords["demo-statistician"])
    while running.run_next(leasing.this_process()):
        pass
    assert b"demo-first.csv" in clinician.get("/laboratory/").content
    cohort = CohortFile.objects.get(name="demo-first.csv")
    assert cohort.status == "usable"
    statistician.post(
        f"/laboratory/cohorts/{cohort.pk}/train/", {"engines": "cox", "model_id": "first"}
    )
    assert running.run_next(leasing.this_process())
    model = RegisteredModel.objects.get()
    change, approval = f"/laboratory/models/{model.pk}/change/", {"step": "approve", "why": "Fine."}
    own = statistician.post(change, approval)
    assert own.status_code == 400
    assert b"somebody else has to approve it" in own.content
    for step in ("approve", "serve"):
        assert clinician.post(change, approval | {"step": step}).status_code == 302
    model.refresh_from_db()
    assert model.status == "serving"
