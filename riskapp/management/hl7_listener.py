"""Ports on which a hospital's systems send HL7 v2 messages: MLLP, one answer for each message."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from hl7.mllp import HL7StreamReader, HL7StreamWriter, InvalidBlockError, start_hl7_server

from riskapp.actions.taking_messages import take_message
from riskapp.exchange.connection_messages import MessageSource
from riskapp.exchange.hl7v2.message import MOST_BYTES

log = logging.getLogger(__name__)
MOST_CONNECTIONS = 50  # for each port
ANSWER_S = 30


async def listen(sources: Sequence[MessageSource], stop: asyncio.Event) -> None:
    """Listen until told to stop; messages that are being taken are then finished.

    Raises
    ------
    OSError
        If a port is taken, or a certificate cannot be read.
    """
    servers = [await _Port(source).opened() for source in sources]
    try:
        await stop.wait()
    finally:
        for server in servers:
            server.close()


class _Port:
    """One source's port and how many are connected to it."""

    def __init__(self, source: MessageSource) -> None:
        self._source = source
        self._connected = 0

    async def opened(self) -> asyncio.Server:
        return await start_hl7_server(
            self._serve,
            self._source.host,
            self._source.port,
            limit=MOST_BYTES,
            ssl=_tls(self._source),
        )

    async def _serve(self, reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        self._connected += 1
        try:
            if self._may_stay(writer):
                await self._converse(reader, writer)
        finally:
            self._connected -= 1
            writer.close()
            with suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), ANSWER_S)

    def _may_stay(self, writer: HL7StreamWriter) -> bool:
        address = writer.get_extra_info("peername")[0]
        if not self._source.lets_in(address):
            log.warning("%s refused a connection of %s", self._source.name, address)
            return False
        if self._connected > MOST_CONNECTIONS:
            log.warning("%s has %s connections already", self._source.name, MOST_CONNECTIONS)
            return False
        # Answers are small and waited for.
        line = writer.get_extra_info("socket")
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return True

    async def _converse(self, reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        # Database work in a thread of its own: others are heard meanwhile.
        take = sync_to_async(partial(_taken, self._source), thread_sensitive=True)
        while True:
            try:
                block = await asyncio.wait_for(reader.readblock(), self._source.idle_s)
            except (TimeoutError, asyncio.IncompleteReadError, OSError):
                return  # gone, silent, or cut off in the middle: nothing of it was done
            except (ValueError, InvalidBlockError):
                log.warning("%s sent no block, or too large a one", self._source.name)
                return
            writer.writeblock(await take(block))
            try:
                await asyncio.wait_for(writer.drain(), ANSWER_S)
            except (TimeoutError, OSError):
                return  # it will ask again, and be answered the same


def _taken(source: MessageSource, block: bytes) -> bytes:
    close_old_connections()
    return take_message(source, block)


def _tls(source: MessageSource) -> ssl.SSLContext | None:
    if not source.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(source.certificate, source.key)
    if source.client_ca:
        context.load_verify_locations(source.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
