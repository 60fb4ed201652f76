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
from django.utils import timezone

from imaging.measure import measure
from riskapp.actions import following, leasing, measuring, running
from riskapp.actions.finding import numbered
from riskapp.actions.trail.verifying import verify
from riskapp.management import demo
from riskapp.models import (
    ApiToken,
    Assessment,
    CohortFile,
    Discussion,
    Fracture,
    Patient,
    RegisteredModel,
    Role,
    Scan,
    Treatment,
)

pytestmark = pytest.mark.django_db
PEOPLE = json.loads(demo.PEOPLE.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def fewer_simulated_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here learns from them; a started site has them all."""
    monkeypatch.setattr(
        demo, "COHORTS", {name: (50, seed) for name, (_, seed) in demo.COHORTS.items()}
    )


def every_number_is_computed_again_to_the_same() -> None:
    out = StringIO()
    call_command("reproduce", all=True, json=True, stdout=out)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(told) == Assessment.objects.count()
    assert all(one["is_same"] and one["is_unchanged"] for one in told)
    assert verify().is_sound


def test_three_stories_are_told_once_and_only_sign_ins_are_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # In this process: a new one for each report takes seconds, and is tested where it belongs.
    monkeypatch.setattr(measuring, "measure_isolated", lambda paths, **_: measure(paths))
    first, said = demo.load(), StringIO()
    call_command("load_demo", stdout=said)
    steps = [step for person in PEOPLE for step in person["steps"]]
    assert Patient.objects.count() == len(PEOPLE) == 3
    assert all(patient.name.startswith("Demo ") for patient in Patient.objects.all())
    for made, kinds in (
        (Scan, {"scan", "hip_report"}),
        (Assessment, {"answers"}),
        (Fracture, {"fracture"}),
        (Treatment, {"treatment"}),
        (Discussion, {"decided"}),
    ):
        assert made.objects.count() == sum(bool(kinds & step.keys()) for step in steps) > 0
    assert CohortFile.objects.count() == len(demo.COHORTS)
    every_number_is_computed_again_to_the_same()
    printed = dict(re.findall(r"as (\S+), password (\S+)\n", said.getvalue()))
    assert set(printed) == set(first.passwords) == set(demo.ROLES)
    assert {role for roles in demo.ROLES.values() for role in roles} == set(Role)
    for name, password in printed.items():
        assert authenticate(username=name, password=first.passwords[name]) is None
        assert authenticate(username=name, password=password) is not None
    assert ApiToken.objects.filter(revoked_at=None).count() == 1
    _check_days()


def _check_days() -> None:
    """Each step reads as if it had happened on its day."""
    anna = Patient.objects.get(numbered("DEMO-1"))
    before, after = anna.assessments.order_by("created_at")
    assert (timezone.now() - before.created_at).days == 1495
    assert before.profile["age_years"] == anna.age_years_on(before.created_at.date())
    assert before.profile["prior_fragility_fracture"] is False
    # The later one rests on the record and on the confirmed report, as nobody typed either.
    assert after.profile["prior_fragility_fracture"] is True
    assert after.profile["femoral_neck_bmd_g_cm2"] == pytest.approx(0.624)
    assert after.provenance["femoral_neck_bmd_g_cm2"].startswith("scan ")
    grace = Patient.objects.get(numbered("DEMO-3")).assessments.get()
    assert grace.profile["osteoporosis_treatment"] == "oral_bisphosphonate"


def test_one_of_the_two_trains_and_the_other_approves_and_serves(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        following, "MANAGE", (sys.executable, "-m", "tests.actions.fake_laboratory")
    )
    monkeypatch.setattr(following, "LOOK_EVERY_S", 0.05)
    nobody = tmp_path / "nobody.json"
    nobody.write_text("[]", encoding="utf-8")
    monkeypatch.setattr(demo, "PEOPLE", nobody)
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
