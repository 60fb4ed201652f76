"""Programs of a site tell which examinations are to come, and see which have not arrived."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from riskapp.models import Patient

HERE = "/api/v1/expected-scans/"


@pytest.fixture
def told(patient: Patient) -> dict[str, Any]:
    return {
        "patient": str(patient.id),
        "accession_number": "ACC-7",
        "planned_on": timezone.localdate().isoformat(),
    }


def test_told_moved_listed_and_cancelled(as_owner: Any, told: dict[str, Any]) -> None:
    made = as_owner.post(HERE, told, format="json")
    assert made.status_code == 201
    assert made.json()["state"] == "to_come"
    late = (timezone.localdate() - timedelta(days=4)).isoformat()
    again = as_owner.post(HERE, told | {"planned_on": late}, format="json").json()
    assert again["id"] == made.json()["id"]
    assert again["state"] == "missing"
    (row,) = as_owner.get(f"{HERE}?state=missing").json()["results"]
    assert row["planned_on"] == late
    assert as_owner.get(made["Location"]).json()["state"] == "missing"
    cancelled = as_owner.post(f"{HERE}{row['id']}/cancel/").json()
    assert cancelled["state"] == "cancelled"
    assert as_owner.get(f"{HERE}?state=missing").json()["count"] == 0
    assert as_owner.get(f"{HERE}?state=cancelled").json()["count"] == 1


def test_slips_are_refused(
    as_owner: Any, as_stranger: Any, told: dict[str, Any], patient: Patient
) -> None:
    for wrong in (
        {"accession_number": ""},
        {"accession_number": "x" * 65},
        {"planned_on": "soon"},
        {"when": "today"},
    ):
        assert as_owner.post(HERE, told | wrong, format="json").status_code == 400
    assert as_owner.get(f"{HERE}?state=lost").status_code == 400
    assert as_stranger.post(HERE, told, format="json").status_code == 404
    assert as_stranger.get(f"{HERE}?patient={patient.id}").status_code == 404
    assert as_stranger.get(HERE).json()["count"] == 0
