"""Who may send by the DICOM network protocol, and what is answered; with pynetdicom as the peer."""

import logging
import socket
import threading
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pynetdicom.dimse_primitives import C_STORE

from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.dimse.listening import Listener
from riskapp.exchange.receiving import Outcome
from tests.drawn import spine_file
from tests.exchange.dicom_listening import (
    CT_1,
    EXPECTED_S,
    SPINE,
    FakeDesk,
    call,
    desk,
    listen,
    received_in,
    until,
)

__all__ = ["desk", "listen", "received_in"]
pytestmark = pytest.mark.enable_socket


def test_an_object_arrives_as_a_file_and_its_sender_is_answered(
    listen: Any, desk: FakeDesk, received_in: Path
) -> None:
    peer = call(listen())
    assert peer.send_c_echo().Status == 0x0000
    assert peer.send_c_store(SPINE).Status == 0x0000
    peer.release()
    until(lambda: desk.left)
    assert desk.left == [True]
    ((sender, uid, data),) = desk.taken
    assert (sender, uid) == ("ct-1", SPINE.SOPInstanceUID)
    arrived = pydicom.dcmread(BytesIO(data))
    assert arrived.PixelData == SPINE.PixelData
    assert arrived.StudyInstanceUID == SPINE.StudyInstanceUID
    assert not list(received_in.iterdir())


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_became_of_it_is_told_with_a_sentence(
    listen: Any, desk: FakeDesk, outcome: Outcome
) -> None:
    desk.answer = outcome
    peer = call(listen())
    answer = peer.send_c_store(SPINE)
    assert answer.Status == outcome.status
    assert answer.get("ErrorComment", "") == ("" if outcome.is_success else outcome.sentence)
    assert len(outcome.sentence) <= 64
    peer.release()


def test_an_object_that_is_announced_and_not_sent_is_not_understood(
    listen: Any, desk: FakeDesk
) -> None:
    peer = call(listen())
    peer._reactor_checkpoint.clear()  # so that the answer is ours to read
    asked = C_STORE()
    asked.MessageID, asked.Priority = 1, 2
    asked.AffectedSOPClassUID = SPINE.SOPClassUID
    asked.AffectedSOPInstanceUID = SPINE.SOPInstanceUID
    (context,) = (one for one in peer.accepted_contexts if one.abstract_syntax == SPINE.SOPClassUID)
    peer.dimse.send_msg(asked, context.context_id)
    _, answer = peer.dimse.get_msg(block=True)
    peer._reactor_checkpoint.set()
    assert answer.Status == Outcome.NOT_UNDERSTOOD.status
    peer.release()
    assert not desk.taken


def test_a_fault_of_ours_is_not_blamed_on_the_object(
    listen: Any, desk: FakeDesk, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> None:
        raise RuntimeError("Ada Example")

    desk.before = fails
    peer = call(listen())
    assert peer.send_c_store(SPINE).Status == 0x0110
    peer.release()


class TestWhoMay:
    @pytest.mark.parametrize(
        ("calling", "called", "reason"),
        [("CT_2", "CLINIC_A", 0x03), ("ct_1", "CLINIC_A", 0x03), ("CT_1", "CLINIC_B", 0x07)],
    )
    def test_titles_that_are_not_expected_are_rejected(
        self, listen: Any, calling: str, called: str, reason: int
    ) -> None:
        peer = call(listen(), calling, called)
        assert peer.is_rejected
        said = peer.acceptor.primitive
        assert said is not None
        assert (said.result, said.result_source, said.diagnostic) == (1, 1, reason)

    @pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.2", "::1"])
    def test_an_address_that_is_not_expected_is_rejected(self, listen: Any, address: str) -> None:
        assert call(listen(replace(CT_1, addresses=(address,)))).is_rejected

    def test_by_the_title_that_is_called_the_same_scanner_is_another_organisations(
        self, listen: Any, desk: FakeDesk
    ) -> None:
        other = replace(CT_1, name="ct-1-b", organisation="Clinic B", called_ae_title="CLINIC_B")
        port = listen(CT_1, other)
        for called in ("CLINIC_B", "CLINIC_A"):
            peer = call(port, called=called)
            peer.send_c_store(SPINE)
            peer.release()
        assert [name for name, _, _ in desk.taken] == ["ct-1-b", "ct-1"]

    def test_no_name_of_a_person_is_logged(
        self, listen: Any, desk: FakeDesk, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        named = pydicom.dcmread(BytesIO(spine_file(1)))
        named.PatientName = "Qqzx^Ada"
        peer = call(listen())
        peer.send_c_store(named)
        peer.release()
        listened = [one for one in caplog.records if one.name.startswith("riskapp")]
        assert not any("Qqzx" in one.getMessage() for one in listened)

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"calling_ae_title": ""}, "16 letters"),
            ({"calling_ae_title": "A" * 17}, "16 letters"),
            ({"called_ae_title": "A\\B"}, "16 letters"),
            ({"addresses": ()}, "where it may call from"),
            ({"addresses": ("pacs.example",)}, "IP addresses"),
            ({"listen_on": "everywhere"}, "IP address of this machine"),
            ({"port": 0}, "port is from"),
            ({"port": 65_536}, "port is from"),
            ({"certificate": "a.pem"}, "come together"),
            ({"client_ca": "a.pem"}, "needs certificate"),
        ],
    )
    def test_slips_in_an_entry_are_told(self, wrong: dict[str, Any], sentence: str) -> None:
        with pytest.raises(UnusableConnection, match=sentence):
            replace(CT_1, **wrong)

    def test_the_ends_of_what_may_stand_there_are_taken(self) -> None:
        assert replace(CT_1, calling_ae_title="A" * 16, port=65_535)
        assert CT_1.calls_from("::ffff:127.0.0.1")

    def test_one_port_has_one_certificate(self, desk: FakeDesk) -> None:
        with pytest.raises(UnusableConnection, match="differ"):
            Listener([CT_1, replace(CT_1, certificate="a", key="b")], desk, 0)


def _lets_in(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), EXPECTED_S).close()
    except OSError:
        return False
    return True


def test_who_is_inside_may_finish_when_the_door_closes(desk: FakeDesk, received_in: Path) -> None:
    listener = Listener((CT_1,), desk, 0)
    listener.start()
    peer, going = call(listener.port), threading.Event()
    desk.before = lambda: going.wait(EXPECTED_S) and None
    answers: list[Any] = []
    sending = threading.Thread(target=lambda: answers.append(peer.send_c_store(SPINE)))
    sending.start()
    until(lambda: list(received_in.iterdir()))
    silent = socket.create_connection(("127.0.0.1", listener.port), EXPECTED_S)
    stopping = threading.Thread(target=listener.stop, args=(EXPECTED_S,))
    stopping.start()
    until(lambda: not _lets_in(listener.port))
    with silent, suppress(ConnectionResetError):
        assert silent.recv(1) == b""  # who has not said who it is
    going.set()
    sending.join()
    peer.release()
    stopping.join()
    assert answers[0].Status == 0x0000
    assert desk.left == [True]
