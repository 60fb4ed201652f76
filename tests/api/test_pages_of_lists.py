"""Every list that can grow comes a page at a time, in one way."""

from typing import Any

import pytest

from riskapp.actions.registering import register_patient
from riskapp.models import Patient, Scan

LISTS = (
    "patients/",
    "scans/",
    "assessments/",
    "worklist/",
    "recall/",
    "precisions/",
    "expected-scans/",
)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("", 200), ("limit=1", 200), ("limit=200&offset=0", 200), ("offset=1000000000", 200),
        ("limit=0", 400), ("limit=201", 400), ("offset=-1", 400), ("offset=1000000001", 400),
        ("limit=\u0661", 400), ("limit=x", 400), ("limit=", 400),
    ],
)  # fmt: skip
def test_a_page_has_its_bounds(
    as_owner: Any, patient: Patient, name: str, asked: str, status: int
) -> None:
    reply = as_owner.get(f"/api/v1/{name}?{asked}")
    assert reply.status_code == status
    if status == 200:
        assert {"count", "next", "previous"} <= set(reply.json())


def test_links_lead_over_every_row_once(as_owner: Any, patient: Patient) -> None:
    owner = patient.organisation.memberships.get().user
    for number in range(6):
        register_patient(
            by=owner, name=f"P{number}", record_number=str(number), sex="male",
            date_of_birth=patient.date_of_birth,
        )  # fmt: skip
    address, seen = "http://testserver/api/v1/patients/?limit=3", []
    while address:
        reply = as_owner.get(address)
        body = reply.json()
        seen += [one["id"] for one in body["results"]]
        following = f'<{body["next"]}>; rel="next"'
        assert (following in reply.get("Link", "")) == bool(body["next"])
        assert ('rel="prev"' in reply.get("Link", "")) == bool(body["previous"])
        address = body["next"]
    assert len(seen) == len(set(seen)) == 7


def test_scans_and_assessments_are_listed_of_one_patient(
    as_owner: Any, as_stranger: Any, patient: Patient, measured_scan: Scan
) -> None:
    sent = {"patient": str(patient.id), "profile": {"population": "gb"}, "interval": False}
    as_owner.post("/api/v1/assessments/", sent | {"explain": False})
    for name in ("scans", "assessments"):
        address = f"/api/v1/{name}/?patient={patient.id}"
        (row,) = as_owner.get(address).json()["results"]
        assert row["patient"] == str(patient.id)
        assert as_stranger.get(address).status_code == 404
        assert as_stranger.get(f"/api/v1/{name}/").json()["results"] == []
        assert as_owner.get(f"/api/v1/{name}/?patient=").status_code == 404
    assert as_owner.get("/api/v1/scans/?status=queued").json()["count"] == 0
    assert as_owner.get("/api/v1/scans/?status=measured").json()["count"] == 1
    assert as_owner.get("/api/v1/scans/?status=lost").status_code == 400
