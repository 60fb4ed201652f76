"""Looking at a model: what was assessed, what was told, and one look kept."""

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from riskapp.actions import registry
from riskapp.exchange.reading import read_profile
from riskapp.exchange.wording import FIELDS
from riskapp.models import (
    Assessment,
    MonitoringSnapshot,
    Organisation,
    Patient,
    RecordedOutcome,
    RegisteredModel,
)
from riskapp.training.reference import REFERENCE, reference
from tests.model_copies import copied_model
from tests.people import model_folder, scan_folder, statistician, stranger

__all__ = ["model_folder", "scan_folder", "statistician", "stranger"]
T_SCORE = FIELDS["femoral_neck_t_score"].label
COLUMNS = ("age_years", "female", "femoral_neck_t_score")


def profile(age: float, t_score: float | None = None) -> dict[str, Any]:
    known = {"population": "gb", "age_years": age, "sex": "female"}
    return known if t_score is None else known | {"femoral_neck_t_score": t_score}


@pytest.fixture
def watched(model_folder: Path, statistician: User) -> RegisteredModel:
    """A model that learned from women of 50 to 89 whose T-score was known."""
    rng = np.random.default_rng(1)
    people = [
        read_profile(profile(float(rng.integers(50, 90)), float(rng.normal(-1.5, 1)))).profile
        for _ in range(400)
    ]
    told = reference(people, COLUMNS, {"hip": rng.beta(1, 30, 400)})
    copied_model(model_folder, "watched", more={REFERENCE: json.dumps(told)})
    return registry.adopt(by=statistician, model_id="watched")


def assessed(by: User, organisation: Organisation, profiles: list[dict[str, Any]]) -> None:
    patients = Patient.objects.bulk_create(
        Patient(
            organisation=organisation,
            name=f"P {number}",
            record_number=f"{organisation.name} {number}",
            date_of_birth=date(1950, 1, 1),
            sex="female",
        )
        for number in range(len(profiles))
    )
    Assessment.objects.bulk_create(
        Assessment(
            patient=patient,
            created_by=by,
            profile=each,
            provenance={},
            estimates=[],
            warnings=[],
            evidence_set="frax-2008",
            model_ids={},
            options={},
            software_version="0",
        )
        for patient, each in zip(patients, profiles, strict=True)
    )


def look() -> dict[str, str]:
    call_command("monitor", "watched", stdout=StringIO())
    return {one["name"]: one["verdict"] for one in MonitoringSnapshot.objects.first().findings}


def test_a_look_says_what_is_asked_less_and_who_came(
    watched: RegisteredModel, statistician: User, stranger: User
) -> None:
    rng = np.random.default_rng(2)
    ours = [profile(float(rng.integers(50, 90))) for _ in range(150)]
    assessed(statistician, watched.organisation, ours)
    # Nobody else's patients are looked at.
    assessed(stranger, stranger.membership.organisation, [profile(80.0, -3.0)] * 150)
    told = look()
    assert told["Age"] == "stable"
    assert told[f"{T_SCORE}, not known"] == "act"
    assert told[T_SCORE] == "too few"
    snapshot = MonitoringSnapshot.objects.get()
    assert (snapshot.verdict, snapshot.assessments) == ("act", 150)


def test_outcomes_that_were_told_are_held_against_the_model(
    watched: RegisteredModel, statistician: User
) -> None:
    assessed(statistician, watched.organisation, [profile(75.0, -2.0)] * 200)
    then = timezone.now() - timedelta(days=2 * 366)
    Assessment.objects.update(created_at=then)
    patients = list(Patient.objects.order_by("pk"))
    today = timezone.localdate()

    def outcome(patient: Patient, kind: str, on: date) -> RecordedOutcome:
        return RecordedOutcome(patient=patient, outcome=kind, on=on, recorded_by=statistician)

    broken = [outcome(one, "hip", today - timedelta(days=200)) for one in patients[:40]]
    before = [outcome(one, "hip", then.date() - timedelta(days=9)) for one in patients[190:]]
    well = [outcome(one, "none", today) for one in patients[40:190]]
    RecordedOutcome.objects.bulk_create([*broken, *well, *before])
    told = look()
    # One in five of a group in which the model expects a few per cent.
    assert told["Hip fracture, observed / expected"] == "act"
    (finding,) = [
        one
        for one in MonitoringSnapshot.objects.get().findings
        if one["name"] == "Hip fracture, observed / expected"
    ]
    assert "40 events, 2 years" in finding["value"]
    assert "too little" in finding["sentence"]


def test_a_model_that_cannot_be_looked_at_says_why(
    watched: RegisteredModel, model_folder: Path
) -> None:
    with pytest.raises(CommandError, match="No registered model"):
        call_command("monitor", "nobody")
    (model_folder / "watched" / REFERENCE).write_text("{}")
    with pytest.raises(CommandError, match="was changed after"):
        call_command("monitor", "watched")


def test_the_limits_are_printed_with_their_sources() -> None:
    said = StringIO()
    call_command("monitor", "--limits", stdout=said)
    assert "Siddiqi" in said.getvalue()
    assert "input: watch 0.1, act 0.25" in said.getvalue()
    assert "all but 5 of 100 looks" in said.getvalue()
