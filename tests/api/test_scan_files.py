"""Files about a scan over JSON doors and pages: the same bytes, no name but where it goes back."""

import json
from io import BytesIO
from typing import Any

import pydicom
import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp import __version__
from riskapp.models import AuditEvent, Patient, Scan, ScanIdentity
from tests.exchange.dicom_scans import NAME, NUMBER
from tests.people import add_version
from tests.web.scans import dicom_scan, stored_scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def scan(patient: Patient, owner: User, tmp_path: Any) -> Scan:
    """A measured scan of a person whose files carry a name; its picture is one pixel."""
    (tmp_path / "dicom").mkdir()
    return dicom_scan(patient, owner, tmp_path / "dicom")


def test_what_is_offered_can_be_taken_and_names_the_patient_only_where_it_says_so(
    as_owner: Any, scan: Scan
) -> None:
    listed = as_owner.get(f"/api/v1/scans/{scan.id}/files/").json()
    assert listed["version"] == 1
    assert {one["name"] for one in listed["files"]} >= {
        "report.pdf", "measurement.json", "measurements.csv", "narrative.txt",
        "image.png-regions.png", "image.png-regions-print.svg", "report-sr.dcm", "regions-seg.dcm",
    }  # fmt: skip
    for one in listed["files"]:
        reply = as_owner.get(one["url"])
        assert reply.status_code == 200, one["name"]
        assert reply["Content-Type"] == one["media_type"]
        assert reply["Content-Disposition"].startswith("attachment; filename=")
        named = NAME.encode() in reply.content or NUMBER.encode() in reply.content
        assert named is one["names_the_patient"], one["name"]
    traces = AuditEvent.objects.filter(action="scan.send_back")
    assert sorted(one.target.split("/")[-1] for one in traces) == [
        "regions-seg.dcm", "report-pdf.dcm", "report-sr.dcm",
    ]  # fmt: skip


def test_what_goes_back_names_the_images_as_their_archive_knows_them(
    as_owner: Any, scan: Scan
) -> None:
    for name in ("report-sr.dcm", "regions-seg.dcm", "report-pdf.dcm"):
        content = as_owner.get(f"/api/v1/scans/{scan.id}/files/{name}").content
        made = pydicom.dcmread(BytesIO(content))
        assert (str(made.PatientName), made.PatientID) == (NAME, NUMBER)
        assert (made.PatientBirthDate, made.PatientSex) == ("19540601", "F")
        assert made.StudyInstanceUID == scan.identity.study_uid
        assert made.AccessionNumber == "ACC-77"
        assert scan.identity.instances[0][1].encode() in content


def test_nothing_goes_back_under_another_name_that_nobody_confirmed(
    as_owner: Any, owner: User, scan: Scan
) -> None:
    ScanIdentity.objects.filter(scan=scan).update(confirmed_at=None, confirmed_by=None)
    where = f"/api/v1/scans/{scan.id}"
    for name in ("report-sr.dcm", "regions-seg.dcm", "report-pdf.dcm"):
        refused = as_owner.get(f"{where}/files/{name}")
        assert refused.status_code == 400
        assert "names another person" in refused.json()["detail"]
    assert as_owner.get(f"{where}/files/measurements.csv").status_code == 200
    assert as_owner.post(f"{where}/identity/").status_code == 202
    assert as_owner.get(f"{where}/files/report-sr.dcm").status_code == 200


def test_both_doors_give_the_same_bytes(as_owner: Any, owner: User, scan: Scan) -> None:
    client = Client()
    client.force_login(owner)
    for name in ("measurements.csv", "measurement.json", "narrative.txt"):
        over_json = as_owner.get(f"/api/v1/scans/{scan.id}/files/{name}").content
        assert client.get(f"/scans/{scan.id}/versions/1/files/{name}").content == over_json
    assert json.loads(as_owner.get(f"/api/v1/scans/{scan.id}/files/measurement.json").content)


def test_a_stranger_finds_no_file(as_stranger: Any, stranger: User, scan: Scan) -> None:
    client = Client()
    client.force_login(stranger)
    assert as_stranger.get(f"/api/v1/scans/{scan.id}/files/").status_code == 404
    for name in ("report.pdf", "report-sr.dcm"):
        assert as_stranger.get(f"/api/v1/scans/{scan.id}/files/{name}").status_code == 404
        assert client.get(f"/scans/{scan.id}/versions/1/files/{name}").status_code == 404


