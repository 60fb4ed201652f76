"""Where objects that came over the DICOM network are written down."""

import threading
from pathlib import Path

from django.db import close_old_connections, connection

from riskapp.actions import arriving
from riskapp.actions.arriving import Announced, Peer
from riskapp.actions.committing import hear_report
from riskapp.actions.connecting import service_account
from riskapp.actions.finding import organisation_of
from riskapp.exchange.connection_sender import Sender
from riskapp.exchange.receiving import Outcome
from riskapp.exchange.storage_commitment import Report
from riskapp.models import Arrival


class DicomDesk:
    """Hands each object to ``arriving``, as the account that acts for its sender."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_visit: dict[object, dict[object, Arrival]] = {}

    def take(
        self, sender: Sender, visit: object, path: Path, sop_class_uid: str, instance_uid: str
    ) -> Outcome:
        close_old_connections()
        by = service_account("sender", sender.name, sender.organisation)
        peer = Peer(by, organisation_of(by), f"sender:{sender.name}"[:100], sender.issuer)
        announced = Announced(sop_class_uid=sop_class_uid, instance_uid=instance_uid)
        received = arriving.receive_object(peer, path, announced)
        if received.arrival is not None:
            with self._lock:
                known = self._of_visit.setdefault(visit, {})
                known[received.arrival.id] = received.arrival
        return received.outcome

    def hear(self, sender: Sender, report: Report) -> bool:
        close_old_connections()
        source = f"sender:{sender.name}"
        by = service_account("sender", sender.name, sender.organisation)
        return hear_report(organisation=organisation_of(by), source=source, report=report)

    def leave(self, visit: object, in_order: bool) -> None:
        with self._lock:
            arrivals = self._of_visit.pop(visit, {})
        try:
            if in_order:
                arriving.no_more_of(arrivals.values())
        finally:
            connection.close()  # this thread ends with its association
