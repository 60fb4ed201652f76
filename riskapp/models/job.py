"""Work that must happen although the process that promised it may die."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.scan import Scan


class Job(models.Model):
    """Measure one scan, with given regions or by placing them.

    A worker holds a job while its lease lasts. ``claims`` counts how often the job was taken
    and fences the holder: a worker whose claim is no longer the newest cannot finish the job.
    ``failures`` counts answers that were an error; a killed worker is not the job's fault.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="jobs")
    # Regions that a person placed, in the shape of ScanMeasurement's; None places them anew.
    regions = models.JSONField(null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.QUEUED)
    run_after = models.DateTimeField()
    worker = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    claims = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["asked_at"]
        indexes = [models.Index(fields=["status", "run_after"])]

    def __str__(self) -> str:
        return f"measure scan {self.scan_id}"
