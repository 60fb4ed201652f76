"""A DICOM peer in memory: it answers, sends and stores as a test tells it to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydicom
from pydicom.dataset import Dataset
from pynetdicom import AE, build_context, evt

from imaging.intake.storage_classes import STORAGE_CLASSES
from riskapp.exchange.archive import dimse
from riskapp.exchange.connection_archive import Archive
from riskapp.exchange.storage_commitment import COMMITMENT, COMMITMENT_INSTANCE

Answers = Iterator[Any]
WRITTEN_BY_US = (
    "1.2.840.10008.5.1.4.1.1.66.4",  # Segmentation
    "1.2.840.10008.5.1.4.1.1.88.33",  # Comprehensive SR
    "1.2.840.10008.5.1.4.1.1.104.1",  # Encapsulated PDF
)


class DimsePeer:
    """An archive by DIMSE.

    Attributes
    ----------
    trouble : str
        What goes wrong: ``loses``, ``full``, ``refuses``, ``cuts``, ``fails some``, ``no promise``,
        ``keeps none``.
    committed : list
        Transactions of storage commitment that were asked for.
    """

    def __init__(self) -> None:
        self.held: dict[str, Dataset] = {}
        self.trouble, self.port = "", 0
        self.asked: list[Dataset] = []
        self.committed: list[Dataset] = []
        self.moved_to: list[str] = []
        self.nodelay: list[int] = []

    def connection(self, **more: Any) -> Archive:
        told: dict[str, Any] = {
            "name": "pacs", "organisation": "Clinic A", "host": "127.0.0.1", "port": self.port,
            "called_ae_title": "PEER", "wait_s": 3,
        }  # fmt: skip
        return Archive(**(told | more))

    def matching(self, asked: Dataset) -> list[Dataset]:
        found = []
        for one in self.held.values():
            uids = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
            wanted = [(name, asked.get(name)) for name in uids if asked.get(name)]
            if all(str(one.get(name)) in _several(values) for name, values in wanted) and (
                not asked.get("PatientID") or one.PatientID == asked.PatientID
            ):
                found.append(one)
        return found

    def find(self, event: evt.Event) -> Answers:
        asked = event.identifier
        self.asked.append(asked)
        if self.trouble == "full":
            yield 0xA700, None
            return
        level = asked.QueryRetrieveLevel
        key = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID"}.get(
            level, "SOPInstanceUID"
        )
        rows: dict[str, Dataset] = {}
        for one in self.matching(asked):
            row = Dataset()
            for element in asked:
                if element.keyword in one:
                    setattr(row, element.keyword, one.get(element.keyword))
            row.ModalitiesInStudy = [one.Modality]
            row.NumberOfSeriesRelatedInstances = len(
                [x for x in self.held.values() if x.SeriesInstanceUID == one.SeriesInstanceUID]
            )
            rows[str(one.get(key))] = row
        for row in rows.values():
            yield 0xFF00, row

    def get(self, event: evt.Event) -> Answers:
        found = self.matching(event.identifier)
        yield len(found)
        for number, one in enumerate(found):
            if self.trouble == "cuts" and number == len(found) - 1:
                event.assoc.abort()
                return
            if self.trouble == "fails some" and number == 0:
                lost = Dataset()  # of a class that was never agreed on: the sub-operation fails
                lost.SOPClassUID, lost.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.3"
                yield 0xFF00, lost
            else:
                yield 0xFF00, one

    def move(self, event: evt.Event) -> Answers:
        self.moved_to.append(event.move_destination)
        yield None, None  # an unknown destination; a real one would be answered below

    def store(self, event: evt.Event) -> int:
        if self.trouble == "full":
            return 0xA700
        if self.trouble == "refuses":
            return 0xA900
        one = pydicom.dcmread(event.dataset_path)
        if self.trouble == "loses":
            return 0x0000
        if str(one.SOPInstanceUID) in self.held:
            return 0x0111
        self.held[str(one.SOPInstanceUID)] = one
        return 0x0000

    def commit(self, event: evt.Event) -> tuple[int, None]:
        self.committed.append(event.action_information)
        return 0x0000, None

    def promise(self, event: evt.Event) -> None:
        """Report what is kept, on the same association, once the request is answered."""
        told = event.message
        if type(told).__name__ != "N_ACTION_RSP" or self.trouble == "no promise":
            return
        report = Dataset()
        report.TransactionUID = self.committed[-1].TransactionUID
        keeps = self.trouble != "keeps none"
        name = "ReferencedSOPSequence" if keeps else "FailedSOPSequence"
        setattr(report, name, self.committed[-1].ReferencedSOPSequence)
        event.assoc.send_n_event_report(report, 1 if keeps else 2, COMMITMENT, COMMITMENT_INSTANCE)


def _several(values: Any) -> list[str]:
    return [str(one) for one in ([values] if isinstance(values, str) else values)]


@contextmanager
def dimse_peer() -> Iterator[DimsePeer]:
    """Run one on a free port of this machine."""
    peer = DimsePeer()
    entity = AE(ae_title="PEER")
    for uid in (dimse.VERIFICATION, dimse.FIND, dimse.GET, dimse.MOVE, COMMITMENT):
        entity.add_supported_context(uid)
    for uid in {*STORAGE_CLASSES, *WRITTEN_BY_US}:
        entity.add_supported_context(uid, scu_role=True, scp_role=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        peer.port = probe.getsockname()[1]
    server = entity.start_server(
        ("127.0.0.1", peer.port),
        block=False,
        evt_handlers=[
            (evt.EVT_C_FIND, peer.find), (evt.EVT_C_GET, peer.get), (evt.EVT_C_MOVE, peer.move),
            (evt.EVT_C_STORE, peer.store), (evt.EVT_N_ACTION, peer.commit),
            (evt.EVT_C_ECHO, lambda _: 0x0000), (evt.EVT_DIMSE_SENT, peer.promise),
        ],
    )  # fmt: skip
    try:
        yield peer
    finally:
        server.shutdown()


__all__ = ["DimsePeer", "build_context", "dimse_peer"]
