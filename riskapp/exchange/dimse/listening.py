"""Who may send objects (C-STORE), greet (C-ECHO) and report what it keeps (N-EVENT-REPORT).

PS3.4 annexes A, B and J; of the last, we are the user that is called back.
"""

import logging
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from pydicom.dataset import Dataset
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from imaging.broken import BROKEN_FILE
from imaging.intake.storage_classes import STORAGE_CLASSES, TRANSFER_SYNTAXES
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_sender import Sender
from riskapp.exchange.dimse.sockets import BoundedSocket, Reception, Server, server_tls
from riskapp.exchange.dimse.streaming import forget_the_unfinished
from riskapp.exchange.receiving import RECEIVING, Outcome
from riskapp.exchange.storage_commitment import (
    COMMITMENT,
    Report,
    UnreadableReport,
    read_report,
)

log = logging.getLogger(__name__)
# Results, sources and reasons of a rejection: PS3.8 table 9-21.
PERMANENT, SERVICE_USER = 0x01, 0x01
NO_REASON, CALLING_UNKNOWN, CALLED_UNKNOWN = 0x01, 0x03, 0x07
# Status codes of DIMSE: PS3.7 annex C.
NOT_AUTHORISED, OUR_FAULT, UNKNOWN_ARGUMENT = 0x0124, 0x0110, 0x0115
LOOK_EVERY_S = 0.05


class Desk(Protocol):
    """What becomes of objects; called from the thread of each association."""

    def take(
        self, sender: Sender, visit: object, path: Path, sop_class_uid: str, instance_uid: str
    ) -> Outcome:
        """Store one object durably; the path is deleted afterwards."""

    def hear(self, sender: Sender, report: Report) -> bool:
        """Write down what an archive keeps; False where it was not asked to."""

    def leave(self, visit: object, in_order: bool) -> None:
        """An association has ended; in order if the sender said that it was done."""


