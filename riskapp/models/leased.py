"""Work that must happen although the process that promised it may die."""

import uuid

from django.conf import settings
from django.db import models

from riskapp.models.organisation import Organisation


class Held(models.Model):
    """Work that one process at a time holds, while its lease lasts.

    ``claims`` counts how often the work was taken and fences the holder: a worker whose claim is
    no longer the newest cannot finish it.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.QUEUED)
    worker = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    claims = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class Leased(Held):
    """A promise in a queue.

    ``failures`` counts answers that were an error; a killed worker is not the work's fault.
    """

    # A field or a property of each queue: whose work it is.
    organisation: Organisation | models.ForeignKey[Organisation]

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    run_after = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["asked_at"]
        indexes = [models.Index(fields=["status", "run_after"])]
