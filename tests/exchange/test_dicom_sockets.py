"""Connections of the DICOM network protocol: many beside each other, and hostile ones cut off."""

import socket
import struct
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.dsutils import encode

from imaging.intake.storage_classes import STORAGE_CLASSES, TRANSFER_SYNTAXES
from riskapp.exchange.dimse import listening, sockets
from riskapp.exchange.receiving import RECEIVING
from tests.drawn import spine_file
from tests.exchange.dicom_listening import (
    CR,
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


def _greets(port: int) -> bool:
    peer = call(port)
    if not peer.is_established:
        return False
    peer.release()
    return True


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

    def test_a_caller_that_hangs_up_without_a_word_holds_no_place(
        self, listen: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listening, "RECEIVING", replace(RECEIVING, associations=1))
        port = listen()
        socket.create_connection(("127.0.0.1", port), EXPECTED_S).close()
        until(lambda: _greets(port))

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
