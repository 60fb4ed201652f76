"""Who may send by the DICOM network protocol, and what is answered; with pynetdicom as the peer."""

import logging
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dsutils import encode
from pynetdicom.events import Event

from imaging.intake.storage_classes import STORAGE_CLASSES, TRANSFER_SYNTAXES
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_sender import Sender
from riskapp.exchange.dimse import listening, sockets
from riskapp.exchange.dimse.listening import Listener
from riskapp.exchange.dimse.sockets import answer_at_once
from riskapp.exchange.receiving import RECEIVING, Outcome
from riskapp.exchange.storage_commitment import Report
from tests.drawn import spine_file

pytestmark = pytest.mark.enable_socket

SPINE = pydicom.dcmread(BytesIO(spine_file(1)))
CR, ECHO = "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.1.1"
CT_1 = Sender(
    name="ct-1",
    organisation="Clinic A",
    calling_ae_title="CT_1",
    addresses=("127.0.0.0/8",),
    called_ae_title="CLINIC_A",
)
EXPECTED_S = 20
CALLERS: list[socket.socket] = []


@dataclass
class FakeDesk:
    """Writes down what it was given."""

    answer: Outcome = Outcome.STORED
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    left: list[bool] = field(default_factory=list)
    heard: list[tuple[str, Report]] = field(default_factory=list)
    knows: bool = True
    before: Callable[[], None] = lambda: None

    def take(
        self, sender: Sender, visit: object, path: Path, sop_class_uid: str, instance_uid: str
    ) -> Outcome:
        self.before()
        self.taken.append((sender.name, instance_uid, path.read_bytes()))
        return self.answer

    def hear(self, sender: Sender, report: Report) -> bool:
        self.heard.append((sender.name, report))
        return self.knows

    def leave(self, visit: object, in_order: bool) -> None:
        self.left.append(in_order)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def received_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def listen(desk: FakeDesk, received_in: Path) -> Iterator[Callable[..., int]]:
    begun: list[Listener] = []

    def start(*senders: Sender) -> int:
        listener = Listener(senders or (CT_1,), desk, 0)
        listener.start()
        begun.append(listener)
        return listener.port

    yield start
    for one in begun:
        one.stop(0)
    while CALLERS:
        CALLERS.pop().close()


