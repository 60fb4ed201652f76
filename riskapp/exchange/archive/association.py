"""One conversation with an archive by DIMSE (PS3.8), within time and size."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation
from pynetdicom.presentation import PresentationContext

from riskapp import tracing
from riskapp.exchange.archive.answers import Silent
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.archive.trouble import (
    NOT_DICOM,
    RememberingTls,
    trust_of,
    why_not_reached,
    why_rejected,
)
from riskapp.exchange.connection_archive import Archive
from riskapp.exchange.dimse.streaming import forget_the_unfinished

# What is asked and answered names patients: none of it belongs into a log.
_config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False
Handlers = Sequence[tuple[Any, ...]]


@contextmanager
def talking(
    archive: Archive,
    contexts: Sequence[PresentationContext],
    *,
    seconds: float,
    most_bytes: int,
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation] = (),
    handlers: Handlers = (),
) -> Iterator[Association]:
    """Open an association, and end it whatever happens.

    Parameters
    ----------
    seconds, most_bytes
        Of the whole conversation; beyond either, nothing more is read.

    Raises
    ------
    Silent
        If the archive cannot be reached or does not want to talk.
    UnusableConnection
        If a certificate of its entry cannot be read.
    """
    entity = AE(ae_title=archive.ae_title)
    entity.connection_timeout = ARCHIVE_LIMITS.connect_s
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = archive.wait_s
    guard = _Guard(time.monotonic() + seconds, most_bytes, archive.wait_s)
    tls = trust_of(archive) if archive.tls else None
    association = _associated(entity, archive, contexts, roles, (*handlers, guard.handler), tls)
    try:
        if association.is_rejected:
            told = association.acceptor.primitive
            source, reason = (told.result_source, told.diagnostic) if told else (None, None)
            raise Silent(why_rejected(source, reason, archive))
        if not association.is_established:
            failure = tls.failure if tls else None
            is_plain = guard.is_connected and failure is None
            raise Silent(NOT_DICOM if is_plain else why_not_reached(failure))
        yield association
        if association.is_established:
            association.release()
    finally:
        if association.is_established:
            association.abort()
        forget_the_unfinished(association)


def _associated(
    entity: AE,
    archive: Archive,
    contexts: Sequence[PresentationContext],
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation],
    handlers: Handlers,
    tls: RememberingTls | None,
) -> Association:
    try:
        with tracing.span("call an archive", {"server.address": archive.host}, kind="CLIENT"):
            return entity.associate(
                archive.host,
                archive.port,
                contexts=list(contexts),
                ae_title=archive.called_ae_title,
                max_pdu=ARCHIVE_LIMITS.asked_pdu_bytes,
                ext_neg=list(roles),
                evt_handlers=list(handlers),
                tls_args=(tls, archive.host) if tls else None,
            )
    except OSError as error:  # a name that is not known
        raise Silent(why_not_reached(error)) from error


class _Guard:
    """Watches over what an association reads, from the moment that it is connected."""

    def __init__(self, give_up_at: float, left_bytes: int, wait_s: float) -> None:
        self._give_up_at, self._left, self._wait_s = give_up_at, left_bytes, wait_s
        self.is_connected = False

    @property
    def handler(self) -> tuple[Any, Callable[[Event], None]]:
        return evt.EVT_CONN_OPEN, self._opened

    def _opened(self, event: Event) -> None:
        self.is_connected = True
        wrapped: Any = event.assoc.dul.socket
        plain: socket.socket = wrapped.socket
        # Small messages to and fro: with Nagle's algorithm each waits for a delayed reply, which
        # has made a C-STORE several times slower.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # pynetdicom waits for the rest of a unit without end.
        plain.settimeout(self._wait_s)
        read: Callable[[int], bytearray] = wrapped.recv

        def guarded(size: int) -> bytearray:
            self._left -= size
            if (
                size > ARCHIVE_LIMITS.pdu_bytes
                or self._left < 0
                or time.monotonic() > self._give_up_at
            ):
                raise OSError("more than is read of an archive")
            return read(size)

        wrapped.recv = guarded
