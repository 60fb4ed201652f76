"""Archives that are configured so promise to keep what was returned to them (PS3.4 annex J).

Storing and promising are two deliveries: an archive that is slow to promise keeps no other result
waiting, and what it does not keep is brought again.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from pydicom.uid import generate_uid

from riskapp.actions import auditing
from riskapp.actions.connecting import service_account
from riskapp.actions.delivering import GiveUp, TryLater, handler
from riskapp.actions.returning import COMMIT, archive_of, bring_again
from riskapp.exchange.archive.answers import ArchiveError, Declined
from riskapp.exchange.archive.committing import ask_to_keep
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_archive import Archive
from riskapp.exchange.storage_commitment import Report
from riskapp.models import Delivery, Organisation

NOT_YET = "The archive has the results, and has not promised yet to keep them."
NOT_KEPT = "The archive does not keep {count} of the results; they are sent again."
# Archives report when their backup has run, which may be at night.
ASK_AGAIN_AFTER = timedelta(hours=24)
# A report is looked for among the requests of so many days; no archive takes longer.
REMEMBERED = timedelta(days=30)


@handler(COMMIT)
def see_to_promise(delivery: Delivery) -> None:
    """Ask for the promise, once a day until it has come; bring again what was not kept."""
    if delivery.payload.get("kept"):
        return
    archive = archive_of(delivery)
    try:
        if delivery.payload.get("failed"):
            bring_again(delivery)
        if delivery.payload.get("failed") or _is_due(delivery):
            _ask(delivery, archive)
    except Declined as reason:
        raise GiveUp(str(reason)) from reason
    except (ArchiveError, UnusableConnection) as reason:
        raise TryLater(str(reason)) from reason
    delivery.refresh_from_db(fields=["payload"])
    failed = delivery.payload.get("failed", [])
    if not delivery.payload.get("kept"):
        raise TryLater(NOT_KEPT.format(count=len(failed)) if failed else NOT_YET)


def _is_due(delivery: Delivery) -> bool:
    asked_at = delivery.payload.get("asked_at")
    return not asked_at or datetime.fromisoformat(asked_at) < timezone.now() - ASK_AGAIN_AFTER


def _ask(delivery: Delivery, archive: Archive) -> None:
    """Ask; the transaction is written down first, as the report may come before the answer."""
    uid = str(generate_uid(prefix=None))
    transactions = [*delivery.payload.get("transactions", ()), uid]
    asked = {"transactions": transactions, "asked_at": timezone.now().isoformat(), "failed": []}
    delivery.payload |= asked
    Delivery.objects.filter(id=delivery.id).update(payload=delivery.payload)
    objects = [(one, other) for one, other in delivery.payload["objects"]]
    report = ask_to_keep(archive, objects, uid)
    if report is not None:
        hear_report(
            organisation=delivery.organisation, source=f"archive:{archive.name}", report=report
        )


@transaction.atomic
def hear_report(*, organisation: Organisation, source: str, report: Report) -> bool:
    """Write down what an archive reports; False where it was asked for no such thing.

    Parameters
    ----------
    source : str
        Account of the peer that reports, such as ``sender:main archive``.
    """
    asked = Delivery.objects.filter(
        organisation=organisation, kind=COMMIT, asked_at__gt=timezone.now() - REMEMBERED
    ).select_for_update()
    meant = next(
        (one for one in asked if report.transaction_uid in one.payload.get("transactions", ())),
        None,
    )
    if meant is None:
        return False
    if meant.payload.get("kept"):
        return True  # reported twice
    _write(meant, report)
    kind, _, name = source.partition(":")
    auditing.record(
        by=service_account(kind, name, organisation.name),
        action="archive.promise_to_keep" if meant.payload["kept"] else "archive.not_kept",
        target=meant.id,
    )
    return True


def _write(meant: Delivery, report: Report) -> None:
    missing = sorted({uid for _, uid in meant.payload["objects"]} - (report.kept - report.failed))
    meant.payload |= {"kept": not missing, "failed": missing}
    now: dict[str, Any] = {"payload": meant.payload}
    pending = (Delivery.Status.QUEUED, Delivery.Status.RUNNING)
    if meant.status == Delivery.Status.QUEUED and not missing:
        now |= {"run_after": timezone.now()}
    elif meant.status not in pending and not missing:  # given up, and the promise came after all
        now |= {"status": Delivery.Status.QUEUED, "claims": 0, "failures": 0}
        now |= {"run_after": timezone.now()}
    Delivery.objects.filter(id=meant.id).update(**now)
