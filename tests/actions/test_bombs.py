"""Bombs that come in as uploads, by the page and by the other programs' door, harm nobody."""

import time
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from imaging.isolated.asking import CHILD_LIMITS
from riskapp.actions.measuring import measure_next
from riskapp.actions.queueing import this_process
from riskapp.models import Patient, Scan
from tests.imaging.bombs import BOMBS

NAMES = ("archives in an archive", "a PDF of forms of forms", "a NIfTI of nothing")


@pytest.mark.parametrize("name", NAMES)
def test_an_uploaded_bomb_becomes_a_sentence_and_nothing_of_it_stays(
    name: str, owner: User, patient: Patient, client: Client, tmp_path: Path
) -> None:
    client.force_login(owner)
    file = SimpleUploadedFile("scan", BOMBS[name]())
    reply = client.post(f"/patients/{patient.id}/scans/", {"files": file})
    assert reply.status_code == 302
    begun = time.monotonic()
    assert measure_next(this_process())
    assert time.monotonic() - begun < CHILD_LIMITS.wall_seconds / 2
    scan = Scan.objects.get()
    assert scan.status in {Scan.Status.UNREADABLE, Scan.Status.REFUSED}
    assert scan.reason.endswith(".")
    assert not list((tmp_path / "received").glob("*"))
    assert scan.reason.split(".")[0] in client.get(f"/scans/{scan.id}/").content.decode()
