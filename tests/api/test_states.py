"""A record's state has a name: read again only when it changed, changed only as it was read."""

from typing import Any

import pytest

from riskapp.actions.assessing import assess
from riskapp.models import AuditEvent, Patient, Scan

PROBLEM = "application/problem+json"


@pytest.fixture
def here(patient: Patient) -> str:
    return f"/api/v1/patients/{patient.id}/"


def test_what_the_caller_holds_is_not_sent_again(
    as_owner: Any, patient: Patient, measured_scan: Scan, here: str
) -> None:
    made = assess(by=measured_scan.uploaded_by, patient=patient, answers={"population": "gb"})
    for address in (here, f"/api/v1/assessments/{made.id}/", f"/api/v1/scans/{measured_scan.id}/"):
        first = as_owner.get(address)
        assert first["Cache-Control"] == "private, no-store"  # nor does a browser keep it
        for held in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
            again = as_owner.get(address, headers={"If-None-Match": held})
            assert (again.status_code, again.content) == (304, b"")
            assert again["ETag"] == first["ETag"]
        for held in ('"other"', "nonsense", ""):
            assert as_owner.get(address, headers={"If-None-Match": held}).status_code == 200


def test_a_patient_is_corrected_as_it_was_read(as_owner: Any, here: str) -> None:
    before = as_owner.get(here)
    reply = as_owner.patch(here, {"name": "Ada Right"}, headers={"If-Match": before["ETag"]})
    assert reply.status_code == 200
    assert reply.json() == before.json() | {"name": "Ada Right"}
    assert as_owner.get(here)["ETag"] == reply["ETag"] != before["ETag"]
    assert AuditEvent.objects.filter(action="patient.change").count() == 1


def test_an_older_state_is_not_changed(as_owner: Any, as_colleague: Any, here: str) -> None:
    read = as_owner.get(here)["ETag"]
    as_colleague.patch(here, {"name": "Newer"}, headers={"If-Match": read})
    for given, status, kind in (
        (read, 412, "changed-meanwhile"),
        (f"W/{read}", 412, "changed-meanwhile"),
        (None, 428, "state-not-named"),
        (" ", 428, "state-not-named"),
    ):
        headers = {} if given is None else {"If-Match": given}
        reply = as_owner.patch(here, {"name": "Older"}, headers=headers)
        assert (reply.status_code, reply["Content-Type"]) == (status, PROBLEM)
        assert reply.json()["type"] == f"/api/problems/{kind}/"
    assert Patient.objects.get().name == "Newer"


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"sex": "other"}, {"date_of_birth": "2999-01-01"}, {"record_number": "B"}, []],
)
def test_a_correction_that_cannot_be_is_refused(as_owner: Any, here: str, change: Any) -> None:
    before = as_owner.get(here)
    reply = as_owner.patch(here, change, headers={"If-Match": "*"})
    assert reply.status_code == 400
    assert as_owner.get(here).content == before.content


def test_a_stranger_corrects_nobody(as_stranger: Any, here: str) -> None:
    assert as_stranger.patch(here, {"name": "X"}, headers={"If-Match": "*"}).status_code == 404