def call(port: int, calling: str = "CT_1", called: str = "CLINIC_A", **tls: Any) -> Association:
    entity = AE(calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = EXPECTED_S
    entity.add_requested_context(CR, list(TRANSFER_SYNTAXES[:2]))
    entity.add_requested_context(ECHO)
    handlers: Any = [(evt.EVT_CONN_OPEN, answer_at_once), (evt.EVT_CONN_OPEN, _remember)]
    return entity.associate("127.0.0.1", port, ae_title=called, evt_handlers=handlers, **tls)


def _remember(event: Event) -> None:
    """pynetdicom leaves a socket open that its peer has closed."""
    held = event.assoc.dul.socket
    if held is not None and held.socket is not None:
        CALLERS.append(held.socket)


def until(is_so: Callable[[], object]) -> None:
    """Wait for another thread."""
    end = time.monotonic() + EXPECTED_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


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


class TestSockets:
    def test_accepted_and_calling_sockets_send_at_once(self, listen: Any, desk: FakeDesk) -> None:
        seen: list[int] = []

        def look() -> None:
            for thread in threading.enumerate():
                if isinstance(thread, Association) and thread.is_acceptor:
                    held = thread.dul.socket
                    plain = held.socket if held is not None else None
                    if plain is not None and plain.fileno() >= 0:  # not one that is ending
                        seen.append(plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

        desk.before = look
        peer = call(listen())
        ours = peer.dul.socket
        assert ours is not None
        assert ours.socket is not None
        assert ours.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        peer.send_c_store(SPINE)
        peer.release()
        assert seen
        assert all(seen)

    def test_all_kinds_of_objects_in_all_their_syntaxes_are_accepted(self, listen: Any) -> None:
        port = listen()
        for syntax in TRANSFER_SYNTAXES:
            entity = AE("CT_1")
            for uid in STORAGE_CLASSES:
                entity.add_requested_context(uid, [syntax])
            peer = entity.associate("127.0.0.1", port, ae_title="CLINIC_A")
            assert len(peer.accepted_contexts) == len(STORAGE_CLASSES)
            peer.release()

    def test_associations_run_beside_each_other(self, listen: Any, desk: FakeDesk) -> None:
        port, together = listen(), threading.Barrier(4)
        desk.before = lambda: together.wait(EXPECTED_S) and None
        peers = [call(port) for _ in range(4)]
        sending = [threading.Thread(target=peer.send_c_store, args=(SPINE,)) for peer in peers]
        for one in sending:
            one.start()
        for one in sending:
            one.join()
        for peer in peers:
            peer.release()
        assert len(desk.taken) == 4

    def test_one_association_too_many_is_told_to_come_later(
        self, listen: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listening, "RECEIVING", replace(RECEIVING, associations=2))
        port = listen()
        peers = [call(port) for _ in range(3)]
        assert [peer.is_established for peer in peers] == [True, True, False]
        said = peers[2].acceptor.primitive
        assert said is not None
        assert (said.result, said.result_source, said.diagnostic) == (2, 3, 2)
        for peer in peers[:2]:
            peer.release()


def _half(peer: Association, bytes_of_it: int) -> socket.socket:
    """Begin an object by hand and give the connection on which it goes on."""
    command = Dataset()
    context = next(one for one in peer.accepted_contexts if one.abstract_syntax == CR)
    command.AffectedSOPClassUID = CR
    command.CommandField, command.MessageID, command.Priority = 0x0001, 1, 0
    command.CommandDataSetType = 0x0001
    command.AffectedSOPInstanceUID = "1.2.3"
    told = encode(command, True, True)
    assert told is not None
    length = Dataset()
    length.CommandGroupLength = len(told)
    told = (encode(length, True, True) or b"") + told
    held = peer.dul.socket
    assert held is not None
    assert held.socket is not None
    assert context.context_id is not None
    for kind, data in ((3, told), (0, bytes(bytes_of_it))):
        value = struct.pack(">IBB", len(data) + 2, context.context_id, kind) + data
        held.socket.sendall(struct.pack(">BBI", 4, 0, len(value)) + value)
    return held.socket


def _is_cut_off(connection: socket.socket) -> bool:
    """Send one byte more of a data unit, and see whether anybody wants it."""
    try:
        connection.sendall(b"\x04")
    except OSError:
        return True
    return False


class TestHostilePeers:
    def test_an_object_that_is_cut_off_leaves_nothing(
        self, listen: Any, desk: FakeDesk, received_in: Path
    ) -> None:
        peer = call(listen())
        connection = _half(peer, 10_000)
        until(lambda: list(received_in.iterdir()))
        connection.shutdown(socket.SHUT_RDWR)
        until(lambda: desk.left)
        until(lambda: not list(received_in.iterdir()))
        assert (desk.left, desk.taken) == ([False], [])

    def test_an_object_that_does_not_end_is_cut_off(
        self, listen: Any, desk: FakeDesk, received_in: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Small:
            file_bytes = 100_000

        monkeypatch.setattr(sockets, "LIMITS", Small)
        peer = call(listen())
        _half(peer, 110_000)
        until(lambda: peer.is_aborted or not peer.is_established)
        until(lambda: desk.left)
        assert desk.left == [False]
        until(lambda: not list(received_in.iterdir()))

    def test_objects_are_counted_one_by_one(
        self, listen: Any, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Small:
            file_bytes = 600_000

        assert 500_000 < len(spine_file(1)) < 600_000
        monkeypatch.setattr(sockets, "LIMITS", Small)
        peer = call(listen())
        for _ in range(3):
            assert peer.send_c_store(SPINE).Status == 0x0000
        peer.release()

    def test_a_data_unit_of_4_gib_is_not_waited_for(self, listen: Any, desk: FakeDesk) -> None:
        peer = call(listen())
        held = peer.dul.socket
        assert held is not None
        assert held.socket is not None
        held.socket.sendall(struct.pack(">BBI", 4, 0, 0xFFFFFFFF))
        until(lambda: desk.left)
        assert desk.left == [False]

    def test_a_trickle_is_cut_off(
        self, listen: Any, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        peer = call(listen())
        monkeypatch.setattr(sockets, "RECEIVING", replace(RECEIVING, object_s=0))
        connection = _half(peer, 100)
        until(lambda: _is_cut_off(connection))
        until(lambda: desk.left)

    def test_a_peer_that_says_nothing_is_not_waited_for(
        self, listen: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listening, "RECEIVING", replace(RECEIVING, association_s=1))
        port = listen()
        with socket.create_connection(("127.0.0.1", port), EXPECTED_S) as silent:
            assert silent.recv(1) == b""

    def test_what_is_no_dicom_is_hung_up_on(self, listen: Any) -> None:
        port = listen()
        with socket.create_connection(("127.0.0.1", port), EXPECTED_S) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            stranger.recv(100)
        peer = call(port)
        assert peer.send_c_echo().Status == 0x0000
        peer.release()

    def test_no_more_connections_than_there_may_be_are_held(
        self, listen: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sockets, "RECEIVING", replace(RECEIVING, connections=1))
        port = listen()
        peer = call(port)
        with socket.create_connection(("127.0.0.1", port), EXPECTED_S) as another:
            assert another.recv(1) == b""
        peer.release()


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
    stopping = threading.Thread(target=listener.stop, args=(EXPECTED_S,))
    stopping.start()
    until(lambda: not _lets_in(listener.port))
    going.set()
    sending.join()
    peer.release()
    stopping.join()
    assert answers[0].Status == 0x0000
    assert desk.left == [True]
