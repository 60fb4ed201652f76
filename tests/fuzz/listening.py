"""A listener of the DICOM network protocol whose threads tell where they broke.

That something comes out of turn pynetdicom raises where it read it, which ends the association.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from pynetdicom.association import Association
from pynetdicom.fsm import InvalidEventError

from riskapp.exchange.connection_sender import Sender
from riskapp.exchange.dimse.listening import Listener
from riskapp.exchange.receiving import Outcome
from riskapp.exchange.storage_commitment import Report

LONGEST_S = 30


class Desk:
    """Takes whatever comes and keeps nothing."""

    def take(self, sender: Sender, visit: object, path: Path, kind: str, uid: str) -> Outcome:
        path.read_bytes()
        return Outcome.STORED

    def hear(self, sender: Sender, report: Report) -> bool:
        return True

    def leave(self, visit: object, in_order: bool) -> None:
        pass


@cache
def _listener() -> tuple[int, Path, list[str]]:
    """One for the process: where it listens, where objects lie meanwhile, and what broke."""
    folder, failed = Path(tempfile.mkdtemp()), list[str]()

    def broke(told: threading.ExceptHookArgs) -> None:
        if not isinstance(told.exc_value, InvalidEventError):
            failed.append(repr(told.exc_value))

    threading.excepthook = broke
    anybody = Sender(
        name="x",
        organisation="x",
        calling_ae_title="CT_1",
        addresses=("127.0.0.0/8",),
        called_ae_title="CLINIC_A",
    )
    listener = Listener((anybody,), Desk(), 0)
    listener.start()
    return listener.port, folder, failed


@contextmanager
def listening() -> Iterator[tuple[int, Path, list[str]]]:
    """The listener, while objects are put into its own folder."""
    port, folder, failed = _listener()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield port, folder, failed
    finally:
        tempfile.tempdir = before


def all_ended() -> bool:
    """Whether no association is left of who has gone, waited for a while."""
    until = time.monotonic() + LONGEST_S
    while any(isinstance(one, Association) for one in threading.enumerate()):
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True
