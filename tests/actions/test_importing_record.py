"""What another system told fills in what nobody else answered, and says where it is from."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.assessing import assess
from riskapp.actions.errors import NotFound
from riskapp.actions.importing_record import USED_FOR, fitting, import_record, imported_answers
from riskapp.models import ImportedRecord, Patient
from riskapp.web.answers import prefilled

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Choice:
    field: str
    value: object
    words: str = "Body weight"
    effective: str = "2026-03-01"
    resource: str = "Observation/1"


@dataclass(frozen=True)
class Told:
    answers: dict[str, Any]
    passed_over: tuple[Choice, ...] = ()
    chosen: tuple[Choice, ...] = field(default=())


def _told(**answers: Any) -> Told:
    chosen = [
        Choice(name, value, resource=f"Observation/{name}") for name, value in answers.items()
    ]
    return Told(answers, (), tuple(chosen))


def test_it_fills_what_nobody_answered_and_says_so(owner: User, patient: Patient) -> None:
    kept = import_record(
        by=owner,
        patient=patient,
        source="ehr:ward 9",
        record=_told(population="gb", weight_kg=61.2, current_smoker=True, age_years=50),
    )
    stored = assess(by=owner, patient=patient, answers={"current_smoker": False})
    assert stored.profile["weight_kg"] == 61.2
    assert stored.profile["current_smoker"] is False
    origins = stored.provenance
    assert origins["weight_kg"] == origins["population"] == f"imported {kept.id}"
    assert origins["current_smoker"] == "typed"
    assert origins["age_years"] == "record"


def test_the_form_is_filled_in_marked_and_may_be_cleared(owner: User, patient: Patient) -> None:
    import_record(by=owner, patient=patient, source="ehr:ward 9", record=_told(weight_kg=61.2))
    filled = prefilled(patient, "gb")
    assert filled.answers["weight_kg"] == "61.2"
    assert filled.origins["weight_kg"] == "From ward 9: Body weight, 1 March 2026."
    sent = {"weight_kg": "61.2", "population": "gb"}
    stored = assess(by=owner, patient=patient, answers=sent)
    assert stored.provenance["weight_kg"].startswith("imported")
    blank = {"weight_kg": "", "population": "gb"}
    cleared = assess(
        by=owner, patient=patient, answers=blank, left_blank=filled.left_blank({"weight_kg": ""})
    )
    assert "weight_kg" not in cleared.profile


def test_a_newer_whole_record_replaces_the_older_and_a_message_adds(
    owner: User, patient: Patient
) -> None:
    for record in (
        _told(rheumatoid_arthritis=True, weight_kg=60.0),
        _told(weight_kg=61.0),
    ):
        import_record(by=owner, patient=patient, source="ehr:a", record=record)
    import_record(
        by=owner, patient=patient, source="lab:b", record=_told(height_cm=160.0), is_whole=False
    )
    import_record(
        by=owner, patient=patient, source="lab:b", record=_told(falls_last_year=2), is_whole=False
    )
    found = imported_answers(patient=patient, given={}).answers
    assert found == {"weight_kg": 61.0, "height_cm": 160.0, "falls_last_year": 2}


def test_the_same_told_again_is_kept_once(owner: User, patient: Patient) -> None:
    for _ in range(2):
        import_record(by=owner, patient=patient, source="ehr:a", record=_told(weight_kg=61.0))
    assert ImportedRecord.objects.count() == 1


@pytest.mark.parametrize(("seconds", "counts"), [(-60, True), (60, False)])
def test_what_was_told_long_ago_is_asked_anew(
    owner: User, patient: Patient, seconds: int, counts: bool
) -> None:
    import_record(by=owner, patient=patient, source="ehr:a", record=_told(weight_kg=61.0))
    long_ago = timezone.now() - USED_FOR - timedelta(seconds=seconds)
    ImportedRecord.objects.update(received_at=long_ago)
    assert bool(imported_answers(patient=patient, given={}).answers) is counts


def test_another_organisation_cannot_import(stranger: User, patient: Patient) -> None:
    with pytest.raises(NotFound):
        import_record(by=stranger, patient=patient, source="ehr:a", record=_told(weight_kg=61.0))


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({}, {"femoral_neck_t_score", "dxa_date", "body_mass_index", "glucocorticoids"}),
        ({"femoral_neck_bmd_g_cm2": 0.7}, {"body_mass_index", "glucocorticoids"}),
        ({"weight_kg": 60}, {"femoral_neck_t_score", "dxa_date", "glucocorticoids"}),
        (
            {"glucocorticoid_dose_mg_daily": 5},
            {"femoral_neck_t_score", "dxa_date", "body_mass_index"},
        ),
    ],
)
def test_nothing_is_offered_that_would_contradict(given: dict[str, Any], left: set[str]) -> None:
    offered = {
        "femoral_neck_t_score": -2.0,
        "dxa_date": "2026-01-01",
        "body_mass_index": 24.0,
        "glucocorticoids": True,
        "sex": "female",
    }
    assert set(fitting(offered, given)) == left
