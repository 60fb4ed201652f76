"""Connections of the DICOM network protocol: quick to answer, and bounded while they are read."""

import logging
import queue
import socket
import ssl
import time
from contextlib import suppress
from typing import Any

from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.events import Event
from pynetdicom.fsm import StateMachine
from pynetdicom.pdu import A_ABORT_RQ
from pynetdicom.transport import AssociationServer, AssociationSocket, RequestHandler

from imaging.limits import LIMITS
from riskapp.exchange.receiving import RECEIVING

log = logging.getLogger(__name__)
PIECE_BYTES = 64 * 2**10
# Around the elements of an object: heads of data units and of the command, never a hundredth.
ENVELOPE = 1.01
PROVIDER = 0x02  # who aborts, PS3.8 table 9-26


def answer_at_once(event: Event) -> None:
    """Send every data unit when it is written; bind it to EVT_CONN_OPEN on either side.

    A command and its object are two writes, of which the second would wait for the first to be
    acknowledged (Nagle's algorithm and delayed acknowledgement, RFC 896 and RFC 1122 4.2.3.2).
    """
    wrapped = event.assoc.dul.socket
    if wrapped is not None and wrapped.socket is not None:
        without_delay(wrapped.socket)


def without_delay(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class BoundedSocket(AssociationSocket):
    """Reads no data unit, no object and no trickle beyond the limits; then it hangs up.

    pynetdicom reads a data unit of whatever length its head claims, and waits for it for ever.
    """

    def __init__(self, assoc: Association, client_socket: socket.socket) -> None:
        super().__init__(assoc, client_socket=client_socket)
        self.begin_object()

    def begin_object(self) -> None:
        """Count bytes and time anew: what was sent so far is complete."""
        self._bytes, self._until = 0, 0.0

    def recv(self, nr_bytes: int) -> bytearray:
        """Read one head or body of a data unit; less where the peer has gone.

        Raises
        ------
        OSError
            If a limit is broken; the peer was told to go away.
        """
        self._until = self._until or time.monotonic() + RECEIVING.object_s
        self._bytes += nr_bytes
        too_long = nr_bytes > RECEIVING.most_pdu_bytes or (
            self._bytes > RECEIVING.message_bytes and not self._is_object()
        )
        if too_long or self._bytes > LIMITS.file_bytes * ENVELOPE:
            self._hang_up("A peer sent more than is taken, and was cut off")
        read = bytearray()
        while len(read) < nr_bytes:
            if self.socket is None:
                break
            piece = self.socket.recv(min(PIECE_BYTES, nr_bytes - len(read)))
            if not piece:
                break
            read += piece
            if time.monotonic() > self._until:
                self._hang_up("A peer took too long for one object, and was cut off")
        return read

    def _is_object(self) -> bool:
        """Whether an object is being read, which pynetdicom streams into a file."""
        message = self.assoc.dimse.message
        return message is None or isinstance(message, C_STORE_RQ)

    def cut_off(self) -> None:
        """Close it without a word."""
        self._shutdown_socket()

    def _shutdown_socket(self) -> None:
        """Close also what the peer has closed, which pynetdicom then leaves open."""
        held = self.socket
        if held is not None:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            held.close()

    def _hang_up(self, sentence: str) -> None:
        abort = A_ABORT_RQ()
        abort.source, abort.reason_diagnostic = PROVIDER, 0
        self.send(abort.encode())
        self._shutdown_socket()
        raise OSError(sentence)


class Machine(StateMachine):
    """Lets go of a peer whose message cannot be read; pynetdicom breaks over it, and holds on."""

    def do_action(self, event: str) -> None:
        try:
            super().do_action(event)
        # Whatever it breaks over: it has no name for that.
        except Exception as broken:
            kind = type(broken).__name__
            log.warning("A peer sent what cannot be read, and was cut off: %s", kind)
            if self.dul.socket is not None:
                self.dul.socket.close()
            # The thread ends with this, and would tell nobody.
            evt.trigger(self.dul.assoc, evt.EVT_CONN_CLOSE, {"address": None})


class Reception(RequestHandler):
    """One connection that was accepted."""

    def _create_association(self) -> Association:
        association = super()._create_association()
        # The socket made there has said that it is connected, and this one says it again.
        with suppress(queue.Empty):
            association.dul.event_queue.get_nowait()
        association.dul.socket = BoundedSocket(association, self.request)
        association.dul.state_machine = Machine(association.dul)
        return association


class Server(AssociationServer):
    """Accepts connections one after another; whoever is slow at it keeps nobody else waiting."""

    def get_request(self) -> tuple[socket.socket, Any]:
        assert self.socket is not None
        connection, address = self.socket.accept()
        without_delay(connection)
        connection.settimeout(RECEIVING.idle_s)
        if self.ssl_context is not None:
            # The handshake comes with the first reading, in the connection's own thread.
            connection = self.ssl_context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return len(self.active_associations) < RECEIVING.connections

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.exception("A connection could not be served")
        self.shutdown_request(request)

    def stop_accepting(self) -> None:
        """Close the door; who is inside may finish."""
        super(AssociationServer, self).shutdown()
        self.server_close()


def server_tls(certificate: str, key: str, client_ca: str) -> ssl.SSLContext | None:
    """TLS 1.2 or newer as a server (PS3.15 annex B); None without a certificate.

    Raises
    ------
    OSError
        If a file cannot be read; ssl.SSLError is one.
    """
    if not certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
