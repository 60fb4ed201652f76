"""Fractures, treatments and discussions over JSON."""

from typing import Any

import pytest

from riskapp.models import Fracture, Patient

WRIST = {"site": "forearm", "happened_on": "2024-09", "is_fragility": True}
COURSE = {"agent": "oral_bisphosphonate", "started_on": "2021"}


def test_a_fracture_is_recorded_listed_and_struck_out(
    as_owner: Any, as_colleague: Any, patient: Patient
) -> None:
    address = f"/api/v1/patients/{patient.id}/fractures/"
    made = as_owner.post(address, WRIST)
    assert made.status_code == 201
    assert made.json()["circumstance"] == "not_known"
    assert {name: made.json()[name] for name in WRIST} == WRIST
    struck = as_colleague.post(f"{address}{made.json()['id']}/strike-out/")
    assert struck.json()["struck_out_by"] == "colleague"
    assert as_owner.get(address).json()["fractures"] == [struck.json()]


def test_a_treatment_is_recorded_ended_and_struck_out(as_owner: Any, patient: Patient) -> None:
    address = f"/api/v1/patients/{patient.id}/treatments/"
    made = as_owner.post(address, COURSE)
    assert made.status_code == 201
    assert made.json()["ended_on"] is None
    here = f"{address}{made.json()['id']}/"
    ended = as_owner.post(f"{here}end/", {"ended_on": "2023-04-05", "why_ended": "side_effects"})
    assert ended.json() == made.json() | {"ended_on": "2023-04-05", "why_ended": "side_effects"}
    assert as_owner.post(f"{here}end/", {"ended_on": "2024", "why_ended": ""}).status_code == 400
    assert as_owner.post(f"{here}strike-out/").json()["struck_out_at"]
    assert len(as_owner.get(address).json()["treatments"]) == 1


def test_a_result_is_discussed(as_owner: Any, patient: Patient) -> None:
    sent = {"patient": str(patient.id), "profile": {"population": "gb"}}
    quick = {"explain": False, "interval": False}
    address = f"{as_owner.post('/api/v1/assessments/', sent | quick)['Location']}discussions/"
    made = as_owner.post(address, {"decided": "refer"})
    assert made.status_code == 201
    assert (made.json()["by"], made.json()["review_on"]) == ("owner", None)
    as_owner.post(f"{address}{made.json()['id']}/strike-out/")
    (listed,) = as_owner.get(address).json()["discussions"]
    assert listed["struck_out_by"] == "owner"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"site": "skull"}, "site"),
        ({"happened_on": "2999"}, "happened_on"),
        ({"happened_on": "1900"}, "happened_on"),
        ({"happened_on": "2024-09-20T10:00"}, "happened_on"),
        ({"happened_on": None}, "happened_on"),
        ({"is_fragility": "perhaps"}, "is_fragility"),
        ({"circumstance": "slip"}, "circumstance"),
        ({"precision": "day"}, "precision"),
    ],
)
def test_a_bad_value_is_a_problem_that_names_its_field(
    as_owner: Any, patient: Patient, change: dict[str, Any], field: str
) -> None:
    reply = as_owner.post(f"/api/v1/patients/{patient.id}/fractures/", WRIST | change)
    assert reply.status_code == 400
    assert list(reply.json()["errors"]) == [field]
    assert not Fracture.objects.exists()
