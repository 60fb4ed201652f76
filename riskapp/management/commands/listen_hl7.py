"""The listener for HL7 v2 messages, on every port that the site's file of connections names."""

import asyncio
import logging
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.connecting import connections
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_messages import MessageSource
from riskapp.management.hl7_listener import listen

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Take HL7 v2 messages (ADT, ORU, ORM, OMI) over MLLP; see docs/hl7v2.md."
    # `serve` has checked the code before it starts this.
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        try:
            sources = connections().of(MessageSource)
        except UnusableConnection as reason:
            raise CommandError(str(reason)) from None
        if not sources:
            raise CommandError("The file of connections names no [[message_source]].")
        try:
            asyncio.run(_until_told(sources))
        except OSError as reason:
            # Of a certificate or a port; neither holds anything of a patient.
            raise CommandError(f"Listening failed: {reason.strerror or reason}.") from None


async def _until_told(sources: tuple[MessageSource, ...]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ports = ", ".join(f"{one.host}:{one.port}" for one in sources)
    log.info("Listening for HL7 v2 on %s", ports)
    await listen(sources, stop)
