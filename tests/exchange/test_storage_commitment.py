"""An archive promises to keep what it took: at once, later on another association, or not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, build_context, build_role, evt
from pynetdicom.association import Association

from riskapp.exchange.archive import committing
from riskapp.exchange.archive.answers import Declined
from riskapp.exchange.archive.committing import ask_to_keep
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.dimse import sockets
from riskapp.exchange.receiving import RECEIVING
from riskapp.exchange.storage_commitment import (
    COMMITMENT,
    COMMITMENT_INSTANCE,
    MOST_OBJECTS,
    Report,
    UnreadableReport,
    read_report,
)
from tests.exchange.dicom_listening import (
    EXPECTED_S,
    FakeDesk,
    desk,
    listen,
    received_in,
    remember,
    until,
)
from tests.exchange.dimse_peer import DimsePeer, dimse_peer

__all__ = ["desk", "listen", "received_in"]
pytestmark = pytest.mark.enable_socket
OBJECTS = [("1.2.840.10008.5.1.4.1.1.88.33", "2.25.1"), ("1.2.840.10008.5.1.4.1.1.66.4", "2.25.2")]
UIDS = frozenset(uid for _, uid in OBJECTS)
KEPT = Report("2.25.7", UIDS, frozenset())


@pytest.fixture
def peer() -> Iterator[DimsePeer]:
    with dimse_peer() as one:
        yield one


@pytest.mark.parametrize(
    ("trouble", "report"),
    [("", KEPT), ("keeps none", Report("2.25.7", frozenset(), UIDS)), ("no promise", None)],
)
def test_an_archive_promises_at_once_refuses_or_says_nothing_yet(
    peer: DimsePeer, trouble: str, report: Report | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if report is None:
        short = replace(ARCHIVE_LIMITS, commit_s=0)
        monkeypatch.setattr(committing, "ARCHIVE_LIMITS", short)
    peer.trouble = trouble
    assert ask_to_keep(peer.connection(), OBJECTS, "2.25.7") == report
    (asked,) = peer.committed
    told = [(one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID) for one in asked[0x00081199]]
    assert told == OBJECTS


def test_an_archive_that_makes_no_promises_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    entity = AE("PEER")
    entity.add_supported_context("1.2.840.10008.1.1")
    server = entity.start_server(("127.0.0.1", 0), block=False)
    peer = DimsePeer()
    peer.port = server.server_address[1]
    # With nothing else asked for, it would break off as a whole.
    echo = build_context("1.2.840.10008.1.1")
    monkeypatch.setattr(committing, "build_context", lambda _: echo)
    try:
        with pytest.raises(Declined, match="does not commit itself"):
            ask_to_keep(peer.connection(), OBJECTS, "2.25.7")
    finally:
        server.shutdown()


def told(transaction: str = "2.25.7", kept: frozenset[str] = UIDS) -> Dataset:
    report = Dataset()
    report.TransactionUID = transaction
    report.ReferencedSOPSequence = []
    for uid in sorted(kept):
        one = Dataset()
        one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = OBJECTS[0][0], uid
        report.ReferencedSOPSequence.append(one)
    return report


def calling(port: int, *, roles: bool = True) -> Association:
    """An archive that calls back."""
    entity = AE("CT_1")
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = EXPECTED_S
    entity.add_requested_context(COMMITMENT)
    return entity.associate(
        "127.0.0.1",
        port,
        ae_title="CLINIC_A",
        ext_neg=[build_role(COMMITMENT, scp_role=True)] if roles else [],
        evt_handlers=[(evt.EVT_CONN_OPEN, remember)],
    )


def reported(association: Association, dataset: Dataset, event_type: int = 1) -> Any:
    status, _ = association.send_n_event_report(
        dataset, event_type, COMMITMENT, COMMITMENT_INSTANCE
    )
    return status.get("Status")


@pytest.mark.parametrize("roles", [True, False])
def test_a_report_that_comes_later_is_heard_from_a_sender(
    listen: Callable[..., int], desk: FakeDesk, roles: bool
) -> None:
    association = calling(listen(), roles=roles)
    assert reported(association, told()) == 0x0000
    desk.knows = False
    assert reported(association, told("2.25.8")) == 0x0115
    assert reported(association, told(), 3) == 0x0115
    assert reported(association, told("")) == 0x0115
    association.release()
    assert desk.heard == [("ct-1", KEPT), ("ct-1", replace(KEPT, transaction_uid="2.25.8"))]


def test_a_report_is_not_read_beyond_what_a_message_may_have(
    listen: Callable[..., int], desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = told(kept=frozenset(f"2.25.{n}" for n in range(200)))
    small = replace(RECEIVING, message_bytes=len(report.ReferencedSOPSequence) * 10)
    association = calling(listen())
    monkeypatch.setattr(sockets, "RECEIVING", small)
    assert reported(association, report) is None
    until(lambda: not association.is_established)
    assert desk.heard == []


def test_a_report_is_read_to_its_limit_and_not_where_it_is_damaged() -> None:
    many = frozenset(f"2.25.{n}" for n in range(MOST_OBJECTS))
    assert read_report(1, told(kept=many)).kept == many
    for event_type, wrong in (
        (1, told(kept=many | {"2.26"})),
        (0, told()),
        (None, told()),
        (1, told(transaction="")),
    ):
        with pytest.raises(UnreadableReport):
            read_report(event_type, wrong)
