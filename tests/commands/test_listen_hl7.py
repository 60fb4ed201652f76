"""The port for HL7 v2 as a sender sees it: raw sockets, framing written anew."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from riskapp.actions.registering import register_clinician
from riskapp.exchange.connection_messages import MessageSource
from riskapp.exchange.hl7v2.acknowledging import code_of
from riskapp.management import hl7_listener
from riskapp.models import Patient
from tests.exchange.hl7v2.messages import ADT_23, ADT_251

Listening = Callable[..., int]


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def listening() -> Iterator[Listening]:
    """Starts a listener in a thread; gives its port."""
    ends: list[Callable[[], None]] = []

    def start(**settings: Any) -> int:
        port = free_port()
        source = MessageSource(
            name="adt", organisation="Clinic A", port=port, authority="MCM", **settings
        )
        ready, stop, loops = threading.Event(), asyncio.Event(), []

        async def run() -> None:
            loops.append(asyncio.get_running_loop())
            asyncio.get_running_loop().call_later(0.05, ready.set)
            await hl7_listener.listen([source], stop)

        thread = threading.Thread(target=lambda: asyncio.run(run()))
        thread.start()
        assert ready.wait(5)

        def end() -> None:
            loops[0].call_soon_threadsafe(stop.set)
            thread.join()

        ends.append(end)
        return port

    yield start
    for end in ends:
        end()


@pytest.fixture
def echoing(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was taken, answered by itself."""
    taken: list[bytes] = []

    def take(source: MessageSource, block: bytes) -> bytes:
        taken.append(block)
        return b"answer " + block

    monkeypatch.setattr(hl7_listener, "_taken", take)
    return taken


def framed(body: bytes) -> bytes:
    return b"\x0b" + body + b"\x1c\x0d"


def answer_of(line: socket.socket) -> bytes:
    """One block, or nothing where the other end has gone."""
    got = b""
    while not got.endswith(b"\x1c\x0d"):
        try:
            part = line.recv(1)  # as two answers may come at once
        except ConnectionError:
            return b""
        if not part:
            return b""
        got += part
    return got[1:-2]


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 10)


def test_several_senders_are_heard_and_each_keeps_its_connection(
    listening: Listening, echoing: list[bytes]
) -> None:
    port = listening()
    with connected(port) as one, connected(port) as other:
        for number in range(3):
            for line in (one, other):
                line.sendall(framed(b"%d" % number))
                assert answer_of(line) == b"answer %d" % number


def test_a_slow_sender_and_two_messages_at_once_are_taken_apart(
    listening: Listening, echoing: list[bytes]
) -> None:
    with connected(listening()) as line:
        for byte in framed(b"slow"):
            line.sendall(bytes([byte]))
        assert answer_of(line) == b"answer slow"
        line.sendall(framed(b"a") + framed(b"b"))
        assert answer_of(line) == b"answer a"
        assert answer_of(line) == b"answer b"


def test_what_is_cut_off_is_not_taken(listening: Listening, echoing: list[bytes]) -> None:
    port = listening()
    with connected(port) as line:
        line.sendall(b"\x0bMSH|half")
    with connected(port) as line:
        line.sendall(framed(b"whole"))
        assert answer_of(line) == b"answer whole"
    assert echoing == [b"whole"]


@pytest.mark.parametrize("body", [b"no start\x1c\x0d", b"GET / HTTP/1.1\r\n\r\n\x1c\x0d"])
def test_what_is_no_block_ends_the_connection(
    listening: Listening, echoing: list[bytes], body: bytes
) -> None:
    with connected(listening()) as line:
        line.sendall(body)
        assert answer_of(line) == b""
    assert echoing == []


def test_more_than_may_be_ends_the_connection(
    listening: Listening, echoing: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hl7_listener, "MOST_BYTES", 1000)
    port = listening()
    with connected(port) as line:
        line.sendall(framed(b"x" * 990))
        assert answer_of(line).startswith(b"answer")
    with connected(port) as line:
        line.sendall(framed(b"x" * 5000))
        assert answer_of(line) == b""
    assert len(echoing) == 1


def test_who_is_silent_or_not_let_in_is_cut_off(
    listening: Listening, echoing: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(listening(idle_s=1)) as line:
        assert answer_of(line) == b""
    with connected(listening(allowed=("10.0.0.0/8",))) as line:
        assert answer_of(line) == b""
    monkeypatch.setattr(hl7_listener, "MOST_CONNECTIONS", 1)
    port = listening()
    with connected(port) as one:
        one.sendall(framed(b"first"))
        assert answer_of(one) == b"answer first"
        with connected(port) as other:
            assert answer_of(other) == b""
    assert echoing == [b"first"]


@pytest.mark.django_db(transaction=True)
def test_a_patient_is_there_when_the_sender_is_told_so(listening: Listening) -> None:
    register_clinician(username="owner", password=None, organisation="Clinic A")
    with connected(listening()) as line:
        for text in (ADT_23, ADT_23, ADT_251):
            line.sendall(framed(text.encode()))
            assert code_of(answer_of(line))[0] == "AA"
            assert Patient.objects.count() == 1
        line.sendall(framed(b"PID|"))
        assert code_of(answer_of(line))[0] == "AR"


@pytest.mark.parametrize("text", ["", "[[message_source]]\nname = 1", "nonsense"])
def test_without_a_source_there_is_a_sentence(settings: Settings, tmp_path: Any, text: str) -> None:
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    settings.CONNECTIONS_FILE.write_text(text)
    with pytest.raises(CommandError) as reason:
        call_command("listen_hl7")
    assert str(reason.value).endswith(".")
