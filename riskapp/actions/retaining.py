"""What is older than its period is let go, each night or when somebody says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from riskapp.actions import auditing, old_records, old_rows
from riskapp.actions.auditing import Actor
from riskapp.actions.erasure_certificate import signed
from riskapp.models import Patient, RetentionRun

RECORDS = "patients"


@dataclass(frozen=True, slots=True)
class Retained:
    """What a run let go, or would.

    Attributes
    ----------
    counts : dict of str to int
        By the names of the table, those of which there were any.
    problems : list of str
        Why something that is due is still there.
    run : RetentionRun or None
        The certificate; None where nothing was let go.
    """

    counts: Mapping[str, int]
    problems: list[str] = field(default_factory=list)
    run: RetentionRun | None = None

    @property
    def sentence(self) -> str:
        told = ", ".join(f"{name.replace('_', ' ')}: {n}" for name, n in self.counts.items())
        return " ".join([f"Let go: {told}." if told else "Nothing was old enough.", *self.problems])


def what_is_due() -> Retained:
    """What a run would let go now; nothing is changed."""
    now = timezone.now()
    counts = {
        name: old_rows.count(name, now - kept)
        for name, kept in settings.RETENTION.items()
        if name != RECORDS
    }
    records = sum(1 for _ in old_records.due(now - settings.RETENTION[RECORDS]))
    return Retained(_some({RECORDS: records} | counts))


def records_due_within(ahead: timedelta) -> int:
    """How many records will be due by then if nothing is added to them."""
    return sum(1 for _ in old_records.due(timezone.now() + ahead - settings.RETENTION[RECORDS]))


def retain(*, records: bool = True, all_records: bool = False) -> Retained:
    """Let go what is older than its period.

    Parameters
    ----------
    records : bool
        Patients' records too.
    all_records : bool
        However many of them are due; else none where there are too many for one night.
    """
    now = timezone.now()
    before = now - settings.RETENTION[RECORDS]
    due = list(old_records.due(before)) if records else []
    most, problems = old_records.most_of(Patient.objects.count()), []
    if len(due) > most and not all_records:
        problems.append(old_records.TOO_MANY.format(count=len(due), most=most))
        due = []
    erased, waits = old_records.erase_due(due, before)
    counts = {RECORDS: len(erased)}
    for name, kept in settings.RETENTION.items():
        if name != RECORDS:
            counts[name] = old_rows.let_go(name, now - kept)
    told = _some(counts)
    run = _certified(told, [str(one.id) for one in erased]) if told else None
    return Retained(told, [*problems, *dict.fromkeys(waits)], run)


def _some(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


@transaction.atomic
def _certified(counts: Mapping[str, int], erasures: list[str]) -> RetentionRun:
    """The certificate of a run, and its row in the trail."""
    run = RetentionRun(at=timezone.now())
    run.certificate = signed(
        {
            "id": str(run.id),
            "at": run.at.isoformat(timespec="seconds"),
            "kept_days": {name: kept.days for name, kept in settings.RETENTION.items()},
            "let_go": dict(counts),
            "erasures": erasures,
        }
    )
    run.save()
    signature = run.certificate["signature"]
    auditing.record(
        by=Actor.SITE,
        action="retention.run",
        target=run.id,
        detail={"let_go": dict(counts), "certificate": signature},
    )
    return run
