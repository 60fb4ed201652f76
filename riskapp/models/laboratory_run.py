"""The promise to run a command of the laboratory: a check, a training, a recalibration."""

from django.db import models

from riskapp.models.cohort_file import CohortFile
from riskapp.models.leased import Leased
from riskapp.models.organisation import Organisation


class LaboratoryRun(Leased):
    """One command that runs as a process of its own, with its progress and what became of it.

    Attributes
    ----------
    engines : list of str
        To be trained, or developed anew in each fold of a report; empty for every other kind.
    model_id : str
        What the model will be called, or the one that is judged or monitored.
    parent_id : str
        The model that is recalibrated.
    outcome : str
        What a report is about.
    done_share : float
        Between 0 and 1, as far as the command tells.
    doing : str
        The step that it is at, in words.
    cancelled_by : str
        Who asked to stop it.
    """

    class Kind(models.TextChoices):
        CHECK = "check"
        TRAIN = "train"
        EVALUATE = "evaluate"
        RECALIBRATE = "recalibrate"
        MONITOR = "monitor"

    kind = models.CharField(max_length=11, choices=Kind.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="runs")
    cohort = models.ForeignKey(
        CohortFile, on_delete=models.PROTECT, related_name="runs", null=True, blank=True
    )
    engines = models.JSONField(default=list)
    model_id = models.CharField(max_length=64, blank=True)
    parent_id = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    done_share = models.FloatField(default=0.0)
    doing = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    cancelled_by = models.CharField(max_length=150, blank=True)

    class Meta(Leased.Meta):
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.model_id}".strip()

    @property
    def is_pending(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def state(self) -> str:
        """``waiting``, ``running``, ``done``, ``cancelled`` or ``failed``."""
        if self.status == self.Status.DEAD:
            return "cancelled" if self.cancelled_by else "failed"
        return "waiting" if self.status == self.Status.QUEUED else str(self.status)
