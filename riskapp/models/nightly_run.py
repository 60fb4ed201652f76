"""What the site does by itself once a night, and what was let go because it was old."""

import uuid

from django.db import models

from riskapp.models.leased import Held


class NightlyRun(Held):
    """One task of one night: there is one row, however many workers there are.

    Attributes
    ----------
    night : date
        The day on which the night ends, by the site's own clock.
    is_well : bool or None
        None until the task has ended.
    sentence : str
        What was found, for people; it names nobody.
    """

    class Task(models.TextChoices):
        DATABASE = "database", "The database is whole"
        TRAIL = "trail", "The trail is as it was written"
        ERASURES = "erasures", "What was erased stays erased"
        RETENTION = "retention", "What is old enough is let go"

    task = models.CharField(max_length=9, choices=Task.choices)
    night = models.DateField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    is_well = models.BooleanField(null=True)
    sentence = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-night", "-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["task", "night"], name="one_run_of_a_task_in_a_night")
        ]

    def __str__(self) -> str:
        return f"{self.task} of {self.night}"


class RetentionRun(models.Model):
    """What one run let go: counts, and the ids of the certificates of erased records, signed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    certificate = models.JSONField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return str(self.id)