class Listener:
    """Listens on one port for the senders that call there."""

    def __init__(self, senders: Sequence[Sender], desk: Desk, port: int | None = None) -> None:
        first = senders[0]
        if any((one.tls, one.listen_on) != (first.tls, first.listen_on) for one in senders):
            raise UnusableConnection(f"Senders of port {first.port} differ in address or in TLS.")
        _config.LOG_HANDLER_LEVEL = "none"  # it would name objects and people
        self._senders, self._desk = senders, desk
        self._visitors: dict[Association, Sender] = {}
        entity = AE(first.called_ae_title)
        entity.maximum_pdu_size = RECEIVING.pdu_bytes
        entity.maximum_associations = RECEIVING.associations
        entity.acse_timeout = RECEIVING.association_s
        entity.dimse_timeout = entity.network_timeout = RECEIVING.idle_s
        for uid in STORAGE_CLASSES:
            entity.add_supported_context(uid, list(TRANSFER_SYNTAXES))
        entity.add_supported_context(Verification)
        # The archive calls and is the provider all the same (PS3.4 J.3.3).
        entity.add_supported_context(COMMITMENT, scu_role=True, scp_role=True)
        server = entity.make_server(
            (first.listen_on, first.port if port is None else port),
            ssl_context=server_tls(*first.tls),
            evt_handlers=[
                (evt.EVT_REQUESTED, self._ask_who),
                (evt.EVT_C_STORE, self._store),
                (evt.EVT_C_ECHO, self._echo),
                (evt.EVT_N_EVENT_REPORT, self._report),
                (evt.EVT_RELEASED, self._released),
                (evt.EVT_CONN_CLOSE, self._closed),
            ],
            server_class=Server,
            request_handler=Reception,
        )
        assert isinstance(server, Server)  # which its maker's types do not know
        self._server = server
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="dicom", daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """Let nobody else in, let those inside finish for a while, then hang up.

        Who has not said yet who it is would be waited for in vain, and is cut off at once.
        """
        self._server.stop_accepting()
        self._thread.join()
        for association in self._server.active_associations:
            if not (association.is_established or association.is_released):
                _hang_up(association)
        until = time.monotonic() + within_s
        while self._server.active_associations and time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)
        for association in self._server.active_associations:
            _hang_up(association)

    def _ask_who(self, event: Event) -> None:
        """Reject whoever is not configured; whatever goes wrong here lets nobody in."""
        reason = NO_REASON
        try:
            reason = self._who(event.assoc)
        except ValueError:
            log.warning("A peer whose name or address cannot be read was rejected")
        if reason:
            event.assoc.acse.send_reject(PERMANENT, SERVICE_USER, reason)
            event.assoc.kill()

    def _who(self, association: Association) -> int:
        """Write down who calls; 0, or why nobody of that name is expected."""
        asked, place = association.requestor.primitive, association.requestor.address_info
        if asked is None or place is None:
            return NO_REASON
        # Over a context without a transfer syntax pynetdicom breaks, and keeps the connection.
        if not all(one.transfer_syntax for one in asked.presentation_context_definition_list):
            return NO_REASON
        calling, called = asked.calling_ae_title.strip(), asked.called_ae_title.strip()
        address = place.address
        known = [one for one in self._senders if one.called_ae_title == called]
        callers = [
            one for one in known if one.calling_ae_title == calling and one.calls_from(address)
        ]
        if callers:
            self._visitors[association] = callers[0]
            return 0
        log.warning(
            "An association of %r from %s to %r was rejected: no such sender is configured",
            calling, address, called,
        )  # fmt: skip
        return CALLING_UNKNOWN if known else CALLED_UNKNOWN

    def _store(self, event: Event) -> Dataset:
        sender = self._visitors.get(event.assoc)
        asked = event.request
        if sender is None or not isinstance(asked, C_STORE):
            return _status(NOT_AUTHORISED)
        if event.dataset_path is None:
            return _status(Outcome.NOT_UNDERSTOOD.status, Outcome.NOT_UNDERSTOOD.sentence)
        try:
            outcome = self._desk.take(
                sender,
                event.assoc,
                event.dataset_path,
                str(asked.AffectedSOPClassUID),
                str(asked.AffectedSOPInstanceUID),
            )
        # The outermost edge of one object: the sender is told that the fault is ours.
        except Exception:
            log.exception("An object from %s could not be stored", sender.name)
            return _status(OUR_FAULT)
        finally:
            _begin_anew(event.assoc)
        return _status(outcome.status, outcome.sentence)

    def _echo(self, event: Event) -> int:
        _begin_anew(event.assoc)
        return 0x0000

    def _report(self, event: Event) -> tuple[int, None]:
        sender = self._visitors.get(event.assoc)
        _begin_anew(event.assoc)
        if sender is None:
            return NOT_AUTHORISED, None
        try:
            report = read_report(event.event_type, event.event_information)
        except (UnreadableReport, *BROKEN_FILE):
            log.warning("A report from %s could not be read", sender.name)
            return UNKNOWN_ARGUMENT, None
        try:
            is_known = self._desk.hear(sender, report)
        # As for an object: the sender is told that the fault is ours, and may report again.
        except Exception:
            log.exception("A report from %s could not be written down", sender.name)
            return OUR_FAULT, None
        return (0x0000 if is_known else UNKNOWN_ARGUMENT), None

    def _released(self, event: Event) -> None:
        if self._visitors.pop(event.assoc, None) is not None:
            self._desk.leave(event.assoc, in_order=True)

    def _closed(self, event: Event) -> None:
        if self._visitors.pop(event.assoc, None) is not None:
            self._desk.leave(event.assoc, in_order=False)
        forget_the_unfinished(event.assoc)
        if event.assoc.requestor.primitive is None:
            # pynetdicom would go on waiting for who it is, and hold a place for that time.
            event.assoc.dul.to_user_queue.put(None)


def _hang_up(association: Association) -> None:
    """Abort; who has not said yet who it is cannot be told so (PS3.8 9.2), and is cut off."""
    if association.is_established:
        association.abort(block=False)
    elif isinstance(association.dul.socket, BoundedSocket):
        association.dul.socket.cut_off()


def _status(code: int, comment: str = "") -> Dataset:
    answer = Dataset()
    answer.Status = code
    if comment and code:
        answer.ErrorComment = comment
    return answer


def _begin_anew(association: Association) -> None:
    if isinstance(association.dul.socket, BoundedSocket):
        association.dul.socket.begin_object()
