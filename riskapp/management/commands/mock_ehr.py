"""A made-up hospital record, for integrators and for the demo; on this machine only."""

import logging
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.management.mock_ehr.starting import HOST, mock_ehr, server_of

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Serve a made-up hospital record (FHIR, SMART, CDS Hooks) on this machine."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--trabecula", default="http://127.0.0.1:8000", metavar="ADDRESS")

    def handle(self, *, port: int, trabecula: str, **_: Any) -> None:
        try:
            server = server_of(mock_ehr(trabecula.rstrip("/")), port)
        except (OSError, OverflowError):
            raise CommandError(f"Port {port} on {HOST} cannot be used; choose another.") from None
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        log.info("The mock hospital record is at http://%s:%s/", HOST, server.server_port)
        with server:
            server.serve_forever()
