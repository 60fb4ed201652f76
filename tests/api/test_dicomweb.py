"""STOW-RS: each object is answered for itself, as PS3.18 section 10.5 has it."""

from io import BytesIO
from typing import Any

import pydicom
import pytest
from django.contrib.auth.models import User
from django.test import Client
from pydicom.dataset import Dataset

from riskapp.api import dicomweb
from riskapp.exchange.receiving import ReceivingLimits
from riskapp.models import Arrival, ArrivedFile, Patient
from tests.actions.arrivals import ADA, SPINE, of
from tests.exchange.test_multipart_related import message

TYPE = 'multipart/related; type="application/dicom"; boundary=B'


def stow(caller: Any, *files: bytes, study: str = "", kind: str = TYPE, **of_it: Any) -> Any:
    data = of_it.pop("data", message(*files))
    address = f"/dicomweb/studies/{study}" if study else "/dicomweb/studies"
    return caller.generic("POST", address, data, kind, **of_it)


def answer(reply: Any) -> Dataset:
    assert reply["Content-Type"] == "application/dicom+json"
    return Dataset.from_json(reply.content.decode())


def test_objects_of_a_known_patient_are_stored(as_owner: Any, patient: Patient) -> None:
    data = of(**ADA)
    reply = stow(as_owner, data)
    assert reply.status_code == 200
    told = answer(reply)
    (one,) = told.ReferencedSOPSequence
    assert one.ReferencedSOPInstanceUID == pydicom.dcmread(BytesIO(data)).SOPInstanceUID
    # Nothing can be fetched from here, and no address pretends it.
    assert not told.RetrieveURL
    assert not one.RetrieveURL
    arrival = Arrival.objects.get()
    assert arrival.source == "stow:owner"
    assert ArrivedFile.objects.get().size_bytes == len(data)


def test_some_of_them_are_not_taken(as_owner: Any) -> None:
    ultrasound = of(SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1", SOPInstanceUID="1.2.3")
    reply = stow(as_owner, of(**ADA), ultrasound, b"no DICOM")
    assert reply.status_code == 202
    told = answer(reply)
    assert len(told.ReferencedSOPSequence) == 1
    assert told.FailedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.3"
    assert told.FailedSOPSequence[0].FailureReason == 0x0122
    assert told.OtherFailuresSequence[0].FailureReason == 0xC000


def test_none_of_them_is_taken(as_owner: Any) -> None:
    reply = stow(as_owner, b"no DICOM")
    assert reply.status_code == 409
    assert "ReferencedSOPSequence" not in answer(reply)


def test_the_study_of_the_address_is_the_only_one(as_owner: Any) -> None:
    one = of(StudyInstanceUID="1.2.3")
    reply = stow(as_owner, one, of(StudyInstanceUID="1.2.4", SOPInstanceUID="1.9"), study="1.2.3")
    assert reply.status_code == 202
    assert answer(reply).FailedSOPSequence[0].FailureReason == 0xC409


def test_the_same_object_again_is_a_success_and_another_of_its_uid_is_not(as_owner: Any) -> None:
    assert stow(as_owner, of(**ADA)).status_code == 200
    assert stow(as_owner, of(**ADA)).status_code == 200
    assert ArrivedFile.objects.count() == 1
    other = stow(as_owner, of(**(ADA | {"PatientID": "A-2"})))
    assert other.status_code == 409
    assert answer(other).FailedSOPSequence[0].FailureReason == 0x0111


class TestMessages:
    @pytest.mark.parametrize(
        ("data", "kind", "status"),
        [
            (message(), TYPE, 400),
            (b"", TYPE, 400),
            (message(SPINE), TYPE.replace("boundary=B", ""), 400),
            (message(SPINE), TYPE.replace("=B", "=" + "x" * 129), 400),
            (message(SPINE)[:-20], TYPE, 400),
            (message(SPINE, head=b"X: " + b"x" * 9000 + b"\r\n\r\n"), TYPE, 400),
            (SPINE, "application/dicom", 415),
            (message(SPINE), "multipart/form-data; boundary=B", 415),
            (message(SPINE), TYPE.replace("dicom", "dicom+json"), 415),
            (message(SPINE), "multipart/related; boundary=B", 415),
            (message(SPINE), "", 415),
        ],
        ids=range(11),
    )
    def test_a_message_that_cannot_be_taken_is_refused_in_a_sentence(
        self, as_owner: Any, data: bytes, kind: str, status: int
    ) -> None:
        reply = stow(as_owner, data=data, kind=kind)
        assert reply.status_code == status
        assert reply["Content-Type"] == "application/problem+json"
        assert reply.json()["detail"].endswith((".", "..."))
        assert not Arrival.objects.exists()

    def test_what_came_before_the_cut_is_stored_and_the_cut_is_said(self, as_owner: Any) -> None:
        whole = message(of(**ADA), of(**ADA, SOPInstanceUID="1.2.3"))
        reply = stow(as_owner, data=whole[:-100])
        assert reply.status_code == 202
        told = answer(reply)
        assert len(told.ReferencedSOPSequence) == len(told.OtherFailuresSequence) == 1
        assert ArrivedFile.objects.count() == 1

    def test_a_part_of_another_kind_is_a_failure_of_its_own(self, as_owner: Any) -> None:
        reply = stow(as_owner, data=message(SPINE, head=b"Content-Type: text/plain\r\n\r\n"))
        assert reply.status_code == 409
        assert answer(reply).OtherFailuresSequence[0].FailureReason == 0xC000

    def test_more_than_one_upload_may_have_is_refused(
        self, as_owner: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data = message(SPINE)
        for limit, status in ((len(data), 200), (len(data) - 1, 413)):
            monkeypatch.setattr(dicomweb, "RECEIVING", ReceivingLimits(request_bytes=limit))
            assert stow(as_owner, data=data).status_code == status

    def test_a_body_without_a_length_needs_a_server_that_ends_it(self, as_owner: Any) -> None:
        chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
        assert stow(as_owner, SPINE, **chunked).status_code == 411
        body = BytesIO(message(SPINE))
        ended = chunked | {"wsgi.input_terminated": True, "wsgi.input": body}
        assert stow(as_owner, SPINE, **ended).status_code == 200


class TestWhoMay:
    def test_nobody_without_a_key(self, db: None) -> None:
        assert stow(Client(), SPINE).status_code == 401

    def test_what_another_organisation_sent_is_not_known_here(
        self, as_owner: Any, as_stranger: Any, stranger: User
    ) -> None:
        assert stow(as_owner, of(**ADA)).status_code == 200
        assert stow(as_stranger, of(**(ADA | {"PatientID": "B-1"}))).status_code == 200
        assert Arrival.objects.count() == 2

    def test_somebody_of_no_organisation_is_told(self, as_owner: Any, owner: User) -> None:
        owner.membership.delete()
        assert stow(as_owner, SPINE).status_code == 403


def test_nothing_of_a_patient_is_logged(as_owner: Any, caplog: pytest.LogCaptureFixture) -> None:
    broken = of(**(ADA | {"PatientBirthDate": "19550601"}))
    stow(as_owner, broken[:600], of(**ADA), of(**(ADA | {"PatientName": "Else^Eva"})))
    assert "not taken" in caplog.text
    for secret in ("Example", "Else", "A-1", "1955"):
        assert secret not in caplog.text
