"""Broken objects that another system sends, and broken files that a program uploads."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from riskapp.models import ArrivedFile, Patient, Scan
from tests.actions.arrivals import peer, send
from tests.api.test_dicomweb import stow
from tests.imaging.hostile_files import every

__all__ = ["peer", "send"]
# Every seventh is of another place, maker and kind than the one before.
SOME = 17
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_each_broken_object_of_a_message_is_answered_for_itself(
    as_owner: Any, temporary: Path
) -> None:
    objects = [data for _, data in every()][::SOME]
    answered = 0
    for at in range(0, len(objects), 30):
        reply = stow(as_owner, *objects[at : at + 30])
        assert reply.status_code in (200, 202, 409)
        told = reply.json()
        for name in ("00081199", "00081198", "0008119A"):  # taken, failed, failed without a name
            answered += len(told.get(name, {}).get("Value", ()))
    assert answered == len(objects)
    assert not list(temporary.iterdir())


def test_each_broken_object_of_a_scanner_is_answered_for_itself(send: Any, temporary: Path) -> None:
    objects = [data for _, data in every()][3::SOME]
    received = send(*objects).objects
    assert len(received) == len(objects)
    taken = [one for one in received if one.outcome.is_success]
    assert ArrivedFile.objects.count() <= len(taken) < len(objects)
    assert not list(temporary.iterdir())


def test_broken_files_of_an_upload_are_kept_for_a_worker_or_refused_in_a_sentence(
    as_owner: Any, patient: Patient, temporary: Path
) -> None:
    for name, data in list(every())[::97]:
        files = [SimpleUploadedFile(name, data or b"\0")]
        body = {"patient": str(patient.id), "files": files}
        reply = as_owner.post("/api/v1/scans/", body, format="multipart")
        assert reply.status_code in (202, 400), reply.content
        if reply.status_code == 400:
            assert reply.json()["detail"].endswith(".")
    assert Scan.objects.exists()
    assert not list(temporary.iterdir())
