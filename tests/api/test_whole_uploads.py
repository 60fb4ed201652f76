"""What was cut off, or holds a file that nobody can name, is not taken for a whole upload."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.models import CohortFile, Patient, Scan
from riskapp.whole_upload import PartsSent

HEAD = 'Content-Disposition: form-data; name="files"; filename="{}"\r\n\r\n'
KIND = "multipart/form-data; boundary=mark"


def message(*names: str) -> bytes:
    parts = "".join(f"--mark\r\n{HEAD.format(name)}pixels\r\n" for name in names)
    return f"{parts}--mark--\r\n".encode("latin-1")


def sent(client: Client, patient: Patient, body: bytes) -> int:
    address = f"/patients/{patient.id}/scans/"
    return client.post(address, data=body, content_type=KIND).status_code


@pytest.mark.parametrize("left", [20, 60, 100, 150])
def test_an_upload_that_was_cut_off_leaves_nothing(
    owner: User, patient: Patient, client: Client, left: int
) -> None:
    client.force_login(owner)
    whole = message("a.dcm", "b.dcm")
    assert sent(client, patient, whole[:left]) == 400
    assert not Scan.objects.exists()
    assert sent(client, patient, whole) == 302
    assert Scan.objects.get().received_files.count() == 2


@pytest.mark.parametrize("name", ["M\xfcller.dcm", "..", "/"])
def test_a_file_that_cannot_be_named_is_not_left_out_unsaid(
    owner: User, patient: Patient, as_owner: Client, name: str
) -> None:
    body = message("a.dcm", name, "b.dcm")
    patient_part = f'--mark\r\nContent-Disposition: form-data; name="patient"\r\n\r\n{patient.id}'
    body = f"{patient_part}\r\n".encode() + body
    reply = as_owner.generic("POST", "/api/v1/scans/", body, content_type=KIND)
    assert reply.status_code == 400
    assert "rename it in plain letters" in reply.json()["detail"]
    assert not Scan.objects.exists()
    assert not CohortFile.objects.exists()


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_files_are_counted_wherever_the_bytes_are_cut(size: int) -> None:
    told = message("a", "", "b--mar", "c")
    parts = PartsSent(b"mark")
    for at in range(0, len(told), size):
        parts.see(told[at : at + size])
    assert (parts.files, parts.has_ended) == (3, True)
    cut = PartsSent(b"mark")
    cut.see(told[:-5])
    assert not cut.has_ended
