"""How long each queue is, how old its oldest promise, and how much of it was given up."""

from dataclasses import dataclass

from django.db.models import Count, Min, Q
from django.utils import timezone

from riskapp.models import BulkAnswer, BulkImport, Delivery, Fetch, Job, LaboratoryRun
from riskapp.models.leased import Leased

QUEUES: dict[str, type[Leased]] = {
    "scans": Job,
    "laboratory": LaboratoryRun,
    "deliveries": Delivery,
    "fetches": Fetch,
    "bulk_imports": BulkImport,
    "bulk_answers": BulkAnswer,
}


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """``oldest_s`` is how long the oldest that could be worked on has been due, in seconds."""

    name: str
    waiting: int
    running: int
    dead: int
    oldest_s: float


def figures_of(name: str) -> QueueFigures:
    now, status = timezone.now(), Leased.Status
    due = Q(status=status.QUEUED, run_after__lte=now)
    # Most are done: the index by status passes over those, and holds all that is asked here.
    left = QUEUES[name].objects.filter(status__in=[status.QUEUED, status.RUNNING, status.DEAD])
    told = left.aggregate(
        waiting=Count("status", filter=Q(status=status.QUEUED)),
        running=Count("status", filter=Q(status=status.RUNNING)),
        dead=Count("status", filter=Q(status=status.DEAD)),
        oldest=Min("run_after", filter=due),
    )
    oldest = told.pop("oldest")
    return QueueFigures(name, **told, oldest_s=(now - oldest).total_seconds() if oldest else 0.0)
