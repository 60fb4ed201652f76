"""Training runs and outcomes for programs of statisticians; nothing for anybody else."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from riskapp.actions import run_queue
from riskapp.models import LaboratoryRun, Patient, RegisteredModel
from tests.api.conftest import caller

V1 = "/api/v1/"


@pytest.fixture
def run(statistician: User, model: RegisteredModel) -> LaboratoryRun:
    made = run_queue.promise(
        by=statistician, kind="train", engines=["cox"], model_id="clinic-1", status="done"
    )
    RegisteredModel.objects.update(run=made)
    return made


def test_training_runs_are_for_statisticians_of_the_organisation(
    as_owner: Any, strange_statistician: User, statistician: User, run: LaboratoryRun
) -> None:
    ours, theirs = caller(statistician), caller(strange_statistician)
    (told,) = ours.get(f"{V1}trainings/").json()["runs"]
    assert (told["state"], told["models"], told["id"]) == ("done", ["clinic-1"], str(run.id))
    assert ours.get(f"{V1}trainings/{run.id}/").json() == told
    assert theirs.get(f"{V1}trainings/").json()["runs"] == []
    assert theirs.get(f"{V1}trainings/{run.id}/").status_code == 404
    for address in ("trainings/", f"trainings/{run.id}/"):
        assert as_owner.get(f"{V1}{address}").status_code == 403
    run_queue.promise(by=statistician, kind="check")
    assert len(ours.get(f"{V1}trainings/").json()["runs"]) == 1


def test_the_catalogue_says_where_a_model_stands_and_hides_it_from_strangers(
    as_owner: Any, as_stranger: Any, model: RegisteredModel
) -> None:
    def told(client: Any) -> dict[str, str]:
        return {one["model_id"]: one["status"] for one in client.get(f"{V1}models/").json()}

    assert told(as_owner)["clinic-1"] == "trained"
    assert "clinic-1" not in told(as_stranger)
    assert "published" in told(as_stranger).values()


def test_outcomes_are_told_row_by_row(as_owner: Any, statistician: User, patient: Patient) -> None:
    row = {"record_number": "A-1", "outcome": "hip", "date": "2026-01-02"}
    ours = caller(statistician)
    sent = {"outcomes": [row, row | {"record_number": "B-1"}]}
    told = ours.post(f"{V1}outcomes/", sent).json()
    assert (told["recorded"], len(told["refused"])) == (1, 1)
    assert as_owner.post(f"{V1}outcomes/", sent).status_code == 403
    for wrong in ({}, {"outcomes": []}, {"outcomes": [row | {"date": "x"}]}, {"outcomes": [{}]}):
        assert ours.post(f"{V1}outcomes/", wrong).status_code == 400
