"""Where an archive has to promise to keep results, they are on their way until it has."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.committing import hear_report
from riskapp.actions.confirming import confirm
from riskapp.actions.connecting import service_account
from riskapp.actions.delivering import deliver_next
from riskapp.actions.delivery_ways import committing as handlers
from riskapp.actions.finding import organisation_of
from riskapp.actions.returning import return_again, returns_of
from riskapp.exchange.archive import committing
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.storage_commitment import Report
from riskapp.models import Delivery, Patient, Scan
from tests.actions.archived import Configure, configure, jane
from tests.exchange.dimse_peer import DimsePeer, dimse_peer
from tests.trail import done
from tests.web.scans import dicom_scan

__all__ = ["configure", "handlers", "jane"]
pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]
WORKER = "host-a:1:1"


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[DimsePeer]:
    monkeypatch.setattr(committing, "ARCHIVE_LIMITS", replace(ARCHIVE_LIMITS, commit_s=0))
    with dimse_peer() as one:
        one.trouble = "no promise"
        yield one


@pytest.fixture
def scan(jane: Patient, owner: User, tmp_path: Path, peer: DimsePeer, configure: Configure) -> Scan:
    """A scan whose regions an archive has taken, and has not promised to keep."""
    (tmp_path / "dicom").mkdir()
    scan = dicom_scan(jane, owner, tmp_path / "dicom")
    scan.versions.update(confirmed_at=None, confirmed_by=None)
    configure(
        host="127.0.0.1", port=peer.port, called_ae_title="PEER", wait_s=3, returns=["seg"],
        commitment=True,
    )  # fmt: skip
    confirm(by=owner, scan=scan, number=1)
    deliver()
    return scan


def deliver() -> None:
    """Everything that is due, and once."""
    Delivery.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    while Delivery.objects.filter(status="queued", run_after__lt=timezone.now()).exists():
        assert deliver_next(WORKER)


def state_of(by: User, scan: Scan) -> tuple[str, str]:
    (one,) = returns_of(by=by, scan=scan)
    return one.state, one.problem


def report(peer: DimsePeer, *, keeps: bool = True) -> Report:
    uids = frozenset(peer.held)
    none: frozenset[str] = frozenset()
    transaction = str(peer.committed[-1].TransactionUID)
    return Report(transaction, uids if keeps else none, none if keeps else uids)


def heard(by: User, told: Report, sender: str = "pacs") -> bool:
    organisation = organisation_of(by)
    service_account("sender", sender, organisation.name)
    return hear_report(organisation=organisation, source=f"sender:{sender}", report=told)


def test_what_is_held_is_delivered_only_once_it_is_promised_to_be_kept(
    owner: User, scan: Scan, peer: DimsePeer
) -> None:
    assert len(peer.held) == 1
    state, problem = state_of(owner, scan)
    assert (state, "has not promised yet" in problem) == ("waiting", True)
    deliver()
    assert len(peer.committed) == 1  # asked once a day
    assert heard(owner, report(peer))
    assert heard(owner, report(peer))  # twice is no mistake
    deliver()
    assert state_of(owner, scan)[0] == "confirmed"
    assert done(action="archive.promise_to_keep") == [("archive.promise_to_keep", "sender:pacs")]


def test_it_is_asked_again_after_a_day_and_either_answer_counts(
    owner: User, scan: Scan, peer: DimsePeer
) -> None:
    first = report(peer)
    waiting = Delivery.objects.get(kind="commit")
    waiting.payload["asked_at"] = (timezone.now() - timedelta(hours=25)).isoformat()
    waiting.save()
    deliver()
    assert len(peer.committed) == 2
    assert heard(owner, first)
    deliver()
    assert state_of(owner, scan)[0] == "confirmed"


def test_what_is_not_kept_is_brought_again(
    owner: User, scan: Scan, peer: DimsePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (uid,) = peer.held
    told = report(peer, keeps=False)
    peer.held.clear()
    assert heard(owner, told)
    peer.trouble = ""  # and this time it promises at once
    monkeypatch.setattr(committing, "ARCHIVE_LIMITS", ARCHIVE_LIMITS)
    deliver()
    assert list(peer.held) == [uid]
    assert state_of(owner, scan)[0] == "confirmed"


def test_a_report_of_something_else_or_to_another_organisation_is_not_known(
    owner: User, stranger: User, scan: Scan, peer: DimsePeer
) -> None:
    assert not heard(owner, replace(report(peer), transaction_uid="2.25.1"))
    assert not heard(stranger, report(peer), "another")
    (uid,) = peer.held
    # Promised for other objects only, it is no promise for these.
    assert heard(owner, replace(report(peer), kept=frozenset({f"{uid}.1"})))
    assert not Delivery.objects.get(kind="commit").payload["kept"]


def test_a_promise_that_comes_after_it_was_given_up_still_counts(
    owner: User, scan: Scan, peer: DimsePeer
) -> None:
    Delivery.objects.filter(kind="commit").update(status="dead", problem="Too long.")
    assert state_of(owner, scan)[0] == "given up"
    assert heard(owner, report(peer))
    deliver()
    assert state_of(owner, scan)[0] == "confirmed"


def test_what_was_given_up_is_asked_for_again(owner: User, scan: Scan, peer: DimsePeer) -> None:
    Delivery.objects.filter(kind="commit").update(status="dead", problem="Too long.")
    return_again(by=owner, scan=scan, archive="pacs")
    assert state_of(owner, scan)[0] == "waiting"
