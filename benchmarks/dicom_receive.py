"""Objects received by C-STORE and durably on the disk, with and without TCP_NODELAY, in turns.

``python -m benchmarks.dicom_receive`` prints it; sender and receiver share one process and its
cores, and no database is written to, so that the network's part is seen.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt

from imaging.phantoms import dxa_spine_dicom
from riskapp.exchange.connection_sender import Sender
from riskapp.exchange.dimse import sockets
from riskapp.exchange.dimse.listening import Listener
from riskapp.exchange.dimse.sockets import answer_at_once
from riskapp.exchange.receiving import Outcome
from riskapp.exchange.storage_commitment import Report

ROUNDS, OBJECTS = 5, 40
PEER = Sender(name="bench", organisation="-", calling_ae_title="BENCH", addresses=("127.0.0.1",))


class Desk:
    """Keeps each object durably under a second name, as the product does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, sender: Sender, visit: object, path: Path, *of_it: str) -> Outcome:
        kept = self._folder / uuid4().hex
        kept.hardlink_to(path)
        for place in (kept, self._folder):
            handle = os.open(place, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
        return Outcome.STORED

    def hear(self, sender: Sender, report: Report) -> bool:
        return False

    def leave(self, visit: object, in_order: bool) -> None:
        return None


def main() -> None:
    """Print objects per second of both, medians of rounds in turns."""
    for name, dataset in (("568 kB", _spine()), ("10 kB", _small())):
        rates: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(ROUNDS):
            for at_once in (True, False):
                rates[at_once].append(_rate(dataset, at_once))
        quick, slow = (statistics.median(rates[at_once]) for at_once in (True, False))
        sys.stdout.write(
            f"objects of {name}: {quick:.0f}/s with TCP_NODELAY, {slow:.0f}/s without, "
            f"{quick / slow:.1f} times as many\n"
        )


def _rate(dataset: Dataset, at_once: bool) -> float:
    with _listening(at_once) as port:
        entity = AE(PEER.calling_ae_title)
        entity.add_requested_context(dataset.SOPClassUID)
        handlers: Any = [(evt.EVT_CONN_OPEN, answer_at_once)] if at_once else []
        peer = entity.associate(
            "127.0.0.1", port, ae_title=PEER.called_ae_title, evt_handlers=handlers
        )
        begun = time.perf_counter()
        for _ in range(OBJECTS):
            dataset.SOPInstanceUID = generate_uid()
            assert peer.send_c_store(dataset).Status == 0
        took = time.perf_counter() - begun
        peer.release()
    return OBJECTS / took


@contextmanager
def _listening(at_once: bool) -> Iterator[int]:
    option = sockets.without_delay if at_once else lambda connection: None
    with tempfile.TemporaryDirectory() as folder, patch.object(sockets, "without_delay", option):
        with patch.object(tempfile, "tempdir", folder):
            listener = Listener([PEER], Desk(Path(folder)), 0)
            listener.start()
            try:
                yield listener.port
            finally:
                listener.stop(5)


def _spine() -> Dataset:
    return pydicom.dcmread(BytesIO(dxa_spine_dicom(1)))


def _small() -> Dataset:
    dataset = _spine()
    dataset.Rows, dataset.Columns = 64, 64
    dataset.PixelData = dataset.PixelData[: 64 * 64 * 2]
    return dataset


if __name__ == "__main__":
    main()