def test_another_file_or_version_is_not_there(as_owner: Any, scan: Scan) -> None:
    where = f"/api/v1/scans/{scan.id}/files"
    assert as_owner.get(f"{where}/passwords.txt").status_code == 404
    assert as_owner.get(f"{where}/report.pdf?version=2").status_code == 404
    assert as_owner.get(f"{where}/report.pdf?version=x").status_code == 400


def test_a_picture_with_printed_text_does_not_leave(
    as_owner: Any, owner: User, patient: Patient
) -> None:
    printed = {"code": "burnt_in_text", "severity": "warning", "advice": "Text."}
    scan = stored_scan(patient, owner, quality=[printed])
    refused = as_owner.get(f"/api/v1/scans/{scan.id}/files/image.png-regions.png")
    assert refused.status_code == 400
    assert "may name the patient" in refused.json()["detail"]
    assert as_owner.get(f"/api/v1/scans/{scan.id}/files/measurements.csv").status_code == 200
    client = Client()
    client.force_login(owner)
    shown = client.get(f"/scans/{scan.id}/versions/1/files/image.png-regions.png", follow=True)
    assert "may name the patient" in shown.content.decode()


def test_what_did_not_come_as_dicom_is_not_sent_back(
    as_owner: Any, owner: User, patient: Patient
) -> None:
    scan = stored_scan(patient, owner)
    refused = as_owner.get(f"/api/v1/scans/{scan.id}/files/report-sr.dcm")
    assert refused.status_code == 400
    assert not AuditEvent.objects.filter(action="scan.send_back").exists()


def fetched(as_owner: Any, scan: Scan, name: str) -> tuple[bytes, pydicom.Dataset]:
    reply = as_owner.get(f"/api/v1/scans/{scan.id}/files/{name}")
    assert reply.status_code == 200
    return reply.content, pydicom.dcmread(BytesIO(reply.content))


def test_one_state_of_a_version_is_one_object_and_the_next_names_what_it_replaces(
    as_owner: Any, owner: User, scan: Scan
) -> None:
    owner.first_name, owner.last_name = "Ada", "Reader"
    owner.save()
    for name in ("regions-seg.dcm", "report-pdf.dcm"):
        assert fetched(as_owner, scan, name)[0] == fetched(as_owner, scan, name)[0]
    bytes_, draft = fetched(as_owner, scan, "report-sr.dcm")
    assert fetched(as_owner, scan, "report-sr.dcm")[0] == bytes_
    assert draft.VerificationFlag == "UNVERIFIED"

    assert as_owner.post(f"/api/v1/scans/{scan.id}/versions/1/confirmation/").status_code == 200
    _, final = fetched(as_owner, scan, "report-sr.dcm")
    assert final.VerificationFlag == "VERIFIED"
    assert final.VerifyingObserverSequence[0].VerifyingObserverName == "Reader^Ada"
    assert replaced(final) == {draft.SOPInstanceUID}

    scan.versions.update(software_version=__version__)
    add_version(scan, owner, scan.versions.get().measurement)
    _, corrected = fetched(as_owner, scan, "report-sr.dcm")
    assert corrected.VerificationFlag == "UNVERIFIED"
    assert replaced(corrected) == {final.SOPInstanceUID}
    assert corrected.InstanceNumber == 2
    told = {one.SeriesDescription for one in (draft, final, corrected)}
    assert len(told) == 3


def replaced(report: pydicom.Dataset) -> set[str]:
    return {
        document.ReferencedSOPInstanceUID
        for study in report.PredecessorDocumentsSequence
        for series in study.ReferencedSeriesSequence
        for document in series.ReferencedSOPSequence
    }


@pytest.mark.parametrize("kind", ["not dicom", "printed text", "another person"])
def test_nothing_is_offered_that_is_refused_when_it_is_asked_for(
    kind: str, as_owner: Any, owner: User, patient: Patient, scan: Scan
) -> None:
    printed = {"code": "burnt_in_text", "severity": "warning", "advice": "Text."}
    if kind == "another person":
        ScanIdentity.objects.filter(scan=scan).update(confirmed_at=None, confirmed_by=None)
    else:
        scan = stored_scan(patient, owner, quality=[printed] if kind == "printed text" else [])
    listed = as_owner.get(f"/api/v1/scans/{scan.id}/files/").json()["files"]
    assert {one["name"] for one in listed} >= {"report.pdf", "measurements.csv"}
    assert not any(one["names_the_patient"] for one in listed)
    for one in listed:
        assert as_owner.get(one["url"]).status_code == 200, one["name"]
