"""Every stored number is computed again to the same, or it is said exactly what differs."""

import json
from copy import deepcopy
from datetime import date
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from riskapp.actions import versions
from riskapp.actions.assessing import assess
from riskapp.actions.errors import NotFound
from riskapp.actions.registering import register_patient
from riskapp.actions.reproducing import OTHER, differences, reproduce
from riskapp.models import Assessment, AuditEvent, Patient
from riskapp.modelstore import ENGINES
from riskapp.risk.estimate import EstimateOptions

pytestmark = pytest.mark.django_db
QUICK = EstimateOptions(explain=False, interval=False, verdicts=False)


@pytest.fixture
def stored(owner: User, patient: Patient) -> Assessment:
    return assess(by=owner, patient=patient, answers={"population": "gb"}, options=QUICK)


def test_every_engine_gives_number_interval_and_reasons_again(
    owner: User, patient: Patient
) -> None:
    answers = {"population": "gb", "weight_kg": 61, "height_cm": 163, "falls_last_year": 2}
    made = assess(by=owner, patient=patient, answers=answers, engines=ENGINES)
    found = reproduce(by=owner, id=made.id)
    assert (found.is_same, found.is_unchanged) == (True, True)
    assert {one.engine for one in found.parts} == {*ENGINES, OTHER}
    told = made.estimates[0]
    assert told["explanation"]["contributions"]
    assert told["outcomes"]["hip"]["interval_95"]


def behind_the_trail(stored: Assessment, **values: Any) -> None:
    """Change a stored assessment as nothing of ours would."""
    for name, value in values.items():
        setattr(stored, name, value)
    stored.save(update_fields=list(values))


def test_what_differs_is_said_place_by_place(owner: User, stored: Assessment) -> None:
    estimates = deepcopy(stored.estimates)
    estimates[0]["outcomes"]["hip"]["probability_10y"] = 0.5
    behind_the_trail(stored, estimates=estimates)
    found = reproduce(by=owner, id=stored.id)
    assert not found.is_same
    assert found.is_unchanged is False  # the trail knows better
    assert "not what the trail witnessed" in found.sentence
    (difference,) = found.parts[0].differences
    assert difference.startswith("outcomes.hip.probability_10y: 0.5 then, 0.0")
    assert "Models and tables are the same as then." in found.parts[0].sentence


def test_an_estimate_that_was_moved_to_another_person_is_not_the_one_that_was_made(
    owner: User, stored: Assessment
) -> None:
    born, told = date(1950, 2, 3), {"record_number": "B-7", "name": "Somebody Else"}
    other = register_patient(by=owner, date_of_birth=born, sex="female", **told)
    behind_the_trail(stored, patient=other)
    found = reproduce(by=owner, id=stored.id)
    assert (found.is_same, found.is_unchanged, found.is_sound) == (True, False, False)


def test_a_changed_table_is_named(
    owner: User, stored: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = dict(versions.table_hashes()) | {"modifiers": "another"}
    monkeypatch.setattr(versions, "table_hashes", lambda: now)
    estimates = [stored.estimates[0] | {"model_id": "evidence-of-then"}]
    behind_the_trail(stored, estimates=estimates)
    (part, _) = reproduce(by=owner, id=stored.id).parts
    assert part.sentence.startswith("These tables were changed since: modifiers.")
    assert "it has no model 'evidence-of-then'" in part.sentence


def test_a_model_that_is_gone_is_named(owner: User, stored: Assessment) -> None:
    estimates = [stored.estimates[0] | {"engine": "cox", "model_id": "cox-of-then"}]
    kept = stored.versions | {"models": {"cox": "its hash"}}
    ids = {"cox": "cox-of-then"}
    behind_the_trail(stored, estimates=estimates, versions=kept, model_ids=ids)
    (part, _) = reproduce(by=owner, id=stored.id).parts
    assert part.sentence.startswith("Its model is gone.")


def test_erased_inputs_are_said_with_what_the_trail_still_knows(
    owner: User, stranger: User, stored: Assessment
) -> None:
    behind_the_trail(stored, profile={})
    assert "inputs were erased" in reproduce(by=owner, id=stored.id).sentence
    stored.delete()
    row = AuditEvent.objects.get(action="assessment.create")
    assert f"Row {row.number} of the trail" in reproduce(by=owner, id=row.target).sentence
    for by, id in ((owner, uuid4()), (owner, "nonsense"), (stranger, row.target)):
        with pytest.raises(NotFound):
            reproduce(by=by, id=id)


def test_what_is_told_only_now_is_no_difference_and_the_last_digits_are_none() -> None:
    assert not list(differences({"a": [0.1]}, {"a": [0.1 + 1e-12], "new": 1}))
    assert list(differences({"a": [1, 2]}, {"a": [1]})) == ["a: [1, 2] then, [1] now"]
    assert list(differences({"a": 1}, {})) == ["a: 1 then, None now"]


def test_the_command_tells_of_one(stored: Assessment) -> None:
    out = StringIO()
    call_command("reproduce", str(stored.id), stdout=out)
    assert "is the same when it is computed again" in out.getvalue()
    for wrong in ("1", str(uuid4())):
        with pytest.raises(CommandError):
            call_command("reproduce", wrong)


def test_a_stateless_score_leaves_counts_and_versions_and_no_value(
    owner: User, client: Any
) -> None:
    client.force_login(owner)
    profiles = [{"age_years": 71, "sex": "female", "population": "gb"}, {"sex": "?"}, 3]
    body = {"profiles": profiles, "explain": False, "interval": False}
    reply = client.post("/api/v1/scores/", body, content_type="application/json")
    assert reply.status_code == 200, reply.content
    row = AuditEvent.objects.get(action="score.compute")
    assert (row.detail["people"], row.detail["answered"]) == (2, 1)
    assert row.detail["models"]["evidence"].startswith("evidence-")
    assert row.detail["tables"] == versions.tables_hash()
    assert "71" not in json.dumps({**row.detail, "tables": "", "models": ""})
