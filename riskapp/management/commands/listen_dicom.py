"""The worker that scanners and archives send scans to."""

import logging
import shutil
import signal
import tempfile
import threading
from argparse import ArgumentParser
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.connecting import connections
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_sender import Sender
from riskapp.exchange.dimse.listening import Listener
from riskapp.management.dicom_desk import DicomDesk

log = logging.getLogger(__name__)
STOP_WITHIN_S = 20
Senders = tuple[Sender, ...]
LOOK_EVERY_S = 2.0


def _port(sender: Sender) -> int:
    return sender.port


class Command(BaseCommand):
    help = "Receive scans by C-STORE from the senders among the site’s connections."
    # `serve` has checked the code before it starts this.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=int, help="listen here, whatever the entries say; 0 takes a free one"
        )

    def handle(self, *, port: int | None, **options: Any) -> None:
        self._receive_beside_the_scans()
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        senders = self._senders()
        while not stopping.is_set():
            listeners = self._listening(senders, port)
            try:
                before, senders = senders, self._changed(senders, stopping)
            finally:
                for one in listeners:
                    one.stop(STOP_WITHIN_S)
            if not stopping.is_set() and senders != before:
                log.info("The senders among the connections have changed")

    def _listening(self, senders: Senders, port: int | None) -> list[Listener]:
        listeners = []
        for number, group in groupby(sorted(senders, key=_port), key=_port):
            try:
                listener = Listener(list(group), DicomDesk(), port)
            except (OSError, UnusableConnection) as trouble:
                raise CommandError(
                    f"Nothing listens for DICOM on port {number}: {trouble}."
                ) from trouble
            listener.start()
            listeners.append(listener)
            self.stdout.write(f"Listens for DICOM on port {listener.port}")
        self.stdout.flush()
        return listeners

    def _senders(self) -> Senders:
        try:
            return connections().of(Sender)
        except UnusableConnection as reason:
            raise CommandError(str(reason)) from reason

    def _changed(self, senders: Senders, stopping: threading.Event) -> Senders:
        """Wait until the file names other senders, or the end has come."""
        while not stopping.wait(LOOK_EVERY_S):
            try:
                now = connections().of(Sender)
            except UnusableConnection as reason:
                log.warning("The connections cannot be read, so the former hold: %s", reason)
                continue
            if now != senders:
                return now
        return senders

    def _receive_beside_the_scans(self) -> None:
        """Let what comes in piece by piece lie on the disk of the scans, where others cannot read.

        What an earlier process left there was cut off: nobody was told that it is here.
        """
        folder = Path(settings.FILE_UPLOAD_TEMP_DIR) / "dicom"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        tempfile.tempdir = str(folder)
