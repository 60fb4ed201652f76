"""A listener with a desk that writes down what it was given, and pynetdicom as the peer."""

import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.events import Event

from imaging.intake.storage_classes import TRANSFER_SYNTAXES
from riskapp.exchange.connection_sender import Sender
from riskapp.exchange.dimse.listening import Listener
from riskapp.exchange.dimse.sockets import answer_at_once
from riskapp.exchange.receiving import Outcome
from riskapp.exchange.storage_commitment import Report
from tests.drawn import spine_file

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
    close_callers()


def call(port: int, calling: str = "CT_1", called: str = "CLINIC_A", **tls: Any) -> Association:
    entity = AE(calling)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = EXPECTED_S
    entity.add_requested_context(CR, list(TRANSFER_SYNTAXES[:2]))
    entity.add_requested_context(ECHO)
    handlers: Any = [(evt.EVT_CONN_OPEN, answer_at_once), (evt.EVT_CONN_OPEN, remember)]
    return entity.associate("127.0.0.1", port, ae_title=called, evt_handlers=handlers, **tls)


def remember(event: Event) -> None:
    """pynetdicom leaves a socket open that its peer has closed."""
    held = event.assoc.dul.socket
    if held is not None and held.socket is not None:
        CALLERS.append(held.socket)


def close_callers() -> None:
    while CALLERS:
        CALLERS.pop().close()


def until(is_so: Callable[[], object]) -> None:
    """Wait for another thread."""
    end = time.monotonic() + EXPECTED_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
