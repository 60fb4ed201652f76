"""Scans over JSON: uploaded, polled, corrected, confirmed, pictured; hidden from strangers."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings

from imaging.limits import LIMITS
from riskapp import upload_limit
from riskapp.actions import queueing
from riskapp.actions.measuring import measure_next
from riskapp.exchange.wording import SAFETY
from riskapp.models import Patient, Scan
from tests.drawn import spine_file

pytestmark = pytest.mark.usefixtures("answered_here")
SCANS = "/api/v1/scans/"


def _upload(caller: Any, patient: Patient, *contents: bytes, **more: Any) -> Any:
    files = [SimpleUploadedFile("../../evil.dcm", content) for content in contents]
    body = {"patient": str(patient.id), "files": files} | more
    return caller.post(SCANS, body, format="multipart")


def test_a_scan_is_accepted_measured_and_read_with_its_regions_and_pictures(
    as_owner: Any, as_colleague: Any, as_stranger: Any, patient: Patient
) -> None:
    accepted = _upload(as_owner, patient, spine_file(7))
    assert accepted.status_code == 202, accepted.json()
    where = accepted["Location"]
    assert where == accepted.json()["status_url"]
    waiting = as_owner.get(where).json()
    assert (waiting["status"], waiting["regions"], waiting["versions"]) == ("queued", [], [])
    assert waiting["safety"] == SAFETY

    assert measure_next(queueing.this_process())
    scan = as_owner.get(where).json()
    assert (scan["status"], scan["safety"]) == ("measured", SAFETY)
    assert scan["kind"]["modality"] == "dxa"
    assert scan["spacing"]["source"]
    assert scan["measurements"]
    assert "lumbar_texture_score" in scan["profile_fields"]
    (version,) = scan["versions"]
    assert (version["number"], version["made_by"], version["origin"]) == (1, "owner", "automatic")

    picture = as_owner.get(scan["pictures"][0]["url"])
    assert picture["Content-Type"] == "image/png"
    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")
    picture.close()
    assert as_owner.get(scan["pictures"][0]["url"] + "?version=2").status_code == 404
    assert as_owner.get(scan["pictures"][0]["url"] + "?version=x").status_code == 400

    regions = [{"id": one["id"], "polygon": one["polygon"]} for one in scan["regions"]]
    assert as_colleague.post(f"{where}regions/", {"regions": regions}).status_code == 202
    assert as_owner.get(where).json()["status"] == "queued"

    refused = [
        as_stranger.get(where),
        as_stranger.post(f"{where}regions/", {"regions": regions}),
        as_stranger.post(f"{where}versions/1/confirmation/"),
        as_stranger.get(scan["pictures"][0]["url"]),
    ]
    assert [reply.status_code for reply in refused] == [404] * 4
    assert as_owner.post(f"{where}versions/9/confirmation/").status_code == 404
    assert as_owner.post(f"{where}versions/1/confirmation/").json()["confirmed_by"] == "owner"


def test_an_upload_that_lacks_something_is_a_problem(
    as_owner: Any, as_stranger: Any, patient: Patient
) -> None:
    assert _upload(as_owner, patient).status_code == 400
    assert as_owner.post(SCANS, {}, format="multipart").status_code == 400
    assert _upload(as_owner, patient, b"1", colour="blue").status_code == 400
    assert as_owner.post(SCANS, {"patient": "x"}).status_code == 415
    assert _upload(as_stranger, patient, b"1").status_code == 404
    nobodys = {"patient": "not an id", "files": [SimpleUploadedFile("a", b"1")]}
    assert as_owner.post(SCANS, nobodys, format="multipart").status_code == 404
    assert not Scan.objects.exists()


def test_an_empty_file_is_taken_and_answered_by_the_measuring(
    as_owner: Any, patient: Patient
) -> None:
    accepted = _upload(as_owner, patient, b"")
    assert accepted.status_code == 202
    assert measure_next(queueing.this_process())
    assert as_owner.get(accepted["Location"]).json()["status"] == "unreadable"


def test_too_many_files_or_bytes_are_refused_before_they_are_kept(
    as_owner: Any, patient: Patient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    assert _upload(as_owner, patient, b"1", b"2").status_code == 202
    assert _upload(as_owner, patient, b"1", b"2", b"3").status_code == 413
    monkeypatch.setattr(upload_limit, "ENVELOPE_BYTES", -LIMITS.upload_bytes)
    reply = _upload(as_owner, patient, b"1")
    assert reply.status_code == 413
    assert reply["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body", [b"", b"--x", b"--x\r\nContent-Disposition: form-data\r\n\r\n--x--", b"\xff" * 100]
)
def test_a_broken_multipart_body_is_a_problem(as_owner: Any, body: bytes) -> None:
    for boundary in ("; boundary=x", "", "; boundary="):
        reply = as_owner.generic("POST", SCANS, body, f"multipart/form-data{boundary}")
        assert reply.status_code == 400
        assert reply["Content-Type"] == "application/problem+json"


def test_a_scan_sent_for_two_patients_is_filed_under_neither(
    as_owner: Any, patient: Patient
) -> None:
    for second in (str(patient.id), "somebody else", ""):
        body = {
            "patient": [str(patient.id), second],
            "files": SimpleUploadedFile("a.dcm", b"x"),
        }
        reply = as_owner.post(SCANS, body, format="multipart")
        assert reply.status_code == 400
        assert "sent twice" in reply.json()["errors"]["patient"]
    assert not Scan.objects.exists()
